"""Describe: global, basic and full.

    GET sobjects                    all objects
    GET sobjects/{object}           one entry and recent items
    GET sobjects/{object}/describe  everything about one object

Source: REST API Developer Guide, "Describe Global", "sObject Basic Information", "sObject Describe"; key sets
and value rules as real describes have them.
"""

from email.utils import parsedate_to_datetime
from functools import lru_cache
from typing import Any

from localorg.rest.call import Answer, Call, Resource, http_date
from localorg.schema import ChildRelationship, FieldDef, Schema, SObjectDef
from localorg.store.store import Row

_SOAP_TYPES = {
    "id": "tns:ID",
    "reference": "tns:ID",
    "boolean": "xsd:boolean",
    "int": "xsd:int",
    "double": "xsd:double",
    "currency": "xsd:double",
    "percent": "xsd:double",
    "date": "xsd:date",
    "datetime": "xsd:dateTime",
    "time": "xsd:time",
    "address": "urn:address",
    "location": "urn:location",
    "anyType": "xsd:anyType",
}
_HIDDEN_PREFIX = "share-prefix"
_MASTER = "012000000000000AAA"


def _urls(sobject: SObjectDef, base: str) -> dict[str, str]:
    root = f"{base}/sobjects/{sobject.name}"
    urls = {"sobject": root, "describe": f"{root}/describe", "rowTemplate": f"{root}/{{ID}}"}
    if "layout" in sobject.abilities:
        urls |= {
            "compactLayouts": f"{root}/describe/compactLayouts",
            "approvalLayouts": f"{root}/describe/approvalLayouts",
            "listviews": f"{root}/listviews",
            "quickActions": f"{root}/quickActions",
            "layouts": f"{root}/describe/layouts",
        }
    return urls


def _associate(sobject: SObjectDef) -> tuple[str | None, str | None]:
    """What a share or history object belongs to."""
    for suffix, kind in (("Share", "Share"), ("FieldHistory", "History"), ("History", "History")):
        parent = sobject.name.removesuffix(suffix)
        if parent != sobject.name and _HIDDEN_PREFIX in sobject.abilities:
            return kind, parent
    return None, None


def summary(sobject: SObjectDef, base: str) -> dict[str, Any]:
    """An object's entry in the global describe."""
    can = sobject.abilities
    kind, parent = _associate(sobject)
    return {
        "activateable": False,
        "associateEntityType": kind,
        "associateParentEntity": parent,
        "createable": "create" in can,
        "custom": sobject.custom,
        "customSetting": False,
        "deepCloneable": False,
        "deletable": "delete" in can,
        "deprecatedAndHidden": False,
        "feedEnabled": "feed" in can,
        "hasSubtypes": False,
        "isInterface": False,
        "isSubtype": False,
        "keyPrefix": None if _HIDDEN_PREFIX in can else sobject.key_prefix,
        "label": sobject.label,
        "labelPlural": sobject.label_plural,
        "layoutable": "layout" in can,
        "mergeable": "merge" in can,
        "mruEnabled": "mru" in can,
        "name": sobject.name,
        "queryable": "query" in can,
        "replicateable": "replicate" in can,
        "retrieveable": "retrieve" in can,
        "searchable": "search" in can,
        "triggerable": "trigger" in can,
        "undeletable": "undelete" in can,
        "updateable": "update" in can,
        "urls": _urls(sobject, base),
    }


def _byte_length(field: FieldDef) -> int:
    if field.type in ("id", "reference"):
        return 18
    return field.length * 3 if field.length else 0


def _default(field: FieldDef) -> Any:
    if field.type == "boolean":
        return field.default_value == "true"
    return field.default_value


def describe_field(field: FieldDef, readable: frozenset[str]) -> dict[str, Any]:
    """One field: the 57 keys, in alphabetical order."""
    targets = [name for name in field.reference_to if name in readable]
    return {
        "aggregatable": field.aggregatable,
        "aiPredictionField": False,
        "autoNumber": field.auto_number,
        "byteLength": _byte_length(field),
        "calculated": field.calculated,
        "calculatedFormula": field.formula,
        "cascadeDelete": field.master_detail,
        "caseSensitive": field.case_sensitive,
        "compoundFieldName": field.compound_name,
        "controllerName": None,
        "createable": field.createable,
        "custom": field.custom,
        "defaultValue": _default(field),
        "defaultValueFormula": None,
        "defaultedOnCreate": field.defaulted_on_create,
        "dependentPicklist": False,
        "deprecatedAndHidden": False,
        "digits": field.digits,
        "displayLocationInDecimal": field.type == "location",
        "encrypted": False,
        "externalId": field.external_id,
        "extraTypeInfo": field.extra_type_info,
        "filterable": field.filterable,
        "filteredLookupInfo": None,
        "formulaTreatNullNumberAsZero": False,
        "groupable": field.groupable,
        "highScaleNumber": False,
        "htmlFormatted": field.html_formatted,
        "idLookup": field.id_lookup,
        "inlineHelpText": None,
        "label": field.label,
        "length": field.length,
        "mask": "X" if field.mask else None,
        "maskType": field.mask,
        "name": field.name,
        "nameField": field.name_field,
        "namePointing": field.polymorphic,
        "nillable": field.nillable,
        "permissionable": field.permissionable,
        "picklistValues": [
            {
                "active": value.active,
                "defaultValue": value.default,
                "label": value.label,
                "validFor": None,
                "value": value.value,
            }
            for value in field.picklist_values
        ],
        "polymorphicForeignKey": field.polymorphic,
        "precision": field.precision,
        "queryByDistance": field.compound,
        "referenceTargetField": None,
        "referenceTo": targets,
        "relationshipName": field.relationship_name if targets or not field.reference_to else None,
        "relationshipOrder": 0 if field.master_detail else None,
        "restrictedDelete": False,
        "restrictedPicklist": field.restricted_picklist,
        "scale": field.scale,
        "searchPrefilterable": field.type == "reference" and field.nillable,
        "soapType": _SOAP_TYPES.get(field.type, "xsd:string"),
        "sortable": field.sortable,
        "type": field.type,
        "unique": field.unique,
        "updateable": field.updateable,
        "writeRequiresMasterRead": False,
    }


def _child(child: ChildRelationship) -> dict[str, Any]:
    return {
        "cascadeDelete": child.cascade_delete,
        "childSObject": child.child,
        "deprecatedAndHidden": False,
        "field": child.field,
        "junctionIdListNames": [],
        "junctionReferenceTo": [],
        "relationshipName": child.name,
        "restrictedDelete": child.restricted_delete,
    }


def _record_types(sobject: SObjectDef, rows: list[Row], base: str) -> list[dict[str, Any]]:
    def info(name: str, developer: str, identifier: str, active: bool, master: bool) -> dict[str, Any]:
        return {
            "active": active,
            "available": active,
            "defaultRecordTypeMapping": master,
            "developerName": developer,
            "master": master,
            "name": name,
            "recordTypeId": identifier,
            "urls": {"layout": f"{base}/sobjects/{sobject.name}/describe/layouts/{identifier}"},
        }

    own = [
        info(str(row["Name"]), str(row["DeveloperName"]), str(row["Id"]), bool(row["IsActive"]), False) for row in rows
    ]
    return [*own, info("Master", "Master", _MASTER, True, True)]


@lru_cache(maxsize=512)
def _static(schema: Schema, name: str, readable: frozenset[str], base: str) -> dict[str, Any]:
    sobject = schema.objects[name]
    owned = sobject.has("OwnerId")
    scopes = [{"label": f"All {sobject.label_plural.lower()}", "name": "everything"}]
    if owned:
        scopes.append({"label": f"My {sobject.label_plural.lower()}", "name": "mine"})
    everything = summary(sobject, base) | {
        "actionOverrides": [],
        "childRelationships": [_child(one) for one in sobject.children if one.child in readable],
        "compactLayoutable": "layout" in sobject.abilities,
        "defaultImplementation": None,
        "extendedBy": None,
        "extendsInterfaces": None,
        "fields": [describe_field(field, readable) for field in sobject.fields],
        "implementedBy": None,
        "implementsInterfaces": None,
        "listviewable": None,
        "lookupLayoutable": None,
        "namedLayoutInfos": [],
        "networkScopeFieldName": None,
        "recordTypeInfos": [],
        "searchLayoutable": "search" in sobject.abilities,
        "sobjectDescribeOption": "FULL",
        "supportedScopes": scopes,
    }
    return dict(sorted(everything.items()))


def describe_object(call: Call, sobject: SObjectDef) -> dict[str, Any]:
    """Everything about an object, as this user may know it."""
    found = _static(call.user.schema, sobject.name, call.user.readable, call.base)
    record_type = call.org.schema.objects["RecordType"]
    rows = call.org.store.select(record_type, '"SobjectType" = ?', (sobject.name,))
    return found | {"recordTypeInfos": _record_types(sobject, rows, call.base)}


def _unchanged(call: Call) -> bool:
    """Whether the client knows the metadata of this org already."""
    since = call.headers.get("if-modified-since")
    if since is None:
        return False
    try:
        return parsedate_to_datetime(since).timestamp() >= _changed(call)
    except (TypeError, ValueError):
        return False


def _changed(call: Call) -> int:
    return int(call.org.store.setting("metadata_changed") or 0)


def _described(call: Call, body: Any) -> Answer:
    changed = _changed(call)
    # In the second of a change another one may follow: what is said now must not pass for that.
    known = changed - 1 if changed == int(call.org.clock.precise) else changed
    return Answer(json=body, headers={"Last-Modified": http_date(known)})


def _global(call: Call) -> Answer:
    if _unchanged(call):
        return Answer(status=304)
    listed = [
        summary(sobject, call.base)
        for name, sobject in sorted(call.org.schema.objects.items())
        if name in call.user.readable
    ]
    return _described(call, {"encoding": "UTF-8", "maxBatchSize": 200, "sobjects": listed})


def _basic(call: Call) -> Answer:
    return Answer(json={"objectDescribe": summary(call.sobject(), call.base), "recentItems": []})


def _full(call: Call) -> Answer:
    sobject = call.sobject()
    if _unchanged(call):
        return Answer(status=304)
    return _described(call, describe_object(call, sobject))


RESOURCES = (Resource("sobjects/{object}/describe", {"GET": _full}),)
GLOBAL = _global
BASIC = _basic
