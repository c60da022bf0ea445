"""The org's fiscal years, standard or of its own making, with their quarters, months (periods) and weeks.

Sources: Salesforce Object Reference, Organization (`FiscalYearStartMonth`; `UsesStartDateAsFiscalYearName`: a year is
named for the calendar year that it starts in, else for the one that it ends in) and Period (`FullyQualifiedLabel`,
such as "September FY 2016"). Standard years begin on the first of a month and have twelve months; custom ones are the
Period rows and nothing else (`fiscal_rows.py`).
"""

import re
from bisect import bisect_right
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from functools import cached_property

from forcedex.domain.days import MONTH_NAMES, Days, Unit, month
from forcedex.domain.unknown import Unknown

_MARKS = {Unit.QUARTER: "Q", Unit.MONTH: "P", Unit.WEEK: "W"}
_KEY = re.compile(r"FY(\d{4})(?:-([QPW])(\d{1,2}))?", re.ASCII)
_MONTHS_OF = {Unit.YEAR: 12, Unit.QUARTER: 3, Unit.MONTH: 1}
_NO_WEEKS = "The org's fiscal years are standard ones, which have no fiscal weeks. Use calendar weeks."
_TOO_FAR = "There are no fiscal periods beyond the years 1 to 9999."


@dataclass(frozen=True, slots=True)
class FiscalPeriod:
    """A fiscal year, quarter, month or week."""

    unit: Unit
    #: The year's name as a number: 2026 of FY2026.
    year: int
    #: Which one of its year, from 1; 1 for a year.
    number: int
    #: As Salesforce shows it, such as `Q2 FY 2026`.
    label: str
    days: Days

    @property
    def key(self) -> str:
        """`FY2026`, `FY2026-Q2`, `FY2026-P03`, `FY2026-W07`: among one unit they sort as their days do."""
        return fiscal_key(self.unit, self.year, self.number)


def fiscal_key(unit: Unit, year: int, number: int = 1) -> str:
    """The key of a fiscal period."""
    if unit is Unit.YEAR:
        return f"FY{year:04}"
    return f"FY{year:04}-{_MARKS[unit]}{number:0{1 if unit is Unit.QUARTER else 2}}"


@dataclass(frozen=True, kw_only=True)
class FiscalCalendar:
    """The fiscal periods of an org. Standard years are known without end, custom ones as far as there are rows."""

    #: 1 January to 12 December.
    start_month: int = 1
    #: `UsesStartDateAsFiscalYearName`; makes no difference for years that start in January.
    named_by_start: bool = False
    #: The periods of custom years, those of each unit in order; empty: standard years.
    custom: tuple[FiscalPeriod, ...] = ()
    #: Why nothing is known of the org's fiscal years; empty where they are known. Every answer is this reason then.
    missing: str = ""

    def __post_init__(self) -> None:
        if not 1 <= self.start_month <= 12:
            raise ValueError(f"{self.start_month} is no month that a fiscal year could start in: 1 to 12")

    def around(self, day: date, unit: Unit) -> FiscalPeriod | Unknown:
        """The fiscal year, quarter, month or week that a day lies in."""
        if self.missing:
            return Unknown(self.missing)
        if not self.custom:
            return self._standard(self._place(day, unit), unit)
        rows = self._rows[unit]
        place = bisect_right(self._starts[unit], day) - 1
        if place >= 0 and day in rows[place].days:
            return rows[place]
        return self._outside(str(day), unit)

    def named(self, key: str) -> FiscalPeriod | Unknown:
        """The fiscal period with a key, such as `FY2026-Q2`."""
        found = _KEY.fullmatch(key)
        if found is None:
            return Unknown(f"“{key[:40]}” is no fiscal period. Write FY2026, FY2026-Q2 or FY2026-P03.")
        unit = next((unit for unit, mark in _MARKS.items() if mark == found[2]), Unit.YEAR)
        return self._numbered(unit, int(found[1]), int(found[3] or 1))

    def shifted(self, period: FiscalPeriod, by: int) -> FiscalPeriod | Unknown:
        """The period so many after another of this calendar; before it for negative numbers."""
        if self.missing:
            return Unknown(self.missing)
        if not self.custom:
            return self._standard(self._place(period.days.first, period.unit) + by, period.unit)
        rows = self._rows[period.unit]
        place = bisect_right(self._starts[period.unit], period.days.first) - 1 + by
        if not 0 <= place < len(rows):
            way = "after" if by > 0 else "before"
            return self._outside(f"what lies {abs(by)} {way} {period.label}", period.unit)
        return rows[place]

    def year_before(self, period: FiscalPeriod) -> FiscalPeriod | Unknown:
        """The same one of the fiscal year before: the same quarter, month or week by its number."""
        return self._numbered(period.unit, period.year - 1, period.number)

    def within(self, days: Days, unit: Unit) -> tuple[FiscalPeriod, ...] | Unknown:
        """Every fiscal period with a day in a span, in order; Unknown if one of them is."""
        found = [self.around(days.first, unit)]
        while isinstance(last := found[-1], FiscalPeriod) and last.days.end < days.end:
            found.append(self.shifted(last, 1))
        known = tuple(each for each in found if isinstance(each, FiscalPeriod))
        return known if len(known) == len(found) else next(each for each in found if isinstance(each, Unknown))

    @property
    def known(self) -> Days | None:
        """The days that custom years cover; None where no bounds are known."""
        years = self._rows[Unit.YEAR]
        return Days(years[0].days.first, years[-1].days.end) if years else None

    @cached_property
    def _rows(self) -> Mapping[Unit, tuple[FiscalPeriod, ...]]:
        return {unit: tuple(each for each in self.custom if each.unit is unit) for unit in Unit}

    @cached_property
    def _starts(self) -> Mapping[Unit, tuple[date, ...]]:
        return {unit: tuple(each.days.first for each in rows) for unit, rows in self._rows.items()}

    @cached_property
    def _by_key(self) -> Mapping[str, FiscalPeriod]:
        return {each.key: each for each in self.custom}

    def _numbered(self, unit: Unit, year: int, number: int) -> FiscalPeriod | Unknown:
        if self.missing:
            return Unknown(self.missing)
        key = fiscal_key(unit, year, number)
        if self.custom:
            return self._by_key.get(key) or self._outside(key, unit)
        if unit is Unit.WEEK:
            return Unknown(_NO_WEEKS)
        count = 12 // _MONTHS_OF[unit]
        if not 1 <= number <= count:
            return Unknown(f"There is no {key}: a fiscal year has {count} {unit}s.")
        return self._standard((year - self._ahead) * count + number - 1, unit)

    def _outside(self, what: str, unit: Unit) -> Unknown:
        known = self.known
        if known is None or not self._rows[unit]:
            return Unknown(f"The org's custom fiscal years have no {unit}s. Define them in Salesforce's Setup.")
        return Unknown(
            f"The org's custom fiscal years have no {unit} for {what}: they are defined from {known}. Define more"
            " fiscal years in Salesforce's Setup."
        )

    @property
    def _ahead(self) -> int:
        """By how much a standard year's name is ahead of the calendar year that it starts in."""
        return int(self.start_month > 1 and not self.named_by_start)

    def _place(self, day: date, unit: Unit) -> int:
        """A standard period as a number that counts on from one to the next."""
        months = day.year * 12 + day.month - self.start_month
        return months // _MONTHS_OF.get(unit, 1)

    def _standard(self, place: int, unit: Unit) -> FiscalPeriod | Unknown:
        if unit not in _MONTHS_OF:
            return Unknown(_NO_WEEKS)
        count = _MONTHS_OF[unit]
        starts_in, number = divmod(place * count, 12)
        try:
            days = Days(
                month(starts_in, self.start_month + number),
                month(starts_in, self.start_month + number + count),
            )
        except (ValueError, OverflowError):
            return Unknown(_TOO_FAR)
        year = starts_in + self._ahead
        found = FiscalPeriod(unit, year, number // count + 1, f"FY {year}", days)
        match unit:
            case Unit.QUARTER:
                return replace(found, label=f"Q{found.number} FY {year}")
            case Unit.MONTH:
                return replace(found, label=f"{MONTH_NAMES[days.first.month - 1]} FY {year}")
            case _:
                return found
