"""What the org derives of mails and milestones of cases.

Source: Object Reference, EmailMessage, CaseMilestone, BusinessHours, Holiday.
"""

from datetime import UTC, datetime, timedelta

from localorg.business_time import Hours, after, read_hours, seconds_between
from localorg.errors import ApiError
from localorg.records.change import Change, Saver
from localorg.store.store import Row

_DRAFT, _NEW, _READ = "5", "0", "1"
#: What can be changed of a mail that is no draft.
_ALWAYS = frozenset({"IsExternallyVisible", "Status"})
_HUNDREDTHS = 100  # of the doubles with two decimals


def email(change: Change) -> None:
    """Name and date of a mail; only drafts change, others from New to Read."""
    new, old = change.new, change.old
    new["Name"] = str(new.get("Subject") or "[No Subject]")[:255]
    if new.get("MessageDate") is None:
        new["MessageDate"] = change.now_text
    if old is None:
        new["IsExternallyVisible"] = new.get("IsExternallyVisible") or 1
        return
    if old["Status"] == _DRAFT:
        return
    refused = sorted(change.given - _ALWAYS)
    if "Status" in change.given and (old["Status"], new["Status"]) not in ((_NEW, _READ), (new["Status"],) * 2):
        refused.append("Status")
    if refused:
        raise ApiError(
            "INSUFFICIENT_ACCESS_OR_READONLY", "the email message is no draft and cannot be changed", fields=refused
        )


def business_hours(change: Change) -> None:
    """There is one default; it is active."""
    if change.new["IsDefault"]:
        change.new["IsActive"] = 1
        sobject = change.saver.schema.objects["BusinessHours"]
        for other in change.saver.store.select(sobject, '"IsDefault" = 1 AND "Id" <> ?', (change.new["Id"],)):
            change.saver.change("BusinessHours", str(other["Id"]), {"IsDefault": 0})


def holiday(change: Change) -> None:
    """A single one has a day, a recurring one says when it comes again, a part of a day when it begins and ends."""
    new = change.new
    names = ["RecurrenceType", "RecurrenceStartDate"] if new["IsRecurrence"] else ["ActivityDate"]
    if not new["IsAllDay"]:
        names += ["StartTimeInMinutes", "EndTimeInMinutes"]
    lacking = [name for name in names if new.get(name) is None]
    if lacking:
        message = f"Required fields are missing: [{', '.join(lacking)}]"
        raise ApiError("REQUIRED_FIELD_MISSING", message, fields=lacking)


def milestone(change: Change) -> None:
    """Target, time taken in business hours, and whether it was kept."""
    new = change.new
    hours = hours_of(change.saver, new.get("BusinessHoursId"))
    start = _seconds(new["StartDate"])
    minutes = int(str(new["TargetResponseInMins"] or 0))
    new["TargetResponseInHrs"], new["TargetResponseInDays"] = _parts(minutes)
    if change.changed("StartDate", "TargetResponseInMins", "BusinessHoursId"):
        new["TargetDate"] = _text(after(hours, start, minutes * 60))
    done = new.get("CompletionDate")
    new["IsCompleted"] = int(done is not None)
    elapsed = None if done is None else seconds_between(hours, start, _seconds(done)) // 60
    new["ElapsedTimeInMins"] = elapsed
    new["ElapsedTimeInHrs"], new["ElapsedTimeInDays"] = (None, None) if elapsed is None else _parts(elapsed)
    new["IsViolated"] = int(str(done or change.now_text) > str(new["TargetDate"]))


def _parts(minutes: int) -> tuple[int, int]:
    """Minutes as hours and as days, in hundredths."""
    return minutes * _HUNDREDTHS // 60, minutes * _HUNDREDTHS // (24 * 60)


def hours_of(saver: Saver, record: object) -> Hours:
    """Business hours of a record's Id, or else the org's default ones."""
    objects = saver.schema.objects
    row = saver.store.get(objects["BusinessHours"], str(record)) if record else None
    found: Row = row or saver.store.find(objects["BusinessHours"], "IsDefault", 1) or {}
    if not found:
        return Hours("GMT", ((0, 24 * 60),) * 7)
    return read_hours(found, saver.store.select(objects["Holiday"]))


def _seconds(text: object) -> int:
    return int(datetime.fromisoformat(str(text)).replace(tzinfo=UTC).timestamp())


def _text(seconds: int) -> str:
    return (datetime(1970, 1, 1) + timedelta(seconds=seconds)).strftime("%Y-%m-%dT%H:%M:%S")
