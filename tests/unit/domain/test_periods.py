from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from forcedex.domain.periods import period

TODAY = date(2026, 11, 23)  # a Monday


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
    ],
)
def test_days_are_named_as_people_name_them(text: str, first: str, after: str) -> None:
    assert period(text, TODAY) == (date.fromisoformat(first), date.fromisoformat(after))


@pytest.mark.parametrize("text", ["", "tomorrow-ish", "2026-02-30", "13.13.2026", "last 9999 years", "q5", "soon"])
def test_what_names_no_days_is_no_period(text: str) -> None:
    assert period(text, TODAY) is None


@given(st.text(max_size=40), st.dates())
def test_no_text_raises_and_every_period_has_a_day(text: str, today: date) -> None:
    found = period(text, today)
    assert found is None or found[0] < found[1]
