"""Days as people name them in a search: `today`, `last-month`, `next quarter`, `2025-03`, `Q3 2025`, `last 7 days`.

What the grammar of periods (`forcedex.domain.periods`) has is meant as there: `this fiscal quarter`, `FY2026-Q2`,
`quarter to date`. Beyond it people say `march`, `31.12.2025` and `Q2 FY26`; and by `last 3 months` they mean the time
up to today, where a report means whole months.
"""

import re
from datetime import date

from forcedex.domain.days import MONTH_NAMES, ONE_DAY, Days, Unit, around, month, stepped
from forcedex.domain.folding import folded
from forcedex.domain.periods import Calendar, period
from forcedex.domain.unknown import Unknown

_MONTHS = tuple(each.lower() for each in MONTH_NAMES)
_SAME = {"previous": "last", "past": "last", "current": "this", "coming": "next"}
_UNIT = "(?:week|month|quarter|year)"
#: What is said as in reports; single years, numbers of units and `all` are not.
_SHARED = re.compile(
    rf"yesterday|today|tomorrow|(?:last|this|next) (?:fiscal )?{_UNIT}|(?:last|next) \d{{1,4}} fiscal {_UNIT}s?"
    rf"|(?:fiscal )?{_UNIT} to date|\d{{4}} q[1-4]|fy ?\d{{4}}(?: [qpw]\d{{1,2}})?",
    re.ASCII,
)
_FISCAL = re.compile(r"(?:([qpw]\d{1,2}) )?fy ?(\d{4}|\d{2})(?: ([qpw]\d{1,2}))?", re.ASCII)
_COUNTED = re.compile(r"(?:the )?(last|next) (\d{1,4}) (day|week|month|quarter|year)s?")
_ISO_DAY = re.compile(r"(\d{4})-(\d{1,2})-(\d{1,2})")
_GERMAN_DAY = re.compile(r"(\d{1,2})\.(\d{1,2})\.(\d{4})")
_ISO_MONTH = re.compile(r"(\d{4})-(\d{1,2})")
_YEAR = re.compile(r"(1[789]\d\d|20\d\d|21\d\d)")
_QUARTER = re.compile(r"q([1-4])(?: (\d{4}))?")
_MONTH = re.compile(rf"({'|'.join(_MONTHS)}|{'|'.join(each[:3] for each in _MONTHS)})(?: (\d{{4}}))?")


def days(text: str, calendar: Calendar) -> Days | Unknown | None:
    """The days that a text names; None if it names none, Unknown if it does but the calendar cannot tell which."""
    plain = " ".join(folded(text).replace("_", " ").split())
    if not _ISO_DAY.fullmatch(plain) and not _ISO_MONTH.fullmatch(plain):
        plain = plain.replace("-", " ")
    first, _, rest = plain.partition(" ")
    plain = f"{_SAME.get(first, first)} {rest}".strip()
    if (found := _FISCAL.fullmatch(plain)) and not (found[1] and found[3]):
        century = "20" if len(found[2]) == len("26") else ""
        plain = f"fy{century}{found[2]} {found[1] or found[3] or ''}".strip()
    if _SHARED.fullmatch(plain):
        shared = period(plain, calendar)
        return shared if isinstance(shared, Unknown) else shared.days
    try:
        return _named(plain, calendar.today)
    except (ValueError, OverflowError):  # no such day, or too far away
        return None


def _named(plain: str, today: date) -> Days | None:
    if found := _COUNTED.fullmatch(plain):
        return _counted(Unit(found[3]), int(found[2]), today, ahead=found[1] == "next")
    if found := _ISO_DAY.fullmatch(plain):
        return around(date(int(found[1]), int(found[2]), int(found[3])), Unit.DAY)
    if found := _GERMAN_DAY.fullmatch(plain):
        return around(date(int(found[3]), int(found[2]), int(found[1])), Unit.DAY)
    if found := _ISO_MONTH.fullmatch(plain):
        return around(date(int(found[1]), int(found[2]), 1), Unit.MONTH)
    if found := _YEAR.fullmatch(plain):
        return around(date(int(found[1]), 1, 1), Unit.YEAR)
    if found := _QUARTER.fullmatch(plain):
        return around(month(int(found[2] or today.year), int(found[1]) * 3), Unit.QUARTER)
    if found := _MONTH.fullmatch(plain):
        number = next(place for place, name in enumerate(_MONTHS, 1) if name.startswith(found[1]))
        return around(date(int(found[2] or today.year), number, 1), Unit.MONTH)
    return None


def _counted(unit: Unit, count: int, today: date, *, ahead: bool) -> Days:
    tomorrow = today + ONE_DAY
    return (
        Days(today, stepped(today, unit, count) + ONE_DAY) if ahead else Days(stepped(tomorrow, unit, -count), tomorrow)
    )
