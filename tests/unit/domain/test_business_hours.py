from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from forcedex.domain.business_hours import ALL_DAY, BusinessHours, Hours, business_hours
from forcedex.domain.holidays import Holiday, Recurrence
from forcedex.domain.unknown import Unknown

NEW_YORK, BERLIN = ZoneInfo("America/New_York"), ZoneInfo("Europe/Berlin")
NINE_TO_FIVE: tuple[Hours | None, ...] = (*((9 * 60, 17 * 60),) * 5, None, None)
OFFICE = BusinessHours(zone=NEW_YORK, week=NINE_TO_FIVE)
CHRISTMAS = Holiday(first=date(2026, 12, 25))  # a Friday
EVE = Holiday(first=date(2026, 12, 24), begins=12 * 60)


def at(text: str, zone: ZoneInfo = NEW_YORK) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=zone)


@pytest.mark.parametrize(
    ("begin", "end", "minutes"),
    [
        ("2026-11-23T10:00", "2026-11-23T10:30", 30),
        ("2026-11-23T10:00:30", "2026-11-23T10:02", 1),  # whole minutes
        ("2026-11-23T08:00", "2026-11-23T18:00", 480),
        ("2026-11-20T16:00", "2026-11-23T10:00", 120),  # over a weekend
        ("2026-11-21T00:00", "2026-11-23T00:00", 0),
        ("2026-11-23T17:00", "2026-11-24T09:00", 0),
        ("2026-11-23T00:00", "2026-11-30T00:00", 2400),
    ],
)
def test_only_time_within_the_hours_counts(begin: str, end: str, minutes: int) -> None:
    assert OFFICE.minutes(at(begin), at(end)) == minutes
    assert OFFICE.minutes(at(end), at(begin)) == -minutes


def test_hours_are_those_of_their_own_zone() -> None:
    day = BusinessHours(zone=BERLIN, week=NINE_TO_FIVE)
    assert day.minutes(at("2026-11-23T10:00"), at("2026-11-23T12:00")) == 60  # 16 to 18 o'clock in Berlin


@pytest.mark.parametrize(
    ("begin", "end", "minutes"),
    [
        ("2026-12-24T09:00", "2026-12-28T10:00", 180 + 60),
        ("2026-12-24T13:00", "2026-12-25T20:00", 0),
        ("2026-12-23T16:00", "2026-12-24T11:00", 60 + 120),
    ],
)
def test_holidays_rest_for_a_day_or_a_part_of_it(begin: str, end: str, minutes: int) -> None:
    assert (
        BusinessHours(zone=NEW_YORK, week=NINE_TO_FIVE, holidays=(CHRISTMAS, EVE)).minutes(at(begin), at(end))
        == minutes
    )


def test_around_the_clock_is_all_time() -> None:
    always = BusinessHours(zone=NEW_YORK)
    assert always.minutes(at("2026-03-08T00:00"), at("2026-03-09T00:00")) == 23 * 60
    assert always.minutes(at("2026-11-01T00:00"), at("2026-11-02T00:00")) == 25 * 60
    with_one_off = BusinessHours(zone=NEW_YORK, holidays=(CHRISTMAS,))
    assert with_one_off.minutes(at("2026-11-01T00:00"), at("2026-11-02T00:00")) == 25 * 60
    assert with_one_off.minutes(at("2026-12-24T12:00"), at("2026-12-26T12:00")) == 24 * 60


@pytest.mark.parametrize(
    ("hours", "day", "minutes"),
    [
        ((9 * 60, 17 * 60), "2026-03-08", 480),  # clocks change at night
        ((0, 360), "2026-03-08", 300),  # from two to three there is no time
        ((0, 360), "2026-11-01", 420),  # from one to two there is twice
        ((150, 240), "2026-03-08", 60),  # opens at half past two, which is skipped
        ((60, 90), "2026-11-01", 60),
        ((120, 180), "2026-03-08", 0),
    ],
)
def test_days_on_which_clocks_change_have_the_time_that_clocks_show(hours: Hours, day: str, minutes: int) -> None:
    one = BusinessHours(zone=NEW_YORK, week=(hours,) * 7)
    begin = at(f"{day}T00:00")
    assert one.minutes(begin, begin.replace(hour=23, minute=59)) == minutes


def _by_hand(hours: BusinessHours, begin: datetime, end: datetime) -> int:
    """Every minute by itself."""
    found = 0
    while begin < end:
        local = begin.astimezone(hours.zone)
        minute = local.hour * 60 + local.minute
        day = hours.week[local.weekday()]
        off = any(each.falls_on(local.date()) and each.begins <= minute < each.ends for each in hours.holidays)
        found += day is not None and day[0] <= minute < day[1] and not off
        begin += timedelta(minutes=1)
    return found


SPANS = st.tuples(st.integers(0, 1440), st.integers(0, 1440)).map(sorted).filter(lambda each: each[0] < each[1])
HOURS = st.one_of(st.none(), st.just(ALL_DAY), SPANS.map(lambda each: (each[0], each[1])))
ZONES = st.sampled_from(
    ["America/New_York", "Europe/Berlin", "Australia/Lord_Howe", "America/Sao_Paulo", "Asia/Kathmandu"]
)
#: Around changes of clocks in these zones.
STARTS = st.sampled_from(
    [datetime(2018, month, day, tzinfo=UTC) for month, day in ((2, 16), (3, 10), (10, 5), (11, 2))]
)
OFF = st.builds(
    lambda first, offset, span: Holiday(first=first.date() + timedelta(days=offset), begins=span[0], ends=span[1]),
    STARTS,
    st.integers(0, 4),
    st.one_of(st.just([0, 1440]), SPANS),
)


@settings(max_examples=60)
@given(
    st.lists(HOURS, min_size=7, max_size=7),
    ZONES,
    st.lists(OFF, max_size=2),
    STARTS,
    st.integers(0, 3000),
    st.integers(0, 4500),
)
def test_business_time_is_the_sum_of_its_minutes(
    week: list[Hours | None], zone: str, off: Sequence[Holiday], start: datetime, wait: int, length: int
) -> None:
    hours = BusinessHours(zone=ZoneInfo(zone), week=tuple(week), holidays=tuple(off))
    begin = start + timedelta(minutes=wait)
    end = begin + timedelta(minutes=length)
    assert hours.minutes(begin, end) == _by_hand(hours, begin, end)
    middle = begin + timedelta(seconds=length * 17)
    assert hours.between(begin, middle) + hours.between(middle, end) == hours.between(begin, end)


def _row(**more: str) -> dict[str, str]:
    days = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday")
    times = {f"{day}{end}Time": f"{hour}:00:00.000Z" for day in days for end, hour in (("Start", "09"), ("End", "17"))}
    return {"Name": "Office", "TimeZoneSidKey": "America/New_York", "SaturdayStartTime": "", **times, **more}


def test_the_row_of_the_org_is_its_hours() -> None:
    assert business_hours(_row()) == OFFICE
    midnight = "00:00:00.000Z"
    late = business_hours(_row(SaturdayStartTime=midnight, SaturdayEndTime=midnight, MondayEndTime=midnight))
    assert isinstance(late, BusinessHours)
    assert (late.week[5], late.week[0]) == (ALL_DAY, (540, 1440))
    assert not late.always
    assert BusinessHours().always


@pytest.mark.parametrize(
    ("row", "says"),
    [
        (_row(TimeZoneSidKey="Mars/Olympus"), "time zone “Mars/Olympus”"),
        (_row(TimeZoneSidKey=""), "time zone “”"),
        (_row(MondayEndTime="08:00:00.000Z"), "on Monday are unclear"),
        (_row(FridayEndTime=""), "on Friday are unclear"),
        (_row(SundayStartTime="noon", SundayEndTime="night"), "on Sunday are unclear"),
    ],
)
def test_a_row_without_clear_hours_is_refused_by_name(row: dict[str, str], says: str) -> None:
    found = business_hours(row)
    assert isinstance(found, Unknown)
    assert says in found.reason
    assert "Office" in found.reason


def test_a_recurring_holiday_rests_every_year() -> None:
    every = Holiday(first=date(2020, 12, 25), recurrence=Recurrence.YEARLY, day_of_month=25, month=12)
    office = BusinessHours(zone=NEW_YORK, week=NINE_TO_FIVE, holidays=(every,))
    assert office.minutes(at("2026-12-25T00:00"), at("2026-12-26T00:00")) == 0
    assert office.minutes(at("2019-12-25T00:00"), at("2019-12-26T00:00")) == 480  # before it began
