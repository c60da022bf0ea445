"""Which campaigns influenced which deals: the primary one wholly; by another model it shares a won deal with others."""

from collections.abc import Iterator
from decimal import Decimal

from localorg.company.campaigns import Campaign
from localorg.company.deals import Deal
from localorg.company.money import amount
from localorg.company.numbering import ids
from localorg.company.plan import CONTACTS, PARENTS, roles_of
from localorg.company.records import Records
from localorg.company.table import Row, Sheet, sheet
from localorg.company.world import Draw

_influence_id, _model_id, _contact_id = ids("CampaignInfluence"), ids("CampaignInfluenceModel"), ids("Contact")
_PRIMARY, _EVEN = 1, 2
_MODELS = {
    _PRIMARY: ("Primary_Campaign_Source_Model", "Primary Campaign Source Model", "1", True),
    _EVEN: ("Even_Distribution_Model", "Even Distribution Model", "2", False),
}
_MOST = 4  # Ids kept free per deal


def sheets(records: Records) -> Iterator[Sheet]:
    """Models, and the influence of campaigns by each of them."""
    plan, audit = records.plan, records.world.setup_audit()

    def models() -> Iterator[Row]:
        for number, model in _MODELS.items():
            yield _model_id(number), *model, *audit

    def rows() -> Iterator[Row]:
        for account in range(plan.accounts):
            for deal in records.deals.of(account):
                yield from _influences(records, deal)

    yield sheet(
        "CampaignInfluenceModel",
        "Id DeveloperName MasterLabel ModelType IsDefaultModel AUDIT",
        models,
        len(_MODELS),
        Language="en_US",
        IsActive=True,
        IsModelLocked=False,
        RecordPreference="AllRecords",
        IsDeleted=False,
    )
    yield sheet(
        "CampaignInfluence",
        "Id OpportunityId CampaignId ModelId ContactId Influence RevenueShare CurrencyIsoCode AUDIT",
        rows,
        plan.influences,
        about=True,
        IsDeleted=False,
    )


def _influences(records: Records, deal: Deal) -> Iterator[Row]:
    campaign = records.campaigns.of_deal(deal.number, deal.created)
    if campaign is None:
        return
    number = (deal.number - 1) * _MOST + 1
    yield _row(records, deal, number, _PRIMARY, campaign, 1, with_contact=False)
    if deal.won:
        parts = [campaign, *_earlier(records, deal, campaign)]
        for place, one in enumerate(parts, start=1):
            yield _row(records, deal, number + place, _EVEN, one, len(parts), with_contact=True)


def _earlier(records: Records, deal: Deal, campaign: Campaign) -> list[Campaign]:
    """Up to two campaigns before it that reached the customer, too."""
    count = int(records.world.chance(Draw.INFLUENCE, deal.number) * 3)
    before = [records.campaigns.all[campaign.number - 1 - back] for back in range(1, count + 1)
              if campaign.number - back > PARENTS]  # fmt: skip
    return before[:1] if len(before) == 2 and deal.number % 2 else before


def _row(
    records: Records, deal: Deal, number: int, model: int, campaign: Campaign, parts: int, *, with_contact: bool
) -> Row:
    contact = None
    if with_contact and roles_of(deal.account.slot, deal.index):
        account = deal.account.number
        contact = _contact_id(CONTACTS.number(account, deal.index % CONTACTS.count(account)))
    hundredths = 10_000 // parts
    share = None if deal.last.amount is None else (deal.last.amount * hundredths + 5_000) // 10_000
    random = records.world.random(Draw.INFLUENCE, number)
    return (
        _influence_id(number),
        deal.id,
        campaign.id,
        _model_id(model),
        contact,
        Decimal(hundredths).scaleb(-2),
        None if share is None else amount(share),
        deal.account.currency.code,
        *records.world.audit(random, deal.created, deal.owner, deal.last.at),
    )
