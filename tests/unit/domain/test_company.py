from datetime import UTC, date, datetime

from pydantic import TypeAdapter

from forcedex.domain.company import Company
from forcedex.domain.fiscal import FiscalCalendar
from forcedex.domain.fiscal_rows import custom_years
from forcedex.domain.periods import period
from forcedex.domain.rate_rows import currencies
from forcedex.domain.unknown import Unknown
from tests.unit.domain.fiscal_years import three_years

NEW_YEAR = datetime(2026, 1, 1, 3, tzinfo=UTC)


def test_the_day_and_the_weeks_are_the_orgs() -> None:
    org = Company(time_zone="America/New_York", locale="en_US", fiscal=FiscalCalendar(start_month=2))
    calendar = org.calendar(NEW_YEAR)
    assert calendar.today == date(2025, 12, 31)
    week, quarter = period("this-week", calendar), period("this-fiscal-quarter", calendar)
    assert not isinstance(week, Unknown)
    assert not isinstance(quarter, Unknown)
    assert week.days.first == date(2025, 12, 28)  # a Sunday
    assert quarter.days.first == date(2025, 11, 1)
    assert not org.problems


def test_an_org_of_a_zone_and_a_country_that_nobody_knows_is_one_of_utc_and_mondays() -> None:
    calendar = Company(time_zone="Mars/Olympus", locale="xx").calendar(NEW_YEAR)
    assert (calendar.today, calendar.week_start) == (date(2026, 1, 1), 0)


def test_before_it_was_read_nothing_is_said_of_fiscal_years() -> None:
    found = period("this-fiscal-quarter", Company().calendar(NEW_YEAR))
    assert isinstance(found, Unknown)
    assert "run `forcedex sync`" in found.reason


def test_what_cannot_be_used_is_told() -> None:
    rates = currencies(
        [{"IsoCode": "EUR", "ConversionRate": "0"}],
        [{"IsoCode": "GBP", "StartDate": "2026-01-01", "ConversionRate": "-1"}],
    )
    told = Company(fiscal=custom_years(three_years()[1:]), currencies=rates).problems
    assert [each.split(".")[0] for each in told[1:]] == [
        "The conversion rate of EUR is 0",
        "The conversion rate of GBP from 2026-01-01 to before empty is -1",
    ]
    assert "lies in no fiscal year" in told[0]


def test_it_survives_being_written_down() -> None:
    rates = currencies(
        [
            {"IsoCode": "USD", "ConversionRate": "1", "DecimalPlaces": "2", "IsCorporate": "true"},
            {"IsoCode": "DEM", "ConversionRate": "1.760000", "DecimalPlaces": "2", "IsActive": "false"},
            {"IsoCode": "XXX", "ConversionRate": "none"},
        ],
        [{"IsoCode": "DEM", "StartDate": "2026-01-01", "ConversionRate": "0.1"}],
    )
    org = Company(time_zone="Asia/Tokyo", locale="ja_JP", fiscal=custom_years(three_years()), currencies=rates)
    adapter = TypeAdapter(Company)
    assert adapter.validate_json(adapter.dump_json(org)) == org
