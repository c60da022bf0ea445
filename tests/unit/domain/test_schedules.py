"""When reports are sent, over changes to and from summer time."""

from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from forcedex.domain.schedules import Every, Times, pause

BERLIN = ZoneInfo("Europe/Berlin")


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def times(every: Every, hour: int, minute: int = 0, on: int = 0) -> Times:
    return Times(every=every, at=time(hour, minute), on=on)


@pytest.mark.parametrize(
    ("when", "zone", "after", "expected"),
    [
        # An ordinary day, before and at the time itself.
        (times(Every.DAY, 7), "Europe/Berlin", "2026-11-23 05:59", "2026-11-23 06:00"),
        (times(Every.DAY, 7), "Europe/Berlin", "2026-11-23 06:00", "2026-11-24 06:00"),
        # 02:30 is left out on 29 March 2026: the first moment after it is 03:00, 01:00 UTC.
        (times(Every.DAY, 2, 30), "Europe/Berlin", "2026-03-28 12:00", "2026-03-29 01:00"),
        (times(Every.DAY, 2, 30), "Europe/Berlin", "2026-03-29 01:00", "2026-03-30 00:30"),
        # 02:30 comes twice on 25 October 2026: the first is 00:30 UTC, and the second is not run.
        (times(Every.DAY, 2, 30), "Europe/Berlin", "2026-10-24 12:00", "2026-10-25 00:30"),
        (times(Every.DAY, 2, 30), "Europe/Berlin", "2026-10-25 00:30", "2026-10-26 01:30"),
        # Midnight is left out in Cairo on 24 April 2026.
        (times(Every.DAY, 0), "Africa/Cairo", "2026-04-23 12:00", "2026-04-23 22:00"),
        # Half an hour is left out on Lord Howe Island on 4 October 2026.
        (times(Every.DAY, 2, 15), "Australia/Lord_Howe", "2026-10-03 12:00", "2026-10-03 15:30"),
        # A whole day is left out on Samoa: 30 December 2011.
        (times(Every.DAY, 7), "Pacific/Apia", "2011-12-29 18:00", "2011-12-30 10:00"),
        # Weekdays and days of the month are local ones.
        (times(Every.WEEK, 0, 30, on=0), "Europe/Berlin", "2026-11-20 12:00", "2026-11-22 23:30"),
        (times(Every.MONTH, 7, on=31), "Europe/Berlin", "2026-02-01 12:00", "2026-02-28 06:00"),
        (times(Every.MONTH, 7, on=31), "Europe/Berlin", "2028-02-01 12:00", "2028-02-29 06:00"),
        (times(Every.MONTH, 7, on=15), "UTC", "2026-12-15 07:00", "2027-01-15 07:00"),
    ],
)
def test_the_next_time_is_local(when: Times, zone: str, after: str, expected: str) -> None:
    assert when.after(at(after), ZoneInfo(zone)) == at(expected)


@given(
    st.datetimes(datetime(2020, 1, 1), datetime(2030, 1, 1)),
    st.builds(Times, every=st.just(Every.DAY), at=st.times()),
    st.sampled_from(["Europe/Berlin", "America/St_Johns", "Australia/Lord_Howe", "Africa/Cairo", "UTC"]),
)
def test_every_day_is_run_once(begin: datetime, when: Times, name: str) -> None:
    zone, moment = ZoneInfo(name), begin.replace(tzinfo=UTC)
    days = []
    for _ in range(3):
        following = when.after(moment, zone)
        assert moment < following < moment + timedelta(hours=50)
        days.append(following.astimezone(zone).date())
        moment = following
    assert days == [days[0], days[0] + timedelta(days=1), days[0] + timedelta(days=2)]


def test_tries_become_rarer() -> None:
    assert [pause(n) for n in (1, 2, 3, 4, 50)] == [
        *(timedelta(minutes=minutes) for minutes in (1, 5, 15, 60)),
        timedelta(hours=1),
    ]
