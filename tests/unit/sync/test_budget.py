from datetime import UTC, datetime, timedelta

import pytest

from forcedex.domain.errors import BudgetExhausted
from forcedex.domain.ports import ApiUsage
from forcedex.sync.budget import SHORTEST, CallMeter, plan
from tests.factories.fake_store import FakeStore


@pytest.mark.parametrize(
    ("used", "allowed", "objects", "seconds", "limit"),
    [
        (0, 5_000_000, 20, SHORTEST, "shortest"),  # a sandbox: as often as the index refreshes
        (0, 100_000, 20, 46.08, "budget"),  # 20 calls a round, 37,500 of our 50,000 a day
        (80_000, 100_000, 20, 230.4, "budget"),  # others use most of it: 10,000 are left above the reserve
        (95_000, 100_000, 20, 86_400, "budget"),  # the reserve is not touched
        (200_000, 100_000, 20, 86_400, "budget"),
    ],
)
def test_rounds_are_as_frequent_as_our_share_allows(
    used: int, allowed: int, objects: int, seconds: float, limit: str
) -> None:
    planned = plan(ApiUsage(used=used, allowed=allowed), 0.5, polled=objects, streamed=0, cross_check=600)
    assert planned.poll_seconds == pytest.approx(seconds)
    assert planned.poll_limit == limit


@pytest.mark.parametrize("streamed", [0, 1, 5])
@pytest.mark.parametrize("used", [0, 60_000, 99_000])
def test_the_parts_of_a_plan_never_exceed_our_share(used: int, streamed: int) -> None:
    planned = plan(ApiUsage(used=used, allowed=100_000), 0.5, polled=20 - streamed, streamed=streamed, cross_check=600)
    spent = 86_400 / planned.poll_seconds * planned.polled + streamed * 144 + planned.rereads + planned.upkeep
    assert spent + planned.access <= max(planned.ours, 20 + streamed * 144) + 20


class Wall:
    """A wall clock that the test moves."""

    def __init__(self) -> None:
        self.time = datetime(2026, 1, 31, 10, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.time


async def spend(meter: CallMeter, calls: int) -> int:
    """Calls that were allowed."""
    for number in range(calls):
        try:
            await meter.before_call()
        except BudgetExhausted:
            return number
    return calls


async def test_our_share_of_the_calls_is_never_exceeded() -> None:
    wall, store = Wall(), FakeStore()
    meter = CallMeter(store, 0.5, wall)
    meter.hear(ApiUsage(used=0, allowed=1_000))
    assert await spend(meter, 1_000) == 440
    wall.time += timedelta(hours=23)
    assert await spend(meter, 10) == 0
    wall.time += timedelta(hours=2)
    assert await spend(meter, 1_000) == 440


async def test_calls_are_counted_across_a_crash_and_a_clock_that_jumps_back() -> None:
    wall, store = Wall(), FakeStore()
    first = CallMeter(store, 0.5, wall)
    first.hear(ApiUsage(used=0, allowed=1_000))
    assert await spend(first, 300) == 300
    wall.time -= timedelta(hours=30)
    second = CallMeter(store, 0.5, wall)
    second.hear(ApiUsage(used=300, allowed=1_000))
    assert await spend(second, 1_000) == 140


async def test_what_others_have_left_is_not_used_up_by_us() -> None:
    meter = CallMeter(FakeStore(), 1.0, Wall())
    meter.hear(ApiUsage(used=960, allowed=1_000))
    assert await spend(meter, 10) == 0
