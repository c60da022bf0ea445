"""Business hours, holidays, milestones, and what is written down while cases are handled: histories and mails."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from decimal import Decimal
from html import escape

from localorg.business_time import DAYS, after, seconds_between
from localorg.company.calendar import BUSINESS_HOURS, PROMISES, holidays
from localorg.company.cases import CASE_QUEUES, CLOSED, ESCALATED, NEW, WORKING, Case
from localorg.company.clock import DAY, moment
from localorg.company.contacts import Contact
from localorg.company.handling import Handling
from localorg.company.numbering import ids
from localorg.company.records import Records
from localorg.company.staff import DOMAIN
from localorg.company.table import Row, Sheet, Value, sheet

_hours_id, _holiday_id, _type_id = ids("BusinessHours"), ids("Holiday"), ids("MilestoneType")
_history_id, _mail_id, _milestone_id = ids("CaseHistory"), ids("EmailMessage"), ids("CaseMilestone")
_group_id = ids("Group")
#: Histories of all objects share a key prefix; those of cases begin here.
_FIRST_HISTORY = 400_000_000
_MOST_HISTORY = 24  # Ids kept free per case
_MOST_MAILS = 4
KEPT_DAYS = 730  # field histories older than 24 months are gone
_RESPONSE, _RESOLUTION = 1, 2
_MILESTONES = {
    _RESPONSE: ("First Response", "Somebody answers the customer."),
    _RESOLUTION: ("Resolution", "The case is closed."),
}
_SUPPORT = f"support@{DOMAIN}"
_HOLIDAY_COLUMNS = (
    *("Name", "IsAllDay", "ActivityDate", "StartTimeInMinutes", "EndTimeInMinutes", "IsRecurrence"),
    *("RecurrenceStartDate", "RecurrenceType", "RecurrenceDayOfWeekMask", "RecurrenceDayOfMonth"),
    *("RecurrenceInstance", "RecurrenceMonthOfYear"),
)


def calendar_sheets(records: Records) -> Iterator[Sheet]:
    """Business hours, holidays and kinds of milestones."""
    audit = records.world.setup_audit()
    rests = holidays(records.world.clock.today)
    times = [f"{day}{edge}Time" for day in DAYS for edge in ("Start", "End")]
    named = ("Name", "IsDefault", "TimeZoneSidKey", *times)

    def hours() -> Iterator[Row]:
        for number, one in BUSINESS_HOURS.items():
            yield _hours_id(number), *(one.get(name) for name in named), *audit

    def rest() -> Iterator[Row]:
        for number, one in enumerate(rests, start=1):
            values = {"IsRecurrence": False, **one}
            yield _holiday_id(number), *(values.get(name) for name in _HOLIDAY_COLUMNS), *audit

    def kinds() -> Iterator[Row]:
        for number, (name, text) in _MILESTONES.items():
            yield _type_id(number), name, text, *audit

    columns = f"Id {' '.join(named)} AUDIT"
    yield sheet("BusinessHours", columns, hours, len(BUSINESS_HOURS), IsActive=True)
    yield sheet("Holiday", f"Id {' '.join(_HOLIDAY_COLUMNS)} AUDIT", rest, len(rests))
    yield sheet("MilestoneType", "Id Name Description AUDIT", kinds, len(_MILESTONES), RecurrenceType="none")


def sheets(records: Records) -> Iterator[Sheet]:
    """Histories, mails and milestones of cases."""
    plan = records.plan

    def every(rows: Callable[[Records, Case, Handling], Iterable[Row]]) -> Callable[[], Iterator[Row]]:
        def found() -> Iterator[Row]:
            for account in range(plan.accounts):
                for case in records.cases.of(account):
                    yield from rows(records, case, records.handlings.of(case))

        return found

    yield sheet(
        "CaseHistory",
        "Id CaseId CreatedDate CreatedById Field DataType OldValue NewValue",
        every(_history),
        plan.case_history,
        about=True,
        IsDeleted=False,
    )
    yield sheet(
        "EmailMessage",
        "Id ParentId Subject Name TextBody HtmlBody FromId FromName FromAddress ToAddress Incoming Status MessageDate"
        " ReplyToEmailMessageId MessageIdentifier AUDIT",
        every(_mails),
        plan.emails,
        about=True,
        IsDeleted=False,
        IsExternallyVisible=True,
        HasAttachment=False,
        IsClientManaged=False,
        IsPrivateDraft=False,
        IsTracked=False,
        IsOpened=False,
        IsBounced=False,
    )
    yield sheet(
        "CaseMilestone",
        "Id CaseId MilestoneTypeId BusinessHoursId StartDate TargetDate CompletionDate IsCompleted IsViolated"
        " TargetResponseInMins TargetResponseInHrs TargetResponseInDays ElapsedTimeInMins ElapsedTimeInHrs"
        " ElapsedTimeInDays AUDIT",
        every(_milestones),
        plan.milestones,
        IsDeleted=False,
    )


# -- histories --


@dataclass(frozen=True, slots=True)
class _Entry:
    at: int
    by: str
    field: str
    kind: str = "Text"
    old: str | None = None
    new: str | None = None


def _history(records: Records, case: Case, handling: Handling) -> Iterator[Row]:
    kept = records.world.clock.now - KEPT_DAYS * DAY
    first = _FIRST_HISTORY + (case.number - 1) * _MOST_HISTORY + 1
    for place, one in enumerate(_entries(records, case, handling)):
        if one.at >= kept:
            yield _history_id(first + place), case.id, moment(one.at), one.by, one.field, one.kind, one.old, one.new


def _entries(records: Records, case: Case, handling: Handling) -> Iterator[_Entry]:
    """What happened, in its order."""
    engineer, phone = case.engineer, handling.origin == "Phone"
    yield _Entry(case.created, engineer.id if phone else records.world.staff.integration.id, "created")
    if case.status == NEW or handling.taken is None:
        return
    if case.owner_id == engineer.id and not phone:
        region = case.account.country.region
        queue = _group_id(CASE_QUEUES[region])
        yield _Entry(handling.taken, engineer.id, "Owner", "EntityId", queue, engineer.id)
        yield _Entry(handling.taken, engineer.id, "Owner", "Text", f"{region} Support", engineer.name)
        yield _Entry(handling.taken, engineer.id, "ownerAccepted")
    status = NEW
    for at, after_it in (
        (handling.taken, WORKING),
        (handling.escalated, ESCALATED),
        (handling.first_closed, CLOSED),
        (handling.reopened, WORKING),
        (case.closed, CLOSED),
    ):
        if at is None:
            continue
        yield _Entry(at, engineer.id, "Status", "DynamicEnum", status, after_it)
        if after_it == CLOSED:
            yield _Entry(at, engineer.id, "closed")
        status = after_it


# -- mails --


def _mails(records: Records, case: Case, handling: Handling) -> Iterator[Row]:
    contact = None if case.contact is None else records.contacts.of(case.account.number)[case.contact]
    first = (case.number - 1) * _MOST_MAILS + 1
    by_mail = handling.origin == "Email"
    if by_mail:
        status = "2" if handling.responded else "0" if case.status == NEW else "1"
        yield _incoming(records, case, contact, first, case.created, status)
    if handling.responded is None or not (by_mail or case.number % 2):
        return
    yield _outgoing(case, contact, first + 1, handling.responded, _mail_id(first) if by_mail else None)
    if by_mail and case.closed is not None and case.number % 3 == 0:
        rest = case.closed - handling.responded
        yield _incoming(records, case, contact, first + 2, handling.responded + rest // 2, "1")
        yield _outgoing(case, contact, first + 3, handling.responded + rest * 4 // 5, _mail_id(first + 2))


def _incoming(records: Records, case: Case, contact: Contact | None, number: int, at: int, status: str) -> Row:
    by, name = records.world.staff.integration.id, contact.person.name if contact else None
    address = contact.email if contact else None
    sender = (contact.id if contact else None, name, address, _SUPPORT)
    text = case.description if number % _MOST_MAILS == 1 else case.subject
    return _mail(number, case, case.subject, text, sender, at, by, None, incoming=True, status=status)


def _outgoing(case: Case, contact: Contact | None, number: int, at: int, answered: str | None) -> Row:
    engineer = case.engineer
    texts = case.account.language.comments
    sender = (engineer.id, engineer.name, engineer.username, contact.email if contact else None)
    subject = f"Re: {case.subject}"
    text = texts[number % len(texts)]
    return _mail(number, case, subject, text, sender, at, engineer.id, answered, incoming=False, status="3")


def _mail(
    number: int,
    case: Case,
    subject: str,
    text: str,
    sender: tuple[Value, ...],
    at: int,
    by: str,
    answered: str | None,
    *,
    incoming: bool,
    status: str,
) -> Row:
    when = moment(at)
    return (
        _mail_id(number),
        case.id,
        subject,
        subject[:255].rstrip(),
        text,
        None if incoming else f"<p>{escape(text)}</p>",
        *sender,
        incoming,
        status,
        when,
        answered,
        f"<{number:x}.{at:x}@mail.{DOMAIN}>",
        *(when, by, when, by, when),
    )


# -- milestones --


def _milestones(records: Records, case: Case, handling: Handling) -> Iterator[Row]:
    promise = PROMISES[case.priority]
    first = (case.number - 1) * len(_MILESTONES)
    for kind, minutes, done in (
        (_RESPONSE, promise.response, handling.responded),
        (_RESOLUTION, promise.resolution, case.closed),
    ):
        yield _milestone(records, case, first + kind, kind, minutes, done)


def _milestone(records: Records, case: Case, number: int, kind: int, minutes: int, done: int | None) -> Row:
    world, promise = records.world, PROMISES[case.priority]
    hours = records.handlings.hours[promise.hours]
    target = after(hours, case.created, minutes * 60)
    elapsed = None if done is None else seconds_between(hours, case.created, done) // 60
    violated = (world.clock.now if done is None else done) > target
    start, changed = moment(case.created), moment(done or (target if violated else case.created))
    by = world.staff.integration.id
    return (
        _milestone_id(number),
        case.id,
        _type_id(kind),
        _hours_id(promise.hours),
        start,
        moment(target),
        None if done is None else moment(done),
        done is not None,
        violated,
        minutes,
        *_parts(minutes),
        elapsed,
        *((None, None) if elapsed is None else _parts(elapsed)),
        *(start, by, changed, case.engineer.id if done else by, changed),
    )


def _parts(minutes: int) -> tuple[Decimal, Decimal]:
    """Minutes in hours and in days."""
    return Decimal(minutes * 100 // 60).scaleb(-2), Decimal(minutes * 100 // 1440).scaleb(-2)
