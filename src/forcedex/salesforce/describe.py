"""Reading describe answers into `forcedex.domain.schema` values.

Source: REST API Developer Guide, "Describe Global" and "sObject Describe". What the product does not need is
ignored; what it needs must be there and of the right type, or nothing of the answer is used.
"""

import re
from collections.abc import Mapping
from typing import TypeVar

from forcedex.domain.schema import Field, ObjectSummary, PicklistValue, SObject
from forcedex.salesforce.shape import broken, flag_in, list_in, object_of, text_in

#: API names of objects and fields, namespace and suffix included.
API_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_]{0,254}")

Default = TypeVar("Default", str, None)


def object_summaries(answer: object) -> tuple[ObjectSummary, ...]:
    """The objects in a global describe; SourceDataError if it is none."""
    what = "list the objects"
    return tuple(_summary(object_of(each, what), what) for each in list_in(object_of(answer, what), "sobjects", what))


def sobject(answer: object, name: str) -> SObject:
    """The object in the answer to the describe of `name`; SourceDataError if it is none."""
    what = f"describe {name}"
    entry = object_of(answer, what)
    label = text_in(entry, "label", what)
    return SObject(
        name=_api_name(entry, what),
        label=label,
        label_plural=_text_or(entry, "labelPlural", label),
        key_prefix=_text_or(entry, "keyPrefix", None),
        queryable=flag_in(entry, "queryable", what),
        custom=_flag(entry, "custom"),
        searchable=_flag(entry, "searchable"),
        replicateable=_flag(entry, "replicateable"),
        fields=_fields(list_in(entry, "fields", what), what),
    )


def _summary(entry: Mapping[str, object], what: str) -> ObjectSummary:
    name = _api_name(entry, what)
    return ObjectSummary(
        name=name,
        label=_text_or(entry, "label", name),
        key_prefix=_text_or(entry, "keyPrefix", None),
        queryable=flag_in(entry, "queryable", what),
        custom=_flag(entry, "custom"),
        searchable=_flag(entry, "searchable"),
        layoutable=_flag(entry, "layoutable"),
        associate_entity_type=_text_or(entry, "associateEntityType", None),
    )


def _fields(entries: list[object], what: str) -> tuple[Field, ...]:
    fields = tuple(_field(object_of(each, what), what) for each in entries)
    # API names differ by more than upper and lower case.
    if len({each.name.lower() for each in fields}) < len(fields):
        raise broken(what, "a field is there twice")
    if not any(each.name == "Id" for each in fields):
        raise broken(what, "it has no field Id")
    return fields


def _field(entry: Mapping[str, object], what: str) -> Field:
    name = _api_name(entry, what)
    return Field(
        name=name,
        label=_text_or(entry, "label", name),
        type=text_in(entry, "type", what).lower(),
        length=_number(entry, "length"),
        scale=_number(entry, "scale"),
        name_field=_flag(entry, "nameField"),
        reference_to=_texts(entry.get("referenceTo")),
        relationship_name=_path_name(entry, what),
        compound_name=_text_or(entry, "compoundFieldName", None),
        calculated=_flag(entry, "calculated"),
        formula=_text_or(entry, "calculatedFormula", ""),
        custom=_flag(entry, "custom"),
        html_formatted=_flag(entry, "htmlFormatted"),
        nillable=_flag(entry, "nillable", default=True),
        filterable=_flag(entry, "filterable", default=True),
        external_id=_flag(entry, "externalId"),
        unique=_flag(entry, "unique"),
        relationship_order=_order(entry),
        permissionable=_flag(entry, "permissionable", default=True),
        picklist_values=_picklist_values(entry.get("picklistValues")),
    )


def _order(entry: Mapping[str, object]) -> int | None:
    order = entry.get("relationshipOrder")
    return order if isinstance(order, int) and not isinstance(order, bool) else None


def _picklist_values(values: object) -> tuple[PicklistValue, ...]:
    if not isinstance(values, list):
        return ()
    return tuple(
        PicklistValue(value=value, label=_text_or(each, "label", value), active=_flag(each, "active", default=True))
        for each in values
        if isinstance(each, dict) and isinstance(value := each.get("value"), str)
    )


def _api_name(entry: Mapping[str, object], what: str) -> str:
    """The name, safe to be written into a query or a path."""
    name = text_in(entry, "name", what)
    if not API_NAME.fullmatch(name):
        raise broken(what, f"{name[:40]!r} is not an API name")
    return name


def _path_name(entry: Mapping[str, object], what: str) -> str | None:
    name = _text_or(entry, "relationshipName", None)
    if name is not None and not API_NAME.fullmatch(name):
        raise broken(what, f"{name[:40]!r} is not a relationship name")
    return name


def _text_or(entry: Mapping[str, object], key: str, default: Default) -> str | Default:
    value = entry.get(key)
    return value if isinstance(value, str) and value else default


def _flag(entry: Mapping[str, object], key: str, *, default: bool = False) -> bool:
    value = entry.get(key)
    return value if isinstance(value, bool) else default


def _number(entry: Mapping[str, object], key: str) -> int:
    value = entry.get(key)
    return value if isinstance(value, int) else 0


def _texts(values: object) -> tuple[str, ...]:
    return tuple(each for each in values if isinstance(each, str)) if isinstance(values, list) else ()
