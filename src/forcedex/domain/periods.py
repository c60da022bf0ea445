"""Spans of days as people name them: `today`, `last-month`, `next quarter`, `2025-03`, `Q3 2025`, `last 7 days`.

A period is half open: its first day, and the day after its last one. Weeks start on Monday, quarters in January.
"""

import re
from collections.abc import Callable
from datetime import date, timedelta

from forcedex.domain.folding import folded

Period = tuple[date, date]

_MONTHS = (
    *("january", "february", "march", "april", "may", "june", "july", "august", "september", "october"),
    *("november", "december"),
)
_SHIFTS = {"last": -1, "previous": -1, "past": -1, "this": 0, "current": 0, "next": 1, "coming": 1}
_DAYS = {"yesterday": -1, "today": 0, "tomorrow": 1}
_RELATIVE = re.compile(r"(last|previous|past|this|current|next|coming) (week|month|quarter|year)")
_COUNTED = re.compile(r"(?:the )?(last|past|next|coming) (\d{1,4}) (day|week|month|quarter|year)s?")
_ISO_DAY = re.compile(r"(\d{4})-(\d{1,2})-(\d{1,2})")
_GERMAN_DAY = re.compile(r"(\d{1,2})\.(\d{1,2})\.(\d{4})")
_ISO_MONTH = re.compile(r"(\d{4})-(\d{1,2})")
_YEAR = re.compile(r"(1[789]\d\d|20\d\d|21\d\d)")
_QUARTER = re.compile(r"q([1-4])(?: (\d{4}))?")
_MONTH = re.compile(rf"({'|'.join(_MONTHS)}|{'|'.join(each[:3] for each in _MONTHS)})(?: (\d{{4}}))?")


def period(text: str, today: date) -> Period | None:
    """The days that a text names; None if it names none."""
    plain = " ".join(folded(text).replace("_", " ").split())
    if not _ISO_DAY.fullmatch(plain) and not _ISO_MONTH.fullmatch(plain):
        plain = plain.replace("-", " ")
    try:
        return _named(plain, today)
    except (ValueError, OverflowError):  # no such day, or too far away
        return None


def _named(plain: str, today: date) -> Period | None:
    if plain in _DAYS:
        day = today + timedelta(days=_DAYS[plain])
        return day, day + timedelta(days=1)
    if found := _RELATIVE.fullmatch(plain):
        return _shifted(found[2], _SHIFTS[found[1]], today)
    if found := _COUNTED.fullmatch(plain):
        return _counted(found[3], int(found[2]), today, ahead=found[1] in ("next", "coming"))
    if found := _ISO_DAY.fullmatch(plain):
        return _one_day(date(int(found[1]), int(found[2]), int(found[3])))
    if found := _GERMAN_DAY.fullmatch(plain):
        return _one_day(date(int(found[3]), int(found[2]), int(found[1])))
    if found := _ISO_MONTH.fullmatch(plain):
        return _months(int(found[1]), int(found[2]), 1)
    if found := _YEAR.fullmatch(plain):
        return _months(int(found[1]), 1, 12)
    if found := _QUARTER.fullmatch(plain):
        return _months(int(found[2] or today.year), int(found[1]) * 3 - 2, 3)
    if found := _MONTH.fullmatch(plain):
        number = next(place for place, name in enumerate(_MONTHS, 1) if name.startswith(found[1]))
        return _months(int(found[2] or today.year), number, 1)
    return None


def _one_day(day: date) -> Period:
    return day, day + timedelta(days=1)


def _shifted(unit: str, shift: int, today: date) -> Period:
    if unit == "week":
        monday = today - timedelta(days=today.weekday()) + timedelta(weeks=shift)
        return monday, monday + timedelta(weeks=1)
    count = _MONTHS_OF[unit]
    first = (today.month - 1) // count * count + 1
    return _months(today.year, first + shift * count, count)


def _counted(unit: str, count: int, today: date, *, ahead: bool) -> Period:
    tomorrow = today + timedelta(days=1)
    step = _STEPS[unit]
    return (today, step(today, count) + timedelta(days=1)) if ahead else (step(tomorrow, -count), tomorrow)


def _months(year: int, first: int, count: int) -> Period:
    """So many months from one on; a number beyond 1 to 12 is in another year."""
    return _month(year, first), _month(year, first + count)


def _month(year: int, number: int) -> date:
    return date(year + (number - 1) // 12, (number - 1) % 12 + 1, 1)


def _add_months(day: date, count: int) -> date:
    first = _month(day.year, day.month + count)
    last = (_month(first.year, first.month + 1) - timedelta(days=1)).day
    return first.replace(day=min(day.day, last))


_MONTHS_OF = {"month": 1, "quarter": 3, "year": 12}
_STEPS: dict[str, Callable[[date, int], date]] = {
    "day": lambda day, count: day + timedelta(days=count),
    "week": lambda day, count: day + timedelta(weeks=count),
    "month": _add_months,
    "quarter": lambda day, count: _add_months(day, 3 * count),
    "year": lambda day, count: _add_months(day, 12 * count),
}
