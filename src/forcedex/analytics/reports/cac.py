"""M35: what it costs to win a customer: C over the accounts that bought for the first time."""

from decimal import Decimal
from fractions import Fraction

from forcedex.analytics.definition import Definition, Filter, Op, Part, Shows
from forcedex.analytics.groups import rounded
from forcedex.analytics.report import Column, Figure, Report
from forcedex.analytics.reports.common import DEALS, WON, amount, count
from forcedex.analytics.reports.costs import NO_COST, Costs, Figures, finished, once

_FIRST = Filter("x.first_win", Op.IS, (True,))


def cac(costs: Costs) -> Definition:
    """The report over what the org records of costs."""
    first = costs.first()
    return Definition(
        name="cac",
        title="Customer acquisition cost",
        formula="CAC = C / new customers: the costs of the days and scope, over the accounts whose first won deal (by "
        "close date, then Id) closed then. Costs that belong to nobody stand under “unallocated” and are not spread; "
        "the total holds all of both. For who sees every deal.",
        parts=(Part(source=DEALS, where=(WON, _FIRST), day="CloseDate"), *costs.parts()),
        measures=(count("customers", "New customers"), amount("sales", "Their first deals"), *costs.measures()),
        dimensions=costs.dimensions(),
        by="quarter",
        order="customers",
        finish=_finish,
        row_wise=True,
        first=first,
        prepare=once if first else None,
    )


def _finish(report: Report) -> Report:
    places = report.decimal_places

    def row(figures: Figures, comparable: bool) -> Figures:
        customers, costs = (figures[name].value or Decimal(0) for name in ("customers", "costs"))
        why = "" if comparable else "unallocated"
        why = why or ("costs below zero" if costs < 0 else "" if costs else NO_COST)
        why = why or ("" if customers else "no new customers")
        value = None if why else rounded(Fraction(costs) / Fraction(customers), places)
        return {"cac": Figure(value=value, why=why, over=costs, under=customers)}

    return finished(row, Column(name="cac", label="CAC", shows=Shows.MONEY))(report)
