"""Fiscal words in a search mean the org's own years, read by the sync."""

import json
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from pathlib import Path
from typing import Any

from localorg.fixture import LocalOrg, running_org
from tests.acceptance.product import Product


def month(first: date, count: int) -> date:
    """The first day of the month so many months on."""
    months = first.year * 12 + first.month - 1 + count
    return date(months // 12, months % 12 + 1, 1)


def deal(org: LocalOrg, name: str, day: date) -> str:
    return org.insert("Opportunity", Name=name, StageName="Prospecting", CloseDate=day.isoformat())


def make_custom(org: LocalOrg, year: int, first: date, after: date) -> None:
    """The org's only fiscal year is one of its own making; its first quarter is from one day to another."""
    settings, *others = org.rows("FiscalYearSettings")
    with org.org.store.transaction() as connection:
        for row in others:
            connection.execute('DELETE FROM "Period" WHERE "FiscalYearSettingsId" = ?', (str(row["Id"]),))
            connection.execute('DELETE FROM "FiscalYearSettings" WHERE "Id" = ?', (str(row["Id"]),))
    org.poke("FiscalYearSettings", str(settings["Id"]), {"IsStandardYear": False, "YearType": "Custom"})
    end = after + timedelta(days=42)
    starts = {
        "Year": [first],
        "Quarter": [first, *(after + timedelta(days=14) * each for each in range(3))],
        "Month": [first + timedelta(days=7) * each for each in range(12)],
    }
    spans = {kind: pairwise([*days, end]) for kind, days in starts.items()}
    for number, row in enumerate(org.rows("Period")):
        begin, until = next(spans[str(row["Type"])])
        values = {"StartDate": begin, "EndDate": until - timedelta(days=1)}
        label = f"FY {year}" if row["Type"] == "Year" else f"No. {number} FY {year}"
        org.poke("Period", str(row["Id"]), {**values, "FullyQualifiedLabel": label})


async def asked(product: Product, text: str, *options: str) -> Any:
    code, out, err = await product.run("search", text, "--json", *options)
    assert code == 0, err
    return json.loads(out)


async def titles(product: Product, text: str, *options: str) -> set[str]:
    answer = await asked(product, text, *options)
    assert any("Close Date" in each["label"] for each in answer["filters"]), json.dumps(answer)
    return {each["title"] for each in answer["hits"]}


async def synced(product: Product) -> None:
    code, _, err = await product.run("sync")
    assert code == 0, err


async def test_closing_this_fiscal_quarter_means_the_orgs_quarter(elasticsearch_url: str, tmp_path: Path) -> None:
    async with running_org(empty=True) as org:
        (organization,) = org.rows("Organization")
        this_month = datetime.now(UTC).date().replace(day=1)
        # A quarter that is none of the calendar: it begins this month, or two months ago.
        begins = this_month if this_month.month % 3 != 1 else month(this_month, -2)
        org.poke("Organization", str(organization["Id"]), {"FiscalYearStartMonth": begins.month})
        ends = month(begins, 3)
        deal(org, "Too early", begins - timedelta(days=1))
        deal(org, "First day", begins)
        deal(org, "Last day", ends - timedelta(days=1))
        deal(org, "Too late", ends)
        product = Product(tmp_path, org, elasticsearch_url, objects=("Account", "Opportunity"))
        await synced(product)
        assert await titles(product, "opportunities closing this fiscal quarter") == {"First day", "Last day"}
        person = ("--as", "integration@localorg.example")
        assert await titles(product, "opportunities closing this fiscal quarter", *person) == {"First day", "Last day"}
        assert await titles(product, "opportunities closing last fiscal quarter") == {"Too early"}
        assert await titles(product, "opportunities closedate:next-fiscal-quarter") == {"Too late"}

        make_custom(org, 2031, begins - timedelta(days=7), ends + timedelta(days=3))
        await synced(product)
        everything = {"Too early", "First day", "Last day", "Too late"}
        assert await titles(product, "opportunities closing this fiscal quarter") == everything
        assert await titles(product, "opportunities closing in Q1 FY31") == everything
        answer = await asked(product, "opportunities closing next fiscal year")
        assert "fiscal years have no year" in " ".join(answer["notices"])


async def test_custom_years_that_make_no_sense_are_told(elasticsearch_url: str, tmp_path: Path) -> None:
    async with running_org(empty=True) as org:
        make_custom(org, 2031, date(2026, 1, 25), date(2026, 4, 25))
        (year,) = [row for row in org.rows("Period") if row["Type"] == "Year"]
        org.poke("Period", str(year["Id"]), {"EndDate": date(2026, 12, 31)})
        product = Product(tmp_path, org, elasticsearch_url, objects=("Account", "Opportunity"))
        await synced(product)
        says = "The quarters of the fiscal year FY 2031 (2026-01-25 to 2026-12-31) do not cover just its days"
        answer = await asked(product, "opportunities closing this fiscal quarter")
        (told,) = answer["notices"]
        assert says in told
        code, out, err = await product.run("status", "--json")
        assert code == 0, err
        (notice,) = [each for each in json.loads(out)["notices"] if each["kind"] == "company"]
        assert says in notice["text"]
