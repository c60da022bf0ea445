"""What was deleted in a span of time: getDeleted, the only place where records show that left the Recycle Bin.

Sources: REST API Developer Guide, "sObject Get Deleted"; SOAP API Developer Guide, "getDeleted()": deletions of the
last 15 days; seconds are cut off; the start lies more than a minute before the end.
"""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from urllib.parse import quote

from forcedex.domain.change import DeletedRecords
from forcedex.domain.errors import SourceRefused
from forcedex.domain.record import parse_stamp
from forcedex.domain.record_id import to_18
from forcedex.domain.schema import SObject
from forcedex.salesforce.shape import broken, list_in, object_of, text_in
from forcedex.salesforce.transport import Call, Transport

#: How far back the org answers, less a margin for the time that the request takes.
WINDOW = timedelta(days=15) - timedelta(minutes=5)
#: The shortest span that the org accepts, in whole minutes.
SHORTEST = timedelta(minutes=2)


async def deleted_records(
    transport: Transport, sobject: SObject, start: datetime, end: datetime, now: datetime
) -> DeletedRecords:
    """The records that were deleted from `start` to `end`; `now` is the org's time.

    A start before what the org answers for is cut, and `earliest` then says so. A span that holds no whole minute
    is not asked for: nothing of it is covered.
    """
    first, last = _minute(start), _minute(end)
    if last <= first:
        return DeletedRecords(records=(), earliest=start, covered=start)
    oldest = _minute(now - WINDOW) + timedelta(minutes=1)
    if last - SHORTEST < oldest:
        raise SourceRefused(
            f"Salesforce no longer knows what was deleted of {sobject.name} before {oldest:%Y-%m-%d %H:%M} UTC.",
            "Compare all records instead.",
            code="INVALID_REPLICATION_DATE",
        )
    asked = max(min(first, last - SHORTEST), oldest)
    answer = await _ask(transport, sobject.name, asked, last)
    earliest = answer.earliest if asked <= first else max(answer.earliest, asked)
    return DeletedRecords(records=answer.records, earliest=earliest, covered=min(answer.covered, last))


async def _ask(transport: Transport, name: str, start: datetime, end: datetime) -> DeletedRecords:
    purpose = f"list deleted records of {name}"
    resource = f"/services/data/v{transport.settings.api_version}/sobjects/{name}/deleted/"
    path = f"{resource}?start={_parameter(start)}&end={_parameter(end)}"
    answer = object_of((await transport.json(Call(purpose=purpose, path=path))).value, purpose)
    entries = [object_of(each, purpose) for each in list_in(answer, "deletedRecords", purpose)]
    return DeletedRecords(
        records=tuple((_id_in(each, purpose), _time_in(each, "deletedDate", purpose)) for each in entries),
        earliest=_time_in(answer, "earliestDateAvailable", purpose),
        covered=_time_in(answer, "latestDateCovered", purpose),
    )


def _minute(time: datetime) -> datetime:
    return time.astimezone(UTC).replace(second=0, microsecond=0)


def _parameter(time: datetime) -> str:
    return quote(time.isoformat(), safe="")


def _time_in(answer: Mapping[str, object], key: str, purpose: str) -> datetime:
    try:
        return parse_stamp(text_in(answer, key, purpose))
    except ValueError as exc:
        raise broken(purpose, f"“{key}” is not a time") from exc


def _id_in(answer: Mapping[str, object], purpose: str) -> str:
    try:
        return to_18(text_in(answer, "id", purpose))
    except ValueError as exc:
        raise broken(purpose, "“id” is not a record Id") from exc
