from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from forcedex.domain.days import Days, Unit, day_of
from forcedex.domain.fiscal import FiscalCalendar, FiscalPeriod
from forcedex.domain.fiscal_rows import custom_years, fiscal_calendar, standard_years
from forcedex.domain.unknown import Unknown
from tests.unit.domain.fiscal_years import FIRST, Row, row, three_years, year_of_weeks

CUSTOM = custom_years(three_years())
DAYS = st.dates(date(1900, 1, 1), date(2200, 12, 31))
STANDARD = st.builds(FiscalCalendar, start_month=st.integers(1, 12), named_by_start=st.booleans())
STANDARD_UNITS = st.sampled_from([Unit.MONTH, Unit.QUARTER, Unit.YEAR])
ANY_UNIT = st.sampled_from([Unit.WEEK, Unit.MONTH, Unit.QUARTER, Unit.YEAR])
KNOWN_DAYS = st.dates(FIRST, FIRST + timedelta(weeks=157, days=-1))


def found(one: FiscalPeriod | Unknown) -> FiscalPeriod:
    assert isinstance(one, FiscalPeriod), one
    return one


def reason(one: object) -> str:
    assert isinstance(one, Unknown), one
    return one.reason


@pytest.mark.parametrize(
    ("start", "by_start", "day", "year", "quarter", "month"),
    [
        (1, False, "2026-03-31", "FY2026", "FY2026-Q1", "FY2026-P03"),
        (1, True, "2026-03-31", "FY2026", "FY2026-Q1", "FY2026-P03"),  # a year from January to December has one name
        (2, False, "2026-01-31", "FY2026", "FY2026-Q4", "FY2026-P12"),
        (2, False, "2026-02-01", "FY2027", "FY2027-Q1", "FY2027-P01"),
        (2, True, "2026-01-31", "FY2025", "FY2025-Q4", "FY2025-P12"),
        (2, True, "2026-02-01", "FY2026", "FY2026-Q1", "FY2026-P01"),
        (2, False, "2028-02-29", "FY2029", "FY2029-Q1", "FY2029-P01"),
        (7, False, "2026-06-30", "FY2026", "FY2026-Q4", "FY2026-P12"),
        (7, False, "2026-07-01", "FY2027", "FY2027-Q1", "FY2027-P01"),
        (7, True, "2026-06-30", "FY2025", "FY2025-Q4", "FY2025-P12"),
        (7, True, "2026-12-31", "FY2026", "FY2026-Q2", "FY2026-P06"),
    ],
)
def test_a_standard_year_is_named_for_the_year_it_ends_or_starts_in(
    start: int, by_start: bool, day: str, year: str, quarter: str, month: str
) -> None:
    calendar = FiscalCalendar(start_month=start, named_by_start=by_start)
    keys = [found(calendar.around(date.fromisoformat(day), unit)).key for unit in (Unit.YEAR, Unit.QUARTER, Unit.MONTH)]
    assert keys == [year, quarter, month]


def test_periods_are_labelled_as_salesforce_shows_them() -> None:
    """Object Reference, Period.FullyQualifiedLabel: "September FY 2016"."""
    calendar = FiscalCalendar(start_month=7)
    day = date(2015, 9, 30)
    labels = [found(calendar.around(day, unit)).label for unit in (Unit.YEAR, Unit.QUARTER, Unit.MONTH)]
    assert labels == ["FY 2016", "Q1 FY 2016", "September FY 2016"]


def test_the_last_minute_of_a_quarter_is_in_it_by_the_orgs_clock() -> None:
    zone = ZoneInfo("America/New_York")
    calendar = FiscalCalendar(start_month=2)
    last = datetime(2026, 5, 1, 3, 59, 59, tzinfo=UTC)  # 23:59:59 on 30 April in New York
    assert found(calendar.around(day_of(last, zone), Unit.QUARTER)).key == "FY2027-Q1"
    assert found(calendar.around(day_of(last + timedelta(seconds=1), zone), Unit.QUARTER)).key == "FY2027-Q2"


@given(STANDARD, DAYS, STANDARD_UNITS)
def test_a_standard_period_holds_its_day_and_is_found_by_its_key(
    calendar: FiscalCalendar, day: date, unit: Unit
) -> None:
    one = found(calendar.around(day, unit))
    assert day in one.days
    assert calendar.named(one.key) == one
    assert found(calendar.shifted(one, 1)).days.first == one.days.end
    assert calendar.shifted(found(calendar.shifted(one, 7)), -7) == one
    before = found(calendar.year_before(one))
    assert (before.year, before.number) == (one.year - 1, one.number)
    assert before.days.first.replace(day=1).month == one.days.first.month


@given(STANDARD, STANDARD_UNITS, DAYS, DAYS)
def test_keys_sort_as_days_do(calendar: FiscalCalendar, unit: Unit, one: date, other: date) -> None:
    first, second = (found(calendar.around(day, unit)) for day in (min(one, other), max(one, other)))
    assert first.key <= second.key
    assert (first.key == second.key) == (first.days == second.days)


@given(STANDARD, DAYS)
def test_the_periods_within_a_year_tile_it(calendar: FiscalCalendar, day: date) -> None:
    year = found(calendar.around(day, Unit.YEAR))
    for unit, count in ((Unit.QUARTER, 4), (Unit.MONTH, 12)):
        parts = calendar.within(year.days, unit)
        assert not isinstance(parts, Unknown)
        assert [each.number for each in parts] == list(range(1, count + 1))
        assert all(before.days.end == after.days.first for before, after in pairwise(parts))
        assert Days(parts[0].days.first, parts[-1].days.end) == year.days


def test_standard_years_have_no_weeks_and_end_with_the_calendar() -> None:
    calendar = FiscalCalendar()
    assert "no fiscal weeks" in reason(calendar.around(date(2026, 1, 1), Unit.WEEK))
    assert "no fiscal weeks" in reason(calendar.named("FY2026-W01"))
    assert "There is no FY2026-P13" in reason(calendar.named("FY2026-P13"))
    assert "beyond" in reason(calendar.around(date(9999, 12, 31), Unit.YEAR))
    assert "beyond" in reason(calendar.named("FY0000"))
    for text in ("2026", "FY26", "fy2026", "FY2026-Q", "FY2026-M01", "FY٢٠٢٦"):
        assert "no fiscal period" in reason(calendar.named(text))


@pytest.mark.parametrize(
    ("day", "year", "quarter", "month", "week"),
    [
        ("2023-01-29", "FY2023", "FY2023-Q1", "FY2023-P01", "FY2023-W01"),
        ("2023-04-29", "FY2023", "FY2023-Q1", "FY2023-P03", "FY2023-W13"),
        ("2023-04-30", "FY2023", "FY2023-Q2", "FY2023-P04", "FY2023-W14"),
        ("2024-02-03", "FY2023", "FY2023-Q4", "FY2023-P12", "FY2023-W53"),  # the 53rd week
        ("2024-02-04", "FY2024", "FY2024-Q1", "FY2024-P01", "FY2024-W01"),
        ("2024-02-29", "FY2024", "FY2024-Q1", "FY2024-P01", "FY2024-W04"),
    ],
)
def test_custom_years_are_their_rows(day: str, year: str, quarter: str, month: str, week: str) -> None:
    units = (Unit.YEAR, Unit.QUARTER, Unit.MONTH, Unit.WEEK)
    assert [found(CUSTOM.around(date.fromisoformat(day), unit)).key for unit in units] == [year, quarter, month, week]


@given(KNOWN_DAYS, ANY_UNIT)
def test_a_custom_period_holds_its_day_and_is_found_by_its_key(day: date, unit: Unit) -> None:
    one = found(CUSTOM.around(day, unit))
    assert day in one.days
    assert CUSTOM.named(one.key) == one
    after = CUSTOM.shifted(one, 1)
    assert isinstance(after, Unknown) or (after.days.first == one.days.end and after.key > one.key)


def test_weeks_of_a_4_4_5_year_make_its_months_and_quarters() -> None:
    year = found(CUSTOM.named("FY2023"))
    months = CUSTOM.within(year.days, Unit.MONTH)
    assert not isinstance(months, Unknown)
    assert [each.days.count // 7 for each in months] == [4, 4, 5, 4, 4, 5, 4, 4, 5, 4, 4, 6]
    assert months[4].label == "P2 Q2 FY 2023"
    assert year.days.count == 53 * 7
    assert CUSTOM.known == Days(FIRST, date(2026, 1, 31) + timedelta(days=1))


def test_outside_the_known_rows_there_is_a_reason_and_no_guess() -> None:
    for day in (FIRST - timedelta(days=1), date(2026, 2, 1)):
        assert "defined from 2023-01-29 to 2026-01-31" in reason(CUSTOM.around(day, Unit.QUARTER))
    last = found(CUSTOM.named("FY2025-Q4"))
    assert "no quarter" in reason(CUSTOM.shifted(last, 1))
    assert "no year" in reason(CUSTOM.named("FY2026"))
    assert "no quarter for FY2022-Q1" in reason(CUSTOM.year_before(found(CUSTOM.named("FY2023-Q1"))))
    assert "no quarter" in reason(CUSTOM.within(Days(date(2025, 12, 1), date(2026, 3, 1)), Unit.QUARTER))
    week = found(CUSTOM.named("FY2024-W52"))
    assert found(CUSTOM.year_before(week)).key == "FY2023-W52"
    # Nothing is the same week a year after the 53rd, nor before it in a year of 52.
    assert "FY2024-W53" in reason(CUSTOM.named("FY2024-W53"))


def _without(rows: list[Row], label: str) -> list[Row]:
    left = [each for each in rows if each["FullyQualifiedLabel"] != label]
    assert len(left) == len(rows) - 1
    return left


@pytest.mark.parametrize(
    ("rows", "says"),
    [
        (three_years() + [row("Quarter", date(2024, 3, 3), 13, "Q9")], ("overlap", "Q1 FY 2024", "Q9")),
        (three_years() + [three_years()[0]], ("overlap", "year FY 2023")),
        (_without(three_years(), "FY 2024"), ("No fiscal year covers 2024-02-04", "FY 2023", "FY 2025")),
        (_without(three_years(), "Q2 FY 2024"), ("No fiscal quarter covers", "Q1 FY 2024", "Q3 FY 2024")),
        (_without(three_years(), "Q4 FY 2024"), ("do not cover", "year FY 2024", "Q3 FY 2024")),
        (_without(three_years(), "Week 1 FY 2025"), ("do not cover", "Week 2 FY 2025")),
        (
            [row("Year", FIRST, 52, "FY 2023"), row("Month", FIRST - timedelta(weeks=9), 4, "Stray")],
            ("Stray", "no fiscal year"),
        ),
        ([row("Year", FIRST, 52, "Alpha")], ("Alpha", "is no year")),
        ([*year_of_weeks(2023, FIRST), *year_of_weeks(2022, FIRST + timedelta(weeks=52))], ("FY 2022", "not a later")),
        ([row("Decade", FIRST, 520, "The Twenties")], ("The Twenties", "no known type")),
        ([{**row("Year", FIRST, 52, "FY 2023"), "EndDate": "2022-01-01"}], ("FY 2023", "has no days")),
        ([{**row("Year", FIRST, 52, "FY 2023"), "StartDate": ""}], ("FY 2023", "has no days")),
        ([], ("no fiscal years",)),
    ],
)
def test_rows_that_make_no_calendar_are_refused_by_name(rows: list[Row], says: tuple[str, ...]) -> None:
    calendar = custom_years(rows)
    assert calendar.custom == ()
    told = reason(calendar.around(date(2023, 6, 1), Unit.QUARTER))
    assert all(each in told for each in says), told
    for answer in (calendar.named("FY2023"), calendar.within(Days(FIRST, date(2024, 1, 1)), Unit.YEAR)):
        assert reason(answer) == told


def test_years_without_weeks_say_so() -> None:
    calendar = custom_years([each for each in three_years() if each["Type"] != "Week"])
    assert found(calendar.named("FY2024-P07")).number == 7
    assert "have no weeks" in reason(calendar.around(date(2024, 6, 1), Unit.WEEK))


def test_a_year_without_a_label_has_the_name_of_its_settings() -> None:
    bare = row("Year", FIRST, 52, **{"FiscalYearSettings.Name": "2023"})
    quarters = [
        row("Quarter", FIRST + timedelta(weeks=13 * each), 13, QuarterLabel="Spring" if each == 0 else "")
        for each in range(4)
    ]
    calendar = custom_years([*quarters, bare])
    assert found(calendar.named("FY2023")).label == "FY 2023"
    assert found(calendar.named("FY2023-Q1")).label == "Spring FY 2023"
    assert found(calendar.named("FY2023-Q2")).label == "Q2 FY 2023"


def test_the_org_says_which_kind_of_years_it_has() -> None:
    organization = {"FiscalYearStartMonth": "2", "UsesStartDateAsFiscalYearName": "true"}
    standard = [{**each, "FiscalYearSettings.IsStandardYear": "true"} for each in three_years()]
    assert fiscal_calendar(organization, standard) == FiscalCalendar(start_month=2, named_by_start=True)
    assert fiscal_calendar(organization, three_years()) == CUSTOM
    assert standard_years({"FiscalYearStartMonth": "7.0"}).start_month == 7


@pytest.mark.parametrize("text", ["", "0", "13", "May", "1.5", "nan"])
def test_without_a_start_month_nothing_is_known(text: str) -> None:
    calendar = standard_years({"FiscalYearStartMonth": text})
    assert "FiscalYearStartMonth" in reason(calendar.around(date(2026, 1, 1), Unit.YEAR))
    one = found(FiscalCalendar().named("FY2026"))
    assert "FiscalYearStartMonth" in reason(calendar.shifted(one, 1))
    assert "FiscalYearStartMonth" in reason(calendar.year_before(one))
