"""What a period is compared with: the one before it, or the same one a year before.

A period that is not over yet is compared up to today: its days so far with as many first days of the other
(analytics M6, "partial current period").
"""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from forcedex.domain.days import ONE_DAY, Days, Unit, stepped
from forcedex.domain.fiscal import FiscalPeriod
from forcedex.domain.periods import Calendar, Period, between, calendar_unit, fiscal
from forcedex.domain.unknown import Unknown

_WEEKS_OF_YEAR = 52


class Basis(StrEnum):
    """Which other period."""

    PREVIOUS = "previous-period"
    YEAR_BEFORE = "previous-year"


@dataclass(frozen=True, kw_only=True, slots=True)
class Comparison:
    """Two periods to set side by side."""

    #: As asked, or its days so far.
    period: Period
    other: Period
    #: Only so many first days of both are compared, since the period is not over.
    to_date: bool = False
    #: The other one is shorter than the days so far, and was taken whole (February beside the 31st of March).
    shorter: bool = False


def compared(period: Period, basis: Basis, calendar: Calendar) -> Comparison | Unknown:
    """The comparison of a period; Unknown where there is nothing to compare it with.

    A week has its fellow 52 weeks before, spans of days the same dates of the year before (28 February for the 29th).
    """
    if period.is_all:
        return Unknown("All days have no period before them. Choose a period to compare.")
    try:
        other = _other(period, basis, calendar)
    except (ValueError, OverflowError):
        other = Unknown(f"What lies before {period.text} is beyond the calendar.")
    if isinstance(other, Unknown):
        return other
    over = calendar.today < period.days.first or period.days.last <= calendar.today
    if over and not period.to_date:
        return Comparison(period=period, other=other)
    so_far = period if period.to_date else between(Days(period.days.first, calendar.today + ONE_DAY))
    fellow = other.days.cut(so_far.days.count)
    return Comparison(
        period=so_far,
        other=between(fellow),
        to_date=True,
        shorter=fellow.count < so_far.days.count,
    )


def _other(period: Period, basis: Basis, calendar: Calendar) -> Period | Unknown:
    """The whole other period; that of a period to date is the whole unit."""
    if period.fiscal:
        return _fiscal_other(period, basis, calendar)
    if period.unit is Unit.DAY:
        return between(_days_before(period.days, basis))
    by = _back(period, basis)
    first = stepped(period.days.first, *by)
    if period.count == 1 and period.unit is not Unit.WEEK:
        return calendar_unit(first, period.unit)
    return between(Days(first, stepped(first, period.unit, period.count)))


def _back(period: Period, basis: Basis) -> tuple[Unit, int]:
    if basis is Basis.PREVIOUS:
        return period.unit, -period.count
    return (Unit.WEEK, -_WEEKS_OF_YEAR) if period.unit is Unit.WEEK else (Unit.YEAR, -1)


def _days_before(days: Days, basis: Basis) -> Days:
    if basis is Basis.PREVIOUS:
        return Days(stepped(days.first, Unit.DAY, -days.count), days.first)
    return Days(_year_before(days.first), _year_before(days.last) + ONE_DAY)


def _year_before(day: date) -> date:
    return stepped(day, Unit.YEAR, -1)


def _fiscal_other(period: Period, basis: Basis, calendar: Calendar) -> Period | Unknown:
    known = calendar.fiscal
    ends: list[FiscalPeriod] = []
    for day in (period.days.first, period.days.last):
        one = known.around(day, period.unit)
        if isinstance(one, FiscalPeriod):
            one = known.shifted(one, -period.count) if basis is Basis.PREVIOUS else known.year_before(one)
        if isinstance(one, Unknown):
            return one
        ends.append(one)
    first, last = ends
    return fiscal(first) if first == last else between(Days(first.days.first, last.days.end))
