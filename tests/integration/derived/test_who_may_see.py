"""Derived documents are seen by who may read the record that they tell of, from the moment that changes."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any

import pytest_asyncio

from forcedex.access.gate import gate
from forcedex.asking import Asking
from forcedex.domain.indexed import IndexedObject
from tests.integration.access.conftest import World, until, view_of


@dataclass
class Office:
    """Two sellers who see only what is theirs, and somebody who sees every deal."""

    world: World
    asking: Asking
    ann: str
    bob: str
    chief: str
    deal: str

    async def asked(self, user: str, kind: str, body: dict[str, Any]) -> dict[str, Any]:
        """What the gate lets the user know."""
        found: dict[str, IndexedObject] = {each.name: each for each in await self.asking._client.indexed()}
        return await self.asking._client.search(gate(await view_of(self.asking, user), [found[kind]], body))

    async def count(self, user: str, kind: str, query: dict[str, Any]) -> int:
        """How many documents of a kind the user finds."""
        answer = await self.asked(user, kind, {"query": query, "size": 0, "track_total_hits": True})
        return int(answer["hits"]["total"]["value"])


@pytest_asyncio.fixture
async def office(world: World) -> AsyncIterator[Office]:
    org = world.org
    org.set_organization_wide_default("Account", "Private")
    org.set_organization_wide_default("Opportunity", "Private")
    seller, leader = org.create_profile("Seller"), org.create_profile("Leader")
    for profile, rights in ((seller, "Read Create Edit"), (leader, "Read ViewAllRecords")):
        for name in ("Account", "Opportunity"):
            org.set_object_permissions(profile, name, rights)
            org.set_field_permissions(profile, f"{name}.*", "Read")
    ann = org.create_user("ann@acme.example", profile=seller)
    bob = org.create_user("bob@acme.example", profile=seller)
    chief = org.create_user("chief@acme.example", profile=leader)
    account = org.insert("Account", Name="Acme", OwnerId=ann)
    won = {"Name": "Deal", "StageName": "Closed Won", "AccountId": account}
    deal = org.insert("Opportunity", OwnerId=ann, CloseDate="2026-03-03", Amount=100, **won)
    org.insert("Opportunity", OwnerId=bob, CloseDate="2026-02-02", Amount=50, **won)
    async with world.watching(), world.asking() as asking:
        yield Office(world, asking, ann, bob, chief, deal)


EACH = {"exists": {"field": "Id"}}
SHOWN = ["Amount", *(f"x.{name}" for name in ("amt", "won", "win_seq", "first_win", "account_first_won_d"))]


async def test_everybody_finds_the_deals_and_versions_of_the_records_he_may_read(office: Office) -> None:
    for kind in ("x-deals", "x-versions"):
        assert [await office.count(user, kind, EACH) for user in (office.ann, office.bob, office.chief)] == [1, 1, 2]


async def test_a_new_owner_finds_what_is_derived_and_the_old_one_does_not(office: Office) -> None:
    office.world.org.update("Opportunity", office.deal, OwnerId=office.bob)

    async def moved() -> bool:
        # A change in a second of its own makes one version more.
        before, after, all_ = [await office.count(user, "x-versions", EACH) for user in everybody]
        deals = [await office.count(user, "x-deals", EACH) for user in everybody]
        return (before, after) == (0, all_) and deals == [0, 2, 2]

    everybody = (office.ann, office.bob, office.chief)
    await until(moved)


async def test_a_figure_made_of_a_hidden_field_is_hidden(office: Office) -> None:
    paid = {"range": {"x.amt": {"gt": 0}}}
    assert await office.count(office.ann, "x-deals", paid) == 1
    profile = office.world.org.create_profile("Blind")
    for name in ("Account", "Opportunity"):
        office.world.org.set_object_permissions(profile, name, "Read")
        office.world.org.set_field_permissions(profile, f"{name}.*", "Read")
    office.world.org.set_field_permissions(profile, "Opportunity.Amount", "")
    office.world.org.update("User", office.ann, ProfileId=profile)

    async def hidden() -> bool:
        return await office.count(office.ann, "x-deals", paid) == 0

    await until(hidden)
    answer = await office.asked(office.ann, "x-deals", {"query": EACH, "size": 1, "_source": SHOWN})
    (hit,) = answer["hits"]["hits"]
    assert "Amount" not in hit["_source"] and "amt" not in hit["_source"]["x"] and hit["_source"]["x"]["won"] == 1


async def test_that_somebody_won_the_account_before_is_told_to_who_sees_every_deal(office: Office) -> None:
    later = {"term": {"x.win_seq": 2}}
    assert [await office.count(user, "x-deals", later) for user in (office.ann, office.bob, office.chief)] == [0, 0, 1]
    answer = await office.asked(office.ann, "x-deals", {"query": EACH, "size": 1, "_source": SHOWN})
    assert not {"win_seq", "first_win", "account_first_won_d"} & answer["hits"]["hits"][0]["_source"]["x"].keys()
