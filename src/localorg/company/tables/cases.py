"""Case rows, and those of their comments."""

from collections.abc import Iterator
from datetime import timedelta

from localorg.company.cases import Case
from localorg.company.clock import DAY, moment
from localorg.company.handling import ORIGINS
from localorg.company.numbering import ids
from localorg.company.plan import COMMENTS, comments_of
from localorg.company.records import Records
from localorg.company.table import Row, Sheet, sheet
from localorg.company.tables.catalogue import product_id
from localorg.company.world import Draw

_comment_id = ids("CaseComment")
_TYPES = ("Electronic", "Electrical", "Mechanical", "Structural", "Other")
_REASONS = ("Performance", "Breakdown", "Installation", "Equipment Complexity", "Equipment Design", "Feedback", "Other")
_SEVERITIES = {"High": ("S1", "S2"), "Medium": ("S2", "S3"), "Low": ("S3", "S4")}
_ANSWER_HOURS = {"High": 4, "Medium": 24, "Low": 72}


def sheets(records: Records) -> Iterator[Sheet]:
    """Cases and their comments."""

    def cases() -> Iterator[Case]:
        for account in range(records.plan.accounts):
            yield from records.cases.of(account)

    yield sheet(
        "Case",
        "Id CaseNumber ContactId AccountId SuppliedName SuppliedEmail SuppliedPhone SuppliedCompany Type Status"
        " Reason Origin Subject Priority Description IsClosed ClosedDate IsEscalated CurrencyIsoCode OwnerId"
        " Severity__c SLA_Due__c Product__c AUDIT",
        lambda: (_row(records, case) for case in cases()),
        records.plan.cases,
        IsDeleted=False,
    )
    yield sheet(
        "CaseComment",
        "Id ParentId IsPublished CommentBody AUDIT",
        lambda: (row for case in cases() for row in _comments(records, case)),
        records.plan.comments,
        IsDeleted=False,
    )


def _row(records: Records, case: Case) -> Row:
    world = records.world
    random = world.random(Draw.CASE_ROW, case.number)
    pick = random.random
    contact = None if case.contact is None else records.contacts.of(case.account.number)[case.contact]
    origin = ORIGINS[int(pick() * 4)]  # first of all draws, as handlings know
    sender = contact if origin == "Web" else None
    maker = case.engineer if origin == "Phone" else world.staff.integration
    return (
        case.id,
        case.case_number,
        contact.id if contact else None,
        case.account.id,
        sender.person.name[:80] if sender else None,
        sender.email if sender else None,
        sender.phone if sender else None,
        case.account.name[:80] if sender else None,
        _TYPES[int(pick() * pick() * 5)],
        case.status,
        _REASONS[int(pick() * 7)],
        origin,
        case.subject,
        case.priority,
        case.description,
        case.closed is not None,
        moment(case.closed) if case.closed is not None else None,
        case.status == "Escalated" or (case.priority == "High" and pick() < 0.1),
        case.account.currency.code,
        case.owner_id,
        _SEVERITIES[case.priority][int(pick() * 2)],
        moment(case.created) + timedelta(hours=_ANSWER_HOURS[case.priority]),
        product_id(case.product.number),
        *world.audit(random, case.created, maker, case.closed or 0),
    )


def _comments(records: Records, case: Case) -> Iterator[Row]:
    world = records.world
    slot = case.account.slot
    count = comments_of(slot, case.index)
    if not count:
        return
    number = COMMENTS.number(case.account.number, 0) + sum(comments_of(slot, index) for index in range(case.index))
    random = world.random(Draw.COMMENT, case.number)
    end = min(case.closed or world.clock.now, case.created + 30 * DAY, world.clock.now)
    texts = case.account.language.comments
    responded = records.handlings.of(case).responded
    for place in range(count):
        seconds = case.created + (end - case.created) * (place + 1) // (count + 1)
        at = moment(seconds)
        body = texts[int(random.random() * len(texts))]
        by = case.engineer.id
        # Customers see none before they were answered.
        published = random.random() < 0.4 and responded is not None and seconds >= responded
        yield _comment_id(number + place), case.id, published, body, at, by, at, by, at
