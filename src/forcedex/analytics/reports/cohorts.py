"""M9: what became of the deals created in a period."""

from forcedex.analytics.definition import Definition, Dimension, Part, Ratio
from forcedex.analytics.reports.common import ABOUT_DEALS, COUNT, CREATION, DEALS, LOST, OPEN, WON, amount, count

COHORTS = Definition(
    name="cohorts",
    title="Cohorts",
    formula="Deals by when they were created: won over created, and over those closed so far. Young ones are open.",
    parts=(Part(source=DEALS, day="x.created_d"),),
    measures=(
        COUNT,
        count("won", "Won", (WON,)),
        count("lost", "Lost", (LOST,)),
        count("open", "Still open", (OPEN,)),
        amount("won_amount", "Amount won", (WON,)),
    ),
    ratios=(
        Ratio(name="rate", label="Won of created", over="won", under="count", why="no deals"),
        Ratio(name="open_share", label="Still open", over="open", under="count", why="no deals"),
    ),
    dimensions=(
        *CREATION,
        Dimension(name="months", label="Months to close", field="x.months_to_close", none="(open)"),
        *ABOUT_DEALS,
    ),
    by="quarter",
    order="count",
)
