"""What Salesforce derives when a record is saved, object by object; one function each, see `BEFORE`.

Source: Object Reference, the page of each object.
"""

from collections.abc import Callable
from datetime import datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal

from localorg.errors import ApiError
from localorg.fiscal import fiscal_names, load_fiscal
from localorg.records import dated_rates, influence, quotas, service
from localorg.records.change import Change

Rule = Callable[[Change], None]


def _number(value: object) -> int:
    return int(str(value)) if value is not None else 0


def _rounded(value: Decimal) -> int:
    return int(value.to_integral_value(ROUND_HALF_UP))


def _missing(*fields: str) -> ApiError:
    return ApiError(
        "REQUIRED_FIELD_MISSING", f"Required fields are missing: [{', '.join(fields)}]", fields=list(fields)
    )


def person_name(change: Change) -> None:
    """Name is first and last name."""
    parts = (change.new.get("FirstName"), change.new.get("LastName"))
    change.new["Name"] = " ".join(str(part) for part in parts if part) or None


def opportunity(change: Change) -> None:
    """The stage decides whether it is closed, won and how likely; the close date the fiscal period."""
    new, old = change.new, change.old
    if change.changed("StageName"):
        stage = change.find("OpportunityStage", "MasterLabel", new["StageName"]) or {}
        new["IsClosed"] = stage.get("IsClosed", 0)
        new["IsWon"] = stage.get("IsWon", 0)
        if "Probability" not in change.given:
            new["Probability"] = stage.get("DefaultProbability", 0)
        if "ForecastCategoryName" not in change.given:
            new["ForecastCategoryName"] = stage.get("ForecastCategoryName", "Pipeline")
        if old is not None:
            new["LastStageChangeDate"] = change.now_text
    categories = {"Best Case": "BestCase", "Commit": "Forecast", "Most Likely": "MostLikely"}
    name = str(new.get("ForecastCategoryName") or "Pipeline")
    new["ForecastCategory"] = categories.get(name, name)
    if old is not None and old["HasOpportunityLineItem"] and "Amount" in change.given:
        # Amounts of opportunities with products are ignored, not refused.
        new["Amount"] = old["Amount"]
    if new.get("Amount") is None:
        new["ExpectedRevenue"] = None
    else:
        new["ExpectedRevenue"] = _rounded(Decimal(_number(new["Amount"])) * _number(new.get("Probability")) / 100)
    if change.changed("CloseDate"):
        names = fiscal_names(load_fiscal(change.saver.store), str(new["CloseDate"]))
        new["FiscalYear"], new["FiscalQuarter"], new["Fiscal"] = names


def line_item(change: Change) -> None:
    """Prices from the price book entry, totals from quantity, price and discount."""
    new = change.new
    entry = change.row("PricebookEntry", new.get("PricebookEntryId"))
    deal = change.row("Opportunity", new["OpportunityId"])
    assert deal is not None
    if change.created:
        if entry is None:
            raise _missing("PricebookEntryId")
        product = change.row("Product2", entry["Product2Id"]) or {}
        new["Product2Id"], new["ProductCode"] = entry["Product2Id"], product.get("ProductCode")
        new["Name"] = f"{deal['Name']} {product.get('Name') or ''}".strip()[:376]
        new["ListPrice"], new["CurrencyIsoCode"] = entry["UnitPrice"], deal["CurrencyIsoCode"]
        if entry["CurrencyIsoCode"] != deal["CurrencyIsoCode"]:
            raise ApiError(
                "FIELD_INTEGRITY_EXCEPTION",
                "field integrity exception: PricebookEntryId (pricebook entry currency code does not match "
                "opportunity currency code)",
                fields=["PricebookEntryId"],
            )
        if deal["Pricebook2Id"] not in (None, entry["Pricebook2Id"]):
            raise ApiError(
                "FIELD_INTEGRITY_EXCEPTION",
                "field integrity exception: PricebookEntryId (pricebook entry is not in the opportunity's pricebook)",
                fields=["PricebookEntryId"],
            )
    # Quantity, prices and the discount in percent all have two decimals.
    quantity = Decimal(_number(new["Quantity"])) / 100
    factor = 1 - Decimal(_number(new.get("Discount"))) / 10_000
    if "TotalPrice" in change.given and "UnitPrice" not in change.given and new.get("TotalPrice") is not None:
        divisor = quantity * factor
        new["UnitPrice"] = _rounded(_number(new["TotalPrice"]) / divisor) if divisor else 0
    elif new.get("UnitPrice") is None:
        if entry is None or (change.created and "UnitPrice" in change.given):
            raise _missing("UnitPrice")
        new["UnitPrice"] = entry["UnitPrice"]
    new["Subtotal"] = _rounded(_number(new["UnitPrice"]) * quantity)
    if not ("TotalPrice" in change.given and "UnitPrice" not in change.given):
        new["TotalPrice"] = _rounded(_number(new["UnitPrice"]) * quantity * factor)


def case(change: Change) -> None:
    """Number, account of the contact, closed by its status."""
    new = change.new
    if change.created and not new.get("AccountId") and new.get("ContactId"):
        new["AccountId"] = (change.row("Contact", new["ContactId"]) or {}).get("AccountId")
    if change.changed("Status"):
        status = change.find("CaseStatus", "MasterLabel", new["Status"]) or {}
        new["IsClosed"] = status.get("IsClosed", 0)
        was_closed = change.old is not None and change.old["IsClosed"]
        if new["IsClosed"] and not was_closed:
            new["ClosedDate"] = change.now_text
        elif not new["IsClosed"]:
            new["ClosedDate"] = None


def role(change: Change) -> None:
    """No role is above itself."""
    above, seen = change.new.get("ParentRoleId"), {change.new["Id"]}
    while above is not None:
        if above in seen:
            raise ApiError("CIRCULAR_DEPENDENCY", "A role cannot report to one below it.", fields=["ParentRoleId"])
        seen.add(above)
        above = (change.row("UserRole", above) or {}).get("ParentRoleId")


def _activity_account(change: Change) -> None:
    """The account of what the activity is about, else of whom."""
    new = change.new
    what, who = new.get("WhatId"), new.get("WhoId")
    found = change.saver.schema.of_id(str(what)) if what else None
    account = None
    if found is not None and found.name == "Account":
        account = what
    elif found is not None and found.has("AccountId"):
        account = (change.row(found.name, what) or {}).get("AccountId")
    elif found is not None and found.has("Account__c"):
        account = (change.row(found.name, what) or {}).get("Account__c")
    if account is None and who and str(who).startswith("003"):
        account = (change.row("Contact", who) or {}).get("AccountId")
    new["AccountId"] = account


def task(change: Change) -> None:
    """Closed by its status; the account it belongs to."""
    new = change.new
    if change.changed("Status"):
        status = change.find("TaskStatus", "MasterLabel", new["Status"]) or {}
        new["IsClosed"] = status.get("IsClosed", 0)
        was_closed = change.old is not None and change.old["IsClosed"]
        if new["IsClosed"] and not was_closed:
            new["CompletedDateTime"] = change.now_text
        elif not new["IsClosed"]:
            new["CompletedDateTime"] = None
    _activity_account(change)


def event(change: Change) -> None:
    """Start, end and duration agree; the account it belongs to."""
    new, given = change.new, change.given
    if new.get("IsAllDayEvent"):
        day = str(new.get("ActivityDate") or new.get("StartDateTime") or "")[:10]
        if not day:
            raise _missing("ActivityDate")
        start = datetime.fromisoformat(day)
        minutes = _number(new.get("DurationInMinutes")) or 1440
    else:
        stated = "ActivityDateTime" if "ActivityDateTime" in given else "StartDateTime"
        text = new.get(stated) or new.get("ActivityDateTime")
        if text is None:
            raise _missing("DurationInMinutes", "ActivityDateTime")
        start = datetime.fromisoformat(str(text))
        if "DurationInMinutes" in given and new.get("DurationInMinutes") is not None:
            minutes = _number(new["DurationInMinutes"])
        elif "EndDateTime" in given and new.get("EndDateTime") is not None:
            ends = datetime.fromisoformat(str(new["EndDateTime"]))
            minutes = int((ends - start).total_seconds() // 60)
        elif new.get("DurationInMinutes") is not None:
            minutes = _number(new["DurationInMinutes"])
        else:
            raise _missing("DurationInMinutes")
    if minutes < 0:
        raise ApiError("FIELD_INTEGRITY_EXCEPTION", "End date cannot be before the start date.", fields=["EndDateTime"])
    end = start + timedelta(minutes=minutes)
    day = start.date().isoformat()
    new["StartDateTime"] = new["ActivityDateTime"] = start.strftime("%Y-%m-%dT%H:%M:%S")
    new["EndDateTime"], new["DurationInMinutes"] = end.strftime("%Y-%m-%dT%H:%M:%S"), minutes
    new["ActivityDate"], new["EndDate"] = day, end.date().isoformat()
    _activity_account(change)


def campaign_member(change: Change) -> None:
    """A lead or a contact; responded by its status."""
    new = change.new
    if bool(new.get("LeadId")) == bool(new.get("ContactId")) and change.created:
        raise ApiError(
            "FIELD_INTEGRITY_EXCEPTION",
            "A campaign member must have a lead or a contact.",
            fields=["LeadId", "ContactId"],
        )
    statuses = change.saver.store.select(
        change.saver.schema.objects["CampaignMemberStatus"],
        '"CampaignId" = ? AND "IsDeleted" = 0',
        (new["CampaignId"],),
    )
    if not new.get("Status"):
        new["Status"] = next((one["Label"] for one in statuses if one["IsDefault"]), None)
    chosen = next((one for one in statuses if one["Label"] == new["Status"]), None)
    new["HasResponded"] = chosen["HasResponded"] if chosen else 0
    if new["HasResponded"] and not new.get("FirstRespondedDate"):
        new["FirstRespondedDate"] = change.today.isoformat()


def pricebook_entry(change: Change) -> None:
    """Name and code of the product; the standard price where it is used."""
    product = change.row("Product2", change.new["Product2Id"]) or {}
    change.new["Name"], change.new["ProductCode"] = product.get("Name"), product.get("ProductCode")
    if not change.created:
        return
    books = change.saver.store.select(change.saver.schema.objects["Pricebook2"], '"IsStandard" = 1')
    standard = books[0]["Id"] if books else None
    if change.new["Pricebook2Id"] == standard:
        return
    prices = change.saver.store.select(
        change.saver.schema.objects["PricebookEntry"],
        '"Product2Id" = ? AND "Pricebook2Id" = ? AND "CurrencyIsoCode" = ? AND "IsDeleted" = 0',
        (change.new["Product2Id"], standard, change.new["CurrencyIsoCode"]),
    )
    if not prices:
        raise ApiError(
            "STANDARD_PRICE_NOT_DEFINED",
            "Before creating a custom price, create a standard price.",
            fields=[],
        )
    if change.new.get("UseStandardPrice"):
        change.new["UnitPrice"] = prices[0]["UnitPrice"]


#: Runs before a record of the object is saved.
BEFORE: dict[str, Rule] = {
    "Contact": person_name,
    "Lead": person_name,
    "User": person_name,
    "Opportunity": opportunity,
    "OpportunityLineItem": line_item,
    "Case": case,
    "Task": task,
    "Event": event,
    "CampaignMember": campaign_member,
    "PricebookEntry": pricebook_entry,
    "UserRole": role,
    "ForecastingQuota": quotas.quota,
    "CampaignInfluence": influence.share,
    "EmailMessage": service.email,
    "BusinessHours": service.business_hours,
    "Holiday": service.holiday,
    "CaseMilestone": service.milestone,
    "CurrencyType": dated_rates.currency,
    "DatedConversionRate": dated_rates.dated_rate,
}
