"""Invoices of the deals that were won, in one to a few instalments, and their lines.

Every block of accounts has the same number of invoices; they are dealt out to the deals that the block has won.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from localorg.company.clock import DAY, business_time, day_of, moment
from localorg.company.deals import Deal
from localorg.company.money import amount
from localorg.company.numbering import ids
from localorg.company.plan import BLOCK, INVOICES
from localorg.company.products import BY_LINE
from localorg.company.records import Records
from localorg.company.table import Row, Sheet, sheet
from localorg.company.tables.catalogue import product_id
from localorg.company.world import Draw

_invoice_id, _line_id = ids("Invoice__c"), ids("Invoice_Line__c")
_TERM_DAYS = 30
_UNIT = 100  # cents: yen has no smaller unit


@dataclass(frozen=True, slots=True)
class _Invoice:
    number: int
    deal: Deal
    #: from 0
    instalment: int
    cents: int


def sheets(records: Records) -> Iterator[Sheet]:
    """Invoices and their lines."""
    plan = records.plan
    yield sheet(
        "Invoice__c",
        "Id Name OwnerId CurrencyIsoCode Account__c Opportunity__c Amount__c Status__c Due_Date__c Paid__c"
        " External_Id__c Notes__c AUDIT",
        lambda: (_row(records, invoice) for invoice in _invoices(records)),
        plan.invoices,
        IsDeleted=False,
    )
    yield sheet(
        "Invoice_Line__c",
        "Id Name Invoice__c Product__c CurrencyIsoCode Quantity__c Amount__c AUDIT",
        lambda: (row for invoice in _invoices(records) for row in _lines(records, invoice)),
        plan.invoices * 3 // 2,
        IsDeleted=False,
    )


def _split(cents: int, parts: int) -> list[int]:
    """The amount in whole units as equal as can be; the rest goes to the first."""
    each = cents // _UNIT // parts * _UNIT
    return [cents - each * (parts - 1)] + [each] * (parts - 1)


def _invoices(records: Records) -> Iterator[_Invoice]:
    number = 0
    for block in range(records.plan.blocks):
        accounts = range(block * BLOCK, (block + 1) * BLOCK)
        won = [deal for account in accounts for deal in records.deals.of(account) if deal.won][:INVOICES]
        each, more = divmod(INVOICES, len(won))
        for place, deal in enumerate(won):
            parts = each + (place < more)
            for instalment, cents in enumerate(_split(deal.last.amount or 0, parts)):
                number += 1
                yield _Invoice(number, deal, instalment, cents)


def _created(records: Records, invoice: _Invoice) -> int:
    random = records.world.random(Draw.INVOICE, invoice.number)
    day = invoice.deal.last.at // DAY + 3 + invoice.instalment * _TERM_DAYS
    return max(invoice.deal.last.at, min(business_time(random, day), records.world.clock.now))


def _row(records: Records, invoice: _Invoice) -> Row:
    world = records.world
    random = world.random(Draw.INVOICE_ROW, invoice.number)
    pick = random.random
    deal = invoice.deal
    created = _created(records, invoice)
    due = created // DAY + _TERM_DAYS
    draw = pick()
    if draw > 0.985:
        status = "Cancelled"
    elif due < world.clock.day:
        late = world.clock.day - due
        status = "Overdue" if draw < (0.35 if late < 45 else 0.03) else "Paid"
    else:
        status = "Draft" if draw < 0.15 else "Paid" if draw < 0.3 else "Sent"
    paid = min(due * DAY - int(pick() * 9 * DAY), world.clock.now) if status == "Paid" else 0
    note = f"<p>Instalment {invoice.instalment + 1} of order PO-{deal.number:07}</p>" if pick() < 0.4 else None
    return (
        _invoice_id(invoice.number),
        f"INV-{invoice.number:05}",
        deal.owner.id,
        deal.account.currency.code,
        deal.account.id,
        deal.id,
        amount(invoice.cents),
        status,
        day_of(due),
        status == "Paid",
        f"ERP-{moment(created).year}-{invoice.number:08}",
        note,
        *world.audit(random, created, world.staff.integration, max(created, paid)),
    )


def _lines(records: Records, invoice: _Invoice) -> Iterator[Row]:
    """One line for an odd invoice, two for an even one."""
    deal = invoice.deal
    count = 2 - invoice.number % 2
    first = (invoice.number - 1) // 2 * 3 + (1 if count == 1 else 2)
    created = moment(_created(records, invoice))
    by = records.world.staff.integration.id
    offered = [line.price.product for line in deal.lines] or list(BY_LINE[deal.product_line])
    for place, cents in enumerate(_split(invoice.cents, count)):
        product = offered[(invoice.instalment + place) % len(offered)]
        yield (
            _line_id(first + place),
            product.name[:80],
            _invoice_id(invoice.number),
            product_id(product.number),
            deal.account.currency.code,
            1 + invoice.number % 5,
            amount(cents),
            created,
            by,
            created,
            by,
            created,
        )
