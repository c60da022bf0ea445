"""What saving one record does to others: history rows, roll-ups; one function each, see `AFTER`.

Source: Object Reference, OpportunityHistory, OpportunityLineItem, CampaignMemberStatus.
"""

from collections.abc import Callable

from localorg.forecasts import Forecasts
from localorg.records import dated_rates, history, influence
from localorg.records.change import Change, Saver


def opportunity(change: Change) -> None:
    """A row of OpportunityHistory for every change of amount, probability, stage or close date."""
    new, old, saver = change.new, change.old, change.saver
    record = str(new["Id"])
    if change.changed("Amount", "Probability", "StageName", "CloseDate"):
        row = {
            name: new[name]
            for name in ("StageName", "Amount", "ExpectedRevenue", "CloseDate", "Probability", "ForecastCategory")
        }
        row |= {"OpportunityId": record, "CurrencyIsoCode": new["CurrencyIsoCode"]}
        if old is not None:
            row |= {"PrevAmount": old["Amount"], "PrevCloseDate": old["CloseDate"]}
        made = saver.insert("OpportunityHistory", row)
        sobject = saver.schema.objects["Opportunity"]
        if old is not None and old["Amount"] != new["Amount"]:
            saver.store.update(sobject, record, {"LastAmountChangedHistoryId": made})
        if old is not None and old["CloseDate"] != new["CloseDate"]:
            saver.store.update(sobject, record, {"LastCloseDateChangedHistoryId": made})
    history.opportunity(change)
    influence.opportunity(change)
    Forecasts(saver.store, change.now_text).moved(old, new)
    if old is None and new.get("ContactId"):
        saver.insert("OpportunityContactRole", {"OpportunityId": record, "ContactId": new["ContactId"], "IsPrimary": 1})


def roll_up_lines(saver: Saver, deal: str) -> None:
    """Amount and quantity of an opportunity are the sums of its products."""
    lines = saver.store.select(
        saver.schema.objects["OpportunityLineItem"], '"OpportunityId" = ? AND "IsDeleted" = 0', (deal,)
    )
    amount = sum(int(str(line["TotalPrice"] or 0)) for line in lines)
    quantity = sum(int(str(line["Quantity"] or 0)) for line in lines)
    values: dict[str, object] = {"HasOpportunityLineItem": int(bool(lines))}
    if lines:
        values |= {"Amount": amount, "TotalOpportunityQuantity": quantity}
        entry = saver.store.get(saver.schema.objects["PricebookEntry"], str(lines[0]["PricebookEntryId"]))
        if entry is not None:
            values["Pricebook2Id"] = entry["Pricebook2Id"]
    saver.change("Opportunity", deal, values)


def line_item(change: Change) -> None:
    """The opportunity's amount follows."""
    roll_up_lines(change.saver, str(change.new["OpportunityId"]))


def touch_invoice(saver: Saver, invoice: str) -> None:
    """A roll-up summary over the lines changed: the invoice was saved by the system."""
    saver.change("Invoice__c", invoice, {})


def invoice_line(change: Change) -> None:
    """The invoice's roll-up summary follows."""
    if change.changed("Amount__c"):
        touch_invoice(change.saver, str(change.new["Invoice__c"]))


def campaign(change: Change) -> None:
    """A new campaign has two member statuses."""
    if change.created:
        for place, label in enumerate(("Sent", "Responded"), start=1):
            row = {"CampaignId": change.new["Id"], "Label": label, "SortOrder": place}
            row |= {"IsDefault": int(place == 1), "HasResponded": int(place == 2)}
            change.saver.insert("CampaignMemberStatus", row)


_LAST_ACTIVITY = """SELECT max(day) FROM (
    SELECT max("ActivityDate") AS day FROM "Task"
        WHERE ("WhoId" = ?1 OR "WhatId" = ?1 OR "AccountId" = ?1) AND "IsClosed" = 1 AND "IsDeleted" = 0
    UNION ALL SELECT max("ActivityDate") FROM "Event"
        WHERE ("WhoId" = ?1 OR "WhatId" = ?1 OR "AccountId" = ?1) AND "IsDeleted" = 0)"""


def activity(change: Change) -> None:
    """LastActivityDate of whom and what the activity is about; that is no change of theirs."""
    if not change.changed("ActivityDate", "IsClosed" if "IsClosed" in change.new else "ActivityDate"):
        return
    for name in ("WhoId", "WhatId", "AccountId"):
        identifier = change.new.get(name)
        sobject = change.saver.schema.of_id(str(identifier)) if identifier else None
        if sobject is not None and sobject.has("LastActivityDate"):
            last = change.saver.store.scalar(_LAST_ACTIVITY, (identifier,))
            change.saver.store.update(sobject, str(identifier), {"LastActivityDate": last})


def permission(change: Change) -> None:
    """What users may see changed, and so does describe."""
    change.saver.store.touch_metadata(change.saver.now)


def user(change: Change) -> None:
    """Another profile, other permissions."""
    if change.changed("ProfileId"):
        permission(change)


def permission_gone(saver: Saver, parent: str) -> None:
    """The same when a permission is deleted."""
    saver.store.touch_metadata(saver.now)


#: Runs after a record of the object was saved.
AFTER: dict[str, Callable[[Change], None]] = {
    "Opportunity": opportunity,
    "OpportunityLineItem": line_item,
    "Case": history.case,
    "Invoice_Line__c": invoice_line,
    "Campaign": campaign,
    "Task": activity,
    "Event": activity,
    "DatedConversionRate": dated_rates.saved,
    "FieldPermissions": permission,
    "ObjectPermissions": permission,
    "PermissionSet": permission,
    "PermissionSetAssignment": permission,
    "Profile": permission,
    "User": user,
}

#: Runs after a child was deleted or came back: the field that names its parent, and what the parent does.
AFTER_DELETE: dict[str, tuple[str, Callable[[Saver, str], None]]] = {
    "OpportunityLineItem": ("OpportunityId", roll_up_lines),
    "Invoice_Line__c": ("Invoice__c", touch_invoice),
    "DatedConversionRate": ("IsoCode", dated_rates.chain),
    "FieldPermissions": ("ParentId", permission_gone),
    "ObjectPermissions": ("ParentId", permission_gone),
    "PermissionSetAssignment": ("PermissionSetId", permission_gone),
}
