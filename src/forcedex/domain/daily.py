"""Totals of days: what was open at the end of each, by combinations of a few values.

A record is open in one combination from one local day to before another; the totals of a day are the sum over those
that it lies in. They are kept up by differences, which give what a new sum would give.
"""

from bisect import bisect_left
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import astuple, dataclass
from datetime import date, timedelta

from forcedex.domain.days import ONE_DAY

#: The kind of the notes of days whose documents are to be written.
DAYS = "days"
#: Days back of which the first count makes every one, then the ends of weeks; before that the ends of so many months.
_EVERY_DAY = 92
_EVERY_WEEK = 400
_MONTHS = 120


@dataclass(frozen=True, slots=True, order=True)
class Place:
    """One combination; an empty text is none."""

    stage: str
    owner: str
    category: str
    record_type: str
    #: The fiscal quarter of the close date.
    quarter: str


@dataclass(frozen=True, slots=True)
class Held:
    """From the end of one day to before the end of another a record was open there."""

    first: date
    #: None: it still is.
    end: date | None
    place: Place
    #: Minor units of the corporate currency; None: not known.
    amount: int | None
    weighted: int | None


@dataclass(frozen=True, slots=True)
class Total:
    """So many records, how many of them without a known amount, and sums in minor units."""

    count: int = 0
    unknown: int = 0
    amount: int = 0
    weighted: int = 0

    def __add__(self, other: "Total") -> "Total":
        return Total(*(one + more for one, more in zip(astuple(self), astuple(other), strict=True)))

    def __neg__(self) -> "Total":
        return Total(*(-each for each in astuple(self)))


NOTHING = Total()
Totals = Mapping[Place, Total]


def totals(spans: Iterable[Held], days: Sequence[date]) -> dict[date, dict[Place, Total]]:
    """The totals of these days, which are in order, each from nothing."""
    found: dict[date, dict[Place, Total]] = {day: {} for day in days}
    for span in spans:
        _add(found, days, span, 1)
    return found


def differences(before: Iterable[Held], after: Iterable[Held], days: Sequence[date]) -> dict[date, dict[Place, Total]]:
    """What is to be added to the totals of these days, which are in order; what stays as it is is left out."""
    found: dict[date, dict[Place, Total]] = {day: {} for day in days}
    old, new = Counter(before), Counter(after)
    for span in (old - new).elements():
        _add(found, days, span, -1)
    for span in (new - old).elements():
        _add(found, days, span, 1)
    kept = {day: {place: each for place, each in here.items() if each != NOTHING} for day, here in found.items()}
    return {day: here for day, here in kept.items() if here}


def added(to: Totals, more: Totals) -> dict[Place, Total]:
    """Totals after a difference; combinations in which nothing is left are left out."""
    found = {place: to.get(place, NOTHING) + more.get(place, NOTHING) for place in to.keys() | more.keys()}
    return {place: each for place, each in found.items() if each != NOTHING}


def first_days(today: date, week_start: int) -> list[date]:
    """The days that the first count makes, in order; from then on every day is added.

    Every one of the last quarter of a year, the ends of weeks of the last 400 days, the ends of months of ten years:
    also days before there was anything, so that it is known that there was nothing.
    """
    first = today - timedelta(days=_MONTHS * 31)
    every = (first + timedelta(days=number) for number in range((today - first).days + 1))
    return [day for day in every if _is_first(day, today, week_start)]


def _is_first(day: date, today: date, week_start: int) -> bool:
    ago, following = (today - day).days, day + ONE_DAY
    return ago < _EVERY_DAY or following.day == 1 or (ago < _EVERY_WEEK and following.weekday() == week_start)


def _add(found: dict[date, dict[Place, Total]], days: Sequence[date], span: Held, times: int) -> None:
    one = Total(times, times * (span.amount is None), times * (span.amount or 0), times * (span.weighted or 0))
    end = len(days) if span.end is None else bisect_left(days, span.end)
    for day in days[bisect_left(days, span.first) : end]:
        here = found[day]
        here[span.place] = here.get(span.place, NOTHING) + one
