"""The Avro schema of an object's change events, and events in its binary form.

Source: Change Data Capture Developer Guide, "Change Event Message Structure", and two recorded schemas. Field 0 is
the header; every other field may be null. Parts of a compound lose its prefix: `BillingStreet` is `Street` of
`BillingAddress`. The id is 22 characters and changes with the fields.
"""

import hashlib
import io
from base64 import urlsafe_b64encode
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import fastavro
import orjson

from localorg.events.entities import event_name
from localorg.events.values import converter, field_kind
from localorg.schema import FieldDef, SObjectDef
from localorg.store import Store
from localorg.store.derived import is_derived
from localorg.store.store import Row
from localorg.store.tables import quoted

_NAMESPACE = "com.sforce.eventbus"
#: Fields of records that no event has; besides them, whatever is computed when it is read.
_LEFT_OUT = frozenset(
    {"Id", "IsDeleted", "SystemModstamp", "MasterRecordId", "LastActivityDate", "LastViewedDate"}
    | {"LastReferencedDate", "IsEmailBounced", "Fiscal", "FiscalQuarter", "FiscalYear"}
)
CHANGE_TYPES = ("CREATE", "UPDATE", "DELETE", "UNDELETE") + (
    *("GAP_CREATE", "GAP_UPDATE", "GAP_DELETE", "GAP_UNDELETE", "GAP_OVERFLOW", "SNAPSHOT"),
)
_STRINGS = {"type": "array", "items": "string"}
_HEADER = {
    "name": "ChangeEventHeader",
    "type": {
        "type": "record",
        "name": "ChangeEventHeader",
        "fields": [
            {"name": "entityName", "type": "string"},
            {"name": "recordIds", "type": _STRINGS},
            {"name": "changeType", "type": {"type": "enum", "name": "ChangeType", "symbols": list(CHANGE_TYPES)}},
            {"name": "changeOrigin", "type": "string"},
            {"name": "transactionKey", "type": "string"},
            {"name": "sequenceNumber", "type": "int"},
            {"name": "commitTimestamp", "type": "long"},
            {"name": "commitNumber", "type": "long"},
            {"name": "commitUser", "type": "string"},
            {"name": "nulledFields", "type": _STRINGS},
            {"name": "diffFields", "type": _STRINGS},
            {"name": "changedFields", "type": _STRINGS},
        ],
    },
    "doc": "Data:ComplexValueType",
}
_NAME_PARTS = ("Salutation", "FirstName", "LastName", "MiddleName", "Suffix", "InformalName")
_ADDRESS_PARTS = ("Street", "City", "State", "PostalCode", "Country", "StateCode", "CountryCode")
_PLACE_PARTS = ("Latitude", "Longitude")


Convert = Callable[[Any], Any]


def _nothing(stored: Any) -> None:
    return None


@dataclass(frozen=True, kw_only=True, slots=True)
class Part:
    """One part of a compound."""

    name: str
    avro_type: str
    #: None: this org does not have it, so it is always null.
    field: FieldDef | None = None
    #: Turns the stored value into the event's.
    convert: Convert = _nothing


@dataclass(frozen=True, kw_only=True, slots=True)
class Slot:
    """One field of the event below the header."""

    name: str
    doc: str
    avro_type: str
    #: None: a compound.
    field: FieldDef | None = None
    convert: Convert = _nothing
    parts: tuple[Part, ...] = ()

    @property
    def sources(self) -> Iterator[FieldDef]:
        """The fields of the record it is made of."""
        if self.field is not None:
            yield self.field
        for part in self.parts:
            if part.field is not None:
                yield part.field


@dataclass(frozen=True, kw_only=True)
class EventSchema:
    """What the events of one object look like as long as its fields stay the same."""

    entity: str
    slots: tuple[Slot, ...]
    #: As GetSchema answers it.
    text: str
    id: str
    _parsed: Any = field(repr=False)

    @cached_property
    def _query(self) -> tuple[list[str], str]:
        names = [source.name for slot in self.slots for source in slot.sources]
        return names, f'SELECT {", ".join(map(quoted, names))} FROM {quoted(self.entity)} WHERE "Id" = ?'

    def row(self, store: Store, record: str) -> Row | None:
        """What of a record's row its events tell."""
        names, sql = self._query
        found = store.reader.execute(sql, (record,)).fetchone()
        return None if found is None else dict(zip(names, found, strict=True))

    def encode(self, event: Mapping[str, Any]) -> bytes:
        """An event in Avro's binary form."""
        target = io.BytesIO()
        fastavro.schemaless_writer(target, self._parsed, event)
        return target.getvalue()

    def decode(self, payload: bytes) -> dict[str, Any]:
        """The event behind a payload."""
        return fastavro.schemaless_reader(io.BytesIO(payload), self._parsed, None)  # type: ignore[return-value]

    @cached_property
    def names(self) -> list[tuple[str, list[str]]]:
        """Every field's name, with the names of its parts, as the bitmaps count them."""
        records: dict[str, list[str]] = {}
        found = []
        for one in orjson.loads(self.text)["fields"]:
            kinds = one["type"] if isinstance(one["type"], list) else []
            for kind in kinds:
                if isinstance(kind, dict):
                    records[kind["name"]] = [part["name"] for part in kind["fields"]]
            called = [kind["name"] if isinstance(kind, dict) else kind for kind in kinds]
            found.append((one["name"], next((records[name] for name in called if name in records), [])))
        return found

    def values(self, row: Mapping[str, Any]) -> dict[str, Any]:
        """A whole record's fields, by slot name."""
        found = {}
        for slot in self.slots:
            if slot.field is not None:
                found[slot.name] = slot.convert(row.get(slot.field.name))
                continue
            parts = {part.name: part_value(part, row) for part in slot.parts}
            if any(value is not None for value in parts.values()):
                found[slot.name] = parts
        return found


def part_value(part: Part, row: Mapping[str, Any]) -> Any:
    """The value of a compound's part."""
    return None if part.field is None else part.convert(row.get(part.field.name))


def event_schema(sobject: SObjectDef) -> EventSchema:
    """The schema of an object's events."""
    slots = tuple(_slots(sobject))
    known: set[str] = set()
    fields: list[dict[str, Any]] = [_HEADER]
    for slot in slots:
        kind: Any = slot.avro_type
        if slot.parts and kind not in known:
            known.add(kind)
            parts = [{"name": part.name, "type": ["null", part.avro_type], "default": None} for part in slot.parts]
            kind = {"type": "record", "name": kind, "fields": parts}
        fields.append({"name": slot.name, "type": ["null", kind], "doc": slot.doc, "default": None})
    whole = {"type": "record", "name": event_name(sobject.name), "namespace": _NAMESPACE, "fields": fields}
    return restored(sobject.name, orjson.dumps(whole).decode(), slots)


def restored(entity: str, text: str, slots: tuple[Slot, ...] = ()) -> EventSchema:
    """A schema from its text; without slots it reads events but makes none."""
    digest = hashlib.md5(text.encode(), usedforsecurity=False).digest()
    identifier = urlsafe_b64encode(digest).decode().rstrip("=")
    parsed = fastavro.parse_schema(orjson.loads(text))
    return EventSchema(entity=entity, slots=slots, text=text, id=identifier, _parsed=parsed)


def _slots(sobject: SObjectDef) -> Iterator[Slot]:
    done: set[str] = set()
    for one in sobject.fields:
        if one.name in _LEFT_OUT or one.calculated or is_derived(sobject, one):
            continue
        compound = _compound(sobject, one)
        if compound is None:
            avro_type, doc = field_kind(one)
            convert = converter(one)
            yield Slot(
                name=one.name, doc=doc + _field_id(sobject, one), avro_type=avro_type, field=one, convert=convert
            )
        elif compound.name not in done:
            done.add(compound.name)
            yield _compound_slot(sobject, compound)


def _compound(sobject: SObjectDef, one: FieldDef) -> FieldDef | None:
    """The compound that a field is, or is a part of."""
    if one.compound or (one.name == "Name" and any(sobject.components("Name"))):
        return one
    whole = sobject.field(one.compound_name) if one.compound_name not in (None, one.name) else None
    return whole if whole is not None and (whole.compound or whole.name == "Name") else None


def _compound_slot(sobject: SObjectDef, compound: FieldDef) -> Slot:
    present = {_part_name(compound, one): one for one in sobject.components(compound.name)}
    if compound.type == "address":
        kind, doc = "Address", "Data:Address"
        coded = any(one.name.endswith(("StateCode", "CountryCode")) for one in sobject.fields)
        names = [name for name in _ADDRESS_PARTS if coded or not name.endswith("Code") or name == "PostalCode"]
        names += [*_PLACE_PARTS, "GeocodeAccuracy"]
    elif compound.type == "location":
        kind, doc, names = "Location", "Data:Location", list(_PLACE_PARTS)
    else:
        kind, doc = "PersonName", "Data:PersonName"
        names = [name for name in _NAME_PARTS if name in present]
    parts = tuple(_part(name, present.get(name)) for name in names)
    return Slot(name=compound.name, doc=doc + _field_id(sobject, compound), avro_type=kind, parts=parts)


def _part(name: str, field: FieldDef | None) -> Part:
    convert = _nothing if field is None else converter(field)
    return Part(name=name, avro_type="double" if name in _PLACE_PARTS else "string", field=field, convert=convert)


def _part_name(compound: FieldDef, part: FieldDef) -> str:
    if compound.type == "location":
        return part.name.removesuffix("__s").rpartition("__")[2]
    return part.name.removeprefix(compound.name.removesuffix("Address")) if compound.type == "address" else part.name


def _field_id(sobject: SObjectDef, one: FieldDef) -> str:
    """`:00N…` after the kind of a custom field: its id, here made of its name."""
    if not one.custom:
        return ""
    digest = hashlib.md5(f"{sobject.name}.{one.name}".encode(), usedforsecurity=False).hexdigest()
    return f":00NgK{digest[:10]}"
