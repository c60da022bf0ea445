"""The periods of reports: a closed grammar for people, settings and URLs.

| text | days |
| --- | --- |
| `today`, `yesterday`, `tomorrow`, `2026-03-15` | one day |
| `this-`, `last-`, `next-` + `week`, `month`, `quarter`, `year`, each also `fiscal-` | one unit of a calendar |
| `last-7-days` | so many days, today the last of them |
| `next-7-days` | so many days, tomorrow the first of them |
| `last-3-months`, `next-2-fiscal-quarters`, also weeks and years | so many whole units, without the current one |
| `month-to-date`, also week, quarter, year, each also `fiscal-` | from its first day to today, both in it |
| `2026`, `2026-Q2`, `2026-03` | a calendar year, quarter, month |
| `FY2026`, `FY2026-Q2`, `FY2026-P03`, `FY2026-W07` | a fiscal year, quarter, month, week |
| `2026-01-01..2026-03-31` | from one day to another, both in it |
| `all` | every day |

Whole units are meant as Salesforce means `LAST_N_MONTHS:n` (SOQL Reference, "Date Formats and Date Literals"); its
`LAST_N_DAYS:n` has n + 1 days, ours has n. Everything is resolved against one fixed today.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date

from forcedex.domain.days import ONE_DAY, Days, Unit, around, month, stepped
from forcedex.domain.fiscal import FiscalCalendar, FiscalPeriod
from forcedex.domain.unknown import Unknown

ALWAYS = Days(date.min, date.max)
_ALL = "all"
_GRAMMAR = (
    "Use today, this-quarter, last-fiscal-year, last-6-months, quarter-to-date, 2026, 2026-Q2, 2026-03, FY2026-Q2,"
    " 2026-01-01..2026-03-31 or all."
)
_SHIFTS = {"last": -1, "this": 0, "next": 1}
_NAMED_DAYS = {"yesterday": -1, "today": 0, "tomorrow": 1}
_UNIT = "(week|month|quarter|year)"
_DAY = r"(\d{4}-\d{2}-\d{2})"


@dataclass(frozen=True, kw_only=True, slots=True)
class Calendar:
    """What the words of a period depend on."""

    #: In the time zone of the org, or of who asks.
    today: date
    #: 0 Monday to 6 Sunday.
    week_start: int = 0
    fiscal: FiscalCalendar = field(default_factory=FiscalCalendar)


@dataclass(frozen=True, kw_only=True, slots=True)
class Period:
    """A named span of local days."""

    #: Says the same period again: `period(text, calendar)` is this one.
    text: str
    days: Days
    #: What it is made of: the units that a period before it is counted in.
    unit: Unit = Unit.DAY
    fiscal: bool = False
    #: Whole units in it; for days, as many as it has.
    count: int = 1
    #: It is the beginning of one unit, up to today.
    to_date: bool = False

    @property
    def is_all(self) -> bool:
        """Whether it is no restriction at all."""
        return self.text == _ALL


def period(text: str, calendar: Calendar) -> Period | Unknown:
    """The period that a text names. Capitals do not matter; blanks and underscores are hyphens."""
    plain = "-".join(re.split(r"[\s_-]+", text.strip()[:60].casefold()))
    for pattern, read in _FORMS:
        if found := pattern.fullmatch(plain):
            try:
                return read(calendar, found)
            except (ValueError, OverflowError):
                return Unknown(f"“{text.strip()[:60]}” is no day of the calendar, or beyond the years 1 to 9999.")
    return Unknown(f"“{text.strip()[:60]}” is no period. {_GRAMMAR}")


def between(days: Days) -> Period:
    """The period from one day to another, whatever they are called."""
    return Period(text=f"{days.first}..{days.last}", days=days, count=days.count)


def fiscal(one: FiscalPeriod) -> Period:
    """A fiscal year, quarter, month or week as a period."""
    return Period(text=one.key, days=one.days, unit=one.unit, fiscal=True)


def calendar_unit(day: date, unit: Unit, week_start: int = 0) -> Period:
    """The calendar's month, quarter or year of a day under its own name; a week and a day as dates."""
    days = around(day, unit, week_start)
    names = {
        Unit.MONTH: f"{day.year:04}-{day.month:02}",
        Unit.QUARTER: f"{day.year:04}-Q{(day.month + 2) // 3}",
        Unit.YEAR: f"{day.year:04}",
        Unit.DAY: f"{day}",
    }
    return Period(text=names[unit], days=days, unit=unit) if unit in names else between(days)


_Found = re.Match[str]


def _everything(calendar: Calendar, found: _Found) -> Period:
    return Period(text=_ALL, days=ALWAYS, count=ALWAYS.count)


def _named_day(calendar: Calendar, found: _Found) -> Period:
    day = stepped(calendar.today, Unit.DAY, _NAMED_DAYS[found[0]])
    return Period(text=found[0], days=around(day, Unit.DAY))


def _relative(calendar: Calendar, found: _Found) -> Period | Unknown:
    unit, is_fiscal = Unit(found[3]), bool(found[2])
    days = _units(calendar, unit, _SHIFTS[found[1]], 1, is_fiscal=is_fiscal)
    return days if isinstance(days, Unknown) else Period(text=found[0], days=days, unit=unit, fiscal=is_fiscal)


def _counted(calendar: Calendar, found: _Found) -> Period | Unknown:
    last, count, is_fiscal, unit = found[1] == "last", int(found[2]), bool(found[3]), Unit(found[4])
    text = f"{found[1]}-{count}-{found[3] or ''}{unit}{'s' if count > 1 else ''}"
    if unit is Unit.DAY:
        if is_fiscal:
            return Unknown(f"“{text}” is no period: days are not fiscal. {_GRAMMAR}")
        tomorrow = calendar.today + ONE_DAY
        ends = stepped(tomorrow, Unit.DAY, -count if last else count)
        return Period(text=text, days=Days(min(ends, tomorrow), max(ends, tomorrow)), count=count)
    days = _units(calendar, unit, -count if last else 1, count, is_fiscal=is_fiscal)
    if isinstance(days, Unknown):
        return days
    return Period(text=text, days=days, unit=unit, fiscal=is_fiscal, count=count)


def _until_today(calendar: Calendar, found: _Found) -> Period | Unknown:
    unit, is_fiscal = Unit(found[2]), bool(found[1])
    days = _units(calendar, unit, 0, 1, is_fiscal=is_fiscal)
    if isinstance(days, Unknown):
        return days
    so_far = Days(days.first, calendar.today + ONE_DAY)
    return Period(text=found[0], days=so_far, unit=unit, fiscal=is_fiscal, to_date=True)


def _year(calendar: Calendar, found: _Found) -> Period:
    return calendar_unit(date(int(found[1]), 1, 1), Unit.YEAR)


def _quarter(calendar: Calendar, found: _Found) -> Period:
    return calendar_unit(month(int(found[1]), int(found[2]) * 3), Unit.QUARTER)


def _month(calendar: Calendar, found: _Found) -> Period:
    return calendar_unit(date(int(found[1]), int(found[2]), 1), Unit.MONTH)


def _one_day(calendar: Calendar, found: _Found) -> Period:
    return calendar_unit(date.fromisoformat(found[1]), Unit.DAY)


def _fiscal_key(calendar: Calendar, found: _Found) -> Period | Unknown:
    key = f"FY{found[1]}{f'-{found[2]}' if found[2] else ''}".upper()
    one = calendar.fiscal.named(key)
    return one if isinstance(one, Unknown) else fiscal(one)


def _range(calendar: Calendar, found: _Found) -> Period | Unknown:
    first, last = date.fromisoformat(found[1]), date.fromisoformat(found[2])
    if last < first:
        return Unknown(f"“{found[0]}” ends before it begins. Write the earlier day first.")
    return between(Days(first, last + ONE_DAY))


def _units(calendar: Calendar, unit: Unit, by: int, count: int, *, is_fiscal: bool) -> Days | Unknown:
    """So many units on, from the one that is `by` away from the current one."""
    if not is_fiscal:
        first = stepped(around(calendar.today, unit, calendar.week_start).first, unit, by)
        return Days(first, stepped(first, unit, count))
    current = calendar.fiscal.around(calendar.today, unit)
    if isinstance(current, Unknown):
        return current
    begin, last = (calendar.fiscal.shifted(current, each) for each in (by, by + count - 1))
    if isinstance(begin, Unknown):
        return begin
    return last if isinstance(last, Unknown) else Days(begin.days.first, last.days.end)


_Reader = Callable[[Calendar, _Found], Period | Unknown]


def _form(pattern: str, read: _Reader) -> tuple[re.Pattern[str], _Reader]:
    return re.compile(pattern, re.ASCII), read


_FORMS = (
    _form(_ALL, _everything),
    _form("yesterday|today|tomorrow", _named_day),
    _form(f"(last|this|next)-(fiscal-)?{_UNIT}", _relative),
    _form(r"(last|next)-([1-9]\d{0,3})-(fiscal-)?(day|week|month|quarter|year)s?", _counted),
    _form(f"(fiscal-)?{_UNIT}-to-date", _until_today),
    _form(r"(\d{4})", _year),
    _form(r"(\d{4})-q([1-4])", _quarter),
    _form(r"(\d{4})-(\d{2})", _month),
    _form(_DAY, _one_day),
    _form(rf"{_DAY}\.\.{_DAY}", _range),
    _form(r"fy-?(\d{4})(?:-([qpw]\d{1,2}))?", _fiscal_key),
)
