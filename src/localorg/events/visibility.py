"""What a subscriber may see of an event.

Source: Change Data Capture Developer Guide, "Field-Level Security": fields that are hidden from the subscriber are
null and are not listed as changed. Sharing is ignored.
"""

from collections.abc import Collection

from localorg.events.bitmaps import bitmaps, places
from localorg.events.schema import EventSchema

_LISTS = ("nulledFields", "diffFields", "changedFields")


def visible(payload: bytes, schema: EventSchema, today: EventSchema, hidden: Collection[str]) -> bytes:
    """The payload without hidden fields. `today`: the object's present schema, which knows its fields."""
    gone = {
        (slot.name, part)
        for slot in today.slots
        for part, source in [(None, slot.field), *((part.name, part.field) for part in slot.parts)]
        if source is not None and source.name in hidden
    } | {(slot.name, None) for slot in today.slots if slot.name in hidden}
    event = schema.decode(payload)
    for name, part in gone:
        if part is None and name in event:
            event[name] = None
        elif isinstance(event.get(name), dict):
            event[name][part] = None
    header = event["ChangeEventHeader"]
    names = schema.names
    for one in _LISTS:
        kept = []
        for place, at in places(header[one]):
            slot, parts = names[place]
            if (slot, None) not in gone and (at is None or (slot, parts[at]) not in gone):
                kept.append((place, at))
        header[one] = bitmaps(kept)
    return schema.encode(event)
