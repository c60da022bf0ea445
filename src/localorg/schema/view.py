"""The schema that a user sees: without the fields that field-level security hides from him."""

from dataclasses import replace
from functools import lru_cache

from localorg.schema.model import FieldDef, Schema, SObjectDef


@lru_cache(maxsize=32)
def visible(schema: Schema, granted: frozenset[str], wide_open: frozenset[str]) -> Schema:
    """The schema with the fields that may be hidden only where they are granted.

    `granted`: fields as FieldPermissions names them, `Account.Phone`. `wide_open`: objects all of whose fields show
    (View All Fields). Relationships, in both directions, go with their field. The same arguments give the same schema,
    and if nothing is hidden the schema itself.
    """
    kept = {
        name: one.fields if name in wide_open else tuple(_granted(one, granted)) for name, one in schema.objects.items()
    }
    if all(len(fields) == len(schema.objects[name].fields) for name, fields in kept.items()):
        return schema
    names = {name: frozenset(field.name for field in fields) for name, fields in kept.items()}
    return Schema(
        objects={
            name: replace(
                one,
                fields=kept[name],
                children=tuple(child for child in one.children if child.field in names[child.child]),
            )
            for name, one in schema.objects.items()
        }
    )


def _granted(sobject: SObjectDef, granted: frozenset[str]) -> list[FieldDef]:
    """An object's fields without the hidden ones; parts of a hidden compound field are hidden too."""
    shown = {
        field.name: not field.permissionable or f"{sobject.name}.{field.name}" in granted for field in sobject.fields
    }
    return [field for field in sobject.fields if shown[field.name] and shown.get(field.compound_name or "", True)]
