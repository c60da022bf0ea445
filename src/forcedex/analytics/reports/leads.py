"""M12, M34: what becomes of leads."""

from forcedex.analytics.definition import Definition, Dimension, Filter, Function, Measure, Op, Part, Ratio, Shows
from forcedex.analytics.reports.common import CREATION, LEADS, OWNER, count

_CONVERTED = (Filter("x.converted", Op.IS, (1,)),)
LEAD_CONVERSION = Definition(
    name="lead-conversion",
    title="Lead conversion",
    formula="Leads created in the period: converted over created, days to conversion, minutes to the first "
    "task or event with the lead.",
    parts=(Part(source=LEADS, day="x.created_d"),),
    measures=(
        count("count", "Leads"),
        count("converted", "Converted", _CONVERTED),
        count("with_deal", "With a deal", (Filter("x.with_deal", Op.IS, (1,)),)),
        Measure(name="days", label="Mean days", function=Function.MEAN, field="x.days_to_convert", shows=Shows.DAYS),
        Measure(
            name="touch",
            label="Median to first touch",
            function=Function.MEDIAN,
            field="x.first_touch_min",
            shows=Shows.MINUTES,
        ),
        count("untouched", "Not touched", (Filter("x.untouched", Op.IS, (1,)),)),
    ),
    ratios=(Ratio(name="rate", label="Conversion", over="converted", under="count", why="no leads"),),
    dimensions=(
        Dimension(name="source", label="Lead source", field="LeadSource"),
        OWNER,
        Dimension(name="status", label="Status", field="Status"),
        Dimension(name="industry", label="Industry", field="Industry"),
        *CREATION,
    ),
    by="source",
    order="count",
)
