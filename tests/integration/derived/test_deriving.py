"""Derived documents are what the org's records say, whatever happened on the way."""

import random
from collections.abc import Mapping
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from localorg.fixture import LocalOrg
from tests.integration.access.conftest import World, until
from tests.integration.derived.brute_force import Deals, moment
from tests.integration.derived.conftest import documents

_STAGES = ("Prospecting", "Qualification", "Proposal/Price Quote", "Closed Won", "Closed Won", "Closed Lost")


async def differences(world: World) -> list[str]:
    """Where the documents are not what the org's rows give."""
    truth = Deals(world.org)
    deals, versions = await documents(world, "x-deals"), await documents(world, "x-versions")
    lines = await documents(world, "x-lines")
    found = (
        [f"deals: {sorted(truth.opportunities.keys() ^ deals.keys())}"] if truth.opportunities.keys() ^ deals else []
    )
    told = without_observed(versions)
    expected, sold = 0, dict[str, Mapping[str, Any]]()
    for key in truth.opportunities.keys() & deals.keys():
        row = truth.opportunities[key]
        found += _unlike(key, truth.deal(row), deals[key]["x"])
        sold |= truth.lines_of(row)
        for number, version in enumerate(truth.versions(row)):
            expected += 1
            held = told.get(f"{key}-{number}")
            found += _unlike(f"{key}-{number}", version, held) if held else [f"{key}-{number} is missing"]
    for key in sold.keys() | lines.keys():
        found += _unlike(key, sold[key], lines[key]["x"]) if key in sold and key in lines else [f"line {key}"]
    if len(told) != expected:
        found.append(f"{len(told)} versions instead of {expected}")
    return found


def without_observed(versions: Mapping[str, Mapping[str, Any]]) -> dict[str, dict[str, Any]]:
    """The versions that the org's own rows tell, by deal and number: what the sync saw only divides them further."""
    by_deal: dict[str, list[dict[str, Any]]] = {}
    for each in sorted(versions.values(), key=lambda each: (each["Id"], each["x"]["seq"])):
        mine = by_deal.setdefault(each["Id"], [])
        values = {**each["x"], "seq": len(mine)}
        last = mine[-1] if mine else {}
        divides = values["source"] == "observed" and all(last.get(name) == values.get(name) for name in _TOLD)
        if not divides or last["valid"].get("lt") != values["valid"]["gte"]:
            mine.append(values)
            continue
        last["valid"] = {"gte": last["valid"]["gte"], **({"lt": end} if (end := values["valid"].get("lt")) else {})}
    return {f"{key}-{n}": each for key, mine in by_deal.items() for n, each in enumerate(mine)}


_TOLD = ("stage", "amt", "close_d", "fc", "open", "won")


def _unlike(name: str, expected: Mapping[str, Any], held: Mapping[str, Any]) -> list[str]:
    return [
        f"{name}.{path}: {held.get(path)!r} instead of {value!r}"
        for path, value in expected.items()
        if _plain(held.get(path)) != _plain(value)
    ]


def _plain(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _plain(each) for key, each in value.items()}
    return moment(value) if isinstance(value, str) and "T" in value and value[:4].isdigit() else value


async def settled(world: World, seconds: float = 60) -> None:
    """The derived documents become what the org's rows give."""
    last: list[str] = []

    async def equal() -> bool:
        last[:] = await differences(world)
        return not last

    try:
        await until(equal, seconds)
    except TimeoutError:
        pytest.fail("\n".join(last[:20]))


class Storm:
    """Changes by chance."""

    def __init__(self, org: LocalOrg, seed: int) -> None:
        self.org = org
        self.chance = random.Random(seed)
        self.accounts = [org.insert("Account", Name=f"Company {number}") for number in range(5)]
        self.people = [org.insert("Contact", LastName=f"Person {n}", AccountId=self.accounts[0]) for n in range(3)]
        book = next(str(row["Id"]) for row in org.rows("Pricebook2"))
        self.products = [
            org.insert("Product2", Name=f"Product {n}", Family="Platform", IsActive=True) for n in range(3)
        ]
        self.entries = [
            org.insert("PricebookEntry", Pricebook2Id=book, Product2Id=each, UnitPrice=Decimal("9.99"), IsActive=True)
            for each in self.products
        ]
        self.lines: list[str] = []
        self.deals: list[str] = []
        self.binned: list[str] = []

    def day(self) -> str:
        """Near today."""
        return (self.org.clock.now().date() + timedelta(days=self.chance.randrange(-200, 200))).isoformat()

    def held(self, name: str, record: str) -> Mapping[str, Any]:
        """A record as it is."""
        return self.org.row(name, record) or {}

    def new(self) -> None:
        """One more deal."""
        self.deals.append(
            self.org.insert(
                "Opportunity",
                Name="Deal",
                AccountId=self.chance.choice((*self.accounts, None)),
                StageName=self.chance.choice(_STAGES),
                Amount=self.chance.choice((None, Decimal(self.chance.randrange(10_000)) / 100)),
                CloseDate=self.day(),
                CurrencyIsoCode=self.chance.choice(("USD", "EUR", "JPY")),
            )
        )

    def strike(self) -> None:
        """One change."""
        org, chance = self.org, self.chance
        if len(self.deals) < 3 or chance.random() < 0.15:
            return self.new()
        deal = chance.choice(self.deals)
        match chance.randrange(13):
            case 0 | 1:
                org.update("Opportunity", deal, StageName=chance.choice(_STAGES))
            case 2:
                org.update("Opportunity", deal, CloseDate=self.day())
            case 3:
                org.update("Opportunity", deal, Amount=chance.choice((None, Decimal(chance.randrange(10_000)) / 100)))
            case 4:
                org.update("Opportunity", deal, AccountId=chance.choice((*self.accounts, None)))
            case 5:
                org.update("Opportunity", deal, StageName=chance.choice(_STAGES), CloseDate=self.day(), Amount=7)
            case 6:
                org.insert("OpportunityContactRole", OpportunityId=deal, ContactId=chance.choice(self.people))
            case 7:
                org.delete("Opportunity", deal)
                self.deals.remove(deal)
                self.binned.append(deal)
            case 8 | 9 if self.held("Opportunity", deal)["CurrencyIsoCode"] == "USD":  # as their prices
                price = Decimal(chance.randrange(1, 9_999)) / 100
                entry = chance.choice(self.entries)
                line = org.insert(
                    "OpportunityLineItem", OpportunityId=deal, PricebookEntryId=entry, Quantity=2, UnitPrice=price
                )
                self.lines.append(line)
            case 10 if self.lines:
                line = chance.choice(self.lines)
                if not self.held("OpportunityLineItem", line)["IsDeleted"]:
                    org.update("OpportunityLineItem", line, Quantity=chance.randrange(1, 9))
            case 11:
                org.update(
                    "Product2", chance.choice(self.products), Family=chance.choice(("Platform", "Services", None))
                )
            case 12 if self.binned:
                deal = self.binned.pop()
                org.undelete("Opportunity", deal)
                self.deals.append(deal)
        return None


@pytest.mark.parametrize("seed", [1, 2])
async def test_after_a_storm_everything_derived_is_what_the_rows_of_the_org_give(world: World, seed: int) -> None:
    storm = Storm(world.org, seed)
    for _ in range(15):
        storm.strike()
    async with world.watching():
        await settled(world)
        for _ in range(4):
            for _ in range(20):
                storm.strike()
                world.org.clock.advance(timedelta(seconds=storm.chance.choice((0, 0, 1, 40))))
            await settled(world)


async def test_a_win_dated_back_takes_the_place_of_the_first(world: World) -> None:
    account = world.org.insert("Account", Name="Acme")
    today = world.org.clock.now().date()
    won: dict[str, Any] = {"Name": "Deal", "AccountId": account, "StageName": "Closed Won", "Amount": 5}
    first = world.org.insert("Opportunity", CloseDate=today - timedelta(days=30), **won)
    second = world.org.insert("Opportunity", CloseDate=today, **won)
    async with world.watching():
        assert (await documents(world, "x-deals"))[first]["x"]["first_win"] is True

        world.org.update("Opportunity", second, CloseDate=today - timedelta(days=40))

        async def moved() -> bool:
            held = await documents(world, "x-deals")
            return (held[first]["x"]["win_seq"], held[second]["x"]["win_seq"]) == (2, 1)

        await until(moved)
        assert (await documents(world, "x-deals"))[first]["x"]["first_win"] is False


async def test_a_stage_set_up_anew_moves_what_was_derived_from_it(world: World) -> None:
    deal = world.org.insert("Opportunity", Name="Deal", StageName="Prospecting", CloseDate="2026-05-05", Amount=5)
    world.org.clock.advance(timedelta(seconds=5))
    world.org.update("Opportunity", deal, StageName="Qualification")
    async with world.watching():

        async def first_is(is_open: int, won: int) -> None:
            async def so() -> bool:
                first = (await documents(world, "x-versions")).get(f"{deal}-0", {"x": {}})["x"]
                return (first.get("open"), first.get("won")) == (is_open, won)

            await until(so, 60)

        await first_is(1, 0)
        world.org.change_stage("Prospecting", type="Closed/Won")
        await first_is(0, 1)


async def test_a_sync_from_scratch_derives_the_same(world: World) -> None:
    storm = Storm(world.org, 3)
    for _ in range(60):
        storm.strike()
        world.org.clock.advance(timedelta(seconds=storm.chance.choice((0, 5))))
    await world.sync()
    assert not await differences(world)


async def test_a_contact_added_and_taken_away_is_counted_without_a_change_of_the_deal(world: World) -> None:
    account = world.org.insert("Account", Name="Acme")
    person = world.org.insert("Contact", LastName="Person", AccountId=account)
    deal = world.org.insert("Opportunity", Name="Deal", StageName="Prospecting", CloseDate="2026-05-05")
    async with world.watching():

        async def lacks(contact: int) -> None:
            async def so() -> bool:
                return bool((await documents(world, "x-deals"))[deal]["x"]["no_contact"] == contact)

            await until(so)

        await lacks(1)
        role = world.org.insert("OpportunityContactRole", OpportunityId=deal, ContactId=person)
        await lacks(0)
        world.org.delete("OpportunityContactRole", role)
        await lacks(1)
