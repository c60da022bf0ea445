"""What comes before what: the number of a read before its request, a note before its change and until it is settled."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from dataclasses import replace
from datetime import timedelta

import pytest_asyncio

from forcedex.domain.change import ChangeKind
from forcedex.domain.errors import SourceRefused, SourceUnavailable
from forcedex.domain.schema import PicklistValue
from forcedex.domain.version import ordinal_in
from forcedex.sync.engine import Engine
from forcedex.sync.objects import ObjectOptions, SyncOptions
from forcedex.sync.ripples import CHANGED
from tests.factories.fake_source import FakeSource
from tests.factories.fake_store import FakeStore
from tests.factories.pages import record_id
from tests.factories.schemas import ACCOUNT, field, sobject
from tests.unit.sync.simulation import QUICK, Simulation


@pytest_asyncio.fixture
async def world() -> AsyncIterator[Simulation]:
    world = Simulation()
    #: Nothing but events and polls brings anything.
    world.rhythm = replace(QUICK, sweep=1e9, compare=1e12, cross_check=1e6, deep=1e9)
    for number in range(1, 4):
        world.source.save("Account", number, Name=f"Account {number}")
        world.source.save("Contact", 100 + number, Name=f"Contact {number}", AccountId=record_id(number))
    world.source.offered = {"Account", "Contact"}
    yield world
    await world.kill()


async def test_a_rename_that_a_back_fill_brings_first_reaches_the_children(world: Simulation) -> None:
    """Found by the interleavings: the back-fill wrote the new name, and the next poll saw nothing new."""
    world.source.offered = set()
    world.source.joins = True
    await world.start()
    await world.let(10)
    fields = [each for each in ACCOUNT.fields if each.name not in ("Id", "IsDeleted", "SystemModstamp")]
    world.source.sobjects["Account"] = sobject("Account", *fields, field("Tier__c", custom=True))
    renamed = False

    def rename(request: str) -> None:
        nonlocal renamed
        known = world.store.saved.get("Account")
        if request == "read Account" and known is not None and known.backfill and not renamed:
            renamed = True
            world.source.save("Account", 1, Name="Renamed", Tier__c="Gold")

    world.source.before = rename
    await world.let(120)
    assert renamed
    assert world.sink.people("Contact")[record_id(101)]["Account.Name"] == "Renamed"


async def test_a_parent_that_is_first_read_after_its_children_is_shown_by_them_as_it_is_now(world: Simulation) -> None:
    """Its first name was read with the child; when the parent was read, it had another one."""
    await world.start()
    await world.let(10)
    world.source.save("Account", 9, Name="First name")
    world.source.save("Contact", 109, Name="Child", AccountId=record_id(9))
    await world.source.publish("Contact", ChangeKind.CREATE, 109)
    await world.let(2)
    assert world.sink.people("Contact")[record_id(109)]["Account.Name"] == "First name"
    world.source.save("Account", 9, Name="Second name")
    await world.source.publish("Account", ChangeKind.UPDATE, 9)
    await world.let(3)
    assert world.sink.people("Contact")[record_id(109)]["Account.Name"] == "Second name"


async def test_a_parent_whose_name_is_hidden_is_followed_by_any_change_of_it(world: Simulation) -> None:
    """A document shows a field of it that is itself not read: found by the oracle with a formula on a hidden field."""
    world.per_object = {"Account": ObjectOptions(exclude=("Name",))}
    await world.start()
    await world.let(10)
    world.source.time += timedelta(seconds=1)
    world.source.save("Account", 1, Name="Renamed")
    await world.source.publish("Account", ChangeKind.UPDATE, 1)
    await world.let(3)
    assert "Name" not in world.sink.people("Account")[record_id(1)]
    assert world.sink.people("Contact")[record_id(101)]["Account.Name"] == "Renamed"


async def test_a_rebuilt_index_takes_over_at_once_although_its_stream_is_live(world: Simulation) -> None:
    """Found by the oracle: until the next poll, ten minutes later, no sweep looked at it and no parent moved it."""
    world.rhythm = replace(world.rhythm, sweep=20.0)
    await world.start()
    await world.let(10)
    fields = [each for each in ACCOUNT.fields if each.name not in ("Id", "IsDeleted", "SystemModstamp", "Description")]
    world.source.counting = lambda: world.clock.sleep(10)  # its stream stands before the index is filled
    world.source.sobjects["Account"] = sobject("Account", *fields)
    for _ in range(60):  # a word now and then, as of a stream that stands
        await world.source.publish("Account", ChangeKind.UPDATE, 2)
        await world.let(1)
    assert world.sink.published["Account"] == 2
    world.source.time += timedelta(seconds=1)
    world.source.save("Account", 1, Phone="030 1")  # no event
    await world.let(60)
    assert world.sink.people("Account")[record_id(1)]["Phone"] == "030 1"


async def test_a_read_has_its_number_before_it_is_asked_for(world: Simulation) -> None:
    """Else a read that another one overtook would carry the higher number, and its older values would win."""
    given: dict[str, int] = {}
    world.source.before = lambda request: given.update({request: world.store.ordinal})
    await world.start()
    await world.let(10)
    world.source.save("Account", 1, Name="Renamed")
    await world.source.publish("Account", ChangeKind.UPDATE, 1)
    await world.let(2)
    documents = world.sink.generations["Account"][-1].documents
    assert ordinal_in(documents[record_id(1)].version) <= given["reread Account"]
    assert ordinal_in(documents[record_id(2)].version) <= given["read Account"]


async def test_a_note_is_kept_until_what_it_is_about_was_read_again(world: Simulation) -> None:
    await world.start()
    await world.let(10)

    def fail(request: str) -> None:
        if request == "reread Contact":
            raise SourceUnavailable("The org is away.")

    world.source.before = fail
    world.source.save("Account", 2, Name="New name")
    await world.source.publish("Account", ChangeKind.UPDATE, 2)
    await world.let(3)
    assert (await world.store.noted(CHANGED))["Account"] == [record_id(2)]
    await world.kill()
    world.source.before = lambda request: None
    await world.start()
    await world.let(5)
    assert world.sink.people("Contact")[record_id(102)]["Account.Name"] == "New name"
    assert not await world.store.noted(CHANGED)


class RenamedAgain(FakeStore):
    """After its children were read, before their note is settled, a parent is renamed once more."""

    source: FakeSource | None = None
    renamed = False

    async def settle(self, kind: str, sobject: str, record_ids: Sequence[str]) -> None:
        if kind == CHANGED and self.source is not None and not self.renamed:
            self.renamed = True
            self.source.save("Account", 2, Name="Second name")
            await self.note(CHANGED, "Account", [record_id(2)])
        await super().settle(kind, sobject, record_ids)


async def test_what_is_noted_again_while_it_is_worked_off_is_worked_off_again(world: Simulation) -> None:
    world.store = RenamedAgain()
    await world.start()
    await world.let(10)
    world.store.source = world.source
    world.source.save("Account", 2, Name="First name")
    await world.source.publish("Account", ChangeKind.UPDATE, 2)
    await world.let(5)
    assert world.store.renamed
    assert world.sink.people("Contact")[record_id(102)]["Account.Name"] == "Second name"


async def test_a_field_that_is_hidden_while_the_daemon_starts_does_not_end_it(world: Simulation) -> None:
    """Found by the oracle: what was noted before is read again in the first round, with the describe of before."""
    await world.start()
    await world.let(10)
    await world.kill()
    await world.store.note(CHANGED, "Account", [record_id(1)])

    def refuse(request: str) -> None:
        if request == "reread Contact":
            raise SourceRefused("No such column 'Title' on entity 'Contact'.", code="INVALID_FIELD", status=400)

    world.source.before = refuse
    names = tuple(world.source.sobjects)
    engine = Engine(world.source, world.sink, world.store, world.clock, SyncOptions(objects=names, rhythm=QUICK))
    await engine.prepare()
    assert await engine.first_round(asyncio.Event()) is None
    assert engine.objects["Contact"].drifted


async def test_a_field_that_is_hidden_while_notes_are_worked_off_does_not_end_the_daemon(world: Simulation) -> None:
    """Found by the oracle: a round works notes off too."""
    world.source.offered = set()
    await world.start()
    await world.let(10)

    def refuse(request: str) -> None:
        if request == "reread Contact":
            raise SourceRefused("No such column 'Title' on entity 'Contact'.", code="INVALID_FIELD", status=400)

    world.source.before = refuse
    world.source.save("Account", 1, Name="New name")
    await world.let(10)
    assert world.engine is not None and world.engine.objects["Contact"].drifted
    world.source.before = lambda request: None
    await world.let(60)
    world.assert_equal()


def rename_silently(source: FakeSource, new: str) -> None:
    """A picklist has another value, in describe and in all records; no stamp moves."""
    described = source.sobjects["Account"]
    values = (PicklistValue(value=new, label=new),)
    fields = [
        replace(each, picklist_values=values) if each.name == "CurrencyIsoCode" else each for each in described.fields
    ]
    source.sobjects["Account"] = replace(described, fields=tuple(fields))
    for row in source.records["Account"].values():
        row["CurrencyIsoCode"] = new


async def test_a_renamed_picklist_value_is_followed_although_the_comparison_fails_at_first(world: Simulation) -> None:
    """Found by the oracle: it moves in all records without any stamp, and the describe tells it once."""
    world.source.offered = set()
    rename_silently(world.source, "EUR")
    await world.start()
    await world.let(10)

    def fail(request: str) -> None:
        if request == "reread Account":
            raise SourceUnavailable("The org is away.")

    world.source.before = fail
    rename_silently(world.source, "Euro")
    await world.let(40)
    await world.kill()
    world.source.before = lambda request: None
    await world.start()
    await world.let(10)
    world.assert_equal()


async def test_a_picklist_value_that_was_renamed_while_the_sync_was_down_is_followed(world: Simulation) -> None:
    """Found by the oracle: whoever prepared anew, for a rebuild say, took the new describe for what had always been."""
    world.source.offered = set()
    rename_silently(world.source, "EUR")
    await world.start()
    await world.let(10)
    await world.kill()
    rename_silently(world.source, "Euro")
    await world.start()
    await world.let(10)
    world.assert_equal()
