"""How far a period has gone, in days and in business days: what pacing against a quota divides by (analytics M29)."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date

from forcedex.domain.days import ONE_DAY, Days

_DAYS_OF_WEEK = 7
_BUSINESS_DAYS_OF_WEEK = 5
_SATURDAY = 5


@dataclass(frozen=True, slots=True)
class Pace:
    """Days of a period; today counts as elapsed."""

    days: int
    elapsed_days: int
    #: Monday to Friday without holidays.
    business_days: int
    elapsed_business_days: int


def pace(days: Days, today: date, holidays: Collection[date] = ()) -> Pace:
    """How many days of a span there are, and how many up to today, today included."""
    so_far = days.cut((today - days.first).days + 1) if today >= days.first else None
    return Pace(
        days=days.count,
        elapsed_days=so_far.count if so_far else 0,
        business_days=business_days(days, holidays),
        elapsed_business_days=business_days(so_far, holidays) if so_far else 0,
    )


def business_days(days: Days, holidays: Collection[date] = ()) -> int:
    """Days from Monday to Friday that are no holidays; a holiday at a weekend takes none away."""
    weeks, more = divmod(days.count, _DAYS_OF_WEEK)
    rest = (days.end - ONE_DAY * each for each in range(1, more + 1))
    off = {each for each in holidays if each in days and each.weekday() < _SATURDAY}
    return weeks * _BUSINESS_DAYS_OF_WEEK + sum(day.weekday() < _SATURDAY for day in rest) - len(off)
