"""What deals and their lines have in common: how a deal stands, and what of an opportunity tells it."""

from datetime import date
from decimal import Decimal

from forcedex.domain.derived.fields import fiscal, made
from forcedex.domain.derived.kinds import Holds, Record, Setting, as_day

ROLE, LINE, PRODUCT = "OpportunityContactRole", "OpportunityLineItem", "Product2"
STATE = ("IsClosed", "IsWon")
CLOSING = (*STATE, "CloseDate")
AMOUNT = ("Amount", "CloseDate")
STAGES = ("StageName", *STATE)

STANDING = (
    made("open", Holds.NUMBER, "Open", "IsClosed"),
    made("won", Holds.NUMBER, "Won", *STATE),
    made("lost", Holds.NUMBER, "Lost", *STATE),
    made("close_fq", Holds.KEY, "Closes in fiscal quarter", "CloseDate"),
    made("close_fm", Holds.KEY, "Closes in fiscal month", "CloseDate"),
    made("close_fy", Holds.KEY, "Closes in fiscal year", "CloseDate"),
)


def standing(record: Record, setting: Setting) -> dict[str, object]:
    """The values of `STANDING`."""
    closed, won = bool(record.get("IsClosed")), bool(record.get("IsWon"))
    return {
        "x.open": int(not closed),
        "x.won": int(won),
        "x.lost": int(closed and not won),
        **fiscal("x.close", setting, as_day(record.get("CloseDate"))),
    }


def weighted(setting: Setting, amount: object, probability: object, currency: object, day: date | None) -> int | None:
    """Amount × Probability ÷ 100, rounded once; Salesforce's expected revenue."""
    if amount is None or probability is None:
        return None
    return setting.minor(Decimal(str(amount)) * Decimal(str(probability)) / 100, currency, day)
