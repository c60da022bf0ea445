"""M33: what campaigns brought for what they cost, by the primary campaign of each deal."""

from dataclasses import replace
from decimal import Decimal

from forcedex.analytics.definition import Definition, Dimension, Function, Measure, Part, Ratio, Shows
from forcedex.analytics.report import Column, Figure, Report, ReportRow
from forcedex.analytics.reports.common import DEALS, WON, amount, count

_PART = "campaigns"
_NO_COST = "no actual cost"


def _of_campaign(name: str, label: str, field: str, shows: Shows = Shows.NUMBER, *, optional: bool = False) -> Measure:
    return Measure(
        name=name, label=label, function=Function.SUM, field=field, shows=shows, part=_PART, optional=optional
    )


def _returned(report: Report) -> Report:
    """(Won - cost) over cost, as Salesforce reckons it; none without an actual cost."""

    def one(row: ReportRow) -> ReportRow:
        won, cost = (row.value(name) or Decimal(0) for name in ("won_amount", "cost"))
        if cost > 0:
            found = Figure(value=round((won - cost) / cost, 6), over=won - cost, under=cost)
        else:
            found = Figure(value=None, why="costs below zero" if cost < 0 else _NO_COST, over=won - cost, under=cost)
        return replace(row, figures={**row.figures, "return": found})

    column = Column(name="return", label="Return", shows=Shows.SHARE)
    return replace(
        report, rows=tuple(map(one, report.rows)), total=one(report.total), columns=(*report.columns, column)
    )


CAMPAIGN_RETURN = Definition(
    name="campaign-return",
    title="Campaign return",
    formula="(Amount won - actual cost) / actual cost, each deal with its primary campaign. A period is that of the "
    "campaign's start and of the deal's close. Budgeted costs count for nothing, and what parent campaigns sum up is "
    "not counted again.",
    parts=(
        Part(source=DEALS, day="CloseDate"),
        Part(source="Campaign", name=_PART, day="StartDate"),
    ),
    measures=(
        _of_campaign("cost", "Actual cost", "ActualCost", Shows.MONEY),
        amount("won_amount", "Amount won", (WON,)),
        count("deals", "Deals"),
        count("won", "Won", (WON,)),
        _of_campaign("leads", "Leads", "NumberOfLeads", optional=True),
        _of_campaign("responses", "Responses", "NumberOfResponses", optional=True),
    ),
    ratios=tuple(
        Ratio(
            name=f"per_{under}",
            label=f"Cost per {label}",
            over="cost",
            under=under,
            shows=Shows.MONEY,
            why=f"no {under}",
        )
        for under, label in (("leads", "lead"), ("responses", "response"), ("deals", "deal"), ("won", "win"))
    ),
    dimensions=(
        Dimension(
            name="campaign",
            label="Campaign",
            field="CampaignId",
            fields={_PART: "Id"},
            names="Campaign",
            none="(no campaign)",
        ),
    ),
    by="campaign",
    order="won_amount",
    finish=_returned,
    row_wise=True,
)
