"""The administrator's cost table in the index: all of it anew whenever it, or a rate, is another."""

import hashlib
from collections.abc import Callable, Collection, Mapping
from datetime import UTC, datetime
from itertools import islice

from forcedex.access.tokens import by_permission
from forcedex.domain.company import Company
from forcedex.domain.costs import CostTable
from forcedex.domain.derived.costs import DECIDES, TABLE_COSTS, table_costs
from forcedex.domain.derived.kinds import Setting
from forcedex.domain.errors import ConfigurationError
from forcedex.domain.ports import Clock, Shelf, ShelfDocument, Sink, StateStore
from forcedex.domain.upkeep import NoticeKind
from forcedex.sync.watchman import Watchman

_AT_ONCE = 1_000  # documents
#: Seconds after which rates are looked at again.
_LOOK_AGAIN = 3_600.0


class CostTables:
    """Keeps `x-costs` equal to the table that the state store holds.

    The new generation is read when it is complete: nobody sees half a table. A table that was removed leaves an empty
    index; where there never was one, there is none.
    """

    def __init__(
        self,
        sink: Sink,
        store: StateStore,
        clock: Clock,
        watchman: Watchman,
        uuids: Callable[[Collection[str]], Mapping[str, str] | None],
    ) -> None:
        """`uuids` as for `Deriving`: the index of the object whose readers see the table."""
        self._sink = sink
        self._store = store
        self._clock = clock
        self._watchman = watchman
        self._uuids = uuids
        self._written: tuple[str, Mapping[str, str]] | None = None
        self._looked_at = 0.0

    async def settle(self) -> bool:
        """Write what was loaded since; whether there was something."""
        uuids = self._uuids([DECIDES])
        digest = await self._store.cost_digest() if uuids else None
        if uuids is None or digest is None:
            return False
        now = self._clock.monotonic()
        if self._written == (digest, uuids) and now - self._looked_at <= _LOOK_AGAIN:
            return False
        self._written, self._looked_at = (digest, uuids), now
        try:
            table = await self._store.cost_table()
        except ConfigurationError as exc:
            await self._watchman.raised("", NoticeKind.COSTS, f"The cost table cannot be opened: {exc}")
            return False
        company = await self._store.company() or Company()
        setting = Setting(company=company)
        await self._tell(table, setting)
        signature = hashlib.sha256(repr((digest, company.currencies)).encode()).hexdigest()[:16]
        shelf = await self._sink.shelf(TABLE_COSTS, DECIDES, (), signature)
        done = not shelf.complete
        if done:
            await self._fill(shelf, table, setting)
        return done

    async def _tell(self, table: CostTable | None, setting: Setting) -> None:
        """Of the rows that cannot be converted now."""
        rows = [
            each
            for each in (table.rows if table else ())
            if setting.minor(each.amount, each.currency, each.first) is None
        ]
        if rows:
            currencies = ", ".join(sorted({each.currency for each in rows}))
            text = f"{len(rows):,} rows of the cost table cannot be converted: {currencies} has no rate for their days."
            await self._watchman.raised("", NoticeKind.COSTS, text)
        else:
            await self._watchman.over("", NoticeKind.COSTS)

    async def _fill(self, shelf: Shelf, table: CostTable | None, setting: Setting) -> None:
        about = {
            "acl": [by_permission(DECIDES)],
            "synced_at": datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
        }
        documents = (
            ShelfDocument(id=each.id, root=each.id.rpartition("-")[0], values=each.values, about=about)
            for each in (table_costs(table, setting) if table else ())
        )
        ordinal = await self._store.next_ordinal()
        while some := list(islice(documents, _AT_ONCE)):
            await shelf.put(some, ordinal)
        await shelf.publish()
        await self._sink.refresh([TABLE_COSTS.name])
