"""The pipeline of each day, from totals and from versions, against a plain walk through what was done to the org."""

import random
from collections import Counter, defaultdict
from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import ROUND_HALF_EVEN, Decimal
from pathlib import Path
from typing import Any

import pytest_asyncio

from forcedex.analytics.conditions import condition
from forcedex.analytics.question import Question
from forcedex.analytics.report import Report
from forcedex.analytics.reports.catalogue import REPORTS
from forcedex.domain.principal import Operator, OrgUser
from forcedex.elasticsearch.client import ElasticsearchSettings, connect
from localorg.fixture import LocalOrg, running_org
from tests.integration.access.conftest import World
from tests.integration.derived.conftest import OBJECTS, documents

TOTALS, VERSIONS = "From the totals of days.", "From the versions of the deals."
#: Of the stages that an org comes with: forecast category, probability.
STAGES = {"Prospecting": ("Pipeline", 10), "Negotiation/Review": ("Forecast", 90), "Closed Won": ("Closed", 100)}
Key = tuple[str, ...]


@dataclass
class Office:
    """An org of three days, who asks about it, and what was done to its deals."""

    world: World
    ann: str
    bob: str
    #: May see every deal.
    chief: str
    #: May see every deal, and no amounts.
    clerk: str
    chance: random.Random = field(default_factory=lambda: random.Random(5))
    #: What each deal was from when on; the last of a day counts.
    deals: dict[str, list[tuple[date, dict[str, Any]]]] = field(default_factory=dict)

    @property
    def org(self) -> LocalOrg:
        return self.world.org

    @property
    def today(self) -> date:
        """Of the org, which is in UTC."""
        return self.org.clock.now().date()

    def new(self, **values: Any) -> str:
        """One more deal."""
        state: dict[str, Any] = {
            "StageName": "Prospecting",
            "Amount": Decimal(self.chance.randrange(100_000)) / 100,
            "CloseDate": self.today + timedelta(days=40),
            "CurrencyIsoCode": self.chance.choice(("USD", "EUR", "JPY")),
            "OwnerId": self.chance.choice((self.ann, self.bob)),
            "Type": "New Customer",
        } | values
        deal = self.org.insert("Opportunity", Name="Deal", **state)
        self.deals[deal] = [(self.today, state)]
        return deal

    def change(self, deal: str, **values: Any) -> None:
        """In a second of its own."""
        self.org.clock.advance(timedelta(seconds=2))
        self.org.update("Opportunity", deal, **values)
        self.deals[deal].append((self.today, {**self.deals[deal][-1][1], **values}))

    def storm(self, times: int) -> None:
        """Changes by chance."""
        for _ in range(times):
            deal = self.chance.choice(sorted(self.deals))
            match self.chance.randrange(6):
                case 0:
                    self.new()
                case 1:
                    self.change(deal, StageName=self.chance.choice(sorted(STAGES)))
                case 2:
                    self.change(deal, Amount=self.chance.choice((None, Decimal(self.chance.randrange(9_999)))))
                case 3:
                    self.change(deal, OwnerId=self.chance.choice((self.ann, self.bob)))
                case 4:
                    self.change(deal, CloseDate=self.today + timedelta(days=self.chance.randrange(200)))
                case 5:
                    self.change(deal, Type=self.chance.choice(("New Customer", "Existing Customer - Upgrade")))

    def delete(self, deal: str) -> None:
        self.org.delete("Opportunity", deal)
        del self.deals[deal]

    def truth(self, day: date, *names: str, owner: str = "") -> dict[Key, tuple[int, int, int]]:
        """By these fields: deals that were open at the end of a day, cents, weighted cents."""
        rates = {str(row["IsoCode"]): Decimal(str(row["ConversionRate"])) for row in self.org.rows("CurrencyType")}
        found: dict[Key, list[int]] = defaultdict(lambda: [0, 0, 0])
        for history in self.deals.values():
            known = [state for began, state in history if began <= day]
            if not known or known[-1]["StageName"] == "Closed Won" or (owner and history[-1][1]["OwnerId"] != owner):
                continue
            state = known[-1]
            row = found[tuple(state[name] for name in names)]
            row[0] += 1
            for place, part in ((1, Decimal(1)), (2, Decimal(STAGES[state["StageName"]][1]) / 100)):
                cents = (state["Amount"] or 0) * part / rates[state["CurrencyIsoCode"]] * 100
                row[place] += int(cents.to_integral_value(ROUND_HALF_EVEN))
        return {key: (many, cents, weighted) for key, (many, cents, weighted) in found.items()}

    async def trend(self, who: str, *by: str, where: str = "") -> Report:
        """The report; no name is the operator's."""
        async with self.world.asking() as asking:
            principal = OrgUser(getattr(self, who)) if who else Operator()
            more = (condition(where),) if where else ()
            week = f"{self.today - timedelta(days=6)}..{self.today}"
            question = Question(by=("day", *by), period=week, more=more)
            return await asking.report(principal, REPORTS["pipeline-trend"], question)

    def moves(self, since: date, name: str, value: str) -> dict[str, int]:
        """What became of the deals with this value, deal by deal, from the evening before a day to now."""
        found: Counter[str] = Counter()

        def at(history: list[tuple[date, dict[str, Any]]], day: date) -> dict[str, Any]:
            known = [state for began, state in history if began <= day]
            return known[-1] if known else {}

        for history in self.deals.values():
            before, after = at(history, since - timedelta(days=1)), at(history, self.today)
            was_open, is_open = (bool(each) and each["StageName"] != "Closed Won" for each in (before, after))
            was, is_ = was_open and before[name] == value, is_open and after[name] == value
            found["start"] += was
            found["end"] += is_
            if is_ and not was:
                found["created" if not before else "transferred_in" if was_open else "reopened"] += 1
            elif was and not is_:
                found["transferred_out" if is_open else "won"] += 1
            elif was and before["Amount"] != after["Amount"]:
                found["increased" if (after["Amount"] or 0) > (before["Amount"] or 0) else "decreased"] += 1
        return {key: many for key, many in found.items() if many}

    async def transfers_are_right(self) -> None:
        """The waterfall of one owner, and of one type."""
        since = self.today - timedelta(days=1)
        moved = set()
        async with self.world.asking() as asking:
            for name, value in (("OwnerId", self.ann), ("OwnerId", self.bob), ("Type", "New Customer")):
                question = Question(
                    period=f"{self.today - timedelta(days=9)}..{self.today + timedelta(days=999)}",
                    since=str(since),
                    as_of=self.today,
                    more=(condition(f"{name}={value}"),),
                )
                report = await asking.report(Operator(), REPORTS["waterfall"], question)
                told_now = {str(row.keys[0]): int(row.value("count") or 0) for row in report.rows}
                assert {key: many for key, many in told_now.items() if many} == self.moves(since, name, value), name
                bars = sum(row.value("amount") or Decimal(0) for row in report.rows[:-1])
                assert bars == report.rows[-1].value("amount")
                moved |= {(name, key) for key, many in told_now.items() if many and key.startswith("transferred")}
        assert ("OwnerId", "transferred_in") in moved and ("Type", "transferred_out") in moved

    async def is_right(self) -> None:
        """For everybody, whatever it comes from."""
        days = [self.today - timedelta(days=n) for n in range(7)]
        asked: dict[str, tuple[str, str, str]] = {
            "": (TOTALS, "stage", "StageName"),
            "chief": (TOTALS, "owner", "OwnerId"),
            "ann": (VERSIONS, "stage", "StageName"),
        }
        for who, (source, by, name) in asked.items():
            expected = {
                (str(day), *key): values
                for day in days
                for key, values in self.truth(day, name, owner=self.ann if who == "ann" else "").items()
            }
            found = await self.trend(who, by)
            assert told(found) == expected, who
            assert source in found.notes, (who, found.notes)
        by_type = await self.trend("chief", "type")
        assert VERSIONS in by_type.notes
        expected = {(str(day), *key): values for day in days for key, values in self.truth(day, "Type").items()}
        assert told(by_type) == expected


def told(report: Report) -> dict[Key, tuple[int, int, int]]:
    """Rows by their keys, money in cents."""
    names = ("count", "amount", "weighted")
    return {
        tuple(str(each) for each in row.keys): tuple(  # type: ignore[misc]  # of three
            int((row.value(name) or Decimal(0)) * (1 if name == "count" else 100)) for name in names
        )
        for row in report.rows
    }


@pytest_asyncio.fixture
async def office(elasticsearch_url: str, tmp_path: Path) -> AsyncIterator[Office]:
    async with AsyncExitStack() as stack:
        org = await stack.enter_async_context(running_org(empty=True))
        org.clock.advance(timedelta(days=-3))
        if (org.clock.now() + timedelta(minutes=10)).date() != org.clock.now().date():
            org.clock.advance(timedelta(minutes=-20))  # the org's midnight comes when it is told to
        for name in ("Account", "Opportunity"):
            org.set_organization_wide_default(name, "Private")
        rights = {
            "Seller": "Read Create Edit",
            "Leader": "Read ViewAllRecords",
            "Clerk": "Read ViewAllRecords",
        }
        people = {}
        for profile_name, right in rights.items():
            profile = org.create_profile(profile_name)
            for name in ("Account", "Opportunity"):
                org.set_object_permissions(profile, name, right)
                org.set_field_permissions(profile, f"{name}.*", "Read")
            if profile_name == "Clerk":
                org.set_field_permissions(profile, "Opportunity.Amount", "")
            people[profile_name] = profile
        ann, bob = (org.create_user(f"{name}@acme.example", profile=people["Seller"]) for name in ("ann", "bob"))
        chief = org.create_user("chief@acme.example", profile=people["Leader"])
        clerk = org.create_user("clerk@acme.example", profile=people["Clerk"])
        world = World(org, tmp_path, elasticsearch_url, OBJECTS)
        # Who may see what was read by the org's clock.
        access = world.settings.access.model_copy(update={"max_age": timedelta(days=9)})
        world.settings = world.settings.model_copy(update={"access": access})
        yield Office(world, ann, bob, chief, clerk)
    client = connect(ElasticsearchSettings(url=elasticsearch_url))
    for index in await client.indices.get(index=f"{world.settings.elasticsearch.index_prefix}*"):
        await client.indices.delete(index=index)
    await client.close()


async def lose(world: World, *names: str) -> None:
    """The indices are gone."""
    client = connect(ElasticsearchSettings(url=world.settings.elasticsearch.url))
    try:
        for name in names:
            for index in await client.indices.get(index=f"{world.settings.elasticsearch.index_prefix}-*-{name}-0*"):
                await client.indices.delete(index=index)
    finally:
        await client.close()


async def test_every_day_is_what_was_open_at_its_end_for_everybody_through_storms_days_deletions_and_losses(
    office: Office,
) -> None:
    world = office.world
    for _ in range(6):
        office.new()
    await world.sync()
    await office.is_right()

    office.storm(12)
    handed, retyped = office.new(OwnerId=office.bob), office.new()
    await world.sync()
    office.org.clock.advance(timedelta(days=1))
    office.storm(12)
    office.change(handed, OwnerId=office.ann, StageName="Prospecting")
    office.change(retyped, Type="Existing Customer - Upgrade", StageName="Prospecting")
    await world.sync()
    office.org.clock.advance(timedelta(days=1))
    first_days = [str(office.today - timedelta(days=n)) for n in (2, 1)]
    await world.sync()  # a day that nothing happened on
    await office.is_right()
    await office.transfers_are_right()

    # An owner, a type and an amount that change while there is no index, and one that was there before it was lost.
    versions = await documents(world, "x-versions")
    await lose(world, "x-daily", "x-versions", "opportunity")
    deal = min(office.deals)
    office.change(deal, OwnerId=office.ann if office.deals[deal][-1][1]["OwnerId"] == office.bob else office.bob)
    office.change(max(office.deals), Type="Existing Customer - Upgrade", Amount=Decimal(77))
    await world.sync()
    await office.is_right()
    again = await documents(world, "x-versions")
    kept = [key for key in versions if "lt" in versions[key]["x"]["valid"]]
    assert kept and {key: told_of(versions[key]) for key in kept} == {key: told_of(again[key]) for key in kept}

    # The index of the totals alone comes from the state store, with the same ids.
    daily = await documents(world, "x-daily")
    await lose(world, "x-daily")
    await world.sync()
    assert {key: each["x"] for key, each in (await documents(world, "x-daily")).items()} == {
        key: each["x"] for key, each in daily.items()
    }

    # A deletion takes the deal out of every day, and what was kept of it, too.
    gone = max(office.deals, key=lambda each: len(office.deals[each]))
    before = await office.trend("")
    office.delete(gone)
    await world.sync()
    await office.is_right()
    after = await office.trend("")
    assert told(before) != told(after) and any("corrected since" in each for each in after.notes)
    assert all(each.endswith(gone) is False for each in await documents(world, "x-versions"))
    corrected = {
        each["x"]["day"] for each in (await documents(world, "x-daily")).values() if each["x"].get("corrected")
    }
    assert set(first_days) & corrected


def told_of(version: Mapping[str, Any]) -> dict[str, Any]:
    """What a version says, without who may see it and when it was made."""
    return {name: value for name, value in version.items() if name != "forcedex"}


async def test_totals_are_for_who_sees_every_deal_and_every_field_of_them(office: Office) -> None:
    world = office.world
    office.new(OwnerId=office.ann)
    office.new(OwnerId=office.bob)
    await world.sync()
    days = await documents(world, "x-daily")
    assert {each["forcedex"]["acl"][0] for each in days.values()} == {"v:Opportunity"}
    where = await office.trend("chief", where="x.owner=" + office.bob)
    assert TOTALS in where.notes and where.rows[-1].value("count") == 1
    other = await office.trend("chief", where="Type=New Customer")
    assert VERSIONS in other.notes and other.rows[-1].value("count") == 2
    async with world.asking() as asking:
        indexed = {each.name: each for each in await asking._client.indexed()}
        seen = {}
        for who in ("ann", "chief", "clerk"):
            view = await asking._views.of(OrgUser(getattr(office, who)), asking._objects)
            paths = ("x.day", "x.count", "x.amt")
            seen[who] = [view.may_use(indexed["x-daily"], path) for path in paths]
    assert seen == {"ann": [False] * 3, "chief": [True] * 3, "clerk": [True, True, False]}
