"""Reading change events: Avro, of which only the header and the time of the last change are used.

An event that cannot be read is never left out: it becomes one of kind UNKNOWN, after which the object is polled.

Source: Change Data Capture Developer Guide, "ChangeEventHeader Fields", "Gap Events", "Overflow Events",
"Conversions That Generate a Change Event" (wildcard Ids); Pub/Sub API Developer Guide, "Event Deserialization".
"""

import io
import json
from collections import OrderedDict
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta

from fastavro import parse_schema, schemaless_reader
from fastavro.types import Schema

from forcedex.domain.change import ChangeEvent, ChangeKind
from forcedex.domain.errors import StreamRefused
from forcedex.domain.record_id import to_18
from forcedex.salesforce.pubsub.api import PubSub
from forcedex.salesforce.pubsub.pubsub_api_pb2 import ConsumerEvent

#: Schemas that are kept: a few per object, more while fields are being added.
MAX_SCHEMAS = 64

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_GAP = "GAP_"
_OVERFLOW = "GAP_OVERFLOW"
#: What a snapshot of the org says of a record is what it is now: read it.
_KINDS = {each.name: each for each in ChangeKind if each is not ChangeKind.UNKNOWN} | {"SNAPSHOT": ChangeKind.UPDATE}
#: The Id of no record.
_NOBODY = "000000000000000AAA"


class Unreadable(Exception):
    """The event does not say which records it is about; the text says why."""


class EventReader:
    """Reads the events of one object's topic."""

    def __init__(self, pubsub: PubSub, name: str) -> None:
        self._pubsub = pubsub
        self._name = name
        self._schemas: OrderedDict[str, Schema] = OrderedDict()

    async def read(self, delivered: ConsumerEvent) -> ChangeEvent:
        """The event. Whatever is wrong with it is told by its kind; only the connection and the login can fail."""
        try:
            schema = await self._schema(delivered.event.schema_id)
            body = decoded(delivered.event.payload, schema)
        except Unreadable as why:
            return self._unknown(delivered, str(why))
        return change_event(self._name, body, delivered.replay_id)

    def _unknown(self, delivered: ConsumerEvent, reason: str) -> ChangeEvent:
        return ChangeEvent(
            object=self._name,
            kind=ChangeKind.UNKNOWN,
            record_ids=(),
            committed_at=None,
            replay_id=delivered.replay_id,
            reason=reason,
        )

    async def _schema(self, schema_id: str) -> Schema:
        known = self._schemas.get(schema_id)
        if known is not None:
            self._schemas.move_to_end(schema_id)
            return known
        if not schema_id:
            raise Unreadable("the event names no schema")
        try:
            answer = await self._pubsub.schema(schema_id)
        except StreamRefused as refused:
            raise Unreadable(f"its schema is not to be had: {refused.message}") from refused
        schema = parsed(answer.schema_json)
        self._schemas[schema_id] = schema
        if len(self._schemas) > MAX_SCHEMAS:
            self._schemas.popitem(last=False)
        return schema


def parsed(text: str) -> Schema:
    """The Avro schema in a JSON text; Unreadable if there is none."""
    try:
        return parse_schema(json.loads(text))
    except Exception as exc:  # whatever the text makes the parser stumble over, the stream goes on
        raise Unreadable(f"its schema is broken ({type(exc).__name__})") from exc


def decoded(payload: bytes, schema: Schema) -> Mapping[str, object]:
    """The fields of an event; Unreadable if the payload does not fit the schema."""
    source = io.BytesIO(payload)
    try:
        body = schemaless_reader(source, schema, None)
    except Exception as exc:  # whatever the bytes make the decoder stumble over, the stream goes on
        raise Unreadable(f"its payload does not fit its schema ({type(exc).__name__})") from exc
    if source.tell() != len(payload) or not isinstance(body, dict):
        raise Unreadable("its payload does not fit its schema")
    return body


def change_event(name: str, body: Mapping[str, object], replay_id: bytes) -> ChangeEvent:
    """What the decoded event says; `name` is the object whose topic it came from."""
    header = body.get("ChangeEventHeader")
    if not isinstance(header, Mapping):
        header = {}
    committed_at = _time(header.get("commitTimestamp"))
    kind = ChangeKind.UNKNOWN
    ids: tuple[str, ...] = ()
    reason = ""
    try:
        if committed_at is None:
            raise Unreadable("it does not tell when it was committed")
        if header.get("entityName") != name:
            raise Unreadable(f"it speaks of {str(header.get('entityName'))[:80]}")
        kind = _kind(header.get("changeType"))
        ids = _ids(header.get("recordIds"))
    except Unreadable as why:
        kind, reason = ChangeKind.UNKNOWN, str(why)
    return ChangeEvent(
        object=name,
        kind=kind,
        record_ids=ids,
        committed_at=committed_at,
        modified_at=_time(body.get("LastModifiedDate")),
        gap=kind is not ChangeKind.UNKNOWN and str(header.get("changeType")).startswith(_GAP),
        replay_id=replay_id,
        reason=reason,
    )


def _kind(change_type: object) -> ChangeKind:
    if change_type == _OVERFLOW:
        raise Unreadable("more records changed at once than events can name")
    kind = _KINDS.get(str(change_type).removeprefix(_GAP))
    if kind is None:
        raise Unreadable(f"its kind of change, {str(change_type)[:40]}, is unknown")
    return kind


def _ids(record_ids: object) -> tuple[str, ...]:
    if not isinstance(record_ids, list) or not record_ids:
        raise Unreadable("it names no record")
    ids = []
    for each in record_ids:
        text = str(each)
        if text.endswith("*"):
            raise Unreadable(f"it names all records ({text[:20]})")
        try:
            ids.append(to_18(text))
        except ValueError as exc:
            raise Unreadable(f"it names a record that has no valid Id ({text[:20]!r})") from exc
    if _NOBODY in ids:
        raise Unreadable("more records changed at once than events can name")
    return tuple(dict.fromkeys(ids))


def _time(value: object) -> datetime | None:
    """Milliseconds since 1970, or a time that the decoder made of them."""
    if isinstance(value, datetime):
        return value.astimezone(UTC)
    if not isinstance(value, int):
        return None
    try:
        return _EPOCH + timedelta(milliseconds=value)
    except OverflowError:
        return None
