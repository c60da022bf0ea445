"""M1, M6: the amount of won deals, by close date as Salesforce counts it."""

from forcedex.analytics.definition import Definition, Part
from forcedex.analytics.reports.common import ABOUT_DEALS, CLOSING, COUNT, DEALS, WON, amount

CLOSED_WON = Definition(
    name="closed-won",
    title="Closed won",
    formula="The sum of Amount over won deals, each converted at the rate of its close date and rounded once.",
    parts=(Part(source=DEALS, where=(WON,), day="CloseDate"),),
    measures=(amount(), COUNT),
    dimensions=(*CLOSING, *ABOUT_DEALS),
    by="month",
    order="amount",
)
