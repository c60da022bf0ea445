"""M7, M8: how many of the closed deals were won, by number and by amount."""

from dataclasses import replace
from decimal import Decimal
from math import sqrt

from forcedex.analytics.definition import Definition, Filter, Measure, Op, Part, Ratio, Shows
from forcedex.analytics.report import Column, Figure, Report, ReportRow
from forcedex.analytics.reports.common import ABOUT_DEALS, CLOSED, CLOSING, DEALS, LOST, WON, amount, count

_Z = 1.959963984540054  # 95 %
_POSITIVE = Filter("x.amt", Op.MORE, (0,))
_HALF = Decimal("0.5")


def wilson(won: int, closed: int) -> tuple[Decimal, Decimal]:
    """The interval that holds the true rate with 95 %: Wilson's score interval (Wilson 1927)."""
    rate, square = won / closed, _Z * _Z
    middle = (rate + square / (2 * closed)) / (1 + square / closed)
    half = _Z / (1 + square / closed) * sqrt(rate * (1 - rate) / closed + square / (4 * closed * closed))
    return round(Decimal(max(0.0, middle - half)), 6), round(Decimal(min(1.0, middle + half)), 6)


def _intervals(report: Report) -> Report:
    columns = (
        Column(name="low", label="From", shows=Shows.SHARE),
        Column(name="high", label="To", shows=Shows.SHARE),
    )
    notes = list(report.notes)
    lost, known = report.total.value("lost"), report.total.value("lost_known")
    if lost and known is not None and known / lost < _HALF:
        notes.append("Fewer than half of the lost deals have an amount above zero: the rate by amount says little.")
    return replace(
        report,
        rows=tuple(map(_row, report.rows)),
        total=_row(report.total),
        columns=(*report.columns, *columns),
        notes=tuple(notes),
    )


def _row(row: ReportRow) -> ReportRow:
    won, closed = row.value("won"), row.value("closed")
    if not closed or won is None:
        none = Figure(value=None, why="no closed deals")
        return replace(row, figures={**row.figures, "low": none, "high": none})
    low, high = wilson(int(won), int(closed))
    return replace(row, figures={**row.figures, "low": Figure(value=low), "high": Figure(value=high)})


WIN_RATE = Definition(
    name="win-rate",
    title="Win rate",
    formula="Won deals over all that were closed in the period, with the 95 % interval of Wilson; by amount over those "
    "with an amount above zero.",
    parts=(Part(source=DEALS, where=(CLOSED,), day="CloseDate"),),
    measures=(
        count("won", "Won", (WON,)),
        count("lost", "Lost", (LOST,)),
        count("closed", "Closed"),
        amount("won_amount", "Amount won", (WON, _POSITIVE)),
        amount("closed_amount", "Amount closed", (_POSITIVE,)),
        Measure(name="lost_known", label="Lost with amount", where=(LOST, _POSITIVE)),
    ),
    ratios=(
        Ratio(name="rate", label="Win rate", over="won", under="closed", why="no closed deals"),
        Ratio(name="amount_rate", label="By amount", over="won_amount", under="closed_amount", why="no closed amount"),
    ),
    dimensions=(*CLOSING, *ABOUT_DEALS),
    by="quarter",
    order="closed",
    finish=_intervals,
)
