"""Time by business hours: how much of it lies between two instants, and when so much of it is over.

Holidays close hours that are not around the clock: all of the org's, since no API tells which ones a row of
BusinessHours has. Of recurring ones those of a day of the year or of an n-th weekday of a month are known.
Source: Object Reference, BusinessHours (midnight to midnight is the whole day), Holiday.
"""

from calendar import monthrange
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

Row = Mapping[str, object]

DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
_MINUTES = 24 * 60
_MONTHS = {date(2000, month, 1).strftime("%B"): month for month in range(1, 13)}
_INSTANCES = {"First": 1, "Second": 2, "Third": 3, "Fourth": 4, "Last": -1}
_MOST_DAYS = 4000  # between two instants

#: A part of a day in minutes from midnight, half open.
Span = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Closed:
    """A holiday: the days it falls on, and which part of them is closed."""

    span: Span
    #: A single day; or else the month of every year, with its day or the n-th (-1: the last) of its weekdays.
    day: date | None = None
    month: int = 0
    day_of_month: int = 0
    weekday: int = 0
    nth: int = 0

    def falls_on(self, day: date) -> bool:
        """Whether it is that day."""
        if self.day is not None:
            return day == self.day
        if day.month != self.month:
            return False
        if not self.nth:
            return day.day == self.day_of_month
        last = day.day + 7 > monthrange(day.year, day.month)[1]
        return day.weekday() == self.weekday and (last if self.nth < 0 else (day.day - 1) // 7 + 1 == self.nth)


@dataclass(frozen=True, eq=False)
class Hours:
    """When business is open: the open part of each day of the week from Monday on, and closed parts of single days.

    Known by identity, so that what a day's hours come to is found again quickly.
    """

    zone: str
    week: tuple[Span | None, ...]
    holidays: tuple[Closed, ...] = ()

    @property
    def around_the_clock(self) -> bool:
        """Whether it never closes."""
        return all(span == (0, _MINUTES) for span in self.week)

    def open(self, day: date) -> tuple[Span, ...]:
        """The open parts of a day."""
        span = self.week[day.weekday()]
        if span is None:
            return ()
        found: list[Span] = [span]
        if not self.around_the_clock:
            for holiday in self.holidays:
                if holiday.falls_on(day):
                    found = [part for one in found for part in _without(one, holiday.span)]
        return tuple(found)


def _without(span: Span, closed: Span) -> list[Span]:
    parts = [(span[0], min(span[1], closed[0])), (max(span[0], closed[1]), span[1])]
    return [part for part in parts if part[0] < part[1]]


def read_hours(hours: Row, holidays: Sequence[Row]) -> Hours:
    """From a row of BusinessHours and the rows of Holiday, in stored form."""
    week = []
    for name in DAYS:
        begins, ends = hours.get(f"{name}StartTime"), hours.get(f"{name}EndTime")
        span = None if begins is None or ends is None else (_minute(begins), _minute(ends) or _MINUTES)
        week.append(span)
    found = tuple(one for row in holidays if (one := _holiday(row)) is not None)
    return Hours(str(hours.get("TimeZoneSidKey") or "GMT"), tuple(week), found)


def _minute(value: object) -> int:
    moment = value if isinstance(value, time) else time.fromisoformat(str(value).removesuffix("Z"))
    return moment.hour * 60 + moment.minute


def _holiday(row: Row) -> Closed | None:
    span = (0, _MINUTES)
    if not row.get("IsAllDay"):
        span = (_int(row, "StartTimeInMinutes"), _int(row, "EndTimeInMinutes") or _MINUTES)
    if not row.get("IsRecurrence"):
        return Closed(span, date.fromisoformat(str(row["ActivityDate"]))) if row.get("ActivityDate") else None
    month = _MONTHS.get(str(row.get("RecurrenceMonthOfYear")), 0)
    if row.get("RecurrenceType") == "RecursYearly":
        return Closed(span, month=month, day_of_month=_int(row, "RecurrenceDayOfMonth"))
    if row.get("RecurrenceType") == "RecursYearlyNth":
        weekday = (_int(row, "RecurrenceDayOfWeekMask").bit_length() - 2) % 7
        return Closed(span, month=month, weekday=weekday, nth=_INSTANCES[str(row["RecurrenceInstance"])])
    return None


def _int(row: Row, name: str) -> int:
    return int(str(row.get(name) or 0))


@lru_cache(maxsize=16_384)
def _instants(hours: Hours, day: date) -> tuple[tuple[int, int], ...]:
    """The open parts of a day as seconds since 1970."""
    zone = ZoneInfo(hours.zone)
    midnight = datetime(day.year, day.month, day.day)
    found = []
    for span in hours.open(day):
        begins, ends = ((midnight + timedelta(minutes=minute)).replace(tzinfo=zone) for minute in span)
        found.append((int(begins.timestamp()), int(ends.timestamp())))
    return tuple(found)


def seconds_between(hours: Hours, start: int, end: int) -> int:
    """Open seconds between two instants, seconds since 1970."""
    if hours.around_the_clock:
        return max(end - start, 0)
    total, day = 0, _first_day(hours, start)
    while day.toordinal() <= _first_day(hours, end).toordinal() + 1:
        for begins, ends in _instants(hours, day):
            total += max(0, min(ends, end) - max(begins, start))
        day += timedelta(days=1)
    return total


def after(hours: Hours, start: int, seconds: int) -> int:
    """When so many open seconds have passed since an instant. ValueError: it never opens so long."""
    if hours.around_the_clock:
        return start + seconds
    day = _first_day(hours, start)
    for _ in range(_MOST_DAYS):
        for begins, ends in _instants(hours, day):
            begins = max(begins, start)
            if ends <= begins:
                continue
            if ends - begins >= seconds:
                return begins + seconds
            seconds -= ends - begins
        day += timedelta(days=1)
    raise ValueError("The business hours are not open long enough.")


def _first_day(hours: Hours, at: int) -> date:
    return datetime.fromtimestamp(at, UTC).astimezone(ZoneInfo(hours.zone)).date()
