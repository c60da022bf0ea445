"""The totals of days are kept in the state store, and their documents made of what is there.

A day begins at midnight in the org's time zone; from then on the day before has ended. Its totals change only where the
org now tells otherwise of it: a history row that comes late, another rate or meaning of a stage, a deletion.
"""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import UTC, date, datetime

from forcedex.access.tokens import by_permission
from forcedex.domain.daily import DAYS, first_days
from forcedex.domain.days import day_of
from forcedex.domain.derived.kinds import DerivedDocument, Record, Setting, Tally
from forcedex.domain.ports import Shelf, ShelfDocument, Sink, StateStore
from forcedex.domain.zones import zone

_AT_ONCE = 16  # days that are written together
#: The documents are made otherwise when this counts up.
_SHAPE = "1"


class Tallying:
    """The totals of one family."""

    def __init__(
        self, of: str, tally: Tally, sink: Sink, store: StateStore, now: Callable[[], Awaitable[datetime]]
    ) -> None:
        """`now` is the org's time."""
        self._of = of
        self._tally = tally
        self._name = tally.kind.name
        self._sink = sink
        self._store = store
        self._now = now
        self._shelf: Shelf | None = None
        #: The last day that there is, as far as this process knows.
        self._last: date | None = None
        #: What the documents of the newest days say, so that only what differs is written.
        self._written: dict[date, Mapping[str, Mapping[str, object]]] = {}

    async def open(self, others: Sequence[str]) -> None:
        """The index of the documents; `others` are objects besides the root's whose fields have a part in them."""
        self._shelf = await self._sink.shelf(self._tally.kind, self._of, others, _SHAPE)
        self._written.clear()

    async def take(
        self,
        derived: Mapping[str, tuple[Record, Sequence[DerivedDocument]]],
        ordinal: int,
        setting: Setting,
        *,
        counting: bool,
    ) -> None:
        """What was derived of these roots; the totals follow, unless `sum_up` will be called (not `counting`)."""
        held = {key: self._tally.held(record, documents, setting) for key, (record, documents) in derived.items()}
        await self._store.hold(self._name, held, ordinal, await self._today(setting) if counting else None)

    async def gone(self, roots: Sequence[str], ordinal: int, setting: Setting) -> None:
        """These roots are not there any more."""
        await self._store.hold(self._name, {key: () for key in roots}, ordinal, await self._today(setting))

    async def sum_up(self, ordinal: int, setting: Setting) -> None:
        """All roots have been taken since this ordinal: every total from nothing."""
        await self._store.forget_held(self._name, ordinal)
        today = await self._today(setting)
        days = await self._store.days(self._name) or first_days(today, setting.company.week_start)
        await self._store.sum_up(self._name, days, today)

    async def settle(self, setting: Setting) -> None:
        """Add the days that have begun, and write the documents of what changed."""
        today = await self._today(setting)
        if self._last is None or self._last < today:
            await self._begin(today)
        assert self._shelf is not None
        noted = (await self._store.noted(DAYS)).get(self._name, ())
        filling = not self._shelf.complete
        days = await self._store.days(self._name) if filling else [date.fromisoformat(each) for each in noted]
        for start in range(0, len(days), _AT_ONCE):
            await self._write(days[start : start + _AT_ONCE])
        if filling:
            await self._shelf.publish()
        if noted:
            await self._store.settle(DAYS, self._name, noted)
            await self._sink.refresh([self._name])

    async def _begin(self, today: date) -> None:
        """Every day from the last one to today."""
        there = await self._store.days(self._name)
        last = there[-1] if there else today
        new = [date.fromordinal(each) for each in range(last.toordinal() + 1, today.toordinal() + 1)]
        await self._store.sum_up(self._name, new or ([] if there else [today]), today)
        self._last = today
        self._written = {day: each for day, each in self._written.items() if day >= today}

    async def _write(self, days: Sequence[date]) -> None:
        """The documents of these days; only those that differ from what this process wrote last."""
        assert self._shelf is not None
        ordinal = await self._store.next_ordinal()
        about = {"acl": [by_permission(self._of)], "synced_at": datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")}
        changed: list[ShelfDocument] = []
        fewer: list[str] = []
        kept: set[str] = set()
        now: dict[date, Mapping[str, Mapping[str, object]]] = {}
        for day in days:
            documents = self._tally.documents(day, *await self._store.day(self._name, day))
            known = self._written.get(day)
            changed += [
                ShelfDocument(id=key, root=str(day), values=values, about=about)
                for key, values in documents.items()
                if known is None or known.get(key) != values
            ]
            if known is None or known.keys() - documents.keys():
                fewer.append(str(day))
                kept |= documents.keys()
            now[day] = documents
        if changed:
            await self._shelf.put(changed, ordinal)
        if self._shelf.complete and fewer:
            await self._shelf.leave_only(fewer, kept, ordinal)
        self._written |= {day: each for day, each in now.items() if self._last is not None and day >= self._last}

    async def _today(self, setting: Setting) -> date:
        return day_of(await self._now(), zone(setting.company.time_zone))
