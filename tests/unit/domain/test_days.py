from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from forcedex.domain.days import Days, Unit, around, day_of, stepped
from forcedex.domain.weeks import week_start

DAYS = st.dates(date(1900, 1, 1), date(2200, 12, 31))
UNITS = st.sampled_from(list(Unit))
ZONES = st.sampled_from(
    ["UTC", "America/New_York", "Europe/Berlin", "America/Sao_Paulo", "Asia/Beirut", "America/Havana", "Asia/Kathmandu"]
).map(ZoneInfo)


@given(DAYS, UNITS, st.integers(0, 6))
def test_a_unit_holds_its_day_and_ends_where_the_next_begins(day: date, unit: Unit, start: int) -> None:
    one = around(day, unit, start)
    assert day in one
    assert stepped(one.first, unit, 1) == one.end
    assert around(one.end, unit, start).first == one.end
    if unit is Unit.WEEK:
        assert one.first.weekday() == start


@given(DAYS, UNITS, st.integers(-500, 500))
def test_a_step_there_and_back_stays_within_the_month(day: date, unit: Unit, count: int) -> None:
    back = stepped(stepped(day, unit, count), unit, -count)
    assert (back.year, back.month) == (day.year, day.month)
    assert back <= day


@pytest.mark.parametrize(
    ("day", "unit", "count", "then"),
    [
        ("2024-02-29", Unit.YEAR, -1, "2023-02-28"),
        ("2024-02-29", Unit.YEAR, 4, "2028-02-29"),
        ("2026-01-31", Unit.MONTH, 1, "2026-02-28"),
        ("2026-11-30", Unit.QUARTER, 1, "2027-02-28"),
    ],
)
def test_a_step_into_a_shorter_month_is_its_last_day(day: str, unit: Unit, count: int, then: str) -> None:
    assert stepped(date.fromisoformat(day), unit, count) == date.fromisoformat(then)


@given(DAYS.filter(lambda day: day.year > 1970), st.integers(1, 400), ZONES)
def test_the_instants_of_days_are_just_those_whose_clock_shows_one_of_them(
    first: date, count: int, zone: ZoneInfo
) -> None:
    span = Days(first, first + timedelta(days=count))
    begin, end = (each.astimezone(UTC) for each in span.moments(zone))
    assert day_of(begin, zone) in span
    assert day_of(begin - timedelta(seconds=1), zone) not in span
    assert day_of(end - timedelta(seconds=1), zone) in span
    assert day_of(end, zone) not in span


def test_a_day_without_midnight_begins_with_its_first_minute() -> None:
    zone = ZoneInfo("America/Sao_Paulo")  # on 4 November 2018 clocks went from midnight to one
    begin, end = Days(date(2018, 11, 4), date(2018, 11, 5)).moments(zone)
    assert begin.astimezone(UTC) == datetime(2018, 11, 4, 3, tzinfo=UTC)
    assert end.astimezone(UTC) - begin.astimezone(UTC) == timedelta(hours=23)


def test_a_span_has_a_day() -> None:
    with pytest.raises(ValueError, match="no day"):
        Days(date(2026, 1, 1), date(2026, 1, 1))


@pytest.mark.parametrize(
    ("locale", "start"),
    [("en_US", 6), ("de_DE_EURO", 0), ("en-GB", 0), ("ar_EG", 5), ("dv_MV", 4), ("zh_Hans_SG", 6), ("de", 0), ("", 0)],
)
def test_weeks_start_as_in_the_locale(locale: str, start: int) -> None:
    assert week_start(locale) == start
