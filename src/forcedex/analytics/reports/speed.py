"""M14, M16, M17: how long deals take, stay and wait."""

from forcedex.analytics.definition import Definition, Dimension, Filter, Function, Measure, Op, Part, Shows
from forcedex.analytics.reports.common import ABOUT_DEALS, CLOSED, CLOSING, COUNT, DEALS, LOST, VERSIONS, WON, count

_A_DAY = 86_400


def _cycle(name: str, label: str, function: Function, where: Filter) -> Measure:
    return Measure(name=name, label=label, function=function, field="x.cycle_days", where=(where,), shows=Shows.DAYS)


SALES_CYCLE = Definition(
    name="sales-cycle",
    title="Sales cycle",
    formula="Days from the local day of creation to the close date, of won and of lost deals. Negative ones are kept.",
    parts=(Part(source=DEALS, where=(CLOSED,), day="CloseDate"),),
    measures=(
        COUNT,
        _cycle("mean", "Won, mean", Function.MEAN, WON),
        _cycle("median", "Won, median", Function.MEDIAN, WON),
        _cycle("lost_mean", "Lost, mean", Function.MEAN, LOST),
        _cycle("lost_median", "Lost, median", Function.MEDIAN, LOST),
    ),
    dimensions=(*CLOSING, *ABOUT_DEALS),
    by="quarter",
    order="count",
)
TIME_IN_STAGE = Definition(
    name="time-in-stage",
    title="Time in stage",
    formula="Days of completed stays in a stage that ended in the period, each stay by itself.",
    parts=(Part(source=VERSIONS, where=(Filter("x.stage_changed", Op.IS, (1,)),), day="x.at"),),
    measures=(
        count("count", "Stays"),
        Measure(name="mean", label="Mean", function=Function.MEAN, field="x.stage_secs", shows=Shows.DAYS, per=_A_DAY),
        Measure(
            name="median", label="Median", function=Function.MEDIAN, field="x.stage_secs", shows=Shows.DAYS, per=_A_DAY
        ),
    ),
    dimensions=(Dimension(name="stage", label="Stage", field="x.b_stage"),),
    by="stage",
    order="mean",
)
