"""Reports of one's own and schedules in the store: whoever runs one has it alone."""

from dataclasses import replace
from datetime import UTC, datetime, time, timedelta

from forcedex.domain.schedules import Asked, Every, Form, OwnReport, Schedule, Target, Times
from forcedex.state.store import open_state
from tests.integration.state.conftest import ORG, OTHER_ORG

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)
SOON, LATER = NOW + timedelta(minutes=6), NOW + timedelta(minutes=7)
SCHEDULE = Schedule(
    number=0,
    owner="005000000000001AAA",
    report="closed-won",
    asked=Asked(by=("owner", "month"), period="last-month", compare="previous-year", where=("Amount>=1",), top=3),
    times=Times(every=Every.MONTH, at=time(7, 30), on=31),
    target=Target.FOLDER,
    form=Form.JSON,
    due=NOW,
)


async def test_reports_are_kept_by_owner_and_name(url: str) -> None:
    async with open_state(url) as state:
        store = state.of(ORG)
        mine, everybodys = OwnReport("a", "005A", "x = 1", NOW), OwnReport("a", "", "x = 2\n☃", NOW)
        for each in (mine, everybodys, replace(mine, name="b")):
            await store.save_own_report(each)
        await store.save_own_report(replace(mine, text="x = 3"))
        assert await store.own_reports() == [everybodys, replace(mine, text="x = 3"), replace(mine, name="b")]
        await store.remove_own_report("005A", "a")
        assert [(each.owner, each.name) for each in await store.own_reports()] == [("", "a"), ("005A", "b")]
        assert await state.of(OTHER_ORG).own_reports() == []


async def test_a_schedule_is_claimed_by_one_until_it_is_settled_or_the_claim_runs_out(url: str) -> None:
    async with open_state(url) as state:
        store = state.of(ORG)
        kept = await store.add_schedule(SCHEDULE)
        assert kept == replace(SCHEDULE, number=1) and await store.schedules() == [kept]
        assert await store.claim_schedule(1, NOW - timedelta(seconds=1), SOON) is None
        assert await store.claim_schedule(1, NOW, SOON) == kept
        assert await store.claim_schedule(1, NOW, SOON) is None
        # The claim ran out, and another process has it: the first one is too late to say how it went.
        assert await store.claim_schedule(1, SOON, LATER) == kept
        await store.settle_schedule(replace(kept, problem="late"), SOON)
        assert await store.schedules() == [kept]
        settled = replace(kept, retry=LATER, failures=1, problem="why")
        await store.settle_schedule(settled, LATER)
        assert await store.schedules() == [settled]
        assert await store.claim_schedule(1, SOON, LATER) is None
        assert await store.claim_schedule(1, LATER, LATER + timedelta(minutes=6)) == settled


async def test_a_schedule_that_was_removed_during_its_run_stays_away(url: str) -> None:
    async with open_state(url) as state:
        store = state.of(ORG)
        kept = await store.add_schedule(SCHEDULE)
        assert await store.claim_schedule(kept.number, NOW, SOON)
        await store.remove_schedule(kept.number)
        another = await store.add_schedule(replace(SCHEDULE, report="funnel"))
        await store.settle_schedule(replace(kept, sent_at=NOW), SOON)
        assert await store.schedules() == [another]
