"""M4: who buys most, and how much hangs on the largest."""

from dataclasses import replace
from decimal import Decimal

from forcedex.analytics.definition import Definition, Part, Shows
from forcedex.analytics.report import Column, Figure, Report
from forcedex.analytics.reports.common import ACCOUNT, COUNT, DEALS, WON, amount

_TEN = 10


def _shares(report: Report) -> Report:
    """Each row's share of the total, and that of all rows so far."""
    whole = report.total.value("amount")
    rows, so_far = [], Decimal(0)
    for row in report.rows:
        own = row.value("amount") or Decimal(0)
        so_far += own
        rows.append(replace(row, figures={**row.figures, "share": _part(own, whole), "running": _part(so_far, whole)}))
    ten = sum((row.value("amount") or Decimal(0) for row in report.rows[:_TEN]), Decimal(0))
    total = replace(
        report.total, figures={**report.total.figures, "share": _part(ten, whole), "running": Figure(value=None)}
    )
    columns = (
        Column(name="share", label="Share", shows=Shows.SHARE),
        Column(name="running", label="Running", shows=Shows.SHARE),
    )
    note = f"The share in the last line is that of the {_TEN} largest."
    return replace(
        report, rows=tuple(rows), total=total, columns=(*report.columns, *columns), notes=(*report.notes, note)
    )


def _part(own: Decimal, whole: Decimal | None) -> Figure:
    if not whole or whole < 0:
        return Figure(value=None, why="no amount in all", over=own, under=whole)
    return Figure(value=round(own / whole, 6), over=own, under=whole)


TOP_CUSTOMERS = Definition(
    name="top-customers",
    title="Top customers",
    formula="Accounts by the amount won with them, each one's share of all, and the running share.",
    parts=(Part(source=DEALS, where=(WON,), day="CloseDate"),),
    measures=(amount(), COUNT),
    dimensions=(ACCOUNT,),
    by="account",
    order="amount",
    finish=_shares,
)
