"""What is derived from a lead (`x-leads`): whether and when it was converted and first spoken to, and what came of it.

A first touch is the earliest task or event with the lead, made by a user after the lead was. Source: Object Reference,
Lead (`ConvertedDate` is a day without zone).
"""

from datetime import timedelta

from forcedex.domain.derived.fields import CREATED, created, made
from forcedex.domain.derived.kinds import (
    DerivedDocument,
    Family,
    Holds,
    Kind,
    LookedUp,
    Member,
    Root,
    Setting,
    as_day,
    as_moment,
    without_nulls,
)

_TASK, _EVENT, _DEAL = "Task", "Event", "Opportunity"
_CONVERSION = ("IsConverted", "ConvertedDate")
_TOUCHED = (f"{_TASK}:WhoId", f"{_EVENT}:WhoId")
_MINUTE = timedelta(minutes=1)

LEADS = Kind(
    name="x-leads",
    label="Lead figures",
    label_plural="Figures of leads",
    fields=(
        *CREATED,
        made("converted", Holds.NUMBER, "Converted", "IsConverted"),
        made("with_deal", Holds.NUMBER, "Converted with a deal", "IsConverted", "ConvertedOpportunityId"),
        made("days_to_convert", Holds.NUMBER, "Days to conversion", *_CONVERSION, "CreatedDate"),
        made("first_touch_min", Holds.NUMBER, "Minutes to the first touch", "CreatedDate", also=_TOUCHED),
        made("untouched", Holds.NUMBER, "Open and not touched", "IsConverted", "CreatedDate", also=_TOUCHED),
        made("won", Holds.NUMBER, "Its deal was won", "ConvertedOpportunityId", f"{_DEAL}:IsWon", tells_of=(_DEAL,)),
        made(
            "won_amt",
            Holds.MINOR,
            "Amount of its won deal",
            *("ConvertedOpportunityId", f"{_DEAL}:IsWon", f"{_DEAL}:Amount", f"{_DEAL}:CloseDate"),
            tells_of=(_DEAL,),
        ),
    ),
)


def derived(root: Root, setting: Setting) -> list[DerivedDocument]:
    """The figures of one lead."""
    record = root.record
    converted = bool(record.get("IsConverted"))
    began, day = setting.local_day(record.get("CreatedDate")), as_day(record.get("ConvertedDate"))
    deal = root.looked_up.get(_DEAL, {}).get(str(record.get("ConvertedOpportunityId")), {})
    won = bool(deal.get("IsWon"))
    touch = _first_touch(root)
    values: dict[str, object] = {
        **created(record, setting),
        "x.converted": int(converted),
        "x.with_deal": int(bool(converted and record.get("ConvertedOpportunityId"))),
        "x.days_to_convert": (day - began).days if converted and day and began else None,
        "x.first_touch_min": touch,
        "x.untouched": int(not converted and touch is None),
        "x.won": int(won),
    }
    if won:
        close = as_day(deal.get("CloseDate"))
        values["x.won_amt"] = setting.minor(deal.get("Amount"), deal.get("CurrencyIsoCode"), close)
    return [DerivedDocument(kind=LEADS.name, id=str(record["Id"]), values=without_nulls(values))]


def _first_touch(root: Root) -> int | None:
    """Minutes from the lead's creation; what was there before it does not count."""
    began = as_moment(root.record.get("CreatedDate"))
    if began is None:
        return None
    rows = [*root.members.get(_TASK, ()), *root.members.get(_EVENT, ())]
    moments = [as_moment(each.get("CreatedDate")) for each in rows if not each.get("IsPrivate")]
    after = [each for each in moments if each is not None and each >= began]
    return (min(after) - began) // _MINUTE if after else None


FAMILY = Family(
    of="Lead",
    members=(
        Member(object=_TASK, reference="WhoId", columns=("CreatedDate",), moves=True),
        Member(object=_EVENT, reference="WhoId", columns=("CreatedDate", "IsPrivate"), moves=True),
    ),
    kinds=(LEADS,),
    derive=derived,
    looks_up=(
        LookedUp(
            object=_DEAL,
            reference="ConvertedOpportunityId",
            columns=("IsWon", "Amount", "CloseDate", "CurrencyIsoCode"),
        ),
    ),
)
