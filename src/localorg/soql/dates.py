"""Date literals as ranges of days, or for `LAST_N_DAYS` and its like up to now.

Source: SOQL and SOSL Reference, "Date Formats and Date Literals": `=` is inside the range, `<` before its
start, `>` after its end. Ranges are taken in the running user's time zone, weeks start as in his locale.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta


@dataclass(frozen=True, kw_only=True, slots=True)
class Calendar:
    """What a literal's range depends on."""

    today: date
    #: 0 Monday … 6 Sunday.
    week_start: int = 6
    fiscal_start_month: int = 1
    #: First and last days of custom fiscal quarters and years; None: fiscal years are standard.
    custom: Mapping[str, Sequence[tuple[date, date]]] | None = None


@dataclass(frozen=True, slots=True)
class DayRange:
    """Days from `first` to `last`, both in it."""

    first: date
    last: date
    #: The range ends now, not at the end of `last`.
    until_now: bool = False


@dataclass(frozen=True, slots=True)
class DateLiteral:
    """A date literal: its range, given the calendar and n (0 where it has none)."""

    span: Callable[[Calendar, int], DayRange]
    counted: bool = False


def _add_months(day: date, months: int) -> date:
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    return date(year, month + 1, 1)


def _days(first: int, last: int) -> DateLiteral:
    return DateLiteral(
        lambda calendar, _: DayRange(calendar.today + timedelta(days=first), calendar.today + timedelta(days=last))
    )


def _unit_start(unit: str, calendar: Calendar) -> date:
    today = calendar.today
    fiscal = calendar.fiscal_start_month - 1
    match unit:
        case "WEEK":
            return today - timedelta(days=(today.weekday() - calendar.week_start) % 7)
        case "MONTH":
            return today.replace(day=1)
        case "QUARTER":
            return date(today.year, (today.month - 1) // 3 * 3 + 1, 1)
        case "YEAR":
            return date(today.year, 1, 1)
        case "FISCAL_QUARTER":
            return _add_months(today.replace(day=1), -((today.month - 1 - fiscal) % 3))
        case _:
            return _add_months(today.replace(day=1), -((today.month - 1 - fiscal) % 12))


_MONTHS = {"MONTH": 1, "QUARTER": 3, "YEAR": 12, "FISCAL_QUARTER": 3, "FISCAL_YEAR": 12}


def _shift(unit: str, start: date, by: int) -> date:
    return start + timedelta(weeks=by) if unit == "WEEK" else _add_months(start, by * _MONTHS[unit])


def _custom_span(periods: Sequence[tuple[date, date]], today: date, first: int, last: int) -> DayRange:
    """From one period to another one, counted from the current one; ValueError outside the defined ones."""
    current = next((at for at, (begins, ends) in enumerate(periods) if begins <= today <= ends), None)
    if current is None or current + first < 0 or current + last >= len(periods):
        raise ValueError("no custom fiscal year defines the period")
    return DayRange(periods[current + first][0], periods[current + last][1])


def _units(unit: str, first: int, last: int) -> DateLiteral:
    """From the unit `first` away to the unit `last` away, 0 being the current one."""

    def span(calendar: Calendar, _: int) -> DayRange:
        if calendar.custom is not None and unit in calendar.custom:
            return _custom_span(calendar.custom[unit], calendar.today, first, last)
        start = _unit_start(unit, calendar)
        return DayRange(_shift(unit, start, first), _shift(unit, start, last + 1) - timedelta(days=1))

    return DateLiteral(span)


def _counted(unit: str, bounds: Callable[[int], tuple[int, int]]) -> DateLiteral:
    def span(calendar: Calendar, count: int) -> DayRange:
        first, last = bounds(count)
        return _units(unit, first, last).span(calendar, 0)

    return DateLiteral(span, counted=True)


def _last_days(calendar: Calendar, count: int) -> DayRange:
    return DayRange(calendar.today - timedelta(days=count), calendar.today, until_now=True)


def _next_days(calendar: Calendar, count: int) -> DayRange:
    return DayRange(calendar.today + timedelta(days=1), calendar.today + timedelta(days=count))


def _days_ago(calendar: Calendar, count: int) -> DayRange:
    day = calendar.today - timedelta(days=count)
    return DayRange(day, day)


def _all() -> dict[str, DateLiteral]:
    literals = {
        "YESTERDAY": _days(-1, -1),
        "TODAY": _days(0, 0),
        "TOMORROW": _days(1, 1),
        "LAST_90_DAYS": DateLiteral(lambda calendar, _: _last_days(calendar, 90)),
        "NEXT_90_DAYS": DateLiteral(lambda calendar, _: _next_days(calendar, 90)),
        "LAST_N_DAYS": DateLiteral(_last_days, counted=True),
        "NEXT_N_DAYS": DateLiteral(_next_days, counted=True),
        "N_DAYS_AGO": DateLiteral(_days_ago, counted=True),
    }
    for unit in ("WEEK", *_MONTHS):
        literals[f"LAST_{unit}"] = _units(unit, -1, -1)
        literals[f"THIS_{unit}"] = _units(unit, 0, 0)
        literals[f"NEXT_{unit}"] = _units(unit, 1, 1)
        literals[f"LAST_N_{unit}S"] = _counted(unit, lambda count: (-count, -1))
        literals[f"NEXT_N_{unit}S"] = _counted(unit, lambda count: (1, count))
        literals[f"N_{unit}S_AGO"] = _counted(unit, lambda count: (-count, -count))
    return literals


#: Every date literal by name.
LITERALS = _all()
