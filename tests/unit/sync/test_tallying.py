"""The documents of days are what the records were, whatever happens in whatever order."""

import asyncio
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import Any

import hypothesis.strategies as st
from hypothesis import given, settings

from forcedex.domain.company import Company
from forcedex.domain.derived.deal_days import TALLY
from forcedex.domain.derived.kinds import DerivedDocument, Kind, Setting
from forcedex.domain.ports import ShelfDocument
from forcedex.sync.tallying import Tallying
from tests.factories.fake_sink import FakeSink
from tests.factories.fake_store import FakeStore

BEGAN = datetime(2026, 11, 20, 12, tzinfo=UTC)
#: Its midnight is 06:00 UTC, so a day there is not one of UTC.
SETTING = Setting(company=Company(time_zone="America/Chicago"))


@dataclass
class MemoryShelf:
    """One index of documents."""

    documents: dict[str, tuple[str, Mapping[str, object], object]] = field(default_factory=dict)
    complete: bool = False
    columns: Sequence[str] = ()
    money: Sequence[str] = ()

    async def put(self, documents: Sequence[ShelfDocument], ordinal: int) -> None:
        for each in documents:
            self.documents[each.id] = each.root, each.values, each.about["acl"]

    async def leave_only(self, roots: Sequence[str], ids: Collection[str], ordinal: int) -> None:
        self.documents = {key: each for key, each in self.documents.items() if each[0] not in roots or key in ids}

    async def publish(self) -> None:
        self.complete = True


@dataclass
class Shelving(FakeSink):
    """A sink that has a shelf."""

    kept: MemoryShelf = field(default_factory=MemoryShelf)

    async def shelf(self, kind: Kind, of: str, others: Sequence[str], signature: str) -> MemoryShelf:
        assert kind.of_all
        return self.kept


class World:
    """Deals that change, and their totals."""

    def __init__(self) -> None:
        self.store, self.sink, self.now = FakeStore(), Shelving(), BEGAN
        #: What each deal was, from when on: owner and amount; None for closed.
        self.deals: dict[str, list[tuple[datetime, tuple[str, int | None] | None]]] = {}
        self.days: set[date] = set()
        self.started()

    def started(self) -> None:
        """Another process."""

        async def now() -> datetime:
            return self.now

        self.tallying = Tallying("Opportunity", TALLY, self.sink, self.store, now)

    async def step(self, step: tuple[Any, ...]) -> None:
        """One thing that happens."""
        match step:
            case ("becomes", key, state, hours):
                at = max(self.now - timedelta(hours=hours), BEGAN - timedelta(days=2))
                history = [each for each in self.deals.get(key, []) if each[0] < at]
                self.deals[key] = [*history, (at, state)]
                await self.take([key], counting=True)
            case ("goes", key):
                self.deals.pop(key, None)
                await self.tallying.gone([key], await self.store.next_ordinal(), SETTING)
            case ("passes", hours):
                self.now += timedelta(hours=hours)
            case ("restart",):
                self.started()
            case ("lost",):
                self.sink.kept = MemoryShelf()
                self.started()
            case ("anew",):
                first = await self.store.next_ordinal()
                await self.take(sorted(self.deals), counting=False)
                await self.tallying.sum_up(first, SETTING)
        await self.tallying.open([])
        await self.tallying.settle(SETTING)

    async def take(self, keys: list[str], *, counting: bool) -> None:
        """These deals were derived."""
        told = {key: ({"Id": key}, self.versions(key)) for key in keys}
        await self.tallying.take(told, await self.store.next_ordinal(), SETTING, counting=counting)

    def versions(self, key: str) -> list[DerivedDocument]:
        """Documents as the real ones are."""
        found = []
        history = self.deals[key]
        for number, (at, state) in enumerate(history):
            end = history[number + 1][0] if number + 1 < len(history) else None
            valid = {"gte": at.isoformat()} | ({"lt": end.isoformat()} if end else {})
            values: dict[str, object] = {"x.valid": valid, "x.open": int(state is not None)}
            if state is not None:
                values |= {"x.owner": state[0], "x.stage": "New", "x.amt": state[1], "x.wamt": state[1]}
            found.append(DerivedDocument(kind="x-versions", id=f"{key}-{number}", values=values))
        return found

    def truth(self, day: date) -> dict[str, tuple[int, int, int]]:
        """Owner to deals, those without amount, amount, at the end of a day."""
        end = datetime(day.year, day.month, day.day, 6, tzinfo=UTC) + timedelta(days=1)  # midnight in winter there
        found: dict[str, tuple[int, int, int]] = {}
        for history in self.deals.values():
            known = [state for at, state in history if at < end]
            if known and known[-1] is not None:
                owner, amount = known[-1]
                many, unknown, so_far = found.get(owner, (0, 0, 0))
                found[owner] = many + 1, unknown + (amount is None), so_far + (amount or 0)
        return found

    def check(self) -> None:
        """Every day that there is, and that there is every day."""
        documents = [(key, *each) for key, each in self.sink.kept.documents.items()]
        marked = {str(values["x.day"]) for _, _, values, _ in documents if values["x.marker"]}
        today = (self.now - timedelta(hours=6)).date()
        assert max(marked) == str(today)  # a day is there as soon as it has begun, and not before
        ordered = sorted(each for each in map(date.fromisoformat, marked) if each > BEGAN.date() - timedelta(days=9))
        assert ordered == [ordered[0] + timedelta(days=n) for n in range(len(ordered))]
        for day in ordered:
            told = {
                values["x.owner"]: (values["x.count"], values["x.unknown"], values["x.amt"])
                for _, root, values, _ in documents
                if root == str(day) and not values["x.marker"]
            }
            assert told == self.truth(day), day
        assert all(acl == ["v:Opportunity"] for _, _, _, acl in documents)


keys = st.sampled_from(["1", "2", "3"])
states = st.none() | st.tuples(st.sampled_from(["005A", "005B"]), st.none() | st.integers(-5, 10**15))
becomes = st.tuples(st.just("becomes"), keys, states, st.sampled_from([0, 0, 0, 7, 30]))
steps = st.one_of(
    becomes,
    becomes,
    st.tuples(st.just("goes"), keys),
    st.tuples(st.just("passes"), st.integers(1, 60)),
    st.sampled_from([("restart",), ("lost",), ("anew",)]),
)


@settings(deadline=None, max_examples=150)
@given(st.lists(steps, max_size=20))
def test_whatever_happens_the_documents_are_what_held_at_the_end_of_each_day(happens: list[tuple[Any, ...]]) -> None:
    async def run() -> None:
        world = World()
        await world.step(("anew",))
        for each in happens:
            await world.step(each)
            world.check()

    asyncio.run(run())
