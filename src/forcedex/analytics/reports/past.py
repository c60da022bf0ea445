"""M19, M24, M27, M30: how things stood at the end of other days, from the versions of deals."""

from collections.abc import Mapping
from dataclasses import replace
from decimal import Decimal

from forcedex.analytics.definition import (
    AnyOf,
    Condition,
    Definition,
    Dimension,
    Filter,
    Function,
    Measure,
    Op,
    Part,
    Quick,
    Shows,
)
from forcedex.analytics.report import Column, Figure, Report, ReportRow
from forcedex.analytics.reports.common import (
    ABOUT_DEALS,
    COUNT,
    DEALS,
    OPEN,
    VERSIONS,
    WON,
    amount,
    calendar,
    count,
)
from forcedex.analytics.since import trend

_HELD = Filter("x.valid", Op.AT, ("@asof",))
NOT_OMITTED = Filter("x.fc", Op.NOT, ("Omitted",))
_OF_NOW = (
    "Account, type, source and campaign are as they were, as far as the sync saw them change, else those of now; "
    "amounts are by the rate of the close date now."
)
ABOUT_VERSIONS = (
    Dimension(name="stage", label="Stage", field="x.stage"),
    Dimension(name="category", label="Forecast category", field="x.fc"),
    Dimension(name="owner", label="Owner", field="x.owner", names="User"),
    *(each for each in ABOUT_DEALS if each.name != "owner"),
)
_OVERDUE = (Filter("x.close_d", Op.LESS, ("@today",)),)

OPEN_PIPELINE_THEN = Definition(
    name="open-pipeline",
    title="Open pipeline",
    formula="Amount of deals that were open at the end of the day and not omitted from forecasts, with what was past "
    "its close date.",
    parts=(Part(source=VERSIONS, where=(_HELD, OPEN, NOT_OMITTED), day="x.close_d"),),
    measures=(amount(), COUNT, amount("overdue", "Past due", _OVERDUE)),
    dimensions=(*ABOUT_VERSIONS, *calendar("x.close_d")),
    by="stage",
    order="amount",
    notes=(_OF_NOW,),
)

FORECAST_THEN = Definition(
    name="forecast",
    title="Forecast",
    formula="Deals closing in the period by the forecast category that they had at the end of the day; Omitted and "
    "lost are left out.",
    parts=(Part(source=VERSIONS, where=(_HELD, NOT_OMITTED, AnyOf((OPEN, WON))), day="x.close_d"),),
    measures=(amount(), COUNT),
    dimensions=(Dimension(name="category", label="Category", field="x.fc"),),
    by="category",
    period="this-fiscal-quarter",
)


def _ends_with_the_last(report: Report) -> Report:
    """Points are not parts: the total is the last of them, and says how many amounts are not known there."""
    columns = tuple(each for each in report.columns if each.name != "unknown")
    if not report.rows or report.by[0] not in _POINTS:
        return replace(report, columns=columns, missing={})
    last = report.rows[-1].keys[0]
    rows = [row for row in report.rows if row.keys[0] == last]
    figures = {
        each.name: Figure(value=sum((row.value(each.name) or Decimal(0) for row in rows), Decimal(0)))
        for each in report.columns
    }
    unknown = int(figures["unknown"].value or 0) if "unknown" in figures else 0
    total = replace(report.total, labels=(f"On {last}",), figures=figures)
    return replace(report, columns=columns, total=total, missing={"amount": unknown} if unknown else {})


_POINTS = frozenset(each.name for each in trend(""))
_OPEN_AT_ENDS = (
    "Deals that were open at the end of each day, week, month or quarter, up to today, and not omitted from forecasts."
)
_UNKNOWN = "Without a known amount"
_KEPT_BY = (
    Dimension(name="stage", label="Stage", field="x.stage"),
    Dimension(name="category", label="Forecast category", field="x.fc"),
    Dimension(name="owner", label="Owner", field="x.owner", names="User"),
    Dimension(name="record-type", label="Record type", field="x.record_type"),
    Dimension(name="fiscal-quarter", label="Closes in fiscal quarter", field="x.close_fq"),
)


def _sum(name: str, label: str, field: str, shows: Shows = Shows.NUMBER) -> Measure:
    return Measure(name=name, label=label, function=Function.SUM, field=field, shows=shows)


_FROM_TOTALS = Quick(
    definition=Definition(
        name="pipeline-trend",
        title="Pipeline trend",
        formula=_OPEN_AT_ENDS,
        parts=(Part(source="x-daily", where=(Filter("x.marker", Op.IS, (0,)), NOT_OMITTED)),),
        measures=(
            amount(),
            _sum("count", "Deals", "x.count"),
            _sum("weighted", "Weighted amount", "x.wamt", Shows.MONEY),
            _sum("unknown", _UNKNOWN, "x.unknown"),
        ),
        dimensions=(*trend("x.day"), *_KEPT_BY),
        by="month",
        period="last-12-months",
        overlapping=True,
        finish=_ends_with_the_last,
    ),
    fields={each: each for each in ("x.stage", "x.fc", "x.owner", "x.close_fq")} | {"RecordTypeId": "x.record_type"},
    note="From the totals of days.",
    otherwise="From the versions of the deals.",
)
PIPELINE_TREND = Definition(
    name="pipeline-trend",
    title="Pipeline trend",
    formula=_OPEN_AT_ENDS,
    parts=(Part(source=VERSIONS, where=(OPEN, NOT_OMITTED)),),
    measures=(
        amount(),
        COUNT,
        Measure(
            name="weighted",
            label="Weighted amount",
            function=Function.SUM,
            field="x.wamt",
            shows=Shows.MONEY,
            optional=True,
        ),
        count("unknown", _UNKNOWN, (Filter("x.amt", Op.UNKNOWN),)),
    ),
    dimensions=(
        *trend("x.valid"),
        *ABOUT_VERSIONS,
        Dimension(name="record-type", label="Record type", field="RecordTypeId"),
        Dimension(name="fiscal-quarter", label="Closes in fiscal quarter", field="x.close_fq"),
    ),
    by="month",
    period="last-12-months",
    overlapping=True,
    finish=_ends_with_the_last,
    notes=(_OF_NOW, "The same deal is open on many days, so rows do not add up."),
    quick=_FROM_TOTALS,
)

_BEFORE_END = (90, 60, 30, 0)
_EXPECTED = Filter("x.fc", Op.IS, ("Forecast", "Closed"))


def _held(days: int) -> tuple[Condition, ...]:
    return (
        Filter("x.valid", Op.AT, (f"@end-{days + 1}",)),
        _EXPECTED,
        AnyOf((OPEN, WON)),
        Filter("x.close_d", Op.AT_LEAST, ("@start",)),
        Filter("x.close_d", Op.LESS, ("@end",)),
    )


def _accuracy(report: Report) -> Report:
    """A row for each day of looking ahead: forecast, what came, and how near they are."""
    actual = report.total.value("actual") or Decimal(0)
    rows = []
    for days in _BEFORE_END:
        forecast = report.total.value(f"before_{days}") or Decimal(0)
        figures: Mapping[str, Figure] = {
            "forecast": Figure(value=forecast),
            "actual": Figure(value=actual),
            "accuracy": _over(1 - abs(forecast - actual) / actual if actual > 0 else None, forecast, actual),
            "bias": _over((forecast - actual) / actual if actual > 0 else None, forecast, actual),
        }
        label = f"{days} days before the end" if days else "At the end"
        rows.append(ReportRow(keys=(str(days),), labels=(label,), figures=figures))
    columns = (
        Column(name="forecast", label="Forecast", shows=Shows.MONEY),
        Column(name="actual", label="Won", shows=Shows.MONEY),
        Column(name="accuracy", label="Accuracy", shows=Shows.SHARE),
        Column(name="bias", label="Bias", shows=Shows.SHARE),
    )
    total = replace(report.total, labels=("Won",), figures={"actual": Figure(value=actual)})
    return replace(
        report,
        by=("before",),
        by_labels=("Looked at",),
        rows=tuple(rows),
        row_count=len(rows),
        total=total,
        columns=columns,
        missing={},
    )


def _over(value: Decimal | None, forecast: Decimal, actual: Decimal) -> Figure:
    if value is None:
        return Figure(value=None, why="nothing was won", over=forecast, under=actual)
    return Figure(value=round(value, 6), over=forecast, under=actual)


FORECAST_ACCURACY = Definition(
    name="forecast-accuracy",
    title="Forecast accuracy",
    formula="Commit and closed deals of the period as they stood 90, 60, 30 and 0 days before its end, over what was "
    "won in it: 1 - |forecast - won| / won. Bias says in which direction.",
    parts=(
        Part(source=VERSIONS),
        Part(source=DEALS, name="won", where=(WON,), day="CloseDate"),
    ),
    measures=(
        *(amount(f"before_{days}", f"{days} days before", _held(days)) for days in _BEFORE_END),
        amount("actual", "Won", part="won"),
    ),
    period="last-quarter",
    finish=_accuracy,
)
