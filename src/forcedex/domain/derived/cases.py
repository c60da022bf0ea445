"""What is derived from a case (`x-cases`): when it was answered and closed, and whether it kept what was promised.

Minutes are whole ones between two instants; those in business hours count by the case's own hours, else the org's
default. A first response is the earliest of: a mail to outside, a public comment by a user, a completed milestone of
the name "First Response". Source: Object Reference, CaseHistory, EmailMessage, CaseComment, CaseMilestone.
"""

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta

from forcedex.domain.derived.fields import CREATED, created, made
from forcedex.domain.derived.kinds import (
    DerivedDocument,
    Family,
    Holds,
    Kind,
    LookedUp,
    Member,
    Record,
    Root,
    Setting,
    as_moment,
    day_text,
    without_nulls,
)
from forcedex.domain.record import stamp_text

_HISTORY, _COMMENT, _MAIL, _MILESTONE = "CaseHistory", "CaseComment", "EmailMessage", "CaseMilestone"
_TYPE = "MilestoneType"
_ENDS = ("CreatedDate", "IsClosed", "ClosedDate")
_OF_HISTORY = (f"{_HISTORY}:Field", f"{_HISTORY}:NewValue")
_ANSWERS = (
    *(f"{_COMMENT}:IsPublished", f"{_MAIL}:Incoming", f"{_MAIL}:MessageDate", f"{_MAIL}:Status"),
    *(f"{_MILESTONE}:CompletionDate", f"{_TYPE}:Name"),
)
_HOURS = "BusinessHoursId"
_FIRST_RESPONSE = "first response"
_DRAFT = "5"  # EmailMessage.Status: written, not sent
_MINUTE = timedelta(minutes=1)
_PERSON = "005"

CASES = Kind(
    name="x-cases",
    label="Case figures",
    label_plural="Figures of cases",
    fields=(
        *CREATED,
        made("closed_d", Holds.DAY, "Closed", "ClosedDate"),
        made("closed", Holds.NUMBER, "Is closed", "IsClosed"),
        made("waiting", Holds.NUMBER, "Waits for a first response", "IsClosed", "CreatedDate", also=_ANSWERS),
        made("held", Holds.SPAN, "Open from and to", *_ENDS),
        made("closed_at_once", Holds.NUMBER, "Closed when it was created", *_ENDS),
        made("ttc_min", Holds.NUMBER, "Minutes to close", *_ENDS),
        made("ttc_bh_min", Holds.NUMBER, "Business minutes to close", *_ENDS, also=(_HOURS,)),
        made("first_ttc_min", Holds.NUMBER, "Minutes to the first closing", *_ENDS, "Status", needs=_OF_HISTORY),
        made("reopened", Holds.NUMBER, "Was opened again", "IsClosed", "Status", needs=_OF_HISTORY),
        made("frt_at", Holds.MOMENT, "First response", "CreatedDate", also=_ANSWERS),
        made("frt_min", Holds.NUMBER, "Minutes to the first response", "CreatedDate", also=_ANSWERS),
        made(
            "frt_bh_min",
            Holds.NUMBER,
            "Business minutes to the first response",
            "CreatedDate",
            also=(_HOURS, *_ANSWERS),
        ),
        made("touches", Holds.NUMBER, "Responses", "CreatedDate", also=_ANSWERS),
        made("one_touch", Holds.NUMBER, "Closed with one response", "IsClosed", "CreatedDate", also=_ANSWERS),
        made("escalated", Holds.NUMBER, "Escalated", "IsEscalated"),
        made("sla_met", Holds.NUMBER, "Kept its milestones", f"{_MILESTONE}:IsViolated", f"{_MILESTONE}:IsCompleted"),
    ),
)


def derived(root: Root, setting: Setting) -> list[DerivedDocument]:
    """The figures of one case."""
    record = root.record
    closed, began = bool(record.get("IsClosed")), as_moment(record.get("CreatedDate"))
    ended = as_moment(record.get("ClosedDate")) if closed else None
    values: dict[str, object] = {
        **created(record, setting),
        "x.closed_d": day_text(setting.local_day(record.get("ClosedDate") if closed else None)),
        "x.closed": int(closed),
        "x.escalated": int(bool(record.get("IsEscalated"))),
        "x.closed_at_once": int(ended is not None and ended == began),
        "x.sla_met": _kept(root.members.get(_MILESTONE, ())),
    }
    closings = sorted(_moments(root.members.get(_HISTORY, ()), setting))
    if began is not None:
        values["x.held"] = {"gte": stamp_text(began), **({"lt": stamp_text(ended)} if ended and ended > began else {})}
        values |= _answered(root, setting, began, closed=closed)
        if ended is not None:
            values["x.ttc_min"] = _minutes(began, ended)
            values["x.ttc_bh_min"] = setting.business_minutes(record.get(_HOURS), began, ended)
            values["x.first_ttc_min"] = _minutes(began, min([ended, *closings]))
    values["x.reopened"] = int(len(closings) > 1 or bool(closings and not closed))
    return [DerivedDocument(kind=CASES.name, id=str(record["Id"]), values=without_nulls(values))]


def _moments(history: Sequence[Record], setting: Setting) -> Iterator[datetime]:
    """When it was closed: the rows `closed`, or where there are none, those of a status that is a closed one."""
    rows = [each for each in history if each.get("Field") == "closed"]
    if not rows:
        rows = [
            each
            for each in history
            if each.get("Field") == "Status"
            and each.get("NewValue") in setting.closed_statuses
            and each.get("OldValue") not in setting.closed_statuses
        ]
    yield from {moment for each in rows if (moment := as_moment(each.get("CreatedDate"))) is not None}


def _answered(root: Root, setting: Setting, began: datetime, *, closed: bool) -> dict[str, object]:
    mails = [
        as_moment(each.get("MessageDate") or each.get("CreatedDate"))
        for each in root.members.get(_MAIL, ())
        if not each.get("Incoming") and each.get("Status") != _DRAFT
    ]
    comments = [
        as_moment(each.get("CreatedDate"))
        for each in root.members.get(_COMMENT, ())
        if each.get("IsPublished") and str(each.get("CreatedById", _PERSON)).startswith(_PERSON)
    ]
    answers = [each for each in (*mails, *comments) if each is not None]
    kept = [as_moment(each.get("CompletionDate")) for each in _first_responses(root)]
    first = min((each for each in (*answers, *kept) if each is not None), default=None)
    values: dict[str, object] = {
        "x.waiting": int(first is None and not closed),
        "x.touches": len(answers),
        "x.one_touch": int(len(answers) <= 1) if closed else None,
    }
    if first is not None:
        values["x.frt_at"] = stamp_text(first)
        values["x.frt_min"] = _minutes(began, first)
        values["x.frt_bh_min"] = setting.business_minutes(root.record.get(_HOURS), began, first)
    return values


def _first_responses(root: Root) -> Iterator[Record]:
    types = root.looked_up.get(_TYPE, {})
    for each in root.members.get(_MILESTONE, ()):
        name = types.get(str(each.get("MilestoneTypeId")), {}).get("Name")
        if str(name or "").casefold() == _FIRST_RESPONSE:
            yield each


def _kept(milestones: Sequence[Record]) -> int | None:
    """0 if one was violated, 1 if all that ended were kept, None if none ended."""
    if any(each.get("IsViolated") for each in milestones):
        return 0
    return 1 if any(each.get("IsCompleted") for each in milestones) else None


def _minutes(begin: datetime, end: datetime) -> int:
    return (end - begin) // _MINUTE


FAMILY = Family(
    of="Case",
    members=(
        Member(object=_HISTORY, reference="CaseId", columns=("CreatedDate", "Field", "OldValue", "NewValue")),
        Member(object=_COMMENT, reference="ParentId", columns=("CreatedDate", "CreatedById", "IsPublished")),
        Member(
            object=_MAIL, reference="ParentId", columns=("CreatedDate", "MessageDate", "Incoming", "Status"), moves=True
        ),
        Member(
            object=_MILESTONE,
            reference="CaseId",
            columns=("MilestoneTypeId", "CompletionDate", "IsViolated", "IsCompleted"),
            looks_up=(LookedUp(object=_TYPE, reference="MilestoneTypeId", columns=("Name",)),),
        ),
    ),
    kinds=(CASES,),
    derive=derived,
    set_up_by=frozenset({"CaseStatus", "BusinessHours", "Holiday"}),
)
