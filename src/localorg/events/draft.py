"""An event before it has its place in the journal."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from localorg.events.bitmaps import Place, bitmaps
from localorg.events.changes import Touch
from localorg.events.differences import difference
from localorg.events.schema import EventSchema, Slot, part_value
from localorg.store.store import Row

#: Records of one merged event; undocumented.
_MOST_MERGED = 200
_OVERFLOWN = "000000000000000AAA"


@dataclass(kw_only=True, slots=True)
class Draft:
    """One event in the making."""

    schema: EventSchema
    change_type: str
    record_ids: list[str]
    user_id: str
    origin: str
    values: dict[str, Any] = field(default_factory=dict)
    nulled: list[Place] = field(default_factory=list)
    diffs: list[Place] = field(default_factory=list)
    changed: list[Place] = field(default_factory=list)
    #: 1, 2, … in its transaction.
    sequence: int = 0
    #: Kept in the journal, but never delivered.
    lost: bool = False

    @property
    def entity(self) -> str:
        """The object's name."""
        return self.schema.entity

    @property
    def weight(self) -> int:
        """What it counts towards the overflow: every changed field of an update, else one."""
        return len(self.changed) if self.change_type == "UPDATE" else 1

    def become_gap(self) -> None:
        """Only the header is left."""
        self.change_type = f"GAP_{self.change_type}"
        self.values, self.nulled, self.diffs, self.changed = {}, [], [], []

    def payload(self, transaction: Mapping[str, Any]) -> bytes:
        """The event in Avro's binary form."""
        header = {
            **transaction,
            "entityName": self.entity,
            "recordIds": self.record_ids,
            "changeType": self.change_type,
            "changeOrigin": self.origin,
            "sequenceNumber": self.sequence,
            "commitUser": self.user_id,
            "nulledFields": bitmaps(self.nulled),
            "diffFields": bitmaps(self.diffs),
            "changedFields": bitmaps(self.changed),
        }
        return self.schema.encode({"ChangeEventHeader": header, **self.values})


def draft(touch: Touch, row: Row | None, schema: EventSchema, always_diff: Callable[[], bool]) -> Draft:
    """The event of one record's change; `row` as it is at the end of the transaction.

    `always_diff` is asked when a text has changed: whether it is sent as a difference come what may.
    """
    found = Draft(
        schema=schema,
        change_type=touch.kind,
        record_ids=[touch.record],
        user_id=touch.user_id,
        origin=touch.origin,
    )
    if row is not None and touch.kind in ("CREATE", "UNDELETE"):
        found.values = schema.values(row)
    elif row is not None and touch.kind == "UPDATE" and touch.old is not None:
        for place, slot in enumerate(schema.slots, start=1):
            if slot.field is not None:
                _compare(found, place, slot, touch.old, row, touch.at, always_diff)
            else:
                _compare_parts(found, place, slot, touch.old, row)
    return found


def _compare(
    found: Draft, place: int, slot: Slot, old: Row, new: Row, at: str, always_diff: Callable[[], bool]
) -> None:
    assert slot.field is not None
    name = slot.field.name
    before, after = old.get(name), new.get(name)
    # Who saves twice in a second changes this field twice; what the platform does by itself does not touch it.
    if before == after and not (name == "LastModifiedDate" and after == at):
        return
    found.changed.append((place, None))
    if after is None:
        found.nulled.append((place, None))
        return
    found.values[slot.name] = slot.convert(after)
    if slot.field.type == "textarea" and isinstance(before, str):
        shortened = difference(before, str(after), always=always_diff())
        if shortened is not None:
            found.values[slot.name] = shortened
            found.diffs.append((place, None))


def _compare_parts(found: Draft, place: int, slot: Slot, old: Row, new: Row) -> None:
    changed = [
        at
        for at, part in enumerate(slot.parts)
        if part.field is not None and old.get(part.field.name) != new.get(part.field.name)
    ]
    if not changed:
        return
    if slot.avro_type == "Location":
        # Of a location both coordinates are sent. Source: "General Considerations".
        changed = list(range(len(slot.parts)))
    values = {slot.parts[at].name: part_value(slot.parts[at], new) for at in changed}
    found.values[slot.name] = values
    found.changed += [(place, at) for at in changed]
    found.nulled += [(place, at) for at in changed if values[slot.parts[at].name] is None]


def merged(drafts: list[Draft | None]) -> list[Draft | None]:
    """The same update or deletion of several records of one object becomes one event with all their Ids.

    None stands for a change that has no event, and stays. Source: Change Data Capture Developer Guide, "Merged
    Change Events".
    """
    if len(drafts) < 2:
        return drafts
    kept: list[Draft | None] = []
    by_change: dict[tuple[Any, ...], Draft] = {}
    for one in drafts:
        if one is None:
            kept.append(None)
            continue
        key = (one.entity, one.change_type, tuple(one.changed), tuple(one.nulled), repr(one.values))
        first = by_change.get(key) if one.change_type in ("UPDATE", "DELETE") else None
        if first is not None and len(first.record_ids) < _MOST_MERGED:
            first.record_ids += one.record_ids
        else:
            by_change[key] = one
            kept.append(one)
    return kept


def overflown(drafts: Iterable[Draft], most: int) -> list[Draft]:
    """Changes beyond so many become one overflow event per object.

    Source: Change Data Capture Developer Guide, "Overflow Events".
    """
    kept: list[Draft] = []
    overflows: dict[str, Draft] = {}
    weight = 0
    for one in drafts:
        weight += one.weight
        if weight <= most:
            kept.append(one)
        elif one.entity not in overflows:
            overflows[one.entity] = overflow(one)
    return [*kept, *overflows.values()]


def overflow(one: Draft) -> Draft:
    """The overflow event in the place of an event."""
    return Draft(
        schema=one.schema,
        change_type="GAP_OVERFLOW",
        record_ids=[_OVERFLOWN],
        user_id=one.user_id,
        origin=one.origin,
        sequence=one.sequence,
    )
