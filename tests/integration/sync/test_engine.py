import asyncio
import random
from datetime import timedelta

import pytest

from forcedex.domain.errors import ConfigurationError, SinkUnavailable
from forcedex.sync.events import ChangesCaughtUp, RecordsIndexed, SnapshotStarted
from forcedex.sync.objects import ObjectOptions
from tests.factories.fake_source import START, Crash
from tests.factories.pages import record_id
from tests.factories.schemas import field, sobject
from tests.integration.sync.conftest import World


def fill(world: World, number: int) -> None:
    for each in range(1, number + 1):
        world.source.save("Account", each, Name=f"Account {each}", stamp=START - timedelta(seconds=number - each))
    world.source.tick()


async def test_a_small_object_is_copied_over_rest(world: World) -> None:
    fill(world, 250)
    await world.sync()
    await world.assert_equal()
    assert not world.source.jobs


async def test_a_large_object_is_copied_by_bulk(world: World) -> None:
    fill(world, 3_500)
    await world.sync()
    await world.assert_equal()
    assert len(world.source.jobs) == 1


async def test_what_changes_during_a_snapshot_of_an_hour_is_not_lost(world: World) -> None:
    fill(world, 2_500)

    def meanwhile(request: str) -> None:
        if request == "bulk page 1000":
            world.source.save("Account", 5, Name="Changed after it was read")
            world.source.save("Account", 9_000, Name="Born meanwhile")
            world.source.tick(3_600)

    world.source.before = meanwhile
    await world.sync()
    world.source.before = lambda request: None
    await world.sync()
    await world.assert_equal()


async def test_an_object_that_bulk_does_not_know_is_copied_over_rest(world: World) -> None:
    fill(world, 2_500)
    world.source.bulk_supported = False
    await world.sync()
    await world.assert_equal()


async def test_an_object_too_large_to_be_counted_is_copied_by_bulk(world: World) -> None:
    fill(world, 30)
    world.source.countable = False
    await world.sync()
    await world.assert_equal()
    assert len(world.source.jobs) == 2


async def test_the_second_sync_reads_changes_alone(world: World) -> None:
    fill(world, 300)
    await world.sync()
    world.source.tick(3_600)
    await world.sync()
    world.source.tick(3_600)
    world.source.save("Account", 7, Name="Renamed")
    world.source.save("Account", 301, Name="New")
    world.source.delete("Account", 9)
    world.events.clear()
    await world.sync()
    await world.assert_equal()
    assert ChangesCaughtUp("Account", 3) in world.events
    assert not any(isinstance(each, SnapshotStarted) for each in world.events)


async def test_a_record_deleted_and_restored_is_found_again(world: World) -> None:
    fill(world, 3)
    await world.sync()
    world.source.tick(600)
    world.source.delete("Account", 2)
    await world.sync()
    assert record_id(2) not in await world.index("Account")
    world.source.tick(600)
    world.source.save("Account", 2)
    await world.sync()
    await world.assert_equal()


async def test_a_record_that_becomes_visible_late_is_found(world: World) -> None:
    fill(world, 3)
    await world.sync()
    world.source.tick(600)
    await world.sync()
    stamp = world.source.time
    world.source.tick(30)
    await world.sync()
    world.source.save("Account", 4, Name="Late commit", stamp=stamp)
    await world.sync()
    await world.assert_equal()


async def test_a_second_change_within_the_same_second_is_found(world: World) -> None:
    fill(world, 3)
    await world.sync()
    world.source.tick(600)
    world.source.save("Account", 1, Name="first")
    await world.sync()
    world.source.save("Account", 1, Name="second")
    await world.sync()
    await world.assert_equal()


async def test_one_engine_does_not_write_the_overlap_again_and_again(world: World) -> None:
    fill(world, 3)
    async with world.engine() as engine:
        await engine.prepare()
        await engine.run_once()
        world.source.tick(60)
        await engine.run_once()
        world.events.clear()
        world.source.tick(2)
        await engine.run_once()
    assert ChangesCaughtUp("Account", 0) in world.events
    assert not any(isinstance(each, RecordsIndexed) for each in world.events)


async def test_a_stamp_that_goes_back_is_written_all_the_same(world: World) -> None:
    fill(world, 3)
    world.source.save("Account", 1, Name="before", stamp=START + timedelta(seconds=30))
    await world.sync()
    world.source.tick(60)
    world.source.save("Account", 1, Name="restored", stamp=START + timedelta(seconds=5))
    await world.sync()
    await world.assert_equal()


async def test_a_full_sync_builds_beside_and_ends_with_one_index(world: World) -> None:
    fill(world, 30)
    await world.sync()
    world.source.hard_delete("Account", 5)
    await world.sync(full=True)
    await world.assert_equal()
    assert list(await world.client.indices.get(index=world.names.generations("Account"))) == [
        world.names.index("Account", 2)
    ]


async def test_a_deleted_index_is_built_again(world: World) -> None:
    fill(world, 30)
    await world.sync()
    await world.client.indices.delete(index=world.names.index("Account", 1))
    await world.sync()
    await world.assert_equal()


async def test_a_lost_state_store_means_a_new_copy(world: World, tmp_path: object) -> None:
    fill(world, 30)
    await world.sync()
    world.state_url = f"sqlite:///{tmp_path}/other.db"
    world.source.save("Account", 1, Name="Changed meanwhile")
    await world.sync()
    await world.assert_equal()


async def test_a_condition_limits_what_is_copied(world: World) -> None:
    world.per_object = {"account": ObjectOptions(exclude=("Description",))}
    world.source.save("Account", 1, Name="Acme", Description="secret")
    await world.sync()
    assert "Description" not in (await world.index("Account"))[record_id(1)]


async def test_a_record_that_elasticsearch_refuses_is_kept_as_a_dead_letter_until_it_is_well(world: World) -> None:
    dated = sobject("Dated__c", field("Name", length=80, name_field=True), field("Day__c", "date"))
    world.source.sobjects["Dated__c"] = dated
    world.source.records["Dated__c"] = {}
    world.objects = ("Dated__c",)
    world.source.save("Dated__c", 1, Name="good", Day__c="2026-01-01")
    world.source.save("Dated__c", 2, Name="bad", Day__c="someday")
    outcome = await world.sync()
    assert outcome.rejected == 1
    assert [letter.record_id for letter in await world.letters()] == [record_id(2)]
    assert list(await world.index("Dated__c")) == [record_id(1)]
    world.source.tick(600)
    world.source.save("Dated__c", 2, Name="bad", Day__c="2026-02-02")
    assert (await world.sync()).rejected == 0
    assert not await world.letters()
    await world.assert_equal()


@pytest.mark.parametrize(
    ("objects", "said"),
    [(("Acount",), "sees no object 'Acount'"), (("Frozen__c",), "cannot be queried"), (("Timeless__c",), "no time")],
)
async def test_an_object_that_cannot_be_synced_is_a_configuration_error(
    world: World, objects: tuple[str, ...], said: str
) -> None:
    frozen = sobject("Frozen__c")
    object.__setattr__(frozen, "queryable", False)
    world.source.sobjects |= {"Frozen__c": frozen, "Timeless__c": sobject("Timeless__c", system=())}
    world.objects = objects
    with pytest.raises(ConfigurationError, match=said):
        await world.sync()


async def test_watching_finds_a_change_and_stops_when_told(world: World) -> None:
    fill(world, 3)
    stop = asyncio.Event()
    async with world.engine() as engine:
        await engine.prepare()
        await engine.run_once()
        watching = asyncio.create_task(engine.watch(stop))
        world.source.tick(10)
        world.source.save("Account", 1, Name="Changed")
        while (await world.index("Account"))[record_id(1)]["Name"] != "Changed":
            await asyncio.sleep(0.05)
        stop.set()
        await watching


@pytest.mark.parametrize("seed", range(8))
async def test_crashes_at_any_request_while_the_org_changes_end_in_the_right_index(world: World, seed: int) -> None:
    chance = random.Random(seed)
    fill(world, 2_400)
    crashes = 0

    def before(request: str) -> None:
        nonlocal crashes
        for _ in range(chance.randrange(4)):
            number = chance.randrange(1, 2_500)
            if chance.random() < 0.2 and record_id(number) in world.source.records["Account"]:
                world.source.delete("Account", number)
            else:
                world.source.save("Account", number, Name=f"Changed {chance.random()}")
        if chance.random() < 0.5:
            world.source.tick(chance.choice([0, 1, 7]))
        if chance.random() < 0.3 and crashes < 12:
            crashes += 1
            raise Crash(request)

    world.source.before = before
    while True:
        try:
            await world.sync()
            break
        except Crash:
            continue
    world.source.before = lambda request: None
    world.source.tick(10)
    await world.sync()
    assert crashes
    await world.assert_equal()


async def test_a_record_that_changes_while_its_page_is_read_does_not_move_the_checkpoint_past_others(
    world: World,
) -> None:
    fill(world, 1_000)
    requests: list[str] = []

    def before(request: str) -> None:
        requests.append(request)
        if requests.count("read more Account") == 1:
            world.source.save("Account", 200, Name="Changed while read")  # the last of the page that is read now
        if requests.count("read more Account") == 3:
            world.source.before = lambda request: None
            raise Crash

    world.source.before = before
    with pytest.raises(Crash):
        await world.sync()
    world.source.tick(10)
    await world.sync()
    await world.assert_equal()


async def test_a_reference_that_a_deletion_cleared_without_moving_the_stamp_is_cleared_in_the_index(
    world: World,
) -> None:
    fill(world, 3)
    world.source.save("Contact", 1, AccountId=record_id(2), stamp=START - timedelta(hours=1))
    await world.sync()
    world.source.tick(600)
    world.source.delete("Account", 2)
    world.source.records["Contact"][record_id(1)]["AccountId"] = ""
    await world.sync()
    await world.assert_equal()


async def test_a_bulk_job_that_is_gone_when_the_sync_goes_on_is_started_again(world: World) -> None:
    fill(world, 2_500)

    def before(request: str) -> None:
        if request == "bulk page 1000":
            raise Crash

    world.source.before = before
    with pytest.raises(Crash):
        await world.sync()
    world.source.before = lambda request: None
    world.source.jobs = {"750000000000999AAA": world.source.jobs.popitem()[1]}  # results live for 7 days
    world.source.delete("Account", 1)
    await world.sync()
    await world.assert_equal()


async def test_options_for_an_object_that_is_not_there_are_a_configuration_error(world: World) -> None:
    world.per_object = {"Acount": ObjectOptions()}
    with pytest.raises(ConfigurationError, match="Acount"):
        await world.sync()


async def test_no_checkpoint_passes_records_that_elasticsearch_did_not_take(world: World) -> None:
    fill(world, 3_500)
    pattern = world.names.generations("Account")
    async with world.engine() as engine:
        await engine.prepare()
        await world.client.indices.put_settings(index=pattern, settings={"index.blocks.write": True})
        with pytest.raises(SinkUnavailable):
            await engine.run_once()
    await world.client.indices.put_settings(index=pattern, settings={"index.blocks.write": None})
    await world.sync()
    await world.assert_equal()
