from datetime import date, timedelta

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from forcedex.domain.comparing_periods import Basis, Comparison, compared
from forcedex.domain.days import ONE_DAY, Days, Unit
from forcedex.domain.fiscal import FiscalCalendar
from forcedex.domain.fiscal_rows import custom_years
from forcedex.domain.periods import Calendar, Period, between, period
from forcedex.domain.unknown import Unknown
from tests.unit.domain.fiscal_years import three_years

TODAY = date(2026, 11, 23)  # a Monday
FEBRUARY = Calendar(today=TODAY, fiscal=FiscalCalendar(start_month=2))
WEEKS = Calendar(today=date(2024, 2, 29), week_start=6, fiscal=custom_years(three_years()))
UNKNOWN = Calendar(today=TODAY, fiscal=FiscalCalendar(missing="Nobody knows."))


def named(text: str, calendar: Calendar = FEBRUARY) -> Period:
    found = period(text, calendar)
    assert isinstance(found, Period), found
    return found


def reason(found: object) -> str:
    assert isinstance(found, Unknown), found
    return found.reason


@pytest.mark.parametrize(
    ("text", "first", "last"),
    [
        ("today", "2026-11-23", "2026-11-23"),
        ("yesterday", "2026-11-22", "2026-11-22"),
        ("tomorrow", "2026-11-24", "2026-11-24"),
        ("this-week", "2026-11-23", "2026-11-29"),
        ("last-month", "2026-10-01", "2026-10-31"),
        ("next-quarter", "2027-01-01", "2027-03-31"),
        ("this-year", "2026-01-01", "2026-12-31"),
        ("this-fiscal-month", "2026-11-01", "2026-11-30"),
        ("this-fiscal-quarter", "2026-11-01", "2027-01-31"),
        ("last-fiscal-quarter", "2026-08-01", "2026-10-31"),
        ("next-fiscal-year", "2027-02-01", "2028-01-31"),
        ("last-7-days", "2026-11-17", "2026-11-23"),
        ("last-1-day", "2026-11-23", "2026-11-23"),
        ("next-7-days", "2026-11-24", "2026-11-30"),
        ("last-2-weeks", "2026-11-09", "2026-11-22"),
        ("last-3-months", "2026-08-01", "2026-10-31"),
        ("next-2-quarters", "2027-01-01", "2027-06-30"),
        ("last-10-years", "2016-01-01", "2025-12-31"),
        ("last-4-fiscal-quarters", "2025-11-01", "2026-10-31"),
        ("next-2-fiscal-years", "2027-02-01", "2029-01-31"),
        ("week-to-date", "2026-11-23", "2026-11-23"),
        ("month-to-date", "2026-11-01", "2026-11-23"),
        ("quarter-to-date", "2026-10-01", "2026-11-23"),
        ("year-to-date", "2026-01-01", "2026-11-23"),
        ("fiscal-quarter-to-date", "2026-11-01", "2026-11-23"),
        ("fiscal-year-to-date", "2026-02-01", "2026-11-23"),
        ("2026", "2026-01-01", "2026-12-31"),
        ("2026-Q2", "2026-04-01", "2026-06-30"),
        ("2024-02", "2024-02-01", "2024-02-29"),
        ("2024-02-29", "2024-02-29", "2024-02-29"),
        ("FY2026", "2025-02-01", "2026-01-31"),
        ("FY2026-Q2", "2025-05-01", "2025-07-31"),
        ("FY2026-P12", "2026-01-01", "2026-01-31"),
        ("2026-01-01..2026-03-31", "2026-01-01", "2026-03-31"),
    ],
)
def test_a_text_names_its_days(text: str, first: str, last: str) -> None:
    found = named(text)
    assert (found.days.first, found.days.last) == (date.fromisoformat(first), date.fromisoformat(last))
    assert found.text == text


@pytest.mark.parametrize(
    ("text", "first", "last"),
    [
        ("this-week", "2024-02-25", "2024-03-02"),  # from Sunday
        ("this-fiscal-week", "2024-02-25", "2024-03-02"),
        ("last-fiscal-month", "2023-12-24", "2024-02-03"),  # with the 53rd week
        ("last-2-fiscal-quarters", "2023-07-30", "2024-02-03"),
        ("FY2023-W53", "2024-01-28", "2024-02-03"),
    ],
)
def test_a_text_names_the_days_of_a_custom_year(text: str, first: str, last: str) -> None:
    found = named(text, WEEKS)
    assert (found.days.first, found.days.last) == (date.fromisoformat(first), date.fromisoformat(last))


@pytest.mark.parametrize(
    ("typed", "text"),
    [
        (" This Quarter ", "this-quarter"),
        ("last_3_MONTHS", "last-3-months"),
        ("last-3-month", "last-3-months"),
        ("last-1-months", "last-1-month"),
        ("2026-q2", "2026-Q2"),
        ("fy 2026 q2", "FY2026-Q2"),
        ("fy2026-p3", "FY2026-P03"),
        ("ALL", "all"),
    ],
)
def test_a_period_has_one_spelling(typed: str, text: str) -> None:
    assert named(typed).text == text


def test_all_is_no_restriction() -> None:
    assert named("all").is_all
    assert date(1, 1, 1) in named("all").days
    assert not named("last-9-years").is_all


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("", "no period"),
        ("soon", "Use today, this-quarter"),
        ("this-decade", "no period"),
        ("last-0-days", "no period"),
        ("last-99999-days", "no period"),
        ("next-3-fiscal-days", "days are not fiscal"),
        ("2026-Q5", "no period"),
        ("2026-13", "no day of the calendar"),
        ("2026-02-30", "no day of the calendar"),
        ("2026-02-01..2026-02-30", "no day of the calendar"),
        ("0000", "no day of the calendar"),
        ("9999-12", "beyond the years"),
        ("last-9999-years", "beyond the years"),
        ("last-9999-fiscal-years", "beyond the years"),
        ("2026-03-01..2026-01-01", "ends before it begins"),
        ("FY2026-Q7", "There is no FY2026-Q7"),
        ("FY26", "no period"),
        ("this-fiscal-week", "no fiscal weeks"),
        ("٢٠٢٦", "no period"),
        ("x" * 10_000, "no period"),
    ],
)
def test_a_bad_text_is_refused_with_the_cause(text: str, says: str) -> None:
    told = reason(period(text, FEBRUARY))
    assert says in told
    assert len(told) < 400


@pytest.mark.parametrize("text", ["this-fiscal-quarter", "FY2026", "last-2-fiscal-years", "fiscal-year-to-date"])
def test_without_a_fiscal_calendar_its_periods_have_its_reason(text: str) -> None:
    assert reason(period(text, UNKNOWN)) == "Nobody knows."


def test_a_custom_calendar_ends_with_its_rows() -> None:
    assert "defined from" in reason(period("next-2-fiscal-years", WEEKS))
    assert "defined from" in reason(period("FY2031-Q1", WEEKS))


UNITS = st.sampled_from(["week", "month", "quarter", "year"])
FISCAL = st.sampled_from(["", "fiscal-"])
DATES = st.dates(date(1800, 1, 1), date(2300, 12, 31))
TEXTS = st.one_of(
    st.sampled_from(["today", "yesterday", "tomorrow", "all"]),
    st.builds("{}-{}{}".format, st.sampled_from(["this", "last", "next"]), FISCAL, UNITS),
    st.builds("{}-{}-{}{}s".format, st.sampled_from(["last", "next"]), st.integers(1, 60), FISCAL, UNITS),
    st.builds("{}-{}-days".format, st.sampled_from(["last", "next"]), st.integers(1, 4000)),
    st.builds("{}{}-to-date".format, FISCAL, UNITS),
    st.builds("{}".format, st.integers(1800, 2300)),
    st.builds("{}-Q{}".format, st.integers(1800, 2300), st.integers(1, 4)),
    st.builds("{}-{:02}".format, st.integers(1800, 2300), st.integers(1, 12)),
    st.builds("FY{}".format, st.integers(1800, 2300)),
    st.builds("FY{}-Q{}".format, st.integers(1800, 2300), st.integers(1, 4)),
    st.builds("FY{}-P{:02}".format, st.integers(1800, 2300), st.integers(1, 12)),
    DATES.map(str),
    st.builds(lambda one, other: f"{min(one, other)}..{max(one, other)}", DATES, DATES),
)
CALENDARS = st.one_of(
    st.builds(
        Calendar,
        today=st.dates(date(1990, 1, 1), date(2100, 12, 31)),
        week_start=st.integers(0, 6),
        fiscal=st.builds(FiscalCalendar, start_month=st.integers(1, 12), named_by_start=st.booleans()),
    ),
    st.builds(
        Calendar,
        today=st.dates(date(2023, 1, 29), date(2026, 1, 31)),
        week_start=st.integers(0, 6),
        fiscal=st.just(WEEKS.fiscal),
    ),
)


@given(TEXTS, CALENDARS)
def test_a_period_prints_to_text_that_names_it_again(text: str, calendar: Calendar) -> None:
    found = period(text, calendar)
    assume(isinstance(found, Period))
    assert isinstance(found, Period)
    assert period(found.text, calendar) == found
    assert period(found.text.upper(), calendar) == found


@given(st.text(max_size=70), CALENDARS)
def test_any_text_is_a_period_or_has_a_reason(text: str, calendar: Calendar) -> None:
    found = period(text, calendar)
    assert isinstance(found, Unknown) or period(found.text, calendar) == found


@given(TEXTS, CALENDARS, st.sampled_from(Basis))
def test_what_is_compared_lies_before_and_prints_back(text: str, calendar: Calendar, basis: Basis) -> None:
    found = period(text, calendar)
    assume(isinstance(found, Period))
    assert isinstance(found, Period)
    result = compared(found, basis, calendar)
    if isinstance(result, Unknown):
        assert result.reason
        return
    assert result.other.days.first < result.period.days.first
    assert period(result.other.text, calendar) == result.other
    assert period(result.period.text, calendar) == result.period
    assert result.period.days.first == found.days.first
    if basis is Basis.PREVIOUS and not result.to_date:
        assert result.other.days.end == found.days.first
    if result.to_date:
        assert result.period.days.last == calendar.today
        assert result.shorter or result.other.days.count == result.period.days.count


@pytest.mark.parametrize(
    ("text", "basis", "days", "other"),
    [
        # Over: whole units.
        ("last-quarter", Basis.PREVIOUS, "2026-07-01..2026-09-30", "2026-Q2"),
        ("last-quarter", Basis.YEAR_BEFORE, "2026-07-01..2026-09-30", "2025-Q3"),
        ("2026-03", Basis.PREVIOUS, "2026-03-01..2026-03-31", "2026-02"),
        ("2025", Basis.PREVIOUS, "2025-01-01..2025-12-31", "2024"),
        ("2025", Basis.YEAR_BEFORE, "2025-01-01..2025-12-31", "2024"),
        ("last-3-months", Basis.PREVIOUS, "2026-08-01..2026-10-31", "2026-05-01..2026-07-31"),
        ("last-3-months", Basis.YEAR_BEFORE, "2026-08-01..2026-10-31", "2025-08-01..2025-10-31"),
        ("last-week", Basis.PREVIOUS, "2026-11-16..2026-11-22", "2026-11-09..2026-11-15"),
        ("last-week", Basis.YEAR_BEFORE, "2026-11-16..2026-11-22", "2025-11-17..2025-11-23"),
        ("last-7-days", Basis.PREVIOUS, "2026-11-17..2026-11-23", "2026-11-10..2026-11-16"),
        ("today", Basis.PREVIOUS, "2026-11-23..2026-11-23", "2026-11-22..2026-11-22"),
        ("2024-02-29", Basis.YEAR_BEFORE, "2024-02-29..2024-02-29", "2023-02-28..2023-02-28"),
        ("2026-01-01..2026-01-31", Basis.PREVIOUS, "2026-01-01..2026-01-31", "2025-12-01..2025-12-31"),
        ("2026-01-01..2026-01-31", Basis.YEAR_BEFORE, "2026-01-01..2026-01-31", "2025-01-01..2025-01-31"),
        ("FY2027-Q3", Basis.PREVIOUS, "2026-08-01..2026-10-31", "FY2027-Q2"),
        ("FY2027-Q3", Basis.YEAR_BEFORE, "2026-08-01..2026-10-31", "FY2026-Q3"),
        ("FY2026-P01", Basis.PREVIOUS, "2025-02-01..2025-02-28", "FY2025-P12"),
        ("last-2-fiscal-quarters", Basis.YEAR_BEFORE, "2026-05-01..2026-10-31", "2025-05-01..2025-10-31"),
        # To come: whole units too.
        ("next-quarter", Basis.PREVIOUS, "2027-01-01..2027-03-31", "2026-Q4"),
        # Not over: as many days of both.
        ("this-quarter", Basis.PREVIOUS, "2026-10-01..2026-11-23", "2026-07-01..2026-08-23"),
        ("this-quarter", Basis.YEAR_BEFORE, "2026-10-01..2026-11-23", "2025-10-01..2025-11-23"),
        ("quarter-to-date", Basis.PREVIOUS, "2026-10-01..2026-11-23", "2026-07-01..2026-08-23"),
        ("this-fiscal-year", Basis.PREVIOUS, "2026-02-01..2026-11-23", "2025-02-01..2025-11-23"),
        ("fiscal-quarter-to-date", Basis.YEAR_BEFORE, "2026-11-01..2026-11-23", "2025-11-01..2025-11-23"),
        ("2026-11-01..2026-11-30", Basis.PREVIOUS, "2026-11-01..2026-11-23", "2026-10-02..2026-10-24"),
        ("week-to-date", Basis.PREVIOUS, "2026-11-23..2026-11-23", "2026-11-16..2026-11-16"),
    ],
)
def test_a_period_is_compared_with_its_like(text: str, basis: Basis, days: str, other: str) -> None:
    result = compared(named(text), basis, FEBRUARY)
    assert isinstance(result, Comparison)
    assert between(result.period.days).text == days
    assert result.other.text == other
    assert not result.shorter


def test_a_shorter_month_is_compared_whole_and_said_so() -> None:
    calendar = Calendar(today=date(2026, 3, 30))
    result = compared(named("this-month", calendar), Basis.PREVIOUS, calendar)
    assert isinstance(result, Comparison)
    assert (result.other.text, result.to_date, result.shorter) == ("2026-02-01..2026-02-28", True, True)


def test_a_leap_year_to_date_is_compared_with_as_many_days() -> None:
    calendar = Calendar(today=date(2024, 12, 30))
    result = compared(named("this-year", calendar), Basis.PREVIOUS, calendar)
    assert isinstance(result, Comparison)
    assert result.period.days.count == result.other.days.count == 365


def test_what_a_custom_calendar_lacks_is_not_compared() -> None:
    assert "no week for FY2022-W53" in reason(compared(named("FY2023-W53", WEEKS), Basis.YEAR_BEFORE, WEEKS))
    assert "before" in reason(compared(named("FY2023-Q1", WEEKS), Basis.PREVIOUS, WEEKS))
    result = compared(named("this-fiscal-quarter", WEEKS), Basis.YEAR_BEFORE, WEEKS)
    assert isinstance(result, Comparison)
    assert (result.other.days, result.to_date) == (Days(date(2023, 1, 29), date(2023, 2, 24)), True)


def test_all_days_are_compared_with_nothing() -> None:
    assert "Choose a period" in reason(compared(named("all"), Basis.PREVIOUS, FEBRUARY))
    assert "beyond the calendar" in reason(compared(named("0001"), Basis.PREVIOUS, FEBRUARY))


def test_a_unit_of_days_is_what_it_is_counted_in() -> None:
    found = between(Days(TODAY, TODAY + ONE_DAY * 3))
    assert (found.unit, found.count) == (Unit.DAY, 3)
    assert found.days.last == TODAY + timedelta(days=2)
