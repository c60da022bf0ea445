"""M10: how far deals came."""

from dataclasses import replace

from forcedex.analytics.definition import Definition, Dimension, Part, Shows
from forcedex.analytics.report import Column, Figure, Report
from forcedex.analytics.reports.common import ABOUT_DEALS, COUNT, DEALS, amount


def _steps(report: Report) -> Report:
    """Stages from the first to the last: the more deals reached one, the earlier it is; each over the one before.

    Owners or accounts are no steps: there is nothing to set one over the one before.
    """
    if report.by != ("stage",):
        return replace(report, total=replace(report.total, labels=("All deals",)))
    rows = sorted(report.rows, key=lambda row: (row.keys == (None,), -(row.value("count") or 0), row.labels))
    found, before = [], None
    for row in rows:
        own = row.value("count")
        if row.keys == (None,):
            step = Figure(value=None, why="no stage")
        elif before is None or own is None or not before:
            step = Figure(value=None, why="the first stage")
        else:
            step = Figure(value=round(own / before, 6), over=own, under=before)
        found.append(replace(row, figures={**row.figures, "step": step}))
        before = own
    column = Column(name="step", label="Of the one before", shows=Shows.SHARE)
    total = replace(report.total, labels=("All deals",))
    return replace(report, rows=tuple(found), total=total, columns=(*report.columns, column))


FUNNEL = Definition(
    name="funnel",
    title="Stage funnel",
    formula="Deals created in the period that reached a stage, skipped ones counted as passed; won deals reached all.",
    parts=(Part(source=DEALS, day="x.created_d"),),
    measures=(COUNT, amount()),
    dimensions=(
        Dimension(name="stage", label="Stage reached", field="x.stages_reached", none="(none)"),
        *ABOUT_DEALS,
    ),
    by="stage",
    overlapping=True,
    notes=("A deal is in every stage that it reached, so rows do not add up.",),
    finish=_steps,
)
