"""What holds for the whole org, read from an org in memory."""

from collections.abc import Callable, Iterable, Mapping
from datetime import date
from decimal import Decimal

import pytest

from forcedex.domain.company import Company
from forcedex.domain.days import Unit
from forcedex.domain.errors import SourceRefused
from forcedex.domain.fiscal import FiscalCalendar, FiscalPeriod
from forcedex.domain.schema import SObject
from forcedex.domain.unknown import Unknown
from forcedex.domain.upkeep import NoticeKind
from forcedex.sync.company import read_company
from forcedex.sync.watchman import Watchman
from tests.factories.fake_source import FakeSource
from tests.factories.fake_store import FakeStore
from tests.factories.schemas import field, sobject
from tests.unit.domain.fiscal_years import three_years

ORGANIZATION = sobject(
    "Organization",
    *map(field, ("TimeZoneSidKey", "DefaultLocaleSidKey", "FiscalYearStartMonth", "UsesStartDateAsFiscalYearName")),
)
PERIOD = sobject(
    "Period",
    field("FiscalYearSettingsId", "reference", relationship_name="FiscalYearSettings"),
    *map(field, ("Type", "StartDate", "EndDate", "QuarterLabel", "PeriodLabel", "FullyQualifiedLabel")),
)
SETTINGS = sobject("FiscalYearSettings", field("Name"), field("IsStandardYear", "boolean"))
CURRENCY = sobject(
    "CurrencyType", *map(field, ("IsoCode", "ConversionRate", "DecimalPlaces", "IsActive", "IsCorporate"))
)
DATED = sobject("DatedConversionRate", *map(field, ("IsoCode", "StartDate", "NextStartDate", "ConversionRate")))

ORG = {
    "TimeZoneSidKey": "Europe/Berlin",
    "DefaultLocaleSidKey": "de_DE",
    "FiscalYearStartMonth": "4",
    "UsesStartDateAsFiscalYearName": "true",
}
EURO = {"IsoCode": "EUR", "ConversionRate": "1", "DecimalPlaces": "2", "IsActive": "true", "IsCorporate": "true"}
DOLLAR = {**EURO, "IsoCode": "USD", "ConversionRate": "1.25", "IsCorporate": "false"}
BY_DAY = {"IsoCode": "USD", "StartDate": "2026-01-01", "NextStartDate": "9999-12-31", "ConversionRate": "1.5"}
DAY = date(2026, 5, 1)


def org(*tables: tuple[SObject, Iterable[Mapping[str, str]]]) -> FakeSource:
    source = FakeSource({table.name: table for table, _ in tables})
    for table, rows in tables:
        for number, row in enumerate(rows):
            source.save(table.name, number, stamp=None, **row)
    return source


async def read(source: FakeSource, store: FakeStore | None = None) -> tuple[Company, str]:
    """The company, and the notice."""
    store = store or FakeStore()
    found = await read_company(source, store, Watchman(store))
    assert store.known_company == (found, source.time)
    notices = [each for each in await store.notices() if each.cleared_at is None]
    assert all((each.object, each.kind) == ("", NoticeKind.COMPANY) for each in notices)
    return found, " ".join(each.text for each in notices)


def refusing(*requests: str, code: str = "INSUFFICIENT_ACCESS") -> Callable[[str], None]:
    def before(request: str) -> None:
        if request in requests:
            raise SourceRefused(f"No {request}.", code=code)

    return before


async def test_an_org_is_read_with_its_zone_years_and_rates() -> None:
    found, notice = await read(org((ORGANIZATION, [ORG]), (PERIOD, []), (CURRENCY, [EURO, DOLLAR]), (DATED, [BY_DAY])))
    assert (found.time_zone, found.locale) == ("Europe/Berlin", "de_DE")
    assert found.fiscal == FiscalCalendar(start_month=4, named_by_start=True)
    assert found.currencies.rate("USD") == Decimal("1.25")
    assert found.currencies.rate("USD", DAY) == Decimal("1.5")
    assert notice == ""


async def test_custom_years_are_those_of_its_periods() -> None:
    found, notice = await read(org((ORGANIZATION, [ORG]), (PERIOD, three_years())))
    one = found.fiscal.around(date(2024, 2, 4), Unit.QUARTER)
    assert isinstance(one, FiscalPeriod)
    assert one.key == "FY2024-Q1"
    assert notice == ""


async def test_an_org_with_one_currency_has_neither_rates_nor_a_notice() -> None:
    found, notice = await read(org((ORGANIZATION, [ORG])))
    assert not found.currencies.rates
    assert notice == ""


async def test_without_dated_rates_there_are_static_ones_and_no_notice() -> None:
    found, notice = await read(org((ORGANIZATION, [ORG]), (CURRENCY, [EURO, DOLLAR])))
    assert found.currencies.rate("USD", DAY) == Decimal("1.25")
    assert notice == ""


async def test_dated_rates_that_may_not_be_read_are_told() -> None:
    source = org((ORGANIZATION, [ORG]), (CURRENCY, [EURO, DOLLAR]), (DATED, [BY_DAY]))
    source.before = refusing("read DatedConversionRate")
    store = FakeStore()
    found, notice = await read(source, store)
    assert found.currencies.rate("USD", DAY) == Decimal("1.25")
    assert "Conversion rates by day cannot be read" in notice
    source.before = refusing()
    found, notice = await read(source, store)
    assert found.currencies.rate("USD", DAY) == Decimal("1.5")
    assert notice == ""


async def test_currencies_that_may_not_be_read_end_it() -> None:
    source = org((ORGANIZATION, [ORG]), (CURRENCY, [EURO]))
    source.before = refusing("read CurrencyType")
    with pytest.raises(SourceRefused):
        await read(source)


@pytest.mark.parametrize("code", ["INSUFFICIENT_ACCESS", "INVALID_FIELD"])
async def test_custom_years_whose_periods_may_not_be_read_are_not_taken_for_standard_ones(code: str) -> None:
    source = org(
        (ORGANIZATION, [ORG]),
        (PERIOD, three_years()),
        (SETTINGS, [{"Name": "2023", "IsStandardYear": "true"}, {"Name": "2024", "IsStandardYear": "false"}]),
    )
    source.before = refusing("read Period", code=code)
    found, notice = await read(source)
    answer = found.fiscal.around(DAY, Unit.QUARTER)
    assert isinstance(answer, Unknown)
    assert "The org has custom fiscal years, and their periods cannot be read" in answer.reason
    assert answer.reason in notice


async def test_standard_years_need_no_periods() -> None:
    found, notice = await read(org((ORGANIZATION, [ORG]), (SETTINGS, [{"Name": "2026", "IsStandardYear": "true"}])))
    assert found.fiscal.start_month == 4
    assert notice == ""


async def test_where_the_month_may_not_be_read_periods_tell_of_the_years() -> None:
    standard = [{**each, "FiscalYearSettings.IsStandardYear": "true"} for each in three_years()]
    hidden = sobject("Organization", field("TimeZoneSidKey"))
    found, notice = await read(org((hidden, [ORG]), (PERIOD, standard)))
    assert found.time_zone == "Europe/Berlin"
    one = found.fiscal.around(date(2024, 2, 3), Unit.QUARTER)
    assert isinstance(one, FiscalPeriod)
    assert one.key == "FY2023-Q4"
    assert notice == ""


async def test_where_nothing_may_be_read_years_are_those_of_the_calendar() -> None:
    found, notice = await read(org())
    assert (found.fiscal, found.time_zone) == (FiscalCalendar(), "UTC")
    assert notice == ""


async def test_years_that_make_no_sense_are_told() -> None:
    rows = [each for each in three_years() if each["FullyQualifiedLabel"] != "FY 2024"]
    found, notice = await read(org((ORGANIZATION, [ORG]), (PERIOD, rows)))
    assert isinstance(found.fiscal.around(DAY, Unit.YEAR), Unknown)
    assert "No fiscal year covers" in notice


async def test_another_refusal_keeps_what_is_known() -> None:
    source = org((ORGANIZATION, [ORG]), (PERIOD, three_years()))
    store = FakeStore()
    known, _ = await read(source, store)
    source.before = refusing("read Period", code="UNKNOWN_EXCEPTION")
    with pytest.raises(SourceRefused):
        await read(source, store)
    assert store.known_company is not None
    assert store.known_company[0] == known
