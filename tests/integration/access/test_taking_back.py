"""What is taken from somebody holds from the moment the running sync knows of it; what is given is found soon."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass

import pytest
import pytest_asyncio

from forcedex.access.gate import gate
from forcedex.asking import Asking
from forcedex.domain.indexed import IndexedObject
from tests.integration.access.conftest import World, until, view_of


@dataclass
class Office:
    """A boss, two sellers below, somebody apart, and an account of the first seller with all that hangs on it."""

    world: World
    asking: Asking
    boss: str
    ann: str
    bob: str
    role: str
    account: str
    contact: str
    deal: str
    task: str

    async def sees(self, user: str, record: str) -> bool:
        """Whether a search of the user finds the record now."""
        name = {"001": "Account", "003": "Contact", "006": "Opportunity", "00T": "Task"}[record[:3]]
        indexed: IndexedObject = next(each for each in self.asking._objects if each.name == name)
        body = {"query": {"term": {"Id": record}}, "size": 1, "track_total_hits": True}
        answer = await self.asking._client.search(gate(await view_of(self.asking, user), [indexed], body))
        return bool(answer["hits"]["total"]["value"])

    async def soon(self, user: str, record: str, seen: bool, seconds: float = 20) -> None:
        """Within some seconds the user sees the record, or sees it no more."""

        async def so() -> bool:
            return await self.sees(user, record) is seen

        await until(so, seconds)


@pytest_asyncio.fixture
async def office(world: World) -> AsyncIterator[Office]:
    org = world.org
    for name in ("Account", "Opportunity", "Case"):
        org.set_organization_wide_default(name, "Private")
    org.set_organization_wide_default("Contact", "ControlledByParent")
    profile = org.create_profile("Seller")
    for name in ("Account", "Contact", "Opportunity", "Case"):
        org.set_object_permissions(profile, name, "Read Create Edit")
        org.set_field_permissions(profile, f"{name}.*", "Read")
    top = org.create_role("Top")
    below = org.create_role("Below", top, OpportunityAccessForAccountOwner="Read")
    boss = org.create_user("boss@acme.example", profile=profile, role=top)
    ann = org.create_user("ann@acme.example", profile=profile, role=below)
    bob = org.create_user("bob@acme.example", profile=profile, role=below)
    account = org.insert("Account", Name="Acme", OwnerId=ann)
    contact = org.insert("Contact", LastName="Person", OwnerId=ann, AccountId=account)
    day = org.clock.now().date()
    deal = org.insert(
        "Opportunity", Name="Deal", StageName="Prospecting", CloseDate=day, OwnerId=ann, AccountId=account
    )
    task = org.insert("Task", Subject="Call", OwnerId=ann, WhatId=deal)
    async with world.watching(), world.asking() as asking:
        yield Office(world, asking, boss, ann, bob, below, account, contact, deal, task)


async def test_an_owner_change_moves_the_record_and_all_that_hangs_on_it(office: Office) -> None:
    for record in (office.account, office.contact, office.deal, office.task):
        assert await office.sees(office.ann, record) and not await office.sees(office.bob, record)
        assert await office.sees(office.boss, record)
    for name, record in (("Account", office.account), ("Opportunity", office.deal), ("Task", office.task)):
        office.world.org.update(name, record, OwnerId=office.bob)
    for record in (office.account, office.contact, office.deal, office.task):
        await office.soon(office.bob, record, True)
        await office.soon(office.ann, record, False)
        await office.soon(office.boss, record, True)


async def test_a_share_by_hand_is_found_and_taken_back_by_the_next_listing(office: Office) -> None:
    office.world.org.share(office.account, office.bob, "Read", Opportunity="Read")
    for record in (office.account, office.contact, office.deal, office.task):
        await office.soon(office.bob, record, True, 40)
    office.world.org.unshare(office.account, office.bob)
    for record in (office.account, office.contact, office.deal, office.task):
        await office.soon(office.bob, record, False, 40)
    assert await office.sees(office.ann, office.account)


async def test_a_moved_manager_sees_what_is_below_him_now_and_no_document_is_written(office: Office) -> None:
    org, client = office.world.org, office.asking._client._client
    elsewhere = org.create_role("Elsewhere")

    async def writes() -> int:
        found = await client.indices.stats(index=f"{office.world.settings.elasticsearch.index_prefix}-*-account-*")
        return int(found["_all"]["primaries"]["indexing"]["index_total"])

    before = -1
    while before != (before := await writes()):  # the first polls may look at what the snapshot wrote once more
        await asyncio.sleep(5)
    org.assign_role(office.boss, elsewhere)
    await office.soon(office.boss, office.account, False)
    org.move_role(office.role, elsewhere)
    await office.soon(office.boss, office.account, True)
    assert await writes() == before


async def test_who_is_frozen_deactivated_or_loses_a_permission_sees_nothing_any_more(office: Office) -> None:
    org = office.world.org
    org.freeze_user(office.ann)
    await office.soon(office.ann, office.account, False)
    org.freeze_user(office.ann, False)
    await office.soon(office.ann, office.account, True)
    org.deactivate_user(office.ann)
    await office.soon(office.ann, office.account, False)


async def test_a_group_that_loses_a_member_is_lost_to_him(office: Office) -> None:
    org = office.world.org
    group = org.create_group("Friends", [office.bob])
    org.share(office.account, group, "Read")
    org.update("Account", office.account, Phone="1")  # its shares are read with it
    await office.soon(office.bob, office.account, True)
    org.remove_group_member(group, office.bob)
    await office.soon(office.bob, office.account, False)


async def test_old_access_data_shows_nobody_anything_and_says_since_when(office: Office) -> None:
    views = office.asking._views
    now = views._wall
    views._wall = lambda: now() + office.world.settings.access.max_age * 2
    view = await view_of(office.asking, office.ann)
    assert view.blind and "last read at" in view.blind
    assert not await office.sees(office.ann, office.account)


@pytest.mark.parametrize("who", ["boss@acme.example", "nobody@acme.example"])
async def test_people_are_named_by_username(office: Office, who: str) -> None:
    if who.startswith("nobody"):
        with pytest.raises(Exception, match="No user"):
            await office.asking.person(who)
    else:
        assert (await office.asking.person(who)).user_id == office.boss
