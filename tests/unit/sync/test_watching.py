"""The engine while it watches: events, polls, sweeps, and processes that die, on virtual time."""

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta

import pytest
import pytest_asyncio

from forcedex.domain.change import ChangeKind
from forcedex.domain.upkeep import Mode, NoticeKind, Request
from tests.factories.fake_source import START
from tests.factories.pages import record_id
from tests.factories.schemas import ACCOUNT, CONTACT, field, sobject
from tests.unit.sync.simulation import QUICK, Simulation


@pytest_asyncio.fixture
async def world() -> AsyncIterator[Simulation]:
    world = Simulation()
    for number in range(1, 6):
        world.source.save("Account", number, Name=f"Account {number}")
        world.source.save("Contact", 100 + number, Name=f"Contact {number}", AccountId=record_id(number))
    world.source.offered = {"Account", "Contact"}
    yield world
    await world.kill()


async def test_an_event_is_indexed_within_a_second_although_polls_are_far_apart(world: Simulation) -> None:
    await world.start()
    await world.let(10)
    world.source.save("Account", 1, Name="Renamed")
    await world.source.publish("Account", ChangeKind.UPDATE, 1)
    await world.let(1)
    assert world.sink.people("Account")[record_id(1)]["Name"] == "Renamed"


async def test_an_object_without_events_is_polled(world: Simulation) -> None:
    world.rhythm = replace(QUICK, sweep=1e6, compare=1e9, deep=1e6)
    world.source.offered = set()
    await world.start()
    await world.let(10)
    world.source.save("Account", 1, Name="Renamed")
    await world.let(5)
    assert world.sink.people("Account")[record_id(1)]["Name"] == "Renamed"
    world.assert_equal()


async def test_events_that_are_offered_later_are_followed(world: Simulation) -> None:
    world.source.offered = set()
    await world.start()
    await world.let(10)
    world.source.offered = {"Account"}
    await world.let(60)
    assert world.engine is not None
    assert {each.object: each.mode for each in world.engine.reports()}["Account"] is Mode.STREAM


async def test_changes_of_children_follow_their_renamed_parent(world: Simulation) -> None:
    await world.start()
    await world.let(10)
    world.source.save("Account", 2, Name="New name")
    await world.source.publish("Account", ChangeKind.UPDATE, 2)
    await world.let(4)
    assert world.sink.people("Contact")[record_id(102)]["Account.Name"] == "New name"


async def test_an_event_that_comes_before_its_change_is_visible_is_read_until_it_is(world: Simulation) -> None:
    await world.start()
    await world.let(10)
    modified = world.source.time + timedelta(seconds=1)
    await world.source.publish("Account", ChangeKind.UPDATE, 3, modified_at=modified)
    await world.source.publish("Account", ChangeKind.CREATE, 9, modified_at=modified)
    await world.let(3)
    replay = world.store.replays["Account"]
    world.source.save("Account", 3, Name="Late", stamp=modified)
    world.source.save("Account", 9, Name="Born late", stamp=modified)
    await world.let(8)
    assert world.sink.people("Account")[record_id(3)]["Name"] == "Late"
    assert world.sink.people("Account")[record_id(9)]["Name"] == "Born late"
    assert world.store.replays["Account"] > replay


async def test_the_replay_id_does_not_pass_an_event_that_is_not_indexed(world: Simulation) -> None:
    await world.start()
    await world.let(10)
    before = world.store.replays.get("Account")
    await world.source.publish("Account", ChangeKind.UPDATE, 3, modified_at=world.source.time + timedelta(seconds=600))
    await world.let(10)
    assert world.store.replays.get("Account") == before
    await world.let(20)
    assert world.store.replays.get("Account") != before
    assert world.engine is not None
    stream = world.engine.objects["Account"].stream
    assert stream is not None and stream.unseen == 1


async def test_a_restart_goes_on_after_the_last_indexed_event(world: Simulation) -> None:
    await world.start()
    await world.let(10)
    await world.kill()
    world.source.save("Account", 4, Name="While down")
    await world.source.publish("Account", ChangeKind.UPDATE, 4)
    await world.start()
    await world.let(5)
    world.assert_equal()


async def test_a_replay_id_that_the_org_forgot_leads_to_a_poll_and_a_notice(world: Simulation) -> None:
    await world.start()
    await world.let(10)
    await world.kill()
    world.source.save("Account", 4, Name="Long ago")
    for _ in range(5):
        await world.source.publish("Account", ChangeKind.UPDATE, 4)
    world.source.oldest_event = 4
    await world.start()
    await world.let(10)
    world.assert_equal()
    assert ("Account", NoticeKind.REPLAY_EXPIRED) in world.store.told
    world.source.save("Account", 5, Name="After")
    await world.source.publish("Account", ChangeKind.UPDATE, 5)
    await world.let(1)
    assert world.sink.people("Account")[record_id(5)]["Name"] == "After"


async def test_a_lost_event_is_found_by_the_cross_check(world: Simulation) -> None:
    await world.start()
    await world.let(10)
    world.source.save("Account", 1, Name="Nobody said so")
    await world.let(25)
    world.assert_equal()


async def test_overflow_leads_to_a_poll_from_its_commit_on(world: Simulation) -> None:
    await world.start()
    await world.let(10)
    for number in range(1, 6):
        world.source.save("Account", number, Name=f"Mass {number}")
    await world.source.publish("Account", ChangeKind.UNKNOWN)
    await world.let(2)
    world.assert_equal()


async def test_an_event_without_values_is_followed(world: Simulation) -> None:
    world.rhythm = replace(QUICK, cross_check=1e6, sweep=1e6, compare=1e9, deep=1e6)
    await world.start()
    await world.let(10)
    world.source.save("Account", 3, Name="Told by a gap")
    await world.source.publish("Account", ChangeKind.UPDATE, 3, gap=True)
    await world.let(3)
    assert world.sink.people("Account")[record_id(3)]["Name"] == "Told by a gap"


async def test_a_hard_delete_is_found_by_the_log_of_deletions(world: Simulation) -> None:
    await world.start()
    await world.let(10)
    world.source.hard_delete("Contact", 103)
    await world.let(200)
    world.assert_equal()


async def test_a_record_that_is_out_of_sight_and_not_reported_as_deleted_is_kept_and_told(world: Simulation) -> None:
    await world.start()
    await world.let(10)
    world.source.hidden = {record_id(103)}
    await world.let(100)
    assert record_id(103) in world.sink.people("Contact")
    notice = world.store.told["Contact", NoticeKind.HIDDEN]
    assert notice.cleared_at is None and "rebuild Contact" in notice.text
    assert world.engine is not None
    assert {each.object: each.mode for each in world.engine.reports()}["Contact"] is Mode.FROZEN
    world.source.hidden = set()
    await world.let(100)
    assert world.store.told["Contact", NoticeKind.HIDDEN].cleared_at is not None
    world.assert_equal()


async def test_what_is_hidden_goes_along_into_a_new_index_until_a_person_lets_it_go(world: Simulation) -> None:
    await world.start()
    await world.let(10)
    world.source.hidden = {record_id(103)}
    world.source.hard_delete("Contact", 104)
    world.store.asked.append(Request(number=1, kind="rebuild", argument="Contact", asked_at=START))
    await world.let(20)
    people = world.sink.people("Contact")
    assert world.sink.published["Contact"] == 2
    assert record_id(103) in people and record_id(104) not in people
    assert world.store.told["Contact", NoticeKind.HIDDEN].cleared_at is None
    world.store.asked.append(Request(number=2, kind="rebuild visible", argument="Contact", asked_at=START))
    await world.let(20)
    assert world.sink.published["Contact"] == 3
    assert record_id(103) not in world.sink.people("Contact")
    assert world.store.told["Contact", NoticeKind.HIDDEN].cleared_at is not None


async def test_a_lookup_that_is_cleared_by_a_deletion_follows(world: Simulation) -> None:
    await world.start()
    await world.let(10)
    world.source.delete("Account", 3)
    await world.source.publish("Account", ChangeKind.DELETE, 3)
    world.source.records["Contact"][record_id(103)]["AccountId"] = ""
    await world.let(5)
    world.assert_equal()


async def test_a_value_that_moves_without_a_trace_is_found_by_the_comparison(world: Simulation) -> None:
    world.source.save("Contact", 104, Name="Old", stamp=world.source.time - timedelta(hours=9))  # no poll looks there
    await world.start()
    await world.let(10)
    world.source.records["Contact"][record_id(104)]["Title"] = "Set up otherwise"
    await world.let(250)
    world.assert_equal()


async def test_formulas_of_the_day_are_compared_when_the_orgs_day_has_changed(world: Simulation) -> None:
    world.rhythm = replace(QUICK, sweep=1e6, compare=1e9, deep=1e6)
    fields = [each for each in CONTACT.fields if each.name not in ("Id", "IsDeleted", "SystemModstamp")]
    age = field("Age__c", "double", calculated=True, formula="TODAY() - DATEVALUE(CreatedDate)")
    world.source.sobjects["Contact"] = sobject("Contact", *fields, age)
    await world.start()
    await world.let(70)
    for record in world.source.records["Contact"].values():
        record["Age__c"] = "8"
    await world.let(70)
    assert "8" not in {each["Age__c"] for each in world.sink.people("Contact").values()}
    world.store.kept["midnight", "Contact"] = "2026-01-30"  # as if that was yesterday
    await world.let(70)
    world.assert_equal()


async def test_a_new_field_is_back_filled_in_the_same_index(world: Simulation) -> None:
    await world.start()
    await world.let(10)
    generation = world.sink.published["Account"]
    fields = [each for each in ACCOUNT.fields if each.name not in ("Id", "IsDeleted", "SystemModstamp")]
    world.source.sobjects["Account"] = sobject("Account", *fields, field("Tier__c", custom=True))
    world.source.records["Account"][record_id(2)]["Tier__c"] = "Gold"
    await world.let(60)
    assert world.sink.people("Account")[record_id(2)]["Tier__c"] == "Gold"
    assert world.sink.published["Account"] == generation
    world.assert_equal()


async def test_a_field_that_is_gone_leads_to_a_new_index_beside_the_old_one(world: Simulation) -> None:
    await world.start()
    await world.let(10)
    generation = world.sink.published["Account"]
    fields = [each for each in ACCOUNT.fields if each.name not in ("Id", "IsDeleted", "SystemModstamp", "Phone")]
    world.source.sobjects["Account"] = sobject("Account", *fields)
    await world.let(60)
    assert world.sink.published["Account"] != generation
    world.assert_equal()


async def test_an_object_that_is_gone_is_frozen_and_comes_back(world: Simulation) -> None:
    await world.start()
    await world.let(10)
    gone = world.source.sobjects.pop("Contact")
    world.source.records["Contact"][record_id(101)]["Name"] = "Changed out of sight"
    await world.let(60)
    assert len(world.sink.people("Contact")) == 5
    assert world.store.told["Contact", NoticeKind.FROZEN].cleared_at is None
    world.source.sobjects["Contact"] = gone
    world.source.save("Contact", 101, Name="Changed out of sight")
    await world.let(100)
    world.assert_equal()
    assert world.store.told["Contact", NoticeKind.FROZEN].cleared_at is not None


@pytest.mark.parametrize("events", [True, False])
async def test_changes_during_the_first_read_are_not_lost(world: Simulation, events: bool) -> None:
    """The hand-over: a record changes after it was read, before the read ends."""

    def change(request: str) -> None:
        if request == "write Account" and not done:
            done.append(1)
            world.source.tick()
            world.source.save("Account", 2, Name="Changed meanwhile")
            world.source.save("Account", 77, Name="Born meanwhile")

    done: list[int] = []
    world.sink.before = change
    if not events:
        world.source.offered = set()
    await world.start()
    await world.let(15)
    world.assert_equal()
    assert CONTACT.name in world.sink.published
    await world.end()


async def test_what_holds_for_the_whole_org_is_read_again_now_and_then(world: Simulation) -> None:
    await world.start()
    await world.let(10)
    assert world.store.known_company is not None
    assert world.store.known_company[0].fiscal.start_month == 1
    world.source.sobjects["Organization"] = sobject("Organization", field("FiscalYearStartMonth"))
    world.source.records["Organization"] = {}
    world.source.save("Organization", 1, FiscalYearStartMonth="7")
    await world.let(60)
    assert world.store.known_company[0].fiscal.start_month == 7
