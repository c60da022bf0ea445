"""Account rows."""

from collections.abc import Iterator
from datetime import time
from decimal import Decimal
from random import Random

from localorg.company.accounts import Account
from localorg.company.clock import DAY, day_of, moment
from localorg.company.money import amount, rounded
from localorg.company.numbering import ids
from localorg.company.oddities import RICH_TEXTS, TEXTS, once
from localorg.company.phones import phone
from localorg.company.places import fill
from localorg.company.plan import CONTACTS
from localorg.company.records import Records
from localorg.company.table import Row, Sheet, Value, sheet
from localorg.company.tables.setup import record_type
from localorg.company.world import Draw

_account_id, _contact_id = ids("Account"), ids("Contact")
_EMPLOYEES = {"Platinum": 9000, "Gold": 1800, "Silver": 320, "Bronze": 60}
_SEGMENTS = {
    "Platinum": ("Enterprise", "Enterprise;Partner", "Enterprise;Public Sector"),
    "Gold": ("Enterprise", "Mid-Market", "Enterprise;Mid-Market"),
    "Silver": ("Mid-Market", "Mid-Market;Partner", "Mid-Market;Public Sector", None),
    "Bronze": ("Startup", "Mid-Market;Startup", "Nonprofit", None),
}
_DISCOUNTS = ("1.0000", "0.9750", "0.9500", "0.9125")
_RATINGS = ("Hot", "Warm", "Cold", None)
_SOURCES = ("Web", "Phone Inquiry", "Partner Referral", "Purchased List", "Other", None)


def sheets(records: Records) -> Iterator[Sheet]:
    """Accounts."""

    def rows() -> Iterator[Row]:
        for number in range(records.plan.accounts):
            yield _row(records, records.accounts.of(number))

    yield sheet(
        "Account",
        "Id Name Type RecordTypeId ParentId BillingStreet BillingCity BillingState BillingPostalCode BillingCountry"
        " BillingLatitude BillingLongitude ShippingStreet ShippingCity ShippingState ShippingPostalCode"
        " ShippingCountry Phone Fax AccountNumber Website Industry AnnualRevenue NumberOfEmployees Ownership"
        " TickerSymbol Description Rating Site CurrencyIsoCode OwnerId LastActivityDate AccountSource Region__c"
        " Tier__c Segments__c HQ_Location__Latitude__s HQ_Location__Longitude__s Customer_Number__c Legacy_Key__c"
        " Support_Hours__c Credit_Limit__c Health_Score__c Seats__c Discount_Factor__c Tax_Number__c Notes__c"
        " Background__c Delivery_Address__c Is_Strategic__c Primary_Contact__c Contract_Renewal__c Last_Review__c"
        " Support_Phone__c Invoice_Email__c Portal__c AUDIT",
        rows,
        records.plan.accounts,
        IsDeleted=False,
    )


def _row(records: Records, account: Account) -> Row:
    world = records.world
    random = world.random(Draw.ACCOUNT_ROW, account.number)
    pick = random.random
    number, country, city, billing = account.number, account.country, account.city, account.billing
    deals = records.deals.of(number)
    won = [deal for deal in deals if deal.won]
    last_won = max((deal.last.at for deal in won), default=0)
    employees = max(3, int(_EMPLOYEES[account.tier] * random.lognormvariate(0, 0.7)))
    segments = _SEGMENTS[account.tier]
    last_day = records.activities.last_days(number).account
    kind = _kind(account, bool(won), pick())
    ships = pick() < 0.45
    public = account.tier == "Platinum" and pick() < 0.5
    total = world.plan.accounts
    return (
        account.id,
        account.name,
        kind,
        record_type("Account", "Customer" if kind in ("Prospect", "Customer - Direct") else "Partner"),
        None if account.parent is None else _account_id(account.parent + 1),
        billing.street,
        billing.city,
        billing.state,
        billing.postal_code,
        billing.country,
        city.latitude,
        city.longitude,
        billing.street if ships else None,
        billing.city if ships else None,
        billing.state if ships else None,
        billing.postal_code if ships else None,
        billing.country if ships else None,
        phone(random, country, city) if pick() < 0.95 else None,
        phone(random, country, city) if pick() < 0.3 else None,
        f"{number * 13 + 407:07}",
        _website(account, pick()),
        account.industry,
        Decimal(rounded(employees * (90_000 + 160_000 * pick()), account.currency) // 100) if pick() < 0.8 else None,
        employees,
        "Public" if public else "Subsidiary" if account.parent is not None else "Private",
        account.stem[:4].upper() if public and account.stem.isascii() else None,
        once(TEXTS, number, total) or _description(account, pick()),
        _RATINGS[int(pick() * 4)],
        city.name if account.parent is not None else None,
        account.currency.code,
        account.owner.id,
        day_of(last_day) if last_day else None,
        _SOURCES[int(pick() * 6)] if not account.converted else "Web",
        country.region,
        account.tier,
        segments[int(pick() * len(segments))],
        city.latitude,
        city.longitude,
        f"{number + 1:08}",
        f"{'kK'[number % 2]}{number // 2:06}a",  # two keys that only their case tells apart
        time(int(6 + pick() * 4), 30 * int(pick() * 2)) if pick() < 0.7 else None,
        amount(rounded(_EMPLOYEES[account.tier] * (20 + 60 * pick()), account.currency)) if won else None,
        Decimal(int(3000 + 7000 * pick())).scaleb(-2) if won else None,
        Decimal(int(employees * pick() / 4)) if won else None,
        Decimal(_DISCOUNTS[int(pick() * 4)]) if won else None,
        fill(random, country.tax) if pick() < 0.8 else None,
        once(RICH_TEXTS, number, total) or _notes(account, random),
        account.language.notes[int(pick() * 6)].format(city=city.name) * 3 if account.slot < 4 else None,
        f"{billing.street}\n{billing.postal_code} {billing.city}\n{country.name}" if ships else None,
        account.slot == 0,
        _contact_id(CONTACTS.number(number, 0)) if pick() < 0.6 else None,
        day_of(last_won // DAY + 365 * (1 + int(pick() * 3))) if last_won else None,
        moment(max(last_won, account.created) + 3600) if account.slot < 6 else None,
        phone(random, country, city) if account.slot < 6 else None,
        f"invoices@{account.domain}"[-80:] if won else None,
        f"https://portal.{account.domain}/tarnholt" if account.slot < 3 else None,
        *world.audit(random, account.created, account.owner, last_won),
    )


def _kind(account: Account, customer: bool, draw: float) -> str:
    if not customer:
        return "Prospect" if draw < 0.9 else "Technology Partner"
    if draw < 0.8:
        return "Customer - Direct"
    if draw < 0.9:
        return "Customer - Channel"
    return "Channel Partner / Reseller" if draw < 0.96 else "Installation Partner"


def _website(account: Account, draw: float) -> str | None:
    if draw < 0.08:
        return None
    return account.domain if draw < 0.2 else f"{'http' if draw < 0.3 else 'https'}://www.{account.domain}"


def _description(account: Account, draw: float) -> Value:
    if draw < 0.6:
        return None
    notes = account.language.notes
    return notes[int((draw - 0.6) / 0.4 * len(notes))].format(city=account.city.name)


def _notes(account: Account, random: Random) -> Value:
    if random.random() < 0.75:
        return None
    notes = account.language.notes
    text = notes[int(random.random() * len(notes))].format(city=account.city.name)
    return f"<p>{text}</p><p><b>{account.owner.name}</b></p>"
