"""Campaigns, their member statuses and their members. What members and deals add up to, the org computes."""

from collections.abc import Iterator
from decimal import Decimal

from localorg.company.campaigns import Campaign, Member
from localorg.company.clock import DAY, business_time, day_of, moment
from localorg.company.numbering import ids
from localorg.company.records import Records
from localorg.company.table import Row, Sheet, sheet
from localorg.company.world import Draw

_campaign_id, _status_id, _member_id = ids("Campaign"), ids("CampaignMemberStatus"), ids("CampaignMember")
_contact_id = ids("Contact")
_SENT, _RESPONDED = "Sent", "Responded"


def sheets(records: Records) -> Iterator[Sheet]:
    """Campaigns and the statuses their members can have."""
    world, campaigns = records.world, records.campaigns

    def row(one: Campaign) -> Row:
        random = world.random(Draw.CAMPAIGN_ROW, one.number)
        owner = world.staff.marketing[one.number % len(world.staff.marketing)]
        created = business_time(random, min(one.start, world.clock.day - 5) - 20 - int(random.random() * 40))
        latest = min(one.end * DAY, world.clock.now) if one.status != "Planned" else 0
        sent = None if one.status == "Planned" or one.parent is None else Decimal(round(one.budget / 12))
        return (
            one.id,
            one.name,
            _campaign_id(one.parent) if one.parent else None,
            one.kind,
            one.status,
            day_of(one.start),
            day_of(one.end),
            Decimal(one.budget * 9),
            Decimal(one.budget),
            None if one.actual is None else Decimal(one.actual),
            Decimal(round(one.response * 100)),
            sent,
            one.status in ("Planned", "In Progress"),
            f"{one.kind} for {one.region or 'all regions'}, run by {owner.name}.",
            owner.id,
            one.channel,
            *world.audit(random, created, owner, latest),
        )

    def statuses() -> Iterator[Row]:
        audit = world.setup_audit()
        for one in campaigns.all:
            for place, label in enumerate((_SENT, _RESPONDED), start=1):
                number = (one.number - 1) * 2 + place
                yield _status_id(number), one.id, label, place, label == _SENT, label == _RESPONDED, *audit

    yield sheet(
        "Campaign",
        "Id Name ParentId Type Status StartDate EndDate ExpectedRevenue BudgetedCost ActualCost ExpectedResponse"
        " NumberSent IsActive Description OwnerId Channel__c AUDIT",
        lambda: map(row, campaigns.all),
        len(campaigns.all),
        CurrencyIsoCode="USD",
        IsDeleted=False,
    )
    yield sheet(
        "CampaignMemberStatus",
        "Id CampaignId Label SortOrder IsDefault HasResponded AUDIT",
        statuses,
        len(campaigns.all) * 2,
        IsDeleted=False,
    )


def member_sheets(records: Records) -> Iterator[Sheet]:
    """Campaign members, after the contacts and leads that they are."""
    world = records.world

    def row(one: Member) -> Row:
        random = world.random(Draw.MEMBER_ROW, one.number)
        campaign = records.campaigns.all[one.campaign - 1]
        if one.contact is not None:
            born = records.contacts.numbered(one.contact).created
            who, currency = None, records.contacts.numbered(one.contact).account.currency
        else:
            assert one.lead is not None
            lead = records.leads.of(one.lead)
            born, who, currency = lead.created, lead.id, lead.currency
        created = min(max(business_time(random, campaign.start - int(random.random() * 10)), born), world.clock.now)
        responded = min(created + int(random.random() * 9 * DAY), world.clock.now) if one.responded else 0
        owner = world.staff.marketing[campaign.number % len(world.staff.marketing)]
        return (
            _member_id(one.number),
            campaign.id,
            who,
            _contact_id(one.contact) if one.contact is not None else None,
            _RESPONDED if one.responded else _SENT,
            one.responded,
            moment(responded).date() if responded else None,
            currency.code,
            *world.audit(random, created, owner, responded),
        )

    yield sheet(
        "CampaignMember",
        "Id CampaignId LeadId ContactId Status HasResponded FirstRespondedDate CurrencyIsoCode AUDIT",
        lambda: map(row, records.campaigns.members()),
        world.plan.members,
        IsDeleted=False,
    )
