"""Task and event rows."""

from collections.abc import Iterator

from localorg.company.activities import Activity
from localorg.company.clock import DAY, day_of, moment
from localorg.company.numbering import ids
from localorg.company.records import Records
from localorg.company.table import Row, Sheet, sheet
from localorg.company.tables.leads import lead_of_task
from localorg.company.world import Draw

_task_id = ids("Task")
_OPEN = ("Not Started", "Not Started", "In Progress", "Waiting on someone else", "Deferred")
_PRIORITIES = ("High", "Normal", "Normal", "Normal", "Low")
_MINUTES = (30, 30, 60, 60, 90, 120, 240)
_ARCHIVED_DAYS = 365
_SUBTYPES = ("Task", "Task", "Call", "Email")


def sheets(records: Records) -> Iterator[Sheet]:
    """Tasks and events."""
    plan = records.plan

    def tasks() -> Iterator[Row]:
        for account in range(plan.accounts):
            for activity in records.activities.of_kind(account, event=False):
                yield _task(records, activity)
        for place in range(plan.lead_tasks):
            yield _lead_task(records, place)

    def events() -> Iterator[Row]:
        for account in range(plan.accounts):
            for activity in records.activities.of_kind(account, event=True):
                yield _event(records, activity)

    yield sheet(
        "Task",
        "Id WhoId WhatId AccountId Subject ActivityDate Status Priority OwnerId Description CurrencyIsoCode IsClosed"
        " CompletedDateTime TaskSubtype CallType CallDurationInSeconds IsArchived AUDIT",
        tasks,
        plan.tasks,
        IsDeleted=False,
        IsReminderSet=False,
        IsRecurrence=False,
    )
    yield sheet(
        "Event",
        "Id WhoId WhatId AccountId Subject Location IsAllDayEvent ActivityDateTime ActivityDate DurationInMinutes"
        " StartDateTime EndDateTime EndDate Description OwnerId ShowAs CurrencyIsoCode IsArchived AUDIT",
        events,
        plan.events,
        IsPrivate=False,
        IsDeleted=False,
        IsChild=False,
        IsGroupEvent=False,
        GroupEventType="0",
        IsRecurrence=False,
        IsReminderSet=False,
        EventSubtype="Event",
        IsRecurrence2Exclusion=False,
        IsRecurrence2=False,
        IsRecurrence2Exception=False,
    )


def _old(records: Records, day: int) -> bool:
    """Whether an activity of a day is in the archive."""
    return day <= records.world.clock.day - _ARCHIVED_DAYS


def _task(records: Records, activity: Activity) -> Row:
    world = records.world
    random = world.random(Draw.ACTIVITY_ROW, activity.number * 2 + activity.event)
    pick = random.random
    account = activity.account
    owner = account.owner
    if activity.case is not None:
        engineers = world.staff.engineers[account.country.region]
        owner = engineers[int(pick() * len(engineers))]
    language = account.language
    subtype = _SUBTYPES[int(pick() * 4)]
    done = activity.completed is not None
    call = subtype == "Call" and done
    return (
        activity.id,
        activity.who_id,
        activity.what_id,
        account.id,
        "Call" if subtype == "Call" and pick() < 0.4 else language.tasks[int(pick() * len(language.tasks))],
        day_of(activity.day),
        "Completed" if done else _OPEN[int(pick() * 5)],
        _PRIORITIES[int(pick() * 5)],
        owner.id,
        language.notes[int(pick() * len(language.notes))].format(city=account.city.name) if pick() < 0.35 else None,
        account.currency.code,
        done,
        moment(activity.completed) if activity.completed is not None else None,
        subtype,
        ("Outbound" if pick() < 0.7 else "Inbound") if call else None,
        int(30 + 1500 * pick() ** 2) if call else None,
        done and _old(records, activity.day),
        *world.audit(random, activity.created, owner, activity.completed or 0),
    )


def _lead_task(records: Records, place: int) -> Row:
    world = records.world
    lead = records.leads.of(lead_of_task(place))
    day, created, completed = records.activities.lead_task(lead.number, lead.created)
    random = world.random(Draw.LEAD_TASK_ROW, lead.number)
    pick = random.random
    owner = lead.owner_id
    if not owner.startswith("005"):
        owner = world.staff.reps[lead.country.team][0].id
    tasks = lead.language.tasks
    return (
        _task_id(world.plan.account_tasks + place + 1),
        lead.id,
        None,
        None,
        tasks[int(pick() * len(tasks))],
        day_of(day),
        "Completed" if completed is not None else _OPEN[int(pick() * 5)],
        _PRIORITIES[int(pick() * 5)],
        owner,
        None,
        lead.currency.code,
        completed is not None,
        moment(completed) if completed is not None else None,
        "Task",
        None,
        None,
        completed is not None and _old(records, day),
        *world.audit(random, created, owner, completed or 0),
    )


def _event(records: Records, activity: Activity) -> Row:
    world = records.world
    random = world.random(Draw.ACTIVITY_ROW, activity.number * 2 + activity.event)
    pick = random.random
    account = activity.account
    language = account.language
    all_day = pick() < 0.06
    start = activity.day * DAY + (0 if all_day else 25_200 + 1800 * int(pick() * 18))
    minutes = 1440 if all_day else _MINUTES[int(pick() * 7)]
    begins, ends = moment(start), moment(start + (0 if all_day else minutes * 60))
    return (
        activity.id,
        activity.who_id,
        activity.what_id,
        account.id,
        language.meetings[int(pick() * len(language.meetings))],
        account.city.name if pick() < 0.6 else "Online",
        all_day,
        begins,
        begins.date(),
        minutes,
        begins,
        ends,
        ends.date(),
        language.notes[int(pick() * len(language.notes))].format(city=account.city.name) if pick() < 0.4 else None,
        account.owner.id,
        "OutOfOffice" if all_day else "Busy",
        account.currency.code,
        _old(records, activity.day),
        *world.audit(random, activity.created, account.owner),
    )
