"""M15, M18: how fast money moves, and what stands still."""

from collections.abc import Mapping
from dataclasses import replace
from fractions import Fraction
from math import ceil

from forcedex.analytics.definition import (
    AllOf,
    AnyOf,
    Condition,
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
from forcedex.analytics.groups import Group, rounded
from forcedex.analytics.report import Column, Figure, Report, ReportRow
from forcedex.analytics.reports.common import (
    ABOUT_DEALS,
    CLOSED,
    COUNT,
    DEALS,
    NOT_OMITTED,
    OPEN,
    STAGE,
    VERSIONS,
    WON,
    amount,
    count,
)

_A_DAY = 86_400


def _per_day(report: Report) -> Report:
    """N × W × A ÷ L beside its four factors, rounded once; none if one of them is not known."""
    column = Column(name="velocity", label="Per day", shows=Shows.MONEY)
    rows = tuple(_velocity(row, report.decimal_places) for row in report.rows)
    total = _velocity(report.total, report.decimal_places)
    return replace(report, rows=rows, total=total, columns=(*report.columns, column))


def _velocity(row: ReportRow, places: int) -> ReportRow:
    factors = [row.figures[name] for name in ("open", "rate", "size", "cycle")]
    why = next((each.why for each in factors if each.value is None), "")
    opened, rate, size, cycle = (each.unrounded for each in factors)
    if opened is None or rate is None or size is None or cycle is None or cycle <= 0:
        found = Figure(value=None, why=why or "won deals took no day")
    else:
        found = Figure(value=rounded(opened * rate * size / cycle, places))
    return replace(row, figures={**row.figures, "velocity": found})


VELOCITY = Definition(
    name="velocity",
    title="Sales velocity",
    formula="Open deals now × win rate × mean amount won ÷ mean days from creation to close, the last three of deals "
    "closed in the period: what the pipeline brings per day.",
    parts=(
        Part(source=DEALS, where=(CLOSED,), day="CloseDate"),
        Part(source=DEALS, name="open", where=(OPEN, NOT_OMITTED)),
    ),
    measures=(
        count("open", "Open now", part="open"),
        count("won", "Won", (WON,)),
        count("closed", "Closed"),
        Measure(name="size", label="Mean won", function=Function.MEAN, field="x.amt", where=(WON,), shows=Shows.MONEY),
        Measure(
            name="cycle",
            label="Mean cycle",
            function=Function.MEAN,
            field="x.cycle_days",
            where=(WON,),
            shows=Shows.DAYS,
        ),
    ),
    ratios=(Ratio(name="rate", label="Win rate", over="won", under="closed", why="no closed deals"),),
    dimensions=ABOUT_DEALS,
    by="owner",
    period="last-2-quarters",
    order="open",
    finish=_per_day,
)

_STAYS = Definition(
    name="stays",
    title="Stays",
    formula="Stays in a stage before a move forward or to the close.",
    parts=(Part(source=VERSIONS, where=(Filter("x.stage_changed", Op.IS, (1,)), Filter("x.b_open", Op.IS, (1,)))),),
    measures=(
        Measure(
            name="long",
            label="Long stay",
            function=Function.UPPER_QUARTILE,
            field="x.stage_secs",
            shows=Shows.DAYS,
            per=_A_DAY,
        ),
    ),
    dimensions=(Dimension(name="stage", label="Stage", field="x.b_stage"),),
    by="stage",
)
_QUIET = AnyOf((Filter("LastActivityDate", Op.LESS, ("@today-30",)), Filter("LastActivityDate", Op.UNKNOWN)))


def _with_stays(definition: Definition, stays: Mapping[tuple[str | None, ...], Group]) -> Definition:
    """What counts as long, stage by stage."""
    long = {
        key[0]: ceil(Fraction(stats.quantile) / _A_DAY)
        for key, group in stays.items()
        if key[0] is not None and (stats := group.stats["long"]).quantile is not None
    }
    over = tuple(
        AllOf((Filter("StageName", Op.IS, (str(stage),)), Filter("x.stage_since", Op.LESS, (f"@today-{days}",))))
        for stage, days in sorted(long.items())
    )
    limits = ", ".join(f"{stage} {days}" for stage, days in sorted(long.items()))
    notes = (*definition.notes, f"Long in the stage is more days than: {limits}.") if limits else definition.notes
    return replace(definition, measures=_stalled(over), notes=notes)


def _stalled(over: tuple[AllOf, ...]) -> tuple[Measure, ...]:
    slow: Condition = AnyOf(over) if over else Filter("x.stage_since", Op.UNKNOWN)
    either = AnyOf((*over, *_QUIET.filters))
    return (
        COUNT,
        count("slow", "Long in the stage", (slow,)),
        count("quiet", "Quiet 30 days", (_QUIET,)),
        count("stalled", "Stalled", (either,)),
        amount("amount", "Amount stalled", (either,)),
    )


STALLED = Definition(
    name="stalled",
    title="Stalled deals",
    formula="Open deals that are in their stage for longer than three quarters of all stays in it took, or had no "
    "activity for 30 days.",
    parts=(Part(source=DEALS, where=(OPEN,), day="CloseDate"),),
    measures=_stalled(()),
    ratios=(Ratio(name="share", label="Stalled", over="stalled", under="count", why="no open deals"),),
    dimensions=(STAGE, *ABOUT_DEALS),
    by="stage",
    order="stalled",
    first=_STAYS,
    prepare=_with_stays,
)
