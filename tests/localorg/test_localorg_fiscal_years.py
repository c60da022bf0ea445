"""Standard and custom fiscal years: Object Reference, FiscalYearSettings, Period; SOQL, date literals and functions."""

from datetime import UTC, date, datetime
from typing import Any

import pytest

from localorg.fiscal_years import custom_years, standard_year
from localorg.fixture import LocalOrg
from tests.localorg.api import Api

PERIODS = "SELECT StartDate, EndDate, FullyQualifiedLabel, IsForecastPeriod, FiscalYearSettings.Name FROM Period"
RETAIL = ("2024-02-04", "2025-02-02", "2026-02-01", "2027-01-31")


def deal(org: LocalOrg, day: date) -> str:
    return org.insert("Opportunity", Name=str(day), StageName="Prospecting", CloseDate=day)


async def fiscal(api: Api, record: str) -> tuple[Any, Any, Any]:
    found = await api.get(f"sobjects/Opportunity/{record}?fields=Fiscal,FiscalYear,FiscalQuarter")
    return found["Fiscal"], found["FiscalYear"], found["FiscalQuarter"]


async def test_a_new_org_has_calendar_years_with_months_quarters_and_the_year(api: Api) -> None:
    year = (await api.names("SELECT Name FROM FiscalYearSettings ORDER BY StartDate"))[3]
    rows = (await api.query(f"{PERIODS} WHERE FiscalYearSettings.Name = '{year}' ORDER BY StartDate, EndDate"))[
        "records"
    ]
    assert len(rows) == 17
    assert (rows[0]["StartDate"], rows[0]["EndDate"]) == (f"{year}-01-01", f"{year}-01-31")
    assert {row["FullyQualifiedLabel"] for row in rows} >= {f"January FY {year}", f"Q4 FY {year}", f"FY {year}"}
    assert sum(row["IsForecastPeriod"] for row in rows) == 12
    ((only,),) = [
        [
            row["IsStandardYear"]
            for row in (await api.query("SELECT IsStandardYear FROM FiscalYearSettings LIMIT 1"))["records"]
        ]
    ]
    assert only is True


@pytest.mark.parametrize(
    ("by_start", "before", "after"),
    [(False, ("2026 4", 2026, 4), ("2027 1", 2027, 1)), (True, ("2025 4", 2025, 4), ("2026 1", 2026, 1))],
)
async def test_a_fiscal_year_is_named_for_where_it_ends_or_starts(
    api: Api, *, by_start: bool, before: tuple[str, int, int], after: tuple[str, int, int]
) -> None:
    early, late = deal(api.org, date(2026, 6, 30)), deal(api.org, date(2026, 7, 1))
    stamp = (await api.get(f"sobjects/Opportunity/{early}"))["SystemModstamp"]
    api.org.set_fiscal_year(7, named_by_start=by_start)
    # Opportunities follow without a stamp, new ones at once, and so does SOQL.
    assert [await fiscal(api, one) for one in (early, late, deal(api.org, date(2026, 6, 30)))] == [
        before,
        after,
        before,
    ]
    assert (await api.get(f"sobjects/Opportunity/{early}"))["SystemModstamp"] == stamp
    found = await api.names(f"SELECT Id FROM Opportunity WHERE FISCAL_YEAR(CloseDate) = {after[1]}")
    assert found == [late]
    first = f"{PERIODS} WHERE Type = 'Year' AND StartDate = 2026-07-01"
    assert await api.names(first.replace("StartDate, EndDate, ", "")) == [f"FY {after[1]}"]


async def test_custom_years_are_weeks_and_days_outside_of_them_belong_to_none(api: Api) -> None:
    inside, outside = deal(api.org, date(2026, 5, 2)), deal(api.org, date(2030, 1, 1))
    api.org.set_custom_fiscal_years(RETAIL, pattern=(4, 5, 4), named_by_start=True)
    assert await fiscal(api, inside) == ("2026 1", 2026, 1)
    assert await fiscal(api, outside) == (None, None, None)
    months = f"{PERIODS} WHERE Type = 'Month' AND FiscalYearSettings.Name = '2026' ORDER BY StartDate LIMIT 3"
    assert [(row["StartDate"], row["EndDate"]) for row in (await api.query(months))["records"]] == [
        ("2026-02-01", "2026-02-28"),
        ("2026-03-01", "2026-04-04"),
        ("2026-04-05", "2026-05-02"),
    ]
    assert (await api.query("SELECT COUNT() FROM Period WHERE Type = 'Week'"))["totalSize"] == 156
    assert await api.names("SELECT YearType FROM FiscalYearSettings") == ["Custom"] * 3


async def test_fiscal_literals_follow_custom_years_and_fiscal_functions_are_refused(api: Api) -> None:
    api.org.clock.freeze(datetime(2026, 5, 5, 12, tzinfo=UTC))
    last, this = deal(api.org, date(2026, 5, 2)), deal(api.org, date(2026, 5, 3))
    api.org.set_custom_fiscal_years(RETAIL)
    assert await api.names("SELECT Id FROM Opportunity WHERE CloseDate = LAST_FISCAL_QUARTER") == [last]
    assert await api.names("SELECT Id FROM Opportunity WHERE CloseDate = THIS_FISCAL_QUARTER") == [this]
    assert len(await api.names("SELECT Id FROM Opportunity WHERE CloseDate = THIS_FISCAL_YEAR")) == 2
    code, message = await api.query_error("SELECT Id FROM Opportunity WHERE CloseDate = NEXT_FISCAL_YEAR")
    assert (code, "Invalid date" in message) == ("INVALID_FIELD", True)
    code, message = await api.query_error("SELECT Id FROM Opportunity WHERE FISCAL_QUARTER(CloseDate) = 1")
    assert "custom fiscal years" in message


def test_a_53rd_week_goes_to_the_last_month_and_other_lengths_are_refused() -> None:
    short, long = custom_years([date(2023, 1, 29), date(2024, 1, 28), date(2025, 2, 2)], (4, 4, 5), by_start=True)
    assert [(year.name, (year.last - year.first).days + 1) for year in (short, long)] == [("2023", 364), ("2024", 371)]
    assert [one.last for one in long.periods if one.kind == "Month"][-2:] == [date(2024, 12, 21), date(2025, 2, 1)]
    for wrong in ([date(2024, 1, 1), date(2025, 1, 1)], [date(2024, 1, 1)]):
        with pytest.raises(ValueError, match="weeks|two starts"):
            custom_years(wrong, (4, 4, 5))
    with pytest.raises(ValueError, match="13 weeks"):
        custom_years([date(2024, 1, 1), date(2024, 12, 30)], (4, 4, 4))
    assert [one.first.month for one in standard_year(2027, 10).periods[:3]] == [10, 11, 12]
    assert standard_year(2027, 10).first == date(2026, 10, 1)
