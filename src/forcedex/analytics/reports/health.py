"""M42: which customers have trouble and money at stake."""

from forcedex.analytics.definition import Definition, Filter, Op, Part
from forcedex.analytics.reports.common import ACCOUNT, CASES, DEALS, OPEN, amount, count

CUSTOMER_HEALTH = Definition(
    name="customer-health",
    title="Customer health",
    formula="Per account: open cases, those of high priority among them, beside the open amount.",
    parts=(
        Part(source=CASES, where=(Filter("x.closed", Op.IS, (0,)),)),
        Part(source=DEALS, name="deals", where=(OPEN,)),
    ),
    measures=(
        count("urgent", "Open, high priority", (Filter("Priority", Op.IS, ("High",)),)),
        count("cases", "Open cases"),
        amount("open", "Open amount", part="deals"),
        count("deals", "Open deals", part="deals"),
    ),
    dimensions=(ACCOUNT,),
    by="account",
    order="urgent",
)
