"""Costs of a table, of campaigns and of records against plain sums over the file and the org's own rows."""

import csv
import io
import json
from collections import defaultdict
from collections.abc import AsyncIterator, Callable, Iterable
from datetime import date, timedelta
from decimal import ROUND_HALF_EVEN, Decimal
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
from elasticsearch import AsyncElasticsearch

from localorg.fixture import LocalOrg, running_org
from tests.acceptance.product import Product

Row = dict[str, Any]
CENT = Decimal("0.01")
JONAS = "jonas.weidner@tarnholt.example"
OBJECTS = (*("User", "Account", "Opportunity", "OpportunityHistory", "OpportunityStage", "Campaign", "Sales_Cost__c"),)


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def org() -> AsyncIterator[LocalOrg]:
    async with running_org(size=0.02) as org:
        yield org


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def synced(
    org: LocalOrg, elasticsearch_url: str, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[Product]:
    product = Product(tmp_path_factory.mktemp("home"), org, elasticsearch_url, objects=OBJECTS)
    product.settings |= {
        "FORCEDEX_COSTS__SOURCES": '["object", "table", "campaigns"]',
        "FORCEDEX_COSTS__OBJECT": "Sales_Cost__c",
        "FORCEDEX_COSTS__DAY": "Month__c",
        "FORCEDEX_COSTS__OWNER": "User__c",
        "FORCEDEX_COSTS__REGION": "Region__c",
        "FORCEDEX_COSTS__ALIKE": '{"Region__c": "Region__c"}',
    }
    assert (await product.run("sync"))[0] == 0
    yield product


class Plain:
    """The org's rows and a table's, added up day by day."""

    def __init__(self, org: LocalOrg, table: Iterable[Row] = ()) -> None:
        self.org = org
        self.static = {row["IsoCode"]: Decimal(str(row["ConversionRate"])) for row in org.rows("CurrencyType")}
        self.dated = org.rows("DatedConversionRate")
        self.deals = [dict(row) for row in self.live("Opportunity") if row["IsWon"]]
        #: Source, day (None: on none), what it is about, cents.
        self.costs: list[tuple[str, date | None, Row, int]] = []
        for row in self.live("Sales_Cost__c"):
            about = {"owner": row["User__c"], "region": row["Region__c"]}
            cents = self.cents(row["Amount__c"], row["CurrencyIsoCode"])
            self.costs.append(("object", as_date(row["Month__c"]), about, cents))
        told = set()
        for row in table:
            scope, first = row["scope"], row["first"]
            told |= {row["id"]} if scope == "campaign" else set()
            self.spread(
                "table", first, row["last"], {scope: row["id"]}, self.cents(row["amount"], row["currency"], first)
            )
        for row in self.live("Campaign"):
            if row["ActualCost"] is not None and row["Id"] not in told:
                cents = self.cents(row["ActualCost"], row["CurrencyIsoCode"])
                days = (as_date(row["StartDate"]), as_date(row["EndDate"]))
                self.spread("campaigns", *days, {"campaign": row["Id"]}, cents)

    def live(self, name: str) -> list[Row]:
        return [dict(row) for row in self.org.rows(name) if not row.get("IsDeleted")]

    def cents(self, amount: Any, code: Any, day: date | None = None) -> int:
        rates = [
            Decimal(str(row["ConversionRate"]))
            for row in self.dated
            if day and row["IsoCode"] == code and as_date(row["StartDate"]) <= day < as_date(row["NextStartDate"])
        ]
        rate = (rates or [self.static[code or "USD"]])[0]
        return int((Decimal(str(amount)) / rate).quantize(CENT, ROUND_HALF_EVEN) * 100)

    def spread(self, source: str, first: date, last: date, about: Row, cents: int) -> None:
        number = (last - first).days + 1
        left = cents
        for each in range(number):
            part = cents * (each + 1) // number - cents * each // number
            self.costs.append((source, first + timedelta(days=each), about, part))
            left -= part
        assert left == 0

    def spent(self, key: Callable[[date | None, Row], Any], *sources: str) -> dict[Any, Decimal]:
        found: dict[Any, int] = defaultdict(int)
        for source, day, about, cents in self.costs:
            if not sources or source in sources:
                found[key(day, about)] += cents
        return {each: Decimal(cents) / 100 for each, cents in found.items()}

    def sold(self, key: Callable[[Row], Any], rows: Iterable[Row] | None = None) -> dict[Any, Decimal]:
        found: dict[Any, int] = defaultdict(int)
        for row in self.deals if rows is None else rows:
            if row["Amount"] is not None:
                found[key(row)] += self.cents(row["Amount"], row["CurrencyIsoCode"], as_date(row["CloseDate"]))
        return {each: Decimal(cents) / 100 for each, cents in found.items()}


def as_date(value: Any) -> date:
    return value if isinstance(value, date) else date.fromisoformat(str(value)[:10])


def table_of(org: LocalOrg) -> list[Row]:
    """Rows of every scope, in several currencies, that no number of days divides."""
    sellers = sorted({str(row["OwnerId"]) for row in org.rows("Opportunity")})[:3]
    names = {str(row["Id"]): row for row in org.rows("User")}
    campaign = min(str(row["Id"]) for row in org.rows("Campaign") if row["ActualCost"] is not None)
    jpy = ("2026-02-03..2026-05-17", date(2026, 2, 3), date(2026, 5, 17), "1000003", "JPY")
    eur = ("2026-Q1", date(2026, 1, 1), date(2026, 3, 31), "12345.67", "EUR")
    spans = [
        ("owner", sellers[0], names[sellers[0]]["Username"], *eur),
        ("owner", sellers[1], names[sellers[1]]["Email"], *jpy),
        ("owner", sellers[2], sellers[2][:15], "2026-01-31", date(2026, 1, 31), date(2026, 1, 31), "0.01", "USD"),
        ("region", "EMEA", "EMEA", "2026", date(2026, 1, 1), date(2026, 12, 31), "9999.99", ""),
        ("campaign", campaign, campaign, "2026-03", date(2026, 3, 1), date(2026, 3, 31), "1", "USD"),
        ("company", None, "", "2025", date(2025, 1, 1), date(2025, 12, 31), "100000.01", "CHF"),
    ]
    keys = ("scope", "id", "of", "period", "first", "last", "amount", "currency")
    return [{**dict(zip(keys, each, strict=True)), "category": f"kind {n}"} for n, each in enumerate(spans)]


def written(path: Path, rows: Iterable[Row]) -> str:
    target = io.StringIO()
    writer = csv.DictWriter(target, ("period", "scope", "of", "amount", "currency", "category"), extrasaction="ignore")
    writer.writeheader()
    writer.writerows(rows)
    path.write_text(target.getvalue(), encoding="utf-8-sig")
    return str(path)


async def report(product: Product, *command: str) -> Any:
    code, out, err = await product.run("report", *command, "--json")
    assert code == 0, (out, err)
    return json.loads(out)


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def loaded(synced: Product, org: LocalOrg) -> Plain:
    """The table is loaded and in the index."""
    rows = table_of(org)
    code, out, err = await synced.run("costs", "load", written(synced.home / "costs.csv", rows))
    assert code == 0 and "6 rows" in out, err
    assert (await synced.run("sync"))[0] == 0
    return Plain(org, rows)


@pytest.mark.parametrize(
    ("by", "cost", "deal"),
    [
        ("month", lambda day, about: f"{day:%Y-%m}" if day else None, lambda row: str(row["CloseDate"])[:7]),
        ("owner", lambda day, about: about.get("owner"), lambda row: row["OwnerId"]),
        ("campaign", lambda day, about: about.get("campaign"), lambda row: row["CampaignId"]),
        ("region", lambda day, about: about.get("region"), lambda row: row["Region__c"]),
    ],
)
async def test_every_source_adds_up_to_the_cent(
    synced: Product,
    loaded: Plain,
    by: str,
    cost: Callable[[date | None, Row], Any],
    deal: Callable[[Row], Any],
) -> None:
    found = await report(synced, "efficiency", "--by", by)
    sales = loaded.sold(deal)
    for source in ("object", "table", "campaigns"):
        expected = loaded.spent(cost, source)
        told = {row["key"][0]: Decimal(row[f"costs_{source}"]) for row in found["rows"]}
        assert {key: value for key, value in told.items() if value} == {k: v for k, v in expected.items() if v}
    every = loaded.spent(cost)
    for row in found["rows"]:
        key = row["key"][0]
        spent, sold = every.get(key, Decimal(0)), sales.get(key, Decimal(0))
        assert (Decimal(row["costs"]), Decimal(row["sales"])) == (spent, sold)
        assert Decimal(row["left"]) == sold - spent
        if key is None and by != "month":
            assert row["efficiency"] is None and row["none"]["efficiency"] == "unallocated"
        elif spent:
            assert abs(Decimal(row["efficiency"]) - sold / spent) < Decimal("0.000001")
        else:
            assert row["none"]["efficiency"] == "no cost recorded"
    total = sum(every.values(), Decimal(0))
    assert Decimal(found["totals"]["costs"]) == total
    if by != "month":
        assert any(
            f"Unallocated costs, in the total and spread over nothing: {every[None]:,f}" in each
            for each in found["notes"]
        )
    assert any("actual cost of 1 campaign does not count" in each for each in found["notes"])


async def test_days_within_a_month_count_for_themselves(synced: Product, loaded: Plain) -> None:
    first, last = date(2026, 2, 10), date(2026, 3, 3)
    found = await report(synced, "efficiency", "--by", "owner", "--period", f"{first}..{last}")
    inside = loaded.spent(lambda day, about: about.get("owner") if day and first <= day <= last else "outside")
    told = {row["key"][0]: Decimal(row["costs"]) for row in found["rows"]}
    assert {key: value for key, value in told.items() if value} == {
        key: value for key, value in inside.items() if key != "outside" and value
    }


async def test_the_records_behind_a_row_are_its_days(synced: Product, loaded: Plain) -> None:
    listed = await report(synced, "efficiency", "--by", "month", "--period", "2026-03", "--records", "2026-03")
    assert listed["total"] == sum(str(row["CloseDate"])[:7] == "2026-03" for row in loaded.deals)


async def test_lagged_costs_stand_beside_what_was_sold_later(synced: Product, loaded: Plain) -> None:
    def later(day: date | None) -> str | None:
        if day is None:
            return None
        month = day.year * 12 + day.month - 1 + 3
        return f"{month // 12}-{month % 12 + 1:02}"

    found = await report(synced, "lagged-efficiency")
    spent, sold = loaded.spent(lambda day, about: later(day)), loaded.sold(lambda row: str(row["CloseDate"])[:7])
    for row in found["rows"]:
        key = row["key"][0]
        assert (Decimal(row["costs"]), Decimal(row["sales"])) == (spent.get(key, 0), sold.get(key, 0))
    assert {row["key"][0] for row in found["rows"]} == spent.keys() | sold.keys() - {None}
    part = await report(synced, "lagged-efficiency", "--by", "owner", "--period", "2026-Q2")
    quarter = loaded.spent(lambda day, about: day is not None and date(2026, 1, 1) <= day < date(2026, 4, 1))
    assert Decimal(part["totals"]["costs"]) == quarter[True]
    code, _, err = await synced.run("report", "lagged-efficiency", "--by", "week")
    assert code == 1 and "no whole number of weeks" in err


async def test_a_customer_costs_what_was_spent_over_the_first_wins(synced: Product, loaded: Plain) -> None:
    found = await report(synced, "cac")
    firsts: dict[Any, tuple[str, str]] = {}
    for row in loaded.deals:
        if row["AccountId"]:
            won = (str(row["CloseDate"])[:10], str(row["Id"]))
            firsts[row["AccountId"]] = min(won, firsts.get(row["AccountId"], won))

    def quarter(day: date) -> str:
        return f"{day.year}-Q{(day.month + 2) // 3}"

    customers: dict[str, int] = defaultdict(int)
    for day, _ in firsts.values():
        customers[quarter(as_date(day))] += 1
    spent = loaded.spent(lambda day, about: quarter(day) if day else None)
    for row in found["rows"]:
        key = row["key"][0]
        assert int(row["customers"]) == customers.get(key, 0) and Decimal(row["costs"]) == spent.get(key, Decimal(0))
        if row["cac"] is not None:
            assert Decimal(row["cac"]) == (spent[key] / customers[key]).quantize(CENT, ROUND_HALF_EVEN)
        else:
            assert row["none"]["cac"] == ("no new customers" if spent.get(key) else "no cost recorded")
    assert int(found["totals"]["customers"]) == len(firsts)


async def test_the_table_is_for_who_sees_every_deal_and_campaigns_for_who_may_read_them(
    synced: Product, loaded: Plain, org: LocalOrg
) -> None:
    jonas = str(next(row["Id"] for row in org.rows("User") if row["Username"] == JONAS))
    synced.settings |= {"FORCEDEX_COSTS__SOURCES": '["table"]'}
    try:
        code, out, err = await synced.run("report", "efficiency", "--as", JONAS)
        assert (code, out) == (1, "") and "hidden from this person" in err
        synced.settings |= {"FORCEDEX_COSTS__SOURCES": '["campaigns"]'}
        mine = org.readable_ids(jonas, "Campaign")
        plain = Plain(org).spent(lambda day, about: about["campaign"], "campaigns")
        found = await report(synced, "efficiency", "--by", "campaign", "--as", JONAS)
        told = {row["key"][0]: Decimal(row["costs"]) for row in found["rows"] if Decimal(row["costs"])}
        assert told == {key: value for key, value in plain.items() if key in mine and value}
        synced.settings |= {"FORCEDEX_COSTS__SOURCES": '["table"]'}
        org.create_permission_set("All deals", objects={"Opportunity": "Read ViewAllRecords"})
        org.assign_permission_set(jonas, "All deals")
        assert (await synced.run("sync"))[0] == 0
        found = await report(synced, "efficiency", "--by", "owner", "--as", JONAS)
        every = loaded.spent(lambda day, about: about.get("owner"), "table")
        assert {row["key"][0]: Decimal(row["costs"]) for row in found["rows"] if Decimal(row["costs"])} == every
    finally:
        synced.settings |= {"FORCEDEX_COSTS__SOURCES": '["object", "table", "campaigns"]'}


async def test_a_table_with_problems_is_not_used_and_each_is_told_with_its_row(
    synced: Product, loaded: Plain, tmp_path: Path
) -> None:
    before = await synced.run("costs", "show", "--json")
    bad = tmp_path / "bad.csv"
    bad.write_text(
        "period,scope,of,amount,currency\n"
        "2026-01,company,,10,USD\n"
        "2026-13,company,,10,USD\n"
        "2026-02,owner,nobody@example.com,x,XXX\n"
        "2026-01-20..2026-02-10,company,,-5,USD\n"
        "2026-01-20..2026-02-10,company,,5,USD\n",
        encoding="utf-8",
    )
    code, out, err = await synced.run("costs", "load", str(bad))
    assert (code, out) == (2, "")
    for said in ("Row 3: “2026-13” is no period", "Row 4: “nobody@example.com” is no user", "Row 4: “x” is no amount"):
        assert said in err
    for said in ("Row 4: “XXX” is no currency", "Row 5: “-5” is below zero", "Row 6: its days overlap those of row 2"):
        assert said in err
    assert "6 problems" in err and "Traceback" not in err
    assert await synced.run("costs", "show", "--json") == before
    (tmp_path / "none.csv").write_bytes(b"")
    code, _, err = await synced.run("costs", "load", str(tmp_path / "none.csv"))
    assert code == 2 and "is empty" in err


async def test_documents_keep_their_ids_and_a_removed_table_costs_nothing(
    synced: Product, loaded: Plain, org: LocalOrg, elasticsearch_url: str
) -> None:
    async with AsyncElasticsearch(elasticsearch_url) as client:

        async def documents() -> dict[str, int]:
            answer = await client.search(index=f"{synced.prefix}-*-x-costs", size=10_000)
            return {hit["_id"]: hit["_source"]["x"]["amt"] for hit in answer["hits"]["hits"]}

        before = await documents()
        assert sum(before.values()) == 100 * sum(loaded.spent(lambda day, about: 0, "table").values())
        rows = table_of(org)
        rows[3]["amount"] = "20000"
        assert (await synced.run("costs", "load", written(synced.home / "more.csv", rows)))[0] == 0
        assert (await synced.run("sync"))[0] == 0
        after = await documents()
        assert after.keys() == before.keys() and after != before
        assert sum(after.values()) == 100 * sum(Plain(org, rows).spent(lambda day, about: 0, "table").values())
    assert (await synced.run("costs", "remove"))[0] == 0
    assert (await synced.run("sync"))[0] == 0
    found = await report(synced, "efficiency")
    assert Decimal(found["totals"]["costs_table"]) == 0
    assert Decimal(found["totals"]["costs"]) == Plain(org).spent(lambda day, about: 0)[0]
    code, _, err = await synced.run("costs", "show")
    assert code == 1 and "No cost table is loaded" in err
