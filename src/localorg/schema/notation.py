"""The compact notation of objects and fields, one file per object in `objects/`, one field per line.

    # a comment
    Account 001 Account / Accounts [create,update,delete,query]
    Name:str255@Name[CUFGSAH] Account Name
    Tier__c:pick255[CUFGNSRAP] Tier = Gold* | Silver~Silver level
    ParentId:ref>Account:Parent<ChildAccounts[CUFGNSAP] Parent Account ID
    Name:str80[FGSIAH#] Invoice Number ; format=INV-{00000}

The header names the object, its key prefix, its labels and its abilities. A field is its name, its type with
length (or precision,scale), `@` the compound field it belongs to, flags, label, `=` picklist values (`*` the
default, `~` a label that differs), and `; key=value` for format, formula, rollup, default and mask.
A reference names its targets, `:` the relationship to the parent, `<` the relationship from the parent. The values
`@objects` are the names of all objects.

Flags: C createable, U updateable, F filterable, G groupable, N nillable, S sortable, A aggregatable, D defaulted
on create, R restricted picklist, I idLookup, P permissionable, H name field, Q unique, E external id, K case
sensitive, X calculated, # autonumber, M master-detail, W deleted with its parent, Y keeps its parent from deletion.
"""

import re
from collections.abc import Sequence

from localorg.schema.model import FieldDef, PicklistValue, SObjectDef

_TYPES = {
    "str": "string",
    "txt": "textarea",
    "rich": "textarea",
    "pick": "picklist",
    "mpick": "multipicklist",
    "combo": "combobox",
    "bool": "boolean",
    "int": "int",
    "dbl": "double",
    "cur": "currency",
    "pct": "percent",
    "date": "date",
    "dt": "datetime",
    "time": "time",
    "id": "id",
    "ref": "reference",
    "addr": "address",
    "loc": "location",
    "phone": "phone",
    "email": "email",
    "url": "url",
    "enc": "encryptedstring",
    "any": "anyType",
}
_HEADER = re.compile(r"(?P<name>\w+) (?P<prefix>\w{3}) (?P<label>[^/]+) / (?P<plural>[^[]+) \[(?P<can>[^]]*)]")
_FIELD = re.compile(
    r"(?P<name>\w+):(?P<type>[a-z]+)(?P<size>[\d,]*)"
    r"(?:>(?P<targets>[\w|]+)(?::(?P<parent>\w+))?(?:<(?P<children>\w+))?)?"
    r"(?:@(?P<compound>\w+))?\[(?P<flags>[A-Z#]*)] (?P<label>.+)"
)
#: A picklist of the names of all objects.
_ALL_OBJECTS = "@objects"
#: Fields that hold a person's name or a picture, which describe says in `extraTypeInfo`.
_PERSON_NAME = frozenset({"LastName", "FirstName", "Salutation", "Name"})
_PEOPLE = frozenset({"Contact", "Lead", "User"})


def _picklist(text: str) -> tuple[PicklistValue, ...]:
    values = []
    for item in text.split(" | "):
        value, _, label = item.removesuffix("*").partition("~")
        values.append(PicklistValue(value=value, label=label or value, default=item.endswith("*")))
    return tuple(values)


def _extra_type_info(sobject: str, name: str, kind: str) -> str | None:
    if kind == "rich":
        return "richtextarea"
    if kind == "txt":
        return "plaintextarea"
    if name == "PhotoUrl":
        return "imageurl"
    if sobject in _PEOPLE and name in _PERSON_NAME:
        return "personname"
    if sobject == "Account" and name == "Name":
        return "switchablepersonname"
    return None


def parse_field(line: str, sobject: str) -> FieldDef:
    """One field from its line."""
    body, *extras = line.split(" ; ")
    body, _, values = body.partition(" = ")
    match = _FIELD.fullmatch(body)
    if match is None:
        raise ValueError(f"{sobject}: not a field line: {line}")
    extra = dict(item.split("=", 1) for item in extras)
    kind, size, flags = match["type"], match["size"], set(match["flags"])
    first, _, second = size.partition(",")
    picklist = _picklist(values) if values and values != _ALL_OBJECTS else ()
    default = next((value.value for value in picklist if value.default), None)
    return FieldDef(
        name=match["name"],
        label=match["label"],
        type=_TYPES[kind],
        length=18 if kind in ("id", "ref") else int(first or 0) if not second and kind != "int" else 0,
        precision=int(first) if second else 0,
        scale=int(second or 0),
        digits=int(first or 0) if kind == "int" else 0,
        createable="C" in flags,
        updateable="U" in flags,
        filterable="F" in flags,
        groupable="G" in flags,
        nillable="N" in flags,
        sortable="S" in flags,
        aggregatable="A" in flags,
        defaulted_on_create="D" in flags,
        restricted_picklist="R" in flags,
        id_lookup="I" in flags,
        permissionable="P" in flags,
        name_field="H" in flags,
        unique="Q" in flags,
        external_id="E" in flags,
        case_sensitive="K" in flags,
        calculated="X" in flags,
        auto_number="#" in flags,
        master_detail="M" in flags,
        child_cascade_delete="W" in flags,
        child_restricted_delete="Y" in flags,
        picklist_values=picklist,
        lists_objects=values == _ALL_OBJECTS,
        reference_to=tuple(match["targets"].split("|")) if match["targets"] else (),
        relationship_name=match["parent"],
        child_relationship_name=match["children"],
        compound_name=match["compound"],
        default_value=extra.get("default", default),
        formula=extra.get("formula"),
        rollup=extra.get("rollup"),
        display_format=extra.get("format"),
        mask=extra.get("mask"),
        html_formatted=kind == "rich",
        extra_type_info=_extra_type_info(sobject, match["name"], kind),
    )


#: The flags of a new custom field, by type; see the notation.
_CUSTOM_FLAGS = {
    "boolean": "CUFGSDP",
    "datetime": "CUFNSAP",
    "time": "CUFNSAP",
    "double": "CUFNSAP",
    "currency": "CUFNSAP",
    "percent": "CUFNSAP",
    "multipicklist": "CUFNP",
    "encryptedstring": "CUNP",
}
_LONG_TEXT = 255


def custom_field(
    sobject: str,
    name: str,
    *,
    type: str = "string",
    label: str | None = None,
    length: int = 0,
    precision: int = 18,
    scale: int = 0,
    values: Sequence[str] = (),
    reference_to: str | None = None,
    formula: str | None = None,
) -> FieldDef:
    """A field as an administrator makes it, with what is usual for its type.

    Lengths not given are Salesforce's own; a reference's relationship has the field's name with `__r`.
    """
    if not name.endswith("__c"):
        raise ValueError(f"{sobject}.{name}: the name of a custom field ends in __c")
    short = {kind: word for word, kind in _TYPES.items() if word != "rich"}.get(type)
    if short is None:
        raise ValueError(f"{sobject}.{name}: there is no type {type}; known: {', '.join(sorted(_TYPES.values()))}")
    length = length or {"email": 80, "phone": 40, "textarea": 255, "multipicklist": 4099, "string": 255}.get(type, 255)
    flags = _CUSTOM_FLAGS.get(type, "CUFGNSAP")
    size = str(length)
    if type in ("double", "currency", "percent"):
        size = f"{precision},{scale}"
    elif type in ("boolean", "date", "datetime", "time", "reference"):
        size = ""
    elif type == "textarea" and length > _LONG_TEXT:
        flags = "CUNP"
    if formula is not None:
        flags = flags.replace("C", "").replace("U", "") + "X"
    line = f"{name}:{short}{size}"
    if reference_to is not None:
        line += f">{reference_to}:{name.removesuffix('__c')}__r"
    line += f"[{flags}] {label or name.removesuffix('__c').replace('_', ' ')}"
    if values:
        line += f" = {' | '.join(values)}"
    if type == "boolean":
        line += " ; default=false"
    if formula is not None:
        line += f" ; formula={formula}"
    return parse_field(line, sobject)


def parse_object(text: str) -> SObjectDef:
    """One object from the text of its file."""
    lines = [line for line in text.splitlines() if line and not line.startswith("#")]
    header = _HEADER.fullmatch(lines[0])
    if header is None:
        raise ValueError(f"not an object line: {lines[0]}")
    return SObjectDef(
        name=header["name"],
        key_prefix=header["prefix"],
        label=header["label"],
        label_plural=header["plural"],
        abilities=frozenset(header["can"].split(",")),
        fields=tuple(parse_field(line, header["name"]) for line in lines[1:]),
    )
