"""The fiscal calendar from what the org says: its Organization row and its Period rows.

Rows map columns to texts, as the Bulk API and REST pages give them; an empty text is null. Source: Salesforce Object
Reference, Organization, FiscalYearSettings and Period: `EndDate` is the last day of a period, `Number` may start again
in every quarter (`PeriodLabelScheme`), so the order of days numbers the periods here.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import pairwise

from forcedex.domain.days import ONE_DAY, Days, Unit
from forcedex.domain.fiscal import FiscalCalendar, FiscalPeriod

Row = Mapping[str, str]

ORGANIZATION_COLUMNS = ("FiscalYearStartMonth", "UsesStartDateAsFiscalYearName")
PERIOD_COLUMNS = (
    *("Type", "StartDate", "EndDate", "QuarterLabel", "PeriodLabel", "FullyQualifiedLabel"),
    *("FiscalYearSettings.Name", "FiscalYearSettings.IsStandardYear"),
)
_UNITS = {"Year": Unit.YEAR, "Quarter": Unit.QUARTER, "Month": Unit.MONTH, "Week": Unit.WEEK}
_MARKS = {Unit.QUARTER: "Q", Unit.MONTH: "P", Unit.WEEK: "Week "}
_YEAR = re.compile(r"(?<!\d)\d{4}(?!\d)", re.ASCII)
_NEXT_STEP = "Correct the fiscal years in Salesforce's Setup."


def fiscal_calendar(organization: Row, periods: Sequence[Row]) -> FiscalCalendar:
    """The org's calendar: its custom years if one of its years is not standard, else its standard years.

    A column that the sync user may not read is missing in its row. Without the start month what periods there are
    tell of the years, and without periods, too, they start in January.
    """
    if any(row.get("FiscalYearSettings.IsStandardYear") == "false" for row in periods):
        return custom_years(periods)
    if "FiscalYearStartMonth" in organization:
        return standard_years(organization)
    return custom_years(periods) if periods else FiscalCalendar()


def standard_years(organization: Row) -> FiscalCalendar:
    """Standard years as the Organization row sets them; without a start month nothing is known."""
    text = organization.get("FiscalYearStartMonth", "")
    number = float(text) if re.fullmatch(r"\d{1,2}(\.0+)?", text, re.ASCII) else 0
    if not 1 <= number <= 12:
        return FiscalCalendar(
            missing="The org says no month that its fiscal year starts in (Organization.FiscalYearStartMonth is"
            f" {text[:20] or 'empty'}). {_NEXT_STEP}"
        )
    by_start = organization.get("UsesStartDateAsFiscalYearName") == "true"
    return FiscalCalendar(start_month=int(number), named_by_start=by_start)


def custom_years(rows: Iterable[Row]) -> FiscalCalendar:
    """Custom years from Period rows.

    Years must follow each other without gap or overlap, and so must the quarters, months and weeks of each year that
    has any. Otherwise nothing is taken of them, and the calendar's `missing` names the rows.
    """
    try:
        spans = [_span(row) for row in rows]
        years = sorted((each for each in spans if each.unit is Unit.YEAR), key=lambda each: each.days)
        if not years:
            raise _Unfit("The org has no fiscal years.")
        _check_following(years)
        found = _years(years)
        for unit in (Unit.QUARTER, Unit.MONTH, Unit.WEEK):
            parts = sorted((each for each in spans if each.unit is unit), key=lambda each: each.days)
            found += _parts(years, found[: len(years)], parts)
    except _Unfit as exc:
        return FiscalCalendar(missing=f"{exc} {_NEXT_STEP}")
    return FiscalCalendar(custom=tuple(found))


class _Unfit(Exception):
    """Rows that make no calendar; a sentence."""


@dataclass(frozen=True, slots=True)
class _Span:
    unit: Unit
    days: Days
    #: As Salesforce shows it; empty where the row does not tell.
    label: str
    #: What the row calls itself within its year.
    short: str
    #: The name of the fiscal year's settings.
    settings: str

    def __str__(self) -> str:
        name = self.label or self.short or self.settings
        return f"{self.unit} {name} ({self.days})" if name else f"{self.unit} {self.days}"


def _span(row: Row) -> _Span:
    kind = row.get("Type", "")
    unit = _UNITS.get(kind)
    label = row.get("FullyQualifiedLabel", "")
    shown = f"period {label or row.get('Id', '')} ({kind}, {row.get('StartDate')} to {row.get('EndDate')})"
    if unit is None:
        raise _Unfit(f"The {shown} is of no known type.")
    try:
        first, last = date.fromisoformat(row["StartDate"]), date.fromisoformat(row["EndDate"])
        days = Days(first, last + ONE_DAY)
    except (KeyError, ValueError, OverflowError) as exc:
        raise _Unfit(f"The {shown} has no days.") from exc
    short = {Unit.QUARTER: row.get("QuarterLabel", ""), Unit.MONTH: row.get("PeriodLabel", "")}.get(unit, "")
    return _Span(unit, days, label, short, row.get("FiscalYearSettings.Name", ""))


def _check_following(spans: Sequence[_Span]) -> None:
    for before, after in pairwise(spans):
        if after.days.first < before.days.end:
            raise _Unfit(f"Fiscal periods overlap: {before} and {after}.")
        if after.days.first > before.days.end:
            gap = Days(before.days.end, after.days.first)
            raise _Unfit(f"No fiscal {before.unit} covers {gap}, between {before} and {after}.")


def _years(spans: Sequence[_Span]) -> list[FiscalPeriod]:
    found: list[FiscalPeriod] = []
    for span in spans:
        numbers = _YEAR.findall(span.label) or _YEAR.findall(span.settings)
        if len(numbers) != 1:
            raise _Unfit(f"The name of the fiscal {span} is no year.")
        year = int(numbers[0])
        if found and found[-1].year >= year:
            raise _Unfit(f"The fiscal {span} follows {found[-1].label}, but its name is not a later year.")
        found.append(FiscalPeriod(Unit.YEAR, year, 1, span.label or f"FY {year}", span.days))
    return found


def _parts(spans: Sequence[_Span], years: Sequence[FiscalPeriod], parts: Sequence[_Span]) -> list[FiscalPeriod]:
    """The quarters, months or weeks, numbered within their years."""
    found: list[FiscalPeriod] = []
    taken = 0
    for span, year in zip(spans, years, strict=True):
        mine = [each for each in parts if year.days.first <= each.days.first < year.days.end]
        taken += len(mine)
        if not mine:
            continue
        _check_following(mine)
        edge = mine[0] if mine[0].days.first > year.days.first else mine[-1]
        if Days(mine[0].days.first, mine[-1].days.end) != year.days:
            raise _Unfit(f"The {edge.unit}s of the fiscal {span} do not cover just its days: see {edge}.")
        for number, each in enumerate(mine, start=1):
            name = each.label or f"{each.short or f'{_MARKS[each.unit]}{number}'} {year.label}"
            found.append(FiscalPeriod(each.unit, year.year, number, name, each.days))
    if taken < len(parts):
        outside = next(each for each in parts if all(each.days.first not in year.days for year in years))
        raise _Unfit(f"The fiscal {outside} lies in no fiscal year.")
    return found
