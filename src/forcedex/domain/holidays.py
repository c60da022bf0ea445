"""Holidays, single and recurring, as Salesforce's Holiday rows describe them.

Source: Salesforce Object Reference, Holiday: `ActivityDate` is the day of a single one; minutes are counted from
midnight; `RecurrenceDayOfWeekMask` adds 1 for Sunday, 2 for Monday, 4 for Tuesday up to 64 for Saturday. Which holidays
a business-hours record has, no query tells (only the Metadata API does): whoever asks chooses them.
"""

from calendar import monthrange
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

from forcedex.domain.days import MONTH_NAMES, Days
from forcedex.domain.unknown import Unknown

Row = Mapping[str, str]

HOLIDAY_COLUMNS = (
    *("Name", "ActivityDate", "IsAllDay", "StartTimeInMinutes", "EndTimeInMinutes", "IsRecurrence", "RecurrenceType"),
    *("RecurrenceStartDate", "RecurrenceEndDateOnly", "RecurrenceInterval", "RecurrenceDayOfWeekMask"),
    *("RecurrenceDayOfMonth", "RecurrenceInstance", "RecurrenceMonthOfYear"),
)
MINUTES_OF_DAY = 1440
_EVERY_DAY = 127
_WORKDAYS = 62
_DAYS_OF_WEEK = 7
_INSTANCES = {"First": 1, "Second": 2, "Third": 3, "Fourth": 4, "Last": -1}


class Recurrence(StrEnum):
    """How a holiday comes again: the values of `RecurrenceType`."""

    ONCE = ""
    DAILY = "RecursDaily"
    EVERY_WEEKDAY = "RecursEveryWeekday"
    WEEKLY = "RecursWeekly"
    MONTHLY = "RecursMonthly"
    MONTHLY_NTH = "RecursMonthlyNth"
    YEARLY = "RecursYearly"
    YEARLY_NTH = "RecursYearlyNth"


_NTH = frozenset({Recurrence.MONTHLY_NTH, Recurrence.YEARLY_NTH})
_OF_YEAR = frozenset({Recurrence.YEARLY, Recurrence.YEARLY_NTH})


@dataclass(frozen=True, kw_only=True, slots=True)
class Holiday:
    """A day, or a part of it, on which business rests; once or again and again."""

    name: str = ""
    #: The day of a single one, the first possible day of a recurring one.
    first: date
    #: The last possible day of a recurring one; None: it never ends.
    last: date | None = None
    #: Minutes from midnight, half open.
    begins: int = 0
    ends: int = MINUTES_OF_DAY
    recurrence: Recurrence = Recurrence.ONCE
    #: Every so many days, weeks or months.
    interval: int = 1
    #: Bits of days of the week, 1 for Sunday.
    weekdays: int = _EVERY_DAY
    #: 1 to 31.
    day_of_month: int = 0
    #: 1 to 12.
    month: int = 0
    #: The first to fourth such day of the month; -1: the last.
    nth: int = 0

    def falls_on(self, day: date) -> bool:
        """Whether it is that day. A month that lacks the day has no holiday."""
        if self.recurrence is Recurrence.ONCE:
            return day == self.first
        if day < self.first or (self.last is not None and day > self.last):
            return False
        return self._recurs_on(day)

    def _recurs_on(self, day: date) -> bool:
        match self.recurrence:
            case Recurrence.DAILY:
                return (day - self.first).days % self.interval == 0
            case Recurrence.EVERY_WEEKDAY:
                return _is_one_of(day, _WORKDAYS)
            case Recurrence.WEEKLY:
                weeks = (_sunday(day) - _sunday(self.first)).days // _DAYS_OF_WEEK
                return weeks % self.interval == 0 and _is_one_of(day, self.weekdays)
        if self.recurrence in _OF_YEAR:
            if day.month != self.month:
                return False
        elif ((day.year - self.first.year) * 12 + day.month - self.first.month) % self.interval:
            return False
        return self._is_nth(day) if self.recurrence in _NTH else day.day == self.day_of_month

    def _is_nth(self, day: date) -> bool:
        if not _is_one_of(day, self.weekdays):
            return False
        length = monthrange(day.year, day.month)[1]
        others = range(day.day + 1, length + 1) if self.nth < 0 else range(1, day.day)
        return sum(_is_one_of(day.replace(day=each), self.weekdays) for each in others) == abs(self.nth) - 1


def days_off(holidays: Iterable[Holiday], days: Days) -> frozenset[date]:
    """The days of a span that are whole holidays."""
    whole = [each for each in holidays if each.begins == 0 and each.ends == MINUTES_OF_DAY]
    every = (days.first + timedelta(days=each) for each in range(days.count))
    return frozenset(day for day in every if any(each.falls_on(day) for each in whole))


def holiday(row: Row) -> Holiday | Unknown:
    """A Holiday row (columns to texts, empty for null); Unknown if it does not say when it is."""
    name = row.get("Name", "")
    recurs = row.get("IsRecurrence") == "true"
    all_day = row.get("IsAllDay") == "true"
    try:
        recurrence = Recurrence(row["RecurrenceType"]) if recurs else Recurrence.ONCE
        found = Holiday(
            name=name,
            first=date.fromisoformat(row["RecurrenceStartDate" if recurs else "ActivityDate"]),
            last=date.fromisoformat(row["RecurrenceEndDateOnly"]) if row.get("RecurrenceEndDateOnly") else None,
            begins=0 if all_day else _number(row, "StartTimeInMinutes"),
            ends=MINUTES_OF_DAY if all_day else _number(row, "EndTimeInMinutes") or MINUTES_OF_DAY,
            recurrence=recurrence,
            interval=_number(row, "RecurrenceInterval") if row.get("RecurrenceInterval") else 1,
            weekdays=_number(row, "RecurrenceDayOfWeekMask") if row.get("RecurrenceDayOfWeekMask") else _EVERY_DAY,
            day_of_month=_number(row, "RecurrenceDayOfMonth") if row.get("RecurrenceDayOfMonth") else 0,
            month=MONTH_NAMES.index(row["RecurrenceMonthOfYear"]) + 1 if recurrence in _OF_YEAR else 0,
            nth=_INSTANCES[row["RecurrenceInstance"]] if recurrence in _NTH else 0,
        )
    except (KeyError, ValueError):
        return _unclear(name)
    of_month = recurrence in (Recurrence.MONTHLY, Recurrence.YEARLY)
    fits = (
        0 <= found.begins < found.ends <= MINUTES_OF_DAY and found.interval >= 1 and 1 <= found.weekdays <= _EVERY_DAY
    )
    return found if fits and (1 <= found.day_of_month <= 31 or not of_month) else _unclear(name)


def _unclear(name: str) -> Unknown:
    return Unknown(f"The holiday “{name[:80]}” does not say when it is. Correct it in Salesforce's Setup.")


def _number(row: Row, column: str) -> int:
    return int(float(row[column]))


def _is_one_of(day: date, weekdays: int) -> bool:
    return bool(weekdays >> (day.isoweekday() % _DAYS_OF_WEEK) & 1)


def _sunday(day: date) -> date:
    return day - timedelta(days=day.isoweekday() % _DAYS_OF_WEEK)
