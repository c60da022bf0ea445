"""M35: sales efficiency, P = S / C: what was sold over what selling cost."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from decimal import Decimal

from forcedex.analytics.definition import Definition, Dimension, Function, Measure, Part, Ratio, Shows
from forcedex.analytics.report import Column, Figure, Report, ReportRow
from forcedex.analytics.reports.common import DEALS, WON, amount, calendar


@dataclass(frozen=True, kw_only=True)
class Costs:
    """Where an org records what sales costs: an object, and its fields."""

    object: str
    amount: str
    day: str
    #: Empty: costs are nobody's.
    owner: str = ""
    campaign: str = ""
    #: Further fields of deals, and the cost's fields that mean the same.
    alike: Mapping[str, str] = field(default_factory=dict)


def efficiency(costs: Costs) -> Definition:
    """The report over one object of costs."""
    part = "costs"
    units = (replace(each, fields={part: costs.day}) for each in calendar("CloseDate"))
    scopes = [
        ("owner", "Owner", "OwnerId", costs.owner, "User"),
        ("campaign", "Campaign", "CampaignId", costs.campaign, "Campaign"),
        *((name, name, name, other, "") for name, other in costs.alike.items()),
    ]
    dimensions = tuple(
        Dimension(name=name, label=label, field=mine, fields={part: theirs}, names=names, none="(unallocated)")
        for name, label, mine, theirs, names in scopes
        if theirs
    )
    return Definition(
        name="efficiency",
        title="Sales efficiency",
        formula="P = S / C: the amount of won deals by close date, over the costs of the same days and the same scope. "
        "Costs that belong to nobody stand under “unallocated” and are not spread; the total holds all S and all C.",
        parts=(Part(source=DEALS, where=(WON,), day="CloseDate"), Part(source=costs.object, name=part, day=costs.day)),
        measures=(
            amount("sales", "S"),
            Measure(name="costs", label="C", function=Function.SUM, field=costs.amount, shows=Shows.MONEY, part=part),
        ),
        ratios=(
            Ratio(
                name="efficiency",
                label="P",
                over="sales",
                under="costs",
                shows=Shows.NUMBER,
                why="no cost recorded",
            ),
        ),
        dimensions=(*units, *dimensions),
        by="quarter",
        order="sales",
        finish=_left,
    )


def _left(report: Report) -> Report:
    """S - C beside P; costs below zero give no P."""
    column = Column(name="left", label="S - C", shows=Shows.MONEY)
    columns = (*report.columns[:2], column, *report.columns[2:])
    return replace(report, rows=tuple(map(_row, report.rows)), total=_row(report.total), columns=columns)


def _row(row: ReportRow) -> ReportRow:
    sales, costs = row.value("sales") or Decimal(0), row.value("costs") or Decimal(0)
    found = {**row.figures, "left": Figure(value=sales - costs)}
    if costs < 0:
        found["efficiency"] = Figure(value=None, why="costs below zero", over=sales, under=costs)
    return replace(row, figures=found)
