"""M35: sales efficiency, P = S / C: what was sold over what selling cost, then or a while before."""

from decimal import Decimal

from forcedex.analytics.definition import Definition, Part, Shows
from forcedex.analytics.report import Column, Figure
from forcedex.analytics.reports.common import DEALS, WON, amount
from forcedex.analytics.reports.costs import Costs, Figures, finished, once, over_costs
from forcedex.domain.lag import lag_of

_UNALLOCATED = (
    "Costs that belong to nobody stand under “unallocated” and are not spread; the total holds all S and all C."
)


def efficiency(costs: Costs) -> Definition:
    """The report over what the org records of costs."""
    return _efficiency(
        costs,
        "efficiency",
        "Sales efficiency",
        f"P = S / C: the amount of won deals by close date, over the costs of the same days and the same scope. "
        f"{_UNALLOCATED}",
    )


def lagged_efficiency(costs: Costs) -> Definition:
    """The same over the costs of some time before."""
    lag = lag_of(costs.lag)
    return _efficiency(
        costs,
        "lagged-efficiency",
        "Lagged sales efficiency",
        f"P = S / C: the amount of won deals by close date, over the costs of {lag} before: those of the days, or of "
        f"the unit of the calendar, that lie so much earlier. {_UNALLOCATED}",
        lag=costs.lag,
    )


def _efficiency(costs: Costs, name: str, title: str, formula: str, *, lag: str = "") -> Definition:
    first = costs.first()
    return Definition(
        name=name,
        title=title,
        formula=formula,
        parts=(Part(source=DEALS, where=(WON,), day="CloseDate"), *costs.parts(lag=lag)),
        measures=(amount("sales", "S"), *costs.measures()),
        dimensions=costs.dimensions(),
        by="month" if lag else "quarter",
        order="sales",
        finish=_FINISH,
        row_wise=True,
        first=first,
        prepare=once if first else None,
    )


def _row(figures: Figures, comparable: bool) -> Figures:
    """S - C and P; costs below zero give no P."""
    sales, costs = (figures[name].value or Decimal(0) for name in ("sales", "costs"))
    return {
        "left": Figure(value=sales - costs),
        "efficiency": over_costs(sales, costs, comparable=comparable),
    }


_FINISH = finished(
    _row,
    Column(name="left", label="S - C", shows=Shows.MONEY),
    Column(name="efficiency", label="P", shows=Shows.NUMBER),
)
