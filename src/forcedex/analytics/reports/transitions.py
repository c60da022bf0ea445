"""M11: from which stage to which."""

from forcedex.analytics.definition import Definition, Dimension, Filter, Op, Part
from forcedex.analytics.reports.common import VERSIONS, amount, count

TRANSITIONS = Definition(
    name="transitions",
    title="Stage transitions",
    formula="How often deals went from one stage to another in the period, back and forth.",
    parts=(Part(source=VERSIONS, where=(Filter("x.stage_changed", Op.IS, (1,)),), day="x.at"),),
    measures=(count("count", "Moves"), amount()),
    dimensions=(
        Dimension(name="from", label="From", field="x.b_stage"),
        Dimension(name="to", label="To", field="x.stage"),
    ),
    by="to",
    order="count",
)
