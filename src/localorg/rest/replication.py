"""What changed and what was deleted in a span of time.

    GET sobjects/{object}/updated/?start=&end=   {"ids", "latestDateCovered"}
    GET sobjects/{object}/deleted/?start=&end=   {"deletedRecords": [{"id", "deletedDate"}], "earliestDateAvailable",
                                                  "latestDateCovered"}

Source: SOAP API Developer Guide, "getUpdated()", "getDeleted()"; REST API Developer Guide, "sObject Get Updated",
"sObject Get Deleted". Seconds are ignored. A transaction that is still open holds `latestDateCovered` back, for every
object. Both show only what the caller may see.
"""

from datetime import UTC, datetime, timedelta

import orjson

from localorg.errors import ApiError
from localorg.records import delete_log
from localorg.rest.call import Answer, Call, Resource
from localorg.schema import SObjectDef
from localorg.store.values import format_datetime

_UPDATED_LIFE = timedelta(days=30)
_MINUTE = timedelta(minutes=1)


def _refused(message: str) -> ApiError:
    return ApiError("INVALID_REPLICATION_DATE", message)


def _sobject(call: Call) -> SObjectDef:
    sobject = call.sobject()
    if "replicate" not in sobject.abilities:
        raise ApiError("INVALID_TYPE_FOR_OPERATION", f"entity type {sobject.name} does not support replication")
    return sobject


def _instant(call: Call, name: str) -> datetime:
    """A parameter, to the minute."""
    text = call.query.get(name)
    if not text:
        raise ApiError("MISSING_ARGUMENT", f"Missing required parameter: {name}")
    try:
        instant = datetime.fromisoformat(text)
    except ValueError:
        raise _refused(f"{name} is not a date and time: {text}") from None
    instant = instant.replace(tzinfo=UTC) if instant.tzinfo is None else instant.astimezone(UTC)
    return _minute(instant)


def _minute(instant: datetime) -> datetime:
    return instant.replace(second=0, microsecond=0)


def _span(call: Call, life: timedelta) -> tuple[datetime, datetime]:
    start, end = _instant(call, "start"), _instant(call, "end")
    if start >= end:
        raise _refused("startDate must happen before endDate")
    if start < _minute(call.org.clock.now() - life):
        raise _refused(f"startDate cannot be more than {life.days} days ago")
    return start, end


def _covered(call: Call, end: datetime) -> datetime:
    """Up to where an answer is complete: the end, unless that is to come or a transaction is open."""
    oldest = call.org.transactions.oldest
    return min(end, _minute(call.org.clock.now()), *([] if oldest is None else [_minute(oldest)]))


def _text(instant: datetime) -> str:
    return f"{format_datetime(instant)}.000+0000"


def _check_number(call: Call, found: int) -> None:
    if found > call.org.most_replicated:
        raise ApiError("EXCEEDED_ID_LIMIT", f"More than {call.org.most_replicated} Ids: choose a shorter span of time")


def _updated(call: Call) -> Answer:
    sobject = _sobject(call)
    start, end = _span(call, _UPDATED_LIFE)
    stamp = delete_log.stamp_field(sobject)
    records = call.org.query_context(call.user, call.version).records(sobject.name)
    alive = ' AND "IsDeleted" = 0' if sobject.has("IsDeleted") else ""
    rows = call.org.store.reader.execute(
        f'SELECT "Id" FROM {records} WHERE "{stamp}" >= ? AND "{stamp}" < ?{alive} ORDER BY "{stamp}", "Id" LIMIT ?',
        (format_datetime(start), format_datetime(end), call.org.most_replicated + 1),
    ).fetchall()
    _check_number(call, len(rows))
    ids = [identifier for (identifier,) in rows]
    return Answer(json={"ids": ids, "latestDateCovered": _text(_covered(call, end))})


def _deleted(call: Call) -> Answer:
    sobject = _sobject(call)
    start, end = _span(call, delete_log.LIFE)
    if end - start <= _MINUTE:
        raise _refused("endDate must be more than one minute after startDate")
    now = call.org.clock.now()
    earliest = delete_log.earliest(call.org.store, now)
    if start < _minute(earliest):
        raise _refused(f"startDate is before the delete log begins: {_text(earliest)}")
    found: list[tuple[str, str]] = []
    for one in _reported(call, sobject):
        entries = delete_log.entries(call.org.store, one, start, end, call.org.most_replicated + 1)
        found += _visible(call, one, entries)
    _check_number(call, len(found))
    deleted = [{"id": record, "deletedDate": f"{at}.000+0000"} for record, at in found]
    return Answer(
        json={
            "deletedRecords": deleted,
            "earliestDateAvailable": _text(earliest),
            "latestDateCovered": _text(_covered(call, end)),
        }
    )


def _reported(call: Call, sobject: SObjectDef) -> list[SObjectDef]:
    """The object; asked about one history object, Salesforce tells the deletions of all but OpportunityHistory's."""
    if not _is_history(sobject):
        return [sobject]
    return [one for one in call.user.schema.objects.values() if _is_history(one) and one.name in call.user.readable]


def _is_history(sobject: SObjectDef) -> bool:
    return sobject.name.endswith("History") and sobject.name != "OpportunityHistory"


def _visible(call: Call, sobject: SObjectDef, found: list[tuple[str, str]]) -> list[tuple[str, str]]:
    """Without the records that the user may not see: what he lost sight of was not deleted.

    A record that is gone for good is told only to who sees all of the object's records.
    """
    context = call.org.query_context(call.user, call.version)
    if context.condition(sobject.name) is None:
        return found
    if call.user.access.only_hides(sobject.name):
        rows = call.org.store.reader.execute('SELECT record FROM "_hidden" WHERE user_id = ?', (call.user.id,))
        hidden = {record for (record,) in rows}
        return [entry for entry in found if entry[0] not in hidden]
    sql = f'SELECT "Id" FROM {context.records(sobject.name)} WHERE "Id" IN (SELECT value FROM json_each(?))'
    ids = orjson.dumps([record for record, _ in found]).decode()
    seen = {record for (record,) in call.org.store.reader.execute(sql, (ids,))}
    return [entry for entry in found if entry[0] in seen]


RESOURCES = (
    Resource("sobjects/{object}/updated", {"GET": _updated}),
    Resource("sobjects/{object}/deleted", {"GET": _deleted}),
)
