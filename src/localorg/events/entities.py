"""Objects that can have change events, and the names of their events.

Source: Object Reference, "StandardObjectNameChangeEvent"; Change Data Capture Developer Guide, "Subscription
Channels". Setup objects, shares, histories and several others have no change events at all.
"""

from localorg.schema import Schema, SObjectDef

_SUPPORTED = frozenset(
    {"Account", "Asset", "Campaign", "CampaignMember", "CampaignMemberStatus", "Case", "Contact", "Contract"}
    | {"EmailMessage", "Event", "Individual", "Lead", "Opportunity", "OpportunityContactRole"}
    | {"OpportunityLineItem", "OpportunitySplit", "Order", "OrderItem", "Pricebook2", "PricebookEntry", "Product2"}
    | {"Quote", "QuoteLineItem", "Task", "User"}
)
_SUFFIX = "ChangeEvent"


def has_events(sobject: SObjectDef) -> bool:
    """Whether the object can be selected for Change Data Capture."""
    return sobject.custom or sobject.name in _SUPPORTED


def event_name(sobject_name: str) -> str:
    """`AccountChangeEvent` of `Account`, `Invoice__ChangeEvent` of `Invoice__c`."""
    return sobject_name.removesuffix("c") + _SUFFIX if sobject_name.endswith("__c") else sobject_name + _SUFFIX


def of_event_name(schema: Schema, name: str) -> SObjectDef | None:
    """The object of an event's name; None: there is no such event."""
    if not name.lower().endswith(_SUFFIX.lower()):
        return None
    stem = name[: -len(_SUFFIX)]
    found = schema.object(stem + "c" if stem.endswith("__") else stem)
    return found if found is not None and has_events(found) else None
