"""Lead rows."""

from collections.abc import Iterator
from decimal import Decimal

from localorg.company.clock import day_of, moment
from localorg.company.leads import OPEN, Lead
from localorg.company.money import rounded
from localorg.company.oddities import TEXTS, once
from localorg.company.records import Records
from localorg.company.table import Row, Sheet, sheet
from localorg.company.world import Draw

_SOURCES = ("Web", "Web", "Phone Inquiry", "Partner Referral", "Purchased List", "Other")
_INTERESTS = ("Platform", "Analytics", "Support", "Services")
_RATINGS = ("Hot", "Warm", "Warm", "Cold", None)


def lead_of_task(place: int) -> int:
    """The number of the lead that the place-th task of leads (from 0) is with."""
    return place * 2 + 1


def sheets(records: Records) -> Iterator[Sheet]:
    """Leads, after what they were converted to."""

    def rows() -> Iterator[Row]:
        for number in range(1, records.plan.leads + 1):
            yield _row(records, records.leads.of(number))

    yield sheet(
        "Lead",
        "Id LastName FirstName Salutation Name Title Company Street City State PostalCode Country Phone MobilePhone"
        " Email Website Description LeadSource Status Industry Rating AnnualRevenue NumberOfEmployees"
        " CurrencyIsoCode HasOptedOutOfEmail HasOptedOutOfFax DoNotCall OwnerId IsConverted ConvertedDate"
        " ConvertedAccountId ConvertedContactId ConvertedOpportunityId IsUnreadByOwner LastActivityDate"
        " Region__c Product_Interest__c Score__c AUDIT",
        rows,
        records.plan.leads,
        IsDeleted=False,
    )


def _row(records: Records, lead: Lead) -> Row:
    world = records.world
    random = world.random(Draw.LEAD_ROW, lead.number)
    pick = random.random
    someone, address, conversion = lead.person, lead.address, lead.conversion
    employees = max(2, int(120 * random.lognormvariate(0, 1.1)))
    last_day: int | None = None
    if lead.number % 2:
        day, _, completed = records.activities.lead_task(lead.number, lead.created)
        last_day = day if completed is not None else None
    notes = lead.language.notes
    text = notes[int(pick() * len(notes))].format(city=address.city) if pick() < 0.4 else None
    maker = lead.owner_id if lead.owner_id.startswith("005") else world.staff.integration.id
    return (
        lead.id,
        someone.last,
        someone.first,
        someone.salutation,
        someone.name,
        lead.title,
        lead.company,
        address.street,
        address.city,
        address.state,
        address.postal_code,
        address.country,
        lead.phone,
        lead.mobile,
        lead.email,
        f"https://www.{lead.domain}" if pick() < 0.6 else None,
        once(TEXTS, lead.number, world.plan.leads) or text,
        "Web" if conversion else _SOURCES[int(pick() * 6)],
        lead.status,
        lead.industry,
        _RATINGS[int(pick() * 5)],
        Decimal(rounded(employees * 140_000, lead.currency) // 100) if pick() < 0.5 else None,
        employees if pick() < 0.7 else None,
        lead.currency.code,
        pick() < 0.05,
        lead.number % 41 == 7,
        pick() < 0.03,
        lead.owner_id,
        conversion is not None,
        moment(conversion.at).date() if conversion else None,
        conversion.account_id if conversion else None,
        conversion.contact_id if conversion else None,
        conversion.deal_id if conversion else None,
        lead.status == OPEN,
        day_of(last_day) if last_day else None,
        lead.country.region,
        _INTERESTS[int(pick() * 4)] if pick() < 0.8 else None,
        Decimal(int(pick() * 100)),
        *world.audit(random, lead.created, maker, conversion.at if conversion else 0),
    )
