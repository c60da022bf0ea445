"""M21, M28, M29: what was sold and what is open, beside the quotas of the same people and days.

Quotas are those of ForecastingQuota, each in its month, at the static rate of its currency. A manager's quota is not
the sum of his people's: every quota stands with its own owner, and nothing is added up along the hierarchy.
"""

from collections.abc import Callable, Mapping
from dataclasses import replace
from decimal import Decimal

from forcedex.analytics.definition import (
    Definition,
    Dimension,
    Filter,
    Function,
    Measure,
    Op,
    Part,
    Ratio,
    Shows,
)
from forcedex.analytics.groups import Group, rounded_share
from forcedex.analytics.report import Column, Figure, Report, ReportRow
from forcedex.analytics.reports.common import DEALS, NOT_OMITTED, OPEN, WON, amount, calendar
from forcedex.domain.errors import Refused

_QUOTAS = "ForecastingQuota"
_TYPE = "ForecastingTypeId"
_FEWEST = Decimal("0.1")  # of a period, before its pace says anything
NO_QUOTA = "no quota"


def quotas(forecasting_type: str) -> tuple[Definition, ...]:
    """Attainment, coverage and pacing by the quotas of a forecasting type; empty: of the only one."""
    return _attainment(forecasting_type), _coverage(forecasting_type), _pacing(forecasting_type)


def quota_part(forecasting_type: str) -> Part:
    """The quotas of a forecasting type."""
    one = (Filter(_TYPE, Op.IS, (forecasting_type,)),) if forecasting_type else ()
    return Part(source=_QUOTAS, name="quota", where=(Filter("QuotaAmount", Op.KNOWN), *one), day="StartDate")


QUOTA = Measure(
    name="quota", label="Quota", function=Function.SUM, field="QuotaAmount", shows=Shows.MONEY, part="quota"
)


_DIMENSIONS = (
    Dimension(name="owner", label="Owner", field="OwnerId", fields={"quota": "QuotaOwnerId"}, names="User"),
    *(
        replace(each, fields={"quota": "StartDate"})
        for each in calendar("CloseDate")
        if each.name in ("month", "quarter", "year")
    ),
)
TYPES = Definition(
    name="forecasting-types",
    title="Forecasting types",
    formula="Quotas by forecasting type.",
    parts=(Part(source=_QUOTAS, where=(Filter("QuotaAmount", Op.KNOWN),)),),
    measures=(Measure(name="count", label="Quotas"),),
    dimensions=(Dimension(name="type", label="Forecasting type", field=_TYPE),),
    by="type",
)


def of_several_types(definition: Definition, types: Mapping[tuple[str | None, ...], Group]) -> bool:
    """Whether there are several forecasting types and the report names none."""
    return len(types) > 1 and not any(
        one.field == _TYPE for part in definition.parts for one in part.where if isinstance(one, Filter)
    )


def _of_one_type(definition: Definition, types: Mapping[tuple[str | None, ...], Group]) -> Definition:
    """Quotas of several types would be added up to what nobody was asked to sell."""
    if of_several_types(definition, types):
        known = ", ".join(sorted(str(key[0]) for key in types))
        raise Refused(
            f"There are quotas of {len(types)} forecasting types: {known}.",
            "Choose one with forecasting_type in [reports].",
        )
    return definition


def _attainment(forecasting_type: str) -> Definition:
    return Definition(
        name="quota",
        title="Quota attainment",
        formula="What was won in the period over the quota of the same people and months.",
        parts=(Part(source=DEALS, where=(WON,), day="CloseDate"), quota_part(forecasting_type)),
        measures=(QUOTA, amount("won", "Won")),
        ratios=(Ratio(name="attainment", label="Attainment", over="won", under="quota", why=NO_QUOTA),),
        dimensions=_DIMENSIONS,
        by="owner",
        period="this-year",
        order="quota",
        finish=_gap,
        row_wise=True,
        first=TYPES,
        prepare=_of_one_type,
    )


def _gap(report: Report) -> Report:
    """What is missing; nothing where there is no quota, or it was met."""

    def one(row: ReportRow) -> ReportRow:
        quota, won = _both(row)
        gap = Figure(value=max(quota - won, Decimal(0))) if quota else Figure(value=None, why=NO_QUOTA)
        return replace(row, figures={**row.figures, "gap": gap})

    return _with(report, one, Column(name="gap", label="Missing", shows=Shows.MONEY))


def _coverage(forecasting_type: str) -> Definition:
    return Definition(
        name="coverage",
        title="Pipeline coverage",
        formula="Open deals closing in the period over what is missing of its quota.",
        parts=(
            Part(source=DEALS, where=(OPEN, NOT_OMITTED), day="CloseDate"),
            Part(source=DEALS, name="won", where=(WON,), day="CloseDate"),
            quota_part(forecasting_type),
        ),
        measures=(amount("open", "Open"), QUOTA, amount("won", "Won", part="won")),
        dimensions=_DIMENSIONS,
        by="owner",
        period="this-quarter",
        order="open",
        finish=_covered,
        row_wise=True,
        first=TYPES,
        prepare=_of_one_type,
    )


def _covered(report: Report) -> Report:
    def one(row: ReportRow) -> ReportRow:
        quota, won = _both(row)
        missing, opened = quota - won, row.value("open") or Decimal(0)
        if missing > 0:
            coverage = Figure(value=rounded_share(opened, missing), over=opened, under=missing)
        else:
            coverage = Figure(value=None, why="target met" if quota else NO_QUOTA, over=opened, under=missing)
        left = Figure(value=missing) if quota else Figure(value=None, why=NO_QUOTA)
        return replace(row, figures={**row.figures, "missing": left, "coverage": coverage})

    return _with(
        report,
        one,
        Column(name="missing", label="Missing", shows=Shows.MONEY),
        Column(name="coverage", label="Coverage", shows=Shows.NUMBER),
    )


def _pacing(forecasting_type: str) -> Definition:
    return Definition(
        name="pacing",
        title="Pacing",
        formula="What was won so far over the part of the quota that falls to the business days gone by, Monday to "
        "Friday; and won together with the weighted open deals of the period, which is a rule of thumb.",
        parts=(
            Part(source=DEALS, where=(WON,), day="CloseDate"),
            Part(source=DEALS, name="open", where=(OPEN, NOT_OMITTED), day="CloseDate"),
            quota_part(forecasting_type),
        ),
        measures=(
            QUOTA,
            amount("won", "Won"),
            Measure(
                name="weighted",
                label="Weighted open",
                function=Function.SUM,
                field="x.wamt",
                shows=Shows.MONEY,
                part="open",
            ),
        ),
        dimensions=_DIMENSIONS[:1],
        by="owner",
        period="this-quarter",
        order="quota",
        finish=_paced,
        row_wise=True,
        first=TYPES,
        prepare=_of_one_type,
    )


def _paced(report: Report) -> Report:
    pace = report.pace
    gone = Decimal(pace.elapsed_business_days) / pace.business_days if pace and pace.business_days else Decimal(0)

    def one(row: ReportRow) -> ReportRow:
        quota, won = _both(row)
        due = round(quota * gone, report.decimal_places)
        projected = won + (row.value("weighted") or Decimal(0))
        if not due or gone < _FEWEST:
            why = NO_QUOTA if not quota else "the period has hardly begun"
            paced = Figure(value=None, why=why, over=won, under=due)
        else:
            paced = Figure(value=rounded_share(won, due), over=won, under=due)
        found = {"due": Figure(value=due), "pace": paced, "projected": Figure(value=projected)}
        return replace(row, figures={**row.figures, **found})

    made = _with(
        report,
        one,
        Column(name="due", label="Due by now", shows=Shows.MONEY),
        Column(name="pace", label="Pace", shows=Shows.SHARE),
        Column(name="projected", label="Projected", shows=Shows.MONEY),
    )
    if pace is None:
        return made
    note = f"{pace.elapsed_business_days} of {pace.business_days} business days are gone; holidays are not known."
    return replace(made, notes=(*made.notes, note))


def _both(row: ReportRow) -> tuple[Decimal, Decimal]:
    return row.value("quota") or Decimal(0), row.value("won") or Decimal(0)


def _with(report: Report, one: Callable[[ReportRow], ReportRow], *columns: Column) -> Report:
    return replace(
        report, rows=tuple(map(one, report.rows)), total=one(report.total), columns=(*report.columns, *columns)
    )
