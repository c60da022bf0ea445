from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from forcedex.domain.days import Days
from forcedex.domain.fiscal import FiscalCalendar
from forcedex.domain.periods import Calendar
from forcedex.domain.unknown import Unknown
from forcedex.search.spoken import days

TODAY = date(2026, 11, 23)  # a Monday
CALENDAR = Calendar(today=TODAY, fiscal=FiscalCalendar(start_month=2))


@pytest.mark.parametrize(
    ("text", "first", "after"),
    [
        ("today", "2026-11-23", "2026-11-24"),
        ("yesterday", "2026-11-22", "2026-11-23"),
        ("this-week", "2026-11-23", "2026-11-30"),
        ("Last Week", "2026-11-16", "2026-11-23"),
        ("last_month", "2026-10-01", "2026-11-01"),
        ("next quarter", "2027-01-01", "2027-04-01"),
        ("this quarter", "2026-10-01", "2027-01-01"),
        ("last year", "2025-01-01", "2026-01-01"),
        ("last 7 days", "2026-11-17", "2026-11-24"),
        ("next 2 weeks", "2026-11-23", "2026-12-08"),
        ("last 3 months", "2026-08-24", "2026-11-24"),
        ("2026-02", "2026-02-01", "2026-03-01"),
        ("2024-02-29", "2024-02-29", "2024-03-01"),
        ("31.12.2025", "2025-12-31", "2026-01-01"),
        ("2025", "2025-01-01", "2026-01-01"),
        ("Q3 2025", "2025-07-01", "2025-10-01"),
        ("march", "2026-03-01", "2026-04-01"),
        ("dec 2025", "2025-12-01", "2026-01-01"),
        ("tomorrow", "2026-11-24", "2026-11-25"),
        ("current month", "2026-11-01", "2026-12-01"),
        ("month to date", "2026-11-01", "2026-11-24"),
        ("2025-Q3", "2025-07-01", "2025-10-01"),
        ("this-fiscal-quarter", "2026-11-01", "2027-02-01"),
        ("Previous Fiscal Year", "2025-02-01", "2026-02-01"),
        ("last 2 fiscal quarters", "2026-05-01", "2026-11-01"),
        ("fiscal year to date", "2026-02-01", "2026-11-24"),
        ("FY2027", "2026-02-01", "2027-02-01"),
        ("FY27", "2026-02-01", "2027-02-01"),
        ("Q4 FY 2027", "2026-11-01", "2027-02-01"),
        ("fy2027-q4", "2026-11-01", "2027-02-01"),
    ],
)
def test_days_are_named_as_people_name_them(text: str, first: str, after: str) -> None:
    assert days(text, CALENDAR) == Days(date.fromisoformat(first), date.fromisoformat(after))


@pytest.mark.parametrize(
    "text",
    [
        "",
        "tomorrow-ish",
        "2026-02-30",
        "13.13.2026",
        "last 9999 years",
        "q5",
        "soon",
        "all",
        "5000",
        "0042",
        "q1 fy27 q2",
    ],
)
def test_what_names_no_days_is_no_period(text: str) -> None:
    assert days(text, CALENDAR) is None


def test_fiscal_days_of_a_calendar_that_is_not_known_have_a_reason() -> None:
    unknown = Calendar(today=TODAY, fiscal=FiscalCalendar(missing="Nobody knows."))
    assert days("this fiscal quarter", unknown) == Unknown("Nobody knows.")
    assert days("this fiscal week", CALENDAR) == Unknown(
        "The org's fiscal years are standard ones, which have no fiscal weeks. Use calendar weeks."
    )


@given(st.text(max_size=40), st.dates())
def test_no_text_raises(text: str, today: date) -> None:
    found = days(text, Calendar(today=today))
    assert found is None or isinstance(found, Days | Unknown)
