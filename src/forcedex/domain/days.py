"""Spans of local days and the units of the calendar: weeks, months, quarters, years.

A span is half open: its first day is in it, its end is not. Arithmetic beyond the years 1 to 9999 raises
OverflowError or ValueError, as `datetime` does.
"""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from enum import StrEnum

ONE_DAY = timedelta(days=1)
MONTH_NAMES = (
    *("January", "February", "March", "April", "May", "June", "July", "August", "September", "October"),
    *("November", "December"),
)
_DAYS_OF_WEEK = 7
_MONTHS_OF_YEAR = 12


class Unit(StrEnum):
    """What spans of days are counted in, the smallest first."""

    DAY = "day"
    WEEK = "week"
    MONTH = "month"
    QUARTER = "quarter"
    YEAR = "year"


_MONTHS = {Unit.MONTH: 1, Unit.QUARTER: 3, Unit.YEAR: _MONTHS_OF_YEAR}


@dataclass(frozen=True, slots=True, order=True)
class Days:
    """The days from `first` up to, but without, `end`; at least one."""

    first: date
    end: date

    def __post_init__(self) -> None:
        if self.first >= self.end:
            raise ValueError(f"no day lies from {self.first} to before {self.end}")

    def __contains__(self, day: date) -> bool:
        return self.first <= day < self.end

    def __str__(self) -> str:
        return f"{self.first} to {self.last}"

    @property
    def last(self) -> date:
        """The last day that is in it."""
        return self.end - ONE_DAY

    @property
    def count(self) -> int:
        """How many days."""
        return (self.end - self.first).days

    def covers(self, other: "Days") -> bool:
        """Whether every day of the other is in it."""
        return self.first <= other.first and other.end <= self.end

    def cut(self, count: int) -> "Days":
        """Its first days, so many at most."""
        return Days(self.first, self.end if count >= self.count else self.first + timedelta(days=count))

    def moments(self, zone: tzinfo) -> tuple[datetime, datetime]:
        """The first instant of the first day and that of the end, in a time zone.

        Where clocks skip midnight, a day begins with its first minute that exists; where midnight comes twice, with
        the earlier one (PEP 495, `fold=0`).
        """
        return datetime.combine(self.first, time.min, zone), datetime.combine(self.end, time.min, zone)


def day_of(moment: datetime, zone: tzinfo) -> date:
    """The local day of an instant (a datetime with an offset)."""
    return moment.astimezone(zone).date()


def last_moment(day: date, zone: tzinfo) -> datetime:
    """The last millisecond of a local day."""
    return Days(day, day + ONE_DAY).moments(zone)[1].astimezone(UTC) - timedelta(milliseconds=1)


def around(day: date, unit: Unit, week_start: int = 0) -> Days:
    """The calendar's unit that a day lies in; weeks start on `week_start`, 0 Monday to 6 Sunday."""
    if unit is Unit.DAY:
        return Days(day, day + ONE_DAY)
    if unit is Unit.WEEK:
        first = day - timedelta(days=(day.weekday() - week_start) % _DAYS_OF_WEEK)
        return Days(first, first + timedelta(weeks=1))
    count = _MONTHS[unit]
    number = (day.month - 1) // count * count + 1
    return Days(month(day.year, number), month(day.year, number + count))


def stepped(day: date, unit: Unit, count: int) -> date:
    """The day so many units later (earlier for negative counts); the month's last day where it is shorter."""
    if unit is Unit.DAY:
        return day + timedelta(days=count)
    if unit is Unit.WEEK:
        return day + timedelta(weeks=count)
    first = month(day.year, day.month + count * _MONTHS[unit])
    last = (month(first.year, first.month + 1) - ONE_DAY).day
    return first.replace(day=min(day.day, last))


def month(year: int, number: int) -> date:
    """The first day of a month; numbers beyond 1 to 12 lie in other years."""
    return date(year + (number - 1) // _MONTHS_OF_YEAR, (number - 1) % _MONTHS_OF_YEAR + 1, 1)
