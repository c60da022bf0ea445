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
        days = set(await self._store.days(self._name))
        if not days:
            earliest = await self._store.earliest_held(self._name) or today
            days = {today, *first_days(earliest, today, setting.company.week_start)}
        await self._store.sum_up(self._name, sorted(days), today)

    async def settle(self, setting: Setting) -> None:
        """Add the days that have begun, and write the documents of what changed."""
        today = await self._today(setting)
        if self._last is None or self._last < today:
            await self._begin(today)
        assert self._shelf is not None
        if not self._shelf.complete:
            for day in await self._store.days(self._name):
                await self._write(day)
            await self._shelf.publish()
        noted = (await self._store.noted(DAYS)).get(self._name, ())
        for text in noted:
            await self._write(date.fromisoformat(text))
            await self._store.settle(DAYS, self._name, [text])
        if noted:
            await self._sink.refresh([self._name])

    async def _begin(self, today: date) -> None:
        """Every day from the last one to today."""
        there = await self._store.days(self._name)
        last = there[-1] if there else today
        new = [date.fromordinal(each) for each in range(last.toordinal() + 1, today.toordinal() + 1)]
        await self._store.sum_up(self._name, new or ([] if there else [today]), today)
        self._last = today
        self._written = {day: each for day, each in self._written.items() if day >= today}

    async def _write(self, day: date) -> None:
        """The documents of a day; only those that differ from what this process wrote last."""
        assert self._shelf is not None
        ordinal = await self._store.next_ordinal()
        totals, corrected = await self._store.day(self._name, day)
        documents = self._tally.documents(day, totals, corrected)
        known = self._written.get(day)
        about = {
            "acl": [by_permission(self._of)],
            "synced_at": datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
        }
        changed = [
            ShelfDocument(id=key, root=str(day), values=values, about=about)
            for key, values in documents.items()
            if known is None or known.get(key) != values
        ]
        if changed:
            await self._shelf.put(changed, ordinal)
        if self._shelf.complete and (known is None or known.keys() - documents.keys()):
            await self._shelf.leave_only([str(day)], documents.keys(), ordinal)
        if self._last is not None and day >= self._last:
            self._written[day] = documents

    async def _today(self, setting: Setting) -> date:
        return day_of(await self._now(), zone(setting.company.time_zone))
