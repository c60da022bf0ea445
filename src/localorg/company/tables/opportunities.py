"""Opportunity rows, and those of their line items, contact roles and history."""

from collections.abc import Iterator
from datetime import timedelta
from decimal import Decimal
from random import Random

from localorg.company.clock import DAY, day_of, moment
from localorg.company.deals import Deal, Step
from localorg.company.money import amount
from localorg.company.numbering import ids
from localorg.company.oddities import TEXTS, once
from localorg.company.plan import CONTACTS, ROLES, roles_of
from localorg.company.records import Records
from localorg.company.table import Row, Sheet, Value, sheet
from localorg.company.tables.catalogue import book_id, price_id, product_id
from localorg.company.tables.setup import record_type
from localorg.company.world import Draw

_line_id, _role_id, _contact_id = ids("OpportunityLineItem"), ids("OpportunityContactRole"), ids("Contact")
_SOURCES = ("Web", "Phone Inquiry", "Partner Referral", "Purchased List", "Other", None)
_TYPES = ("Existing Customer - Upgrade", "Existing Customer - Upgrade", "Existing Customer - Replacement",
          "Existing Customer - Downgrade", "New Customer")  # fmt: skip
# invented firms
_COMPETITORS = ("Ardenta Motion", "Veltrix Automation", "Kolbrand", "Omnivar Drives", "三栄電動", "Moteurs Galvin")
_LOSSES = ("Price", "Price", "Competitor", "No Decision", "No Decision", "Timing", "Product Fit")
_ROLES = ("Decision Maker", "Technical Buyer", "Economic Buyer", "Evaluator", "Influencer", "Business User")


def sheets(records: Records) -> Iterator[Sheet]:
    """Opportunities and their children."""
    plan = records.plan

    def deals() -> Iterator[Deal]:
        for account in range(plan.accounts):
            yield from records.deals.of(account)

    yield sheet(
        "Opportunity",
        "Id AccountId Name Description StageName Amount Probability ExpectedRevenue TotalOpportunityQuantity"
        " CloseDate Type NextStep LeadSource IsClosed IsWon ForecastCategory ForecastCategoryName CampaignId"
        " HasOpportunityLineItem Pricebook2Id CurrencyIsoCode RecordTypeId OwnerId LastActivityDate"
        " LastStageChangeDate FiscalQuarter FiscalYear Fiscal ContactId LastAmountChangedHistoryId"
        " LastCloseDateChangedHistoryId Competitor__c Contract_Date__c Delivery_Time__c Region__c Loss_Reason__c"
        " Margin__c Order_Number__c AUDIT",
        lambda: (_row(records, deal) for deal in deals()),
        plan.deals,
        IsPrivate=False,
        IsDeleted=False,
    )
    yield sheet(
        "OpportunityHistory",
        "Id OpportunityId CreatedById CreatedDate StageName CurrencyIsoCode Amount ExpectedRevenue CloseDate"
        " Probability ForecastCategory PrevAmount PrevCloseDate SystemModstamp",
        lambda: (row for deal in deals() for row in _history(deal)),
        plan.history,
        IsDeleted=False,
    )
    yield sheet(
        "OpportunityLineItem",
        "Id OpportunityId SortOrder PricebookEntryId Product2Id ProductCode Name CurrencyIsoCode Quantity Discount"
        " Subtotal TotalPrice UnitPrice ListPrice ServiceDate AUDIT",
        lambda: (row for deal in deals() if deal.lines for row in _lines(records, deal)),
        plan.lines,
        IsDeleted=False,
    )
    yield sheet(
        "OpportunityContactRole",
        "Id OpportunityId ContactId Role IsPrimary CurrencyIsoCode AUDIT",
        lambda: (row for deal in deals() for row in _roles(records, deal)),
        plan.roles,
        IsDeleted=False,
    )


def _money(cents: int | None) -> Decimal | None:
    return None if cents is None else amount(cents)


def _expected(step: Step) -> Decimal | None:
    return None if step.amount is None else amount((step.amount * step.probability + 50) // 100)


def _primary_contact(deal: Deal) -> str | None:
    if not roles_of(deal.account.slot, deal.index):
        return None
    number = deal.account.number
    return _contact_id(CONTACTS.number(number, deal.index % CONTACTS.count(number)))


def _row(records: Records, deal: Deal) -> Row:
    world = records.world
    random = world.random(Draw.DEAL_ROW, deal.number)
    pick = random.random
    account, last = deal.account, deal.last
    stage, close = last.stage, day_of(last.close)
    quarter = (close.month + 2) // 3
    campaign = records.campaigns.of_deal(deal.number, deal.created)
    last_day = records.activities.last_days(account.number).deals.get(deal.index)
    amount_step = _changed(deal, [step.amount for step in deal.steps])
    close_step = _changed(deal, [step.close for step in deal.steps])
    stage_step = _changed(deal, [step.stage.name for step in deal.steps])
    kind = _TYPES[int(pick() * 4)] if deal.index else _TYPES[4]
    lost, won = stage.closed and not stage.won, stage.won
    return (
        deal.id,
        account.id,
        deal.name,
        once(TEXTS, deal.number, world.plan.deals) or _description(deal, random),
        stage.name,
        _money(last.amount),
        Decimal(last.probability),
        _expected(last),
        Decimal(sum(line.quantity for line in deal.lines)) if deal.lines else None,
        close,
        kind,
        _next_step(deal, random),
        "Web" if account.converted and not deal.index else _SOURCES[int(pick() * 6)],
        stage.closed,
        stage.won,
        stage.forecast,
        stage.forecast_name,
        campaign.id if campaign else None,
        bool(deal.lines),
        book_id(deal.book) if deal.lines else None,
        account.currency.code,
        record_type("Opportunity", "Existing Business" if deal.index else "New Business"),
        deal.owner.id,
        day_of(last_day) if last_day else None,
        moment((stage_step or deal.steps[0]).at),
        quarter,
        close.year,
        f"{close.year} {quarter}",
        _primary_contact(deal),
        amount_step.id if amount_step else None,
        close_step.id if close_step else None,
        _COMPETITORS[int(pick() * len(_COMPETITORS))] if lost or pick() < 0.2 else None,
        close + timedelta(days=int(pick() * 10)) if won else None,
        moment((last.close + 30 + int(pick() * 60)) * DAY + 8 * 3600) if won else None,
        account.country.region,
        _LOSSES[int(pick() * 7)] if lost else None,
        Decimal(int(1200 + 4300 * pick())).scaleb(-2) if deal.lines else None,
        f"PO-{deal.number:07}" if won else None,
        *world.audit(random, deal.created, deal.owner, last.at),
    )


def _changed(deal: Deal, values: list[object]) -> Step | None:
    """The last step at which a value changed; none if it never did."""
    for place in range(len(values) - 1, 0, -1):
        if values[place] != values[place - 1]:
            return deal.steps[place]
    return None


def _description(deal: Deal, random: Random) -> Value:
    if random.random() < 0.5:
        return None
    notes = deal.account.language.notes
    return notes[int(random.random() * len(notes))].format(city=deal.account.city.name)


def _next_step(deal: Deal, random: Random) -> Value:
    if deal.last.stage.closed or random.random() < 0.3:
        return None
    tasks = deal.account.language.tasks
    return tasks[int(random.random() * len(tasks))]


def _history(deal: Deal) -> Iterator[Row]:
    before: Step | None = None
    currency = deal.account.currency.code
    for step in deal.steps:
        at = moment(step.at)
        yield (
            step.id,
            deal.id,
            deal.owner.id,
            at,
            step.stage.name,
            currency,
            _money(step.amount),
            _expected(step),
            day_of(step.close),
            Decimal(step.probability),
            step.stage.forecast,
            _money(before.amount) if before else None,
            day_of(before.close) if before else None,
            at,
        )
        before = step


def _lines(records: Records, deal: Deal) -> Iterator[Row]:
    world = records.world
    # products are entered with the amount that they add up to
    known = next(step.at for step in deal.steps if step.amount == deal.last.amount)
    random = world.random(Draw.LINES, deal.number)
    for place, line in enumerate(deal.lines, start=1):
        product = line.price.product
        yield (
            _line_id(line.number),
            deal.id,
            place,
            price_id(line.price.number),
            product_id(product.number),
            product.code,
            f"{deal.name} {product.name}"[:376],
            deal.account.currency.code,
            Decimal(line.quantity),
            Decimal(line.discount) if line.discount else None,
            amount(line.quantity * line.unit),
            amount(line.total),
            amount(line.unit),
            amount(line.price.cents),
            day_of(deal.last.close + 30) if line.number % 3 else None,
            *world.audit(random, known, deal.owner),
        )


def _roles(records: Records, deal: Deal) -> Iterator[Row]:
    account = deal.account
    count = roles_of(account.slot, deal.index)
    if not count:
        return
    contacts = records.contacts.of(account.number)
    first = ROLES.number(account.number, 0) + sum(roles_of(account.slot, index) for index in range(deal.index))
    random = records.world.random(Draw.ROLES, deal.number)
    for place in range(count):
        contact = contacts[(deal.index + place) % len(contacts)]
        yield (
            _role_id(first + place),
            deal.id,
            contact.id,
            _ROLES[int(random.random() * 6)] if random.random() < 0.9 else None,
            place == 0,
            account.currency.code,
            *records.world.audit(random, max(deal.created, contact.created), deal.owner),
        )
