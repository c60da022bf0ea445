"""Schemas of change events.

    GET sobjects/{event}/eventSchema        by the event's name, such as AccountChangeEvent
    GET event/eventSchema/{schemaId}        by the schema's id

`payloadFormat` is EXPANDED (the default: the event inside its message, as streams deliver it) or COMPACT.
Source: REST API Developer Guide, "Platform Event Schema by Event Name", "Platform Event Schema by Schema ID".
"""

from typing import Any

import orjson

from localorg.errors import not_found
from localorg.events.entities import of_event_name
from localorg.events.schema import EventSchema
from localorg.rest.call import Answer, Call, Resource


def _printed(schema: EventSchema, call: Call) -> Answer:
    compact: dict[str, Any] = {**orjson.loads(schema.text), "uuid": schema.id}
    if call.query.get("payloadFormat", "EXPANDED").upper() == "COMPACT":
        return Answer(json=compact)
    payload = {"type": "record", "name": "Payload", "doc": "", "fields": compact["fields"]}
    event = {"type": "record", "name": "Event", "fields": [{"name": "replayId", "type": "long"}]}
    data = [
        {"name": "schema", "type": "string"},
        {"name": "payload", "type": payload},
        {"name": "event", "type": event},
    ]
    fields = [
        {"name": "data", "type": {"type": "record", "name": "Data", "namespace": "", "fields": data}},
        {"name": "channel", "type": "string"},
    ]
    expanded = {name: compact[name] for name in ("name", "namespace")} | {"type": "expanded-record", "fields": fields}
    return Answer(json=expanded | {"uuid": schema.id})


def _by_name(call: Call) -> Answer:
    sobject = of_event_name(call.org.schema, call.path["event"])
    if sobject is None or sobject.name not in call.user.readable:
        raise not_found()
    return _printed(call.org.journal.schemas.current(sobject.name), call)


def _by_id(call: Call) -> Answer:
    found = call.org.journal.schemas.find(call.path["schema"])
    if found is None or found.entity not in call.user.readable:
        raise not_found()
    return _printed(found, call)


RESOURCES = (
    Resource("sobjects/{event}/eventSchema", {"GET": _by_name}),
    Resource("event/eventSchema/{schema}", {"GET": _by_id}),
)
