"""Objects that were changed while the org ran, as text that the store keeps, and the schema that they make.

Of an object that was removed nothing is kept but that: the text is empty.
"""

from collections.abc import Iterable, Mapping
from dataclasses import asdict
from typing import Any

import orjson

from localorg.schema.links import linked
from localorg.schema.model import FieldDef, PicklistValue, Schema, SObjectDef


def as_text(sobject: SObjectDef | None) -> str:
    """An object in full, without what follows from other objects; None: it was removed."""
    if sobject is None:
        return ""
    kept = {name: getattr(sobject, name) for name in ("name", "key_prefix", "label", "label_plural")}
    fields = [asdict(field) for field in sobject.fields]
    return orjson.dumps(kept | {"abilities": sorted(sobject.abilities), "fields": fields}).decode()


def from_text(text: str) -> SObjectDef:
    """The object of a text that is not empty."""
    kept = orjson.loads(text)
    fields = tuple(_field(one) for one in kept.pop("fields"))
    return SObjectDef(**(kept | {"fields": fields, "abilities": frozenset(kept["abilities"])}))


def _field(kept: Mapping[str, Any]) -> FieldDef:
    values = tuple(PicklistValue(**one) for one in kept["picklist_values"])
    return FieldDef(**{**kept, "picklist_values": values, "reference_to": tuple(kept["reference_to"])})


def overlaid(schema: Schema, kept: Iterable[tuple[str, str]]) -> Schema:
    """The schema with the changed objects (name, text) instead of its own."""
    changed = dict(kept)
    if not changed:
        return schema
    objects = {name: one for name, one in schema.objects.items() if name not in changed}
    return linked((*objects.values(), *(from_text(text) for text in changed.values() if text)))
