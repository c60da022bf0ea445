from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from forcedex.domain.days import ONE_DAY, Days
from forcedex.domain.pacing import Pace, business_days, pace

QUARTER = Days(date(2026, 10, 1), date(2027, 1, 1))
CHRISTMAS = {date(2026, 12, 25), date(2026, 12, 26)}  # a Friday and a Saturday


@pytest.mark.parametrize(
    ("today", "elapsed", "elapsed_business"),
    [
        ("2026-09-30", 0, 0),
        ("2026-10-01", 1, 1),  # a Thursday
        ("2026-10-04", 4, 2),
        ("2026-11-23", 54, 38),
        ("2026-12-31", 92, 65),
        ("2027-02-01", 92, 65),
    ],
)
def test_a_period_goes_by_in_days_and_in_business_days(today: str, elapsed: int, elapsed_business: int) -> None:
    assert pace(QUARTER, date.fromisoformat(today), CHRISTMAS) == Pace(92, elapsed, 65, elapsed_business)


def test_all_days_are_counted_without_walking_them() -> None:
    assert business_days(Days(date.min, date.max)) == 521_722 * 5 + 4  # from a Monday


SPANS = st.builds(
    lambda first, count: Days(first, first + timedelta(days=count)),
    st.dates(date(1900, 1, 1), date(2200, 1, 1)),
    st.integers(1, 800),
)


@given(SPANS, st.sets(st.integers(-10, 810), max_size=20))
def test_business_days_are_those_of_the_calendar(days: Days, off: set[int]) -> None:
    holidays = {days.first + ONE_DAY * each for each in off}
    every = (days.first + ONE_DAY * each for each in range(days.count))
    assert business_days(days, holidays) == sum(day.isoweekday() <= 5 and day not in holidays for day in every)


@given(SPANS, st.integers(-900, 900))
def test_what_has_elapsed_is_a_part_of_all(days: Days, offset: int) -> None:
    found = pace(days, days.first + timedelta(days=offset))
    assert 0 <= found.elapsed_days <= found.days
    assert 0 <= found.elapsed_business_days <= found.business_days
    assert (found.elapsed_days == found.days) == (days.first + timedelta(days=offset) >= days.last)
