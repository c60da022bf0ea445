"""How objects hang together: what follows for one object from all the others."""

from collections.abc import Iterable
from dataclasses import replace

from localorg.schema.model import ChildRelationship, FieldDef, PicklistValue, Schema, SObjectDef


def linked(objects: Iterable[SObjectDef]) -> Schema:
    """A schema of these objects, each knowing its children; picklists of objects list them all.

    References to objects that are not there point nowhere; a field that only referenced such objects is left out.
    """
    given = {one.name: one for one in sorted(objects, key=lambda one: one.name)}
    names = tuple(PicklistValue(value=name, label=one.label) for name, one in given.items())
    children: dict[str, list[ChildRelationship]] = {name: [] for name in given}
    found = {}
    for name, one in given.items():
        fields = []
        for field in one.fields:
            if field.lists_objects:
                field = replace(field, picklist_values=names)
            if field.reference_to:
                field = replace(field, reference_to=tuple(target for target in field.reference_to if target in given))
                if not field.reference_to:
                    continue
            fields.append(field)
            for target in field.reference_to:
                children[target].append(_child(name, field))
        found[name] = replace(one, fields=tuple(fields))
    return Schema(objects={name: replace(one, children=tuple(children[name])) for name, one in found.items()})


def _child(name: str, field: FieldDef) -> ChildRelationship:
    return ChildRelationship(
        child=name,
        field=field.name,
        name=field.child_relationship_name,
        cascade_delete=field.child_cascade_delete,
        restricted_delete=field.child_restricted_delete,
    )
