import asyncio
from collections.abc import Awaitable
from dataclasses import replace
from decimal import Decimal

import pytest

from forcedex.domain.checkpoint import DeadLetter
from forcedex.domain.company import Company
from forcedex.domain.errors import ConfigurationError, LeaseLost, StateRefused
from forcedex.domain.fiscal_rows import custom_years
from forcedex.domain.money import Currencies
from forcedex.domain.ports import StateStore
from forcedex.domain.upkeep import CheckKind, Mode, NoticeKind, ObjectReport
from forcedex.state.store import SqlStateStore, open_state
from tests.integration.state.conftest import ORG, OTHER_ORG, leased, opened
from tests.integration.state.contents import CHECK, IDENTITY, LOGIN, NOON, checkpoint
from tests.unit.domain.fiscal_years import three_years

COMPANY = Company(
    time_zone="Asia/Tokyo",
    locale="ja_JP",
    fiscal=custom_years(three_years()),
    currencies=Currencies(corporate="JPY", decimal_places=0, rates={"EUR": Decimal("0.0061")}),
)
CHECKPOINT = replace(checkpoint(), ordinal=2**31 - 1, locator="abc" * 50_000)


def test_it_is_what_the_engine_asks_for() -> None:
    fulfils: type[StateStore] = SqlStateStore
    assert fulfils is SqlStateStore


async def test_a_checkpoint_comes_back_as_it_was_saved(url: str) -> None:
    async with opened(url) as store:
        await store.save_checkpoint(replace(CHECKPOINT, mark=None, ordinal=None))
        await store.save_checkpoint(CHECKPOINT)
    async with open_state(url) as state:
        assert await state.of(ORG).checkpoints() == {"Contact": CHECKPOINT}
        assert await state.of(OTHER_ORG).checkpoints() == {}


async def test_what_holds_for_the_whole_org_comes_back_as_it_was_read_last(url: str) -> None:
    async with opened(url) as store:
        assert await store.company() is None
        await store.save_company(Company(time_zone="UTC"), NOON)
        await store.save_company(COMPANY, NOON)
    async with open_state(url) as state:
        assert await state.of(ORG).company() == COMPANY
        assert await state.of(OTHER_ORG).company() is None


async def test_ordinals_rise_and_are_never_given_twice_by_processes_that_share_a_store(url: str) -> None:
    given: list[int] = []

    async def process() -> None:
        async with open_state(url) as state:
            for _ in range(5):
                mine = [await state.of(ORG).next_ordinal() for _ in range(3)]
                assert mine == sorted(mine)
                given.extend(mine)

    async with open_state(url):
        await asyncio.gather(*[process() for _ in range(4)])
    assert len(set(given)) == 60


async def test_what_a_crash_leaves_of_a_block_is_not_used_again(url: str) -> None:
    async with open_state(url) as state:
        store = state.of(ORG)
        first = [await store.next_ordinal() for _ in range(300)]
        assert first == sorted(set(first))
    async with open_state(url) as state:
        assert await state.of(ORG).next_ordinal() > first[-1]


async def test_notes_are_kept_once_by_kind_and_object_oldest_first(url: str) -> None:
    async with opened(url) as store:
        await store.note("deleted", "Contact", ["3", "1", "3"])
        await store.note("deleted", "Contact", ["1", "2"])
        await store.note("deleted", "Account", ["9"])
        await store.note("changed:2", "Contact", ["7"])
        assert await store.noted("deleted") == {"Account": ["9"], "Contact": ["3", "1", "2"]}
        await store.settle("deleted", "Contact", ["3", "2", "nothing"])
        await store.settle("deleted", "Account", ["9"])
        assert await store.noted("deleted") == {"Contact": ["1"]}
        assert await store.noted("changed:2") == {"Contact": ["7"]}


async def test_what_is_noted_again_while_it_is_worked_off_stays_noted(url: str) -> None:
    async with opened(url) as store:
        await store.note("changed", "Account", ["1", "2"])
        assert await store.noted("changed") == {"Account": ["1", "2"]}
        await store.note("changed", "Account", ["1"])
        await store.settle("changed", "Account", ["1", "2"])
        assert await store.noted("changed") == {"Account": ["1"]}
        await store.settle("changed", "Account", ["1"])
        assert await store.noted("changed") == {}


async def test_at_most_ten_thousand_notes_of_an_object_are_told_at_once(url: str) -> None:
    ids = [f"{number:018}" for number in range(10_500)]
    async with opened(url) as store:
        await store.note("reread", "Contact", ids)
        assert await store.noted("reread") == {"Contact": ids[:10_000]}
        await store.settle("reread", "Contact", ids[:10_000])
        assert await store.noted("reread") == {"Contact": ids[10_000:]}


async def test_replay_ids_and_moments_are_kept_by_object(url: str) -> None:
    async with opened(url) as store:
        await store.save_replay_id("Contact", b"old")
        await store.save_replay_id("Contact", bytes(range(256)))
        await store.save_replay_id("Account", b"x")
        await store.save_replay_id("Account", None)
        await store.save_moment("sweep", "Contact", "then")
        await store.save_moment("sweep", "Contact", "now")
        await store.save_moment("compare", "Contact", "003")
    async with open_state(url) as state:
        assert await state.of(ORG).replay_ids() == {"Contact": bytes(range(256))}
        assert await state.of(ORG).moments("sweep") == {"Contact": "now"}
        assert await state.of(OTHER_ORG).moments("sweep") == {}


async def test_reports_are_read_in_another_process_as_they_were_told(url: str) -> None:
    report = ObjectReport(object="Contact", mode=Mode.STREAM, synced_at=NOON, poll_seconds=0.1, problem="a\0\ud800")
    async with opened(url) as store:
        await store.report([ObjectReport(object=name, mode=Mode.POLL) for name in ("Contact", "Task")])
        await store.report([report])
        async with open_state(url) as state:
            found = await state.of(ORG).reports()
    assert found["Task"] == ObjectReport(object="Task", mode=Mode.POLL)
    assert (found["Contact"].mode, found["Contact"].synced_at, found["Contact"].poll_seconds) == ("stream", NOON, 0.1)


async def test_a_notice_is_news_once_until_it_is_cleared(url: str) -> None:
    async with opened(url) as store:
        assert await store.raise_notice("Contact", NoticeKind.FROZEN, "first")
        assert not await store.raise_notice("Contact", NoticeKind.FROZEN, "second")
        assert await store.raise_notice("", NoticeKind.FROZEN, "the whole org")
        [org_wide, notice] = sorted(await store.notices(), key=lambda each: each.object)
        assert (org_wide.object, notice.text, notice.cleared_at) == ("", "second", None)
        assert await store.clear_notice("Contact", NoticeKind.FROZEN)
        assert not await store.clear_notice("Contact", NoticeKind.FROZEN)
        assert [each.cleared_at is not None for each in await store.notices()] == [True, False]
        assert await store.raise_notice("Contact", NoticeKind.FROZEN, "again")


async def test_the_last_check_and_the_last_clean_one_are_kept(url: str) -> None:
    found = replace(CHECK, missing=2)
    async with opened(url) as store:
        await store.keep_check(found)
        assert await store.checks() == {("Contact", CheckKind.SWEEP): (found, None)}
        await store.keep_check(CHECK)
        await store.keep_check(found)
        assert await store.checks() == {("Contact", CheckKind.SWEEP): (found, CHECK)}


async def test_api_calls_of_processes_that_count_at_once_add_up(url: str) -> None:
    async def process() -> None:
        async with open_state(url) as state:
            for _ in range(15):
                await state.of(ORG).reserve_calls(500_000, 3)

    async with open_state(url) as state:
        await asyncio.gather(*[process() for _ in range(4)])
        store = state.of(ORG)
        await store.reserve_calls(500_023, 1)
        assert await store.calls_since(500_000) == 181
        assert await store.calls_since(500_001) == 1
        await store.reserve_calls(500_090, 1)
        assert await store.calls_since(0) == 2, "hours that no day can hold are forgotten"


async def test_a_command_asks_the_running_sync_and_finds_its_answer(url: str) -> None:
    async with opened(url) as store, open_state(url) as state:
        command = state.of(ORG)
        numbers = await asyncio.gather(*[command.ask("rebuild", name) for name in ("Contact", "Account")])
        assert await command.answer_of(numbers[0]) is None
        asked = await store.requests()
        assert sorted((each.number, each.argument, each.answer) for each in asked) == sorted(
            (number, name, None) for number, name in zip(numbers, ("Contact", "Account"), strict=True)
        )
        assert [each.number for each in asked] == sorted(numbers)
        await store.answer(numbers[0], '{"done": true}')
        assert await command.answer_of(numbers[0]) == '{"done": true}'
        assert [each.number for each in await store.requests()] == [numbers[1]]
        assert await command.answer_of(10_000) is None


async def test_the_org_of_a_login_is_remembered(url: str) -> None:
    async with open_state(url) as state:
        assert await state.known_org(LOGIN) is None
        await state.remember(LOGIN, IDENTITY)
        await state.remember(LOGIN, IDENTITY)
        known = await state.known_org(LOGIN)
    assert known is not None and (known.org_id, known.org_name) == (ORG, "Acme")


async def test_texts_that_no_database_takes_are_kept_as_far_as_they_can_be(url: str) -> None:
    async with opened(url) as store:
        await store.bury([DeadLetter(object="Contact", record_id="1", reason="a\0b\ud800c")])
        assert [each.reason for each in await store.dead_letters()] == ["a\N{REPLACEMENT CHARACTER}b?c"]


async def test_without_the_lease_nothing_of_the_syncs_can_be_written(url: str) -> None:
    async with open_state(url) as state:
        command = state.of(ORG)
        for write in _writes(command):
            with pytest.raises(StateRefused, match="holds the org's lease"):
                await write
        await command.next_ordinal()


async def test_with_an_old_fence_nothing_of_the_syncs_can_be_written(url: str) -> None:
    async with open_state(url) as state:
        async with leased(state) as former:
            await former.save_checkpoint(CHECKPOINT)
        with pytest.raises(LeaseLost):
            await former.save_checkpoint(CHECKPOINT)  # given back, though nobody has taken it yet
        async with leased(state) as current:
            await current.note("deleted", "Contact", ["1"])
            for write in [*_writes(former), former.next_ordinal(), former.reserve_calls(1, 1)]:
                with pytest.raises(LeaseLost):
                    await write
            assert await former.checkpoints() == {"Contact": CHECKPOINT}, "reading harms nobody"
            assert await current.noted("deleted") == {"Contact": ["1"]}
            assert await current.calls_since(0) == 0


def _writes(store: SqlStateStore) -> list[Awaitable[object]]:
    return [
        store.save_checkpoint(CHECKPOINT),
        store.bury([DeadLetter(object="Contact", record_id="1", reason="r")]),
        store.exhume("Contact", ["1"]),
        store.forget_dead_letters("Contact"),
        store.note("deleted", "Contact", ["2"]),
        store.settle("deleted", "Contact", ["1"]),
        store.save_replay_id("Contact", b"r"),
        store.save_replay_id("Contact", None),
        store.save_moment("sweep", "Contact", "m"),
        store.report([ObjectReport(object="Contact", mode=Mode.POLL)]),
        store.raise_notice("Contact", NoticeKind.LAG, "t"),
        store.clear_notice("Contact", NoticeKind.LAG),
        store.keep_check(CHECK),
        store.answer(1, "{}"),
    ]


@pytest.mark.parametrize("bad", ["nonsense", "oracle://x/y", "mysql://x/y", "sqlite://", "sqlite:///:memory:"])
async def test_a_url_that_cannot_be_used_is_a_configuration_error(bad: str) -> None:
    with pytest.raises(ConfigurationError, match=r"\[state\] url"):
        async with open_state(bad):
            pass
