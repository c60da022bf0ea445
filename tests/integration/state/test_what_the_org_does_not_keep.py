"""Changes that were seen and totals of days in the store: kept, counted once, written by the lease's holder alone."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from forcedex.domain.daily import DAYS, Held, Place, Total
from forcedex.domain.errors import LeaseLost, StateRefused
from forcedex.domain.observed import Observed, Seen
from forcedex.state.store import open_state
from tests.integration.state.conftest import ORG, OTHER_ORG, leased

NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)
DEAL, OTHER = "006000000000001AAA", "006000000000002AAA"
PLACE, ELSEWHERE = Place("New", "005A", "Pipeline", "", ""), Place("Won'ton ☃", "005B", "Forecast", "012A", "FY2026-Q4")
FIRST, SECOND, TODAY = (date(2026, 11, day) for day in (20, 21, 22))


def seen(seconds: int, number: int, record: str = DEAL, **values: Any) -> Seen:
    at = NOON + timedelta(seconds=seconds)
    return Seen(record, at, number, at, values)


async def test_a_change_is_kept_once_whatever_comes_twice_or_late(url: str) -> None:
    async with open_state(url) as state, leased(state) as store:
        await store.observe("Opportunity", [seen(0, 1, Type="A", Amount=1.5), seen(0, 1, OTHER, Type=None)])
        later = [seen(5, 3, Type="B", Amount=1.5), seen(5, 3, OTHER, Type=["x", "y"])]
        assert await store.observe("Opportunity", later) == 2
        assert await store.observe("Opportunity", later) == 0
        assert await store.observe("Opportunity", [seen(4, 9, Type="A")]) == 0  # of an earlier state
        expected = {
            DEAL: [Observed(DEAL, "Type", NOON + timedelta(seconds=5), "A", "B")],
            OTHER: [Observed(OTHER, "Type", NOON + timedelta(seconds=5), None, ["x", "y"])],
        }
        assert await store.observed("Opportunity", [DEAL, OTHER]) == expected
        assert await state.of(OTHER_ORG).observed("Opportunity", [DEAL]) == {}
        assert await store.seen_after("Opportunity", "") == [DEAL, OTHER]
        assert await store.observe("Opportunity", [seen(5, 4, Type="A")]) == 1  # taken back within the second
        await store.forget_observed("Opportunity", [OTHER])
        assert await store.observed("Opportunity", [DEAL, OTHER]) == {}
        assert await store.seen_after("Opportunity", "") == [DEAL]


async def test_too_many_changes_of_a_field_lose_the_oldest(url: str) -> None:
    async with open_state(url) as state, leased(state) as store:
        for number in range(9):
            await store.observe("Opportunity", [seen(number, number, Type=str(number), Rare="x" * (number > 1))])
        await store.thin_observed("Opportunity", 5)
        kept = (await store.observed("Opportunity", [DEAL]))[DEAL]
        assert [each.after for each in kept if each.field == "Type"][:2] == ["4", "5"]
        assert sum(each.field == "Type" for each in kept) == 5
        assert sum(each.field == "Rare" for each in kept) == 1


async def test_totals_follow_what_records_were_and_an_ended_day_says_that_it_was_corrected(url: str) -> None:
    async with open_state(url) as state, leased(state) as store:
        await store.hold("x", {DEAL: [Held(FIRST, None, PLACE, 10**15, None)]}, 1, None)
        await store.sum_up("x", [FIRST, SECOND, TODAY], TODAY)
        assert await store.days("x") == [FIRST, SECOND, TODAY]
        assert (await store.noted(DAYS))["x"] == ["2026-11-20", "2026-11-21", "2026-11-22"]
        await store.settle(DAYS, "x", ["2026-11-20", "2026-11-21", "2026-11-22"])
        assert await store.day("x", TODAY) == ({PLACE: Total(1, 0, 10**15, 0)}, 0)

        moved = [Held(FIRST, TODAY, PLACE, 10**15, None), Held(TODAY, None, ELSEWHERE, None, 7)]
        for _ in range(2):  # the same again changes nothing
            await store.hold("x", {DEAL: moved, OTHER: []}, 2, TODAY)
            assert await store.day("x", TODAY) == ({ELSEWHERE: Total(1, 1, 0, 7)}, 0)
        assert (await store.noted(DAYS))["x"] == ["2026-11-22"]
        assert await store.day("x", SECOND) == ({PLACE: Total(1, 0, 10**15, 0)}, 0)

        await store.hold("x", {OTHER: [Held(SECOND, TODAY, PLACE, -5, -1)]}, 3, TODAY)  # told late
        assert await store.day("x", SECOND) == ({PLACE: Total(2, 0, 10**15 - 5, -1)}, 1)
        await store.hold("x", {DEAL: ()}, 4, TODAY)
        assert await store.day("x", FIRST) == ({}, 1) and await store.day("x", TODAY) == ({}, 0)
        await store.forget_held("x", 4)
        await store.sum_up("x", [FIRST, SECOND, TODAY], TODAY)
        assert await store.day("x", SECOND) == ({}, 3)
        assert await state.of(OTHER_ORG).days("x") == []


async def test_who_lost_the_lease_writes_nothing_of_it(url: str) -> None:
    async with open_state(url) as state:
        async with leased(state) as late:
            pass
        async with leased(state) as store:
            held = {DEAL: [Held(FIRST, None, PLACE, 1, 1)]}
            for one in (late, state.of(ORG)):
                with pytest.raises((LeaseLost, StateRefused)):
                    await one.hold("x", held, 1, TODAY)
                with pytest.raises((LeaseLost, StateRefused)):
                    await one.observe("Opportunity", [seen(0, 1, Type="A")])
            assert await store.days("x") == [] and await store.seen_after("Opportunity", "") == []
