"""M11, M13: from where, why and with whom deals were lost."""

from dataclasses import replace
from decimal import Decimal
from math import sqrt

from forcedex.analytics.definition import Definition, Dimension, Part, Ratio, Share, Shows
from forcedex.analytics.report import Column, Figure, Report, ReportRow
from forcedex.analytics.reports.common import ABOUT_DEALS, CLOSED, CLOSING, COUNT, DEALS, LOST, amount, count

LOSSES = Definition(
    name="losses",
    title="Losses by stage",
    formula="Lost deals by the last open stage before they were lost.",
    parts=(Part(source=DEALS, where=(LOST,), day="CloseDate"),),
    measures=(COUNT, amount()),
    dimensions=(
        Dimension(name="stage", label="Lost from stage", field="x.lost_from_stage", none="(unknown)"),
        *ABOUT_DEALS,
    ),
    by="stage",
    order="count",
)


def loss_reasons(field: str) -> Definition:
    """Lost deals by the field in which sales people say why: Salesforce has none of its own."""
    return Definition(
        name="loss-reasons",
        title="Loss reasons",
        formula=f"Lost deals closed in the period by {field}, and each reason's share of all; those without one apart.",
        parts=(Part(source=DEALS, where=(LOST,), day="CloseDate"),),
        measures=(COUNT, amount()),
        shares=(
            Share(name="count_share", label="Of lost deals", measure="count"),
            Share(name="amount_share", label="Of the amount", measure="amount"),
        ),
        dimensions=(
            Dimension(name="reason", label="Reason", field=field, none="(no reason given)"),
            *CLOSING,
            *ABOUT_DEALS,
        ),
        by="reason",
        order="count",
    )


def _driven(report: Report) -> Report:
    rows = tuple(_driver(row, report.total) for row in report.rows)
    columns = (
        Column(name="lift", label="Times the usual", shows=Shows.NUMBER),
        Column(name="z", label="z", shows=Shows.NUMBER),
    )
    total = _driver(report.total, report.total)
    return replace(report, rows=rows, total=total, columns=(*report.columns, *columns))


def _driver(row: ReportRow, total: ReportRow) -> ReportRow:
    """The row's loss rate over that of all others, and how many standard errors lie between (two proportions)."""
    lost, closed = (int(row.value(name) or 0) for name in ("lost", "closed"))
    others_lost, others = (int(total.value(name) or 0) - own for name, own in (("lost", lost), ("closed", closed)))
    lift = z = Figure(value=None, why="no other closed deals")
    if closed and others:
        all_lost, every = lost + others_lost, closed + others
        if others_lost:
            value = Decimal(lost * others) / Decimal(closed * others_lost)
            lift = Figure(value=round(value, 6), over=Decimal(lost) / closed, under=Decimal(others_lost) / others)
        spread = sqrt(all_lost / every * (1 - all_lost / every) * (1 / closed + 1 / others))
        if spread:
            z = Figure(value=round(Decimal((lost / closed - others_lost / others) / spread), 2))
    return replace(row, figures={**row.figures, "lift": lift, "z": z})


LOSS_DRIVERS = Definition(
    name="loss-drivers",
    title="Loss drivers",
    formula="The loss rate of closed deals, how many times that of all other deals it is, and how many standard errors "
    "lie between the two: beyond 2 it is hardly chance.",
    parts=(Part(source=DEALS, where=(CLOSED,), day="CloseDate"),),
    measures=(count("lost", "Lost", (LOST,)), count("closed", "Closed")),
    ratios=(Ratio(name="rate", label="Loss rate", over="lost", under="closed", why="no closed deals"),),
    dimensions=(*ABOUT_DEALS, *CLOSING),
    by="source",
    order="lost",
    finish=_driven,
)
