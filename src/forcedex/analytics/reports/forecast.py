"""M27: what will come, by forecast category, single and cumulative."""

from dataclasses import replace
from decimal import Decimal

from forcedex.analytics.definition import Definition, Dimension, Filter, Op, Part, Shows
from forcedex.analytics.report import Column, Figure, Report
from forcedex.analytics.reports.common import COUNT, DEALS, NOT_OMITTED, amount
from forcedex.analytics.reports.past import FORECAST_THEN

#: From the surest; each cumulative column holds its own and all surer ones.
_ORDER = ("Closed", "Forecast", "MostLikely", "BestCase", "Pipeline")
_NAMES = {"Forecast": "Commit", "MostLikely": "Most Likely", "BestCase": "Best Case"}


def _cumulative(report: Report) -> Report:
    """Rows from the surest category on, with the sum so far; closed deals that were lost are in none."""
    by_key = {row.keys[0]: row for row in report.rows}
    rows, so_far = [], Decimal(0)
    for key in _ORDER:
        row = by_key.get(key)
        if row is None:
            continue
        so_far += row.value("amount") or Decimal(0)
        figures = {**row.figures, "cumulative": Figure(value=so_far)}
        rows.append(replace(row, labels=(_NAMES.get(key, key),), figures=figures))
    column = Column(name="cumulative", label="Cumulative", shows=Shows.MONEY)
    total = replace(report.total, figures={**report.total.figures, "cumulative": Figure(value=so_far)})
    return replace(report, rows=tuple(rows), total=total, columns=(*report.columns, column))


FORECAST = Definition(
    name="forecast",
    title="Forecast",
    formula="Deals closing in the period by forecast category: Closed is what was won; Omitted and lost are left out. "
    "Cumulative adds all surer categories. From opportunities, without adjustments of managers.",
    parts=(Part(source=DEALS, where=(NOT_OMITTED, Filter("x.lost", Op.IS, (0,))), day="CloseDate"),),
    measures=(amount(), COUNT),
    dimensions=(Dimension(name="category", label="Category", field="ForecastCategory"),),
    by="category",
    period="this-fiscal-quarter",
    finish=_cumulative,
    as_of=replace(FORECAST_THEN, finish=_cumulative),
)
