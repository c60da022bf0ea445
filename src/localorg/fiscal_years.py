"""Fiscal years and their periods as rows of FiscalYearSettings and Period are made from them.

A standard year is twelve calendar months from its first one; a custom year is weeks, in quarters of a pattern such as
4-4-5, and a 53rd week goes to its last month. Source: Object Reference, FiscalYearSettings, Period; Salesforce Help,
"Set the Fiscal Year", "Custom Fiscal Years".
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

_WEEK = timedelta(days=7)
_DAY = timedelta(days=1)
_WEEKS = 52


@dataclass(frozen=True, slots=True)
class FiscalPeriod:
    """A month, quarter, week, or the year itself, counted from 1 within its year."""

    kind: str
    number: int
    first: date
    #: Its last day.
    last: date
    #: As Salesforce shows it, such as `January FY 2026`.
    label: str
    #: What the quarter or month alone is called; a custom year's are only counted.
    short: str | None = None


@dataclass(frozen=True, slots=True)
class FiscalYear:
    """A year with its periods: months, quarters, weeks if it is a custom one, and the year itself."""

    name: str
    standard: bool
    periods: tuple[FiscalPeriod, ...]

    @property
    def first(self) -> date:
        """Its first day."""
        return self.periods[-1].first

    @property
    def last(self) -> date:
        """Its last day."""
        return self.periods[-1].last


def month_start(year: int, months: int) -> date:
    """The first day of the month that many months after January."""
    more, month = divmod(months, 12)
    return date(year + more, month + 1, 1)


def standard_year(name: int, start_month: int = 1, *, by_start: bool = False) -> FiscalYear:
    """The year of this name, which is that of the calendar year it ends in, or starts in."""
    begins = name if by_start or start_month == 1 else name - 1

    def period(kind: str, number: int, months: int, short: str | None) -> FiscalPeriod:
        first = month_start(begins, start_month - 1 + (number - 1) * months)
        after = month_start(begins, start_month - 1 + number * months)
        shown = first.strftime("%B") if kind == "Month" else short
        label = f"{shown} FY {name}" if shown else f"FY {name}"
        return FiscalPeriod(kind, number, first, after - _DAY, label, shown if kind == "Month" else short)

    months = [period("Month", number, 1, None) for number in range(1, 13)]
    quarters = [period("Quarter", number, 3, f"Q{number}") for number in range(1, 5)]
    return FiscalYear(str(name), True, (*months, *quarters, period("Year", 1, 12, None)))


def custom_years(starts: Sequence[date], pattern: Sequence[int], *, by_start: bool = False) -> tuple[FiscalYear, ...]:
    """Years from each start to the day before the next one, named for the year they end in, or start in.

    `pattern`: weeks of the three months of a quarter, 13 together. ValueError: a year has neither 52 nor 53 weeks.
    """
    if sum(pattern) != _WEEKS // 4 or min(pattern, default=0) < 1:
        raise ValueError(f"The months of a quarter have 13 weeks together, not {'-'.join(map(str, pattern))}.")
    found = [_custom_year(*pair, pattern, by_start) for pair in zip(starts, starts[1:], strict=False)]
    if not found or len({year.name for year in found}) < len(found):
        raise ValueError("Name at least two starts, about a year apart.")
    return tuple(found)


def _custom_year(first: date, end: date, pattern: Sequence[int], by_start: bool) -> FiscalYear:
    weeks, rest = divmod((end - first).days, 7)
    if rest or weeks not in (_WEEKS, _WEEKS + 1):
        raise ValueError(f"From {first} to {end} there are not 52 or 53 whole weeks.")
    name = str((first if by_start else end - _DAY).year)
    sizes = list(pattern) * 4
    sizes[-1] += weeks - _WEEKS
    months = list(_parts("Month", "P", first, sizes, name))
    quarters = list(
        _parts("Quarter", "Q", first, [sum(sizes[at : at + len(pattern)]) for at in _quarters(pattern)], name)
    )
    each_week = list(_parts("Week", "Week ", first, [1] * weeks, name))
    year = FiscalPeriod("Year", 1, first, end - _DAY, f"FY {name}")
    return FiscalYear(name, False, (*months, *quarters, *each_week, year))


def _quarters(pattern: Sequence[int]) -> range:
    return range(0, len(pattern) * 4, len(pattern))


def _parts(kind: str, mark: str, first: date, sizes: Sequence[int], name: str) -> Iterator[FiscalPeriod]:
    for number, size in enumerate(sizes, start=1):
        after = first + size * _WEEK
        yield FiscalPeriod(kind, number, first, after - _DAY, f"{mark}{number} FY {name}")
        first = after
