"""What is derived from tasks and events (`x-tasks`, `x-events`): on which day they count, as what, and for which deal.

The day of a task is the local day on which it was completed, else its due day; that of an event is its own. Events of
invitees (`IsChild`) repeat the organizer's. Source: Object Reference, Task (`TaskSubtype`) and Event.
"""

from forcedex.domain.days import Unit
from forcedex.domain.derived.fields import made
from forcedex.domain.derived.kinds import (
    DerivedDocument,
    DerivedField,
    Family,
    Holds,
    Kind,
    Record,
    Root,
    Setting,
    as_day,
    day_text,
    without_nulls,
)

_DEAL = "006"


def _fields(*day: str, done: tuple[str, ...], kind: tuple[str, ...], minutes: str) -> tuple[DerivedField, ...]:
    return (
        made("d", Holds.DAY, "Day", *day),
        made("fq", Holds.KEY, "Fiscal quarter", *day),
        made("fm", Holds.KEY, "Fiscal month", *day),
        made("done", Holds.NUMBER, "Done", *done),
        made("kind", Holds.KEY, "Kind", *kind),
        made("deal", Holds.KEY, "Deal", "WhatId"),
        made("minutes", Holds.NUMBER, "Minutes", minutes),
    )


TASKS = Kind(
    name="x-tasks",
    label="Task figures",
    label_plural="Figures of tasks",
    fields=_fields(
        *("CompletedDateTime", "ActivityDate"),
        done=("IsClosed",),
        kind=("TaskSubtype",),
        minutes="CallDurationInSeconds",
    ),
)
EVENTS = Kind(
    name="x-events",
    label="Event figures",
    label_plural="Figures of events",
    fields=_fields("ActivityDate", done=("ActivityDate",), kind=("IsChild",), minutes="DurationInMinutes"),
)


def _task(root: Root, setting: Setting) -> list[DerivedDocument]:
    record = root.record
    done = setting.local_day(record.get("CompletedDateTime")) if record.get("IsClosed") else None
    seconds = record.get("CallDurationInSeconds")
    values = {
        "x.done": int(bool(record.get("IsClosed"))),
        "x.kind": str(record.get("TaskSubtype") or "Task"),
        "x.minutes": None if seconds is None else round(int(seconds) / 60),
    }
    return [_document(TASKS, record, setting, day_text(done) or record.get("ActivityDate"), values)]


def _event(root: Root, setting: Setting) -> list[DerivedDocument]:
    record = root.record
    values = {
        "x.done": 1,  # whether it is over, the day tells
        "x.kind": "Invitation" if record.get("IsChild") else "Event",
        "x.minutes": record.get("DurationInMinutes"),
    }
    return [_document(EVENTS, record, setting, record.get("ActivityDate"), values)]


def _document(kind: Kind, record: Record, setting: Setting, day: object, values: dict[str, object]) -> DerivedDocument:
    on, about = as_day(day), str(record.get("WhatId") or "")
    shared: dict[str, object] = {
        "x.d": day_text(on),
        "x.fq": setting.fiscal_key(on, Unit.QUARTER),
        "x.fm": setting.fiscal_key(on, Unit.MONTH),
        "x.deal": about if about.startswith(_DEAL) else None,
    }
    return DerivedDocument(kind=kind.name, id=str(record["Id"]), values=without_nulls({**shared, **values}))


OF_TASKS = Family(of="Task", members=(), kinds=(TASKS,), derive=_task)
OF_EVENTS = Family(of="Event", members=(), kinds=(EVENTS,), derive=_event)
