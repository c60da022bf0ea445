"""M31: who sells how."""

from forcedex.analytics.definition import Definition, Filter, Function, Measure, Op, Part, Ratio, Shows
from forcedex.analytics.reports.common import DEALS, OPEN, OWNER, WON, amount, count

_CLOSED = (Filter("x.open", Op.IS, (0,)),)
LEADERBOARD = Definition(
    name="leaderboard",
    title="Leaderboard",
    formula="Per owner: amount and number won, win rate, mean size and cycle of won deals in the period; open now.",
    parts=(Part(source=DEALS, where=_CLOSED, day="CloseDate"), Part(source=DEALS, name="open", where=(OPEN,))),
    measures=(
        amount("amount", "Amount won", (WON,)),
        count("won", "Won", (WON,)),
        count("closed", "Closed"),
        Measure(name="size", label="Mean size", function=Function.MEAN, field="x.amt", where=(WON,), shows=Shows.MONEY),
        Measure(
            name="cycle",
            label="Mean cycle",
            function=Function.MEAN,
            field="x.cycle_days",
            where=(WON,),
            shows=Shows.DAYS,
        ),
        amount("open", "Open now", part="open"),
    ),
    ratios=(Ratio(name="rate", label="Win rate", over="won", under="closed", why="no closed deals"),),
    dimensions=(OWNER,),
    by="owner",
    order="amount",
)
