"""M17, M19, M20, M22: what is open, what it is worth, and what came in."""

from forcedex.analytics.definition import Definition, Filter, Function, Measure, Op, Part, Ratio, Shows
from forcedex.analytics.reports.common import (
    ABOUT_DEALS,
    AGE,
    CATEGORY,
    CLOSING,
    COUNT,
    CREATION,
    DEALS,
    NOT_OMITTED,
    OPEN,
    STAGE,
    VERSIONS,
    amount,
    count,
)
from forcedex.analytics.reports.past import OPEN_PIPELINE_THEN

_OVERDUE = (Filter("CloseDate", Op.LESS, ("@today",)),)
OPEN_PIPELINE = Definition(
    name="open-pipeline",
    title="Open pipeline",
    formula="Amount of open deals that are not omitted from forecasts, with what is past its close date; weighted by "
    "probability, rounded deal by deal.",
    parts=(Part(source=DEALS, where=(OPEN, NOT_OMITTED), day="CloseDate"),),
    measures=(
        amount(),
        COUNT,
        Measure(name="weighted", label="Weighted", function=Function.SUM, field="x.wamt", shows=Shows.MONEY),
        amount("overdue", "Past due", _OVERDUE),
        count("overdue_count", "Past due deals", _OVERDUE),
    ),
    ratios=(Ratio(name="weight", label="Weight", over="weighted", under="amount", why="no open amount"),),
    dimensions=(STAGE, CATEGORY, AGE, *ABOUT_DEALS, *CLOSING),
    by="stage",
    order="amount",
    as_of=OPEN_PIPELINE_THEN,
)
PIPELINE_CREATED = Definition(
    name="pipeline-created",
    title="Pipeline created",
    formula="Amount of deals created in the period, as it was at their creation and as it is now.",
    parts=(
        Part(source=DEALS, day="x.created_d"),
        Part(source=VERSIONS, name="first", where=(Filter("x.first", Op.IS, (1,)),), day="x.created_d"),
    ),
    measures=(COUNT, amount("now", "Amount now"), amount("then", "Amount at creation", part="first")),
    ratios=(Ratio(name="grown", label="Now of then", over="now", under="then", why="no amount at creation"),),
    dimensions=(*CREATION, *(each for each in ABOUT_DEALS if each.name != "owner")),
    by="month",
    order="then",
)
