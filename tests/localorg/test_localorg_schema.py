"""Describe, compared with what real describes look like."""

import re

import pytest

from localorg.schema import load_schema
from localorg.schema.notation import parse_field
from tests.localorg.api import Api

FIELD_KEYS = (
    "aggregatable aiPredictionField autoNumber byteLength calculated calculatedFormula cascadeDelete caseSensitive "
    "compoundFieldName controllerName createable custom defaultValue defaultValueFormula defaultedOnCreate "
    "dependentPicklist deprecatedAndHidden digits displayLocationInDecimal encrypted externalId extraTypeInfo "
    "filterable filteredLookupInfo formulaTreatNullNumberAsZero groupable highScaleNumber htmlFormatted idLookup "
    "inlineHelpText label length mask maskType name nameField namePointing nillable permissionable picklistValues "
    "polymorphicForeignKey precision queryByDistance referenceTargetField referenceTo relationshipName "
    "relationshipOrder restrictedDelete restrictedPicklist scale searchPrefilterable soapType sortable type unique "
    "updateable writeRequiresMasterRead"
).split()
OBJECT_KEYS = (
    "actionOverrides activateable associateEntityType associateParentEntity childRelationships compactLayoutable "
    "createable custom customSetting deepCloneable defaultImplementation deletable deprecatedAndHidden extendedBy "
    "extendsInterfaces feedEnabled fields hasSubtypes implementedBy implementsInterfaces isInterface isSubtype "
    "keyPrefix label labelPlural layoutable listviewable lookupLayoutable mergeable mruEnabled name namedLayoutInfos "
    "networkScopeFieldName queryable recordTypeInfos replicateable retrieveable searchLayoutable searchable "
    "sobjectDescribeOption supportedScopes triggerable undeletable updateable urls"
).split()
SOAP_TYPES = {
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
PREFIXES = {
    "Account": "001",
    "Contact": "003",
    "User": "005",
    "Opportunity": "006",
    "Lead": "00Q",
    "Case": "500",
    "Campaign": "701",
    "Task": "00T",
    "Event": "00U",
    "OpportunityLineItem": "00k",
    "Product2": "01t",
    "Invoice__c": "a00",
    "Sales_Cost__c": "a01",
}


def test_every_field_type_occurs() -> None:
    fields = [field for sobject in load_schema().objects.values() for field in sobject.fields]
    custom = {field.type for field in fields if field.custom}
    assert custom >= {
        *("string", "textarea", "boolean", "double", "currency", "percent", "date", "datetime", "time", "picklist"),
        *("multipicklist", "reference", "phone", "email", "url", "location", "encryptedstring"),
    }
    assert {field.type for field in fields} >= {"id", "int", "address", "combobox", "anyType"}
    assert any(field.html_formatted for field in fields)
    assert any(field.length == 131_072 for field in fields)
    assert any(field.auto_number and field.custom is False for field in fields)
    assert any(field.master_detail for field in fields)
    assert any(field.unique and field.case_sensitive for field in fields)
    assert any(field.unique and not field.case_sensitive for field in fields)
    assert {field.type for field in fields if field.formula} >= {"string", "double", "boolean", "currency"}
    assert any(field.rollup for field in fields)


def test_key_prefixes_are_salesforces() -> None:
    objects = load_schema().objects
    assert {name: objects[name].key_prefix for name in PREFIXES} == PREFIXES


def test_a_line_that_is_no_field_is_refused() -> None:
    with pytest.raises(ValueError, match="not a field line"):
        parse_field("Name str80 Name", "Account")


#: Contacts are controlled by their accounts, so they have no shares; rates by date are a feature.
PRESENT = set(load_schema().objects) - {"ContactShare", "DatedConversionRate"}


@pytest.mark.parametrize("name", sorted(PRESENT))
async def test_a_describe_has_all_keys(filled: Api, name: str) -> None:
    described = await filled.get(f"sobjects/{name.lower()}/describe")
    assert list(described) == OBJECT_KEYS
    assert described["name"] == name
    for field in described["fields"]:
        assert list(field) == FIELD_KEYS
        assert field["soapType"] == SOAP_TYPES.get(field["type"], "xsd:string")
        assert bool(field["referenceTo"]) == (field["type"] == "reference")
        assert field["polymorphicForeignKey"] == (len(field["referenceTo"]) > 1)
        if field["type"] in ("id", "reference"):
            assert (field["length"], field["byteLength"]) == (18, 18)
        if field["type"] in ("currency", "double", "percent"):
            assert field["precision"] > 0
    names = {field["name"] for field in described["fields"]}
    assert {field["compoundFieldName"] for field in described["fields"]} - {None} <= names


async def test_child_relationships_mirror_the_references(filled: Api) -> None:
    account = await filled.get("sobjects/Account/describe")
    contacts = next(child for child in account["childRelationships"] if child["childSObject"] == "Contact")
    assert contacts["field"] == "AccountId"
    assert contacts["relationshipName"] == "Contacts"
    assert contacts["cascadeDelete"] is True
    cases = next(child for child in account["childRelationships"] if child["relationshipName"] == "Cases")
    assert cases["restrictedDelete"] is True
    names = [one["relationshipName"] for one in account["childRelationships"] if one["relationshipName"]]
    assert len(names) == len(set(names))


async def test_record_types_are_those_of_the_org_and_master(filled: Api) -> None:
    infos = (await filled.get("sobjects/Opportunity/describe"))["recordTypeInfos"]
    assert [info["developerName"] for info in infos] == ["New_Business", "Renewal", "Master"]
    assert infos[-1]["recordTypeId"] == "012000000000000AAA"


async def test_the_global_describe_lists_every_object(filled: Api) -> None:
    listed = await filled.get("sobjects")
    assert (listed["encoding"], listed["maxBatchSize"]) == ("UTF-8", 200)
    by_name = {one["name"]: one for one in listed["sobjects"]}
    assert set(by_name) == PRESENT
    assert list(by_name["Account"])[:3] == ["activateable", "associateEntityType", "associateParentEntity"]
    share = by_name["AccountShare"]
    assert (share["keyPrefix"], share["associateEntityType"], share["associateParentEntity"]) == (
        None,
        "Share",
        "Account",
    )
    history = by_name["OpportunityFieldHistory"]
    assert (history["associateEntityType"], history["associateParentEntity"]) == ("History", "Opportunity")
    basic = await filled.get("sobjects/Account")
    assert basic == {"objectDescribe": by_name["Account"], "recentItems": []}


async def test_an_unchanged_describe_is_not_sent_again(filled: Api) -> None:
    first = await filled.send("GET", "sobjects/Account/describe")
    again = await filled.send(
        "GET", "sobjects/Account/describe", headers={"If-Modified-Since": first.headers["Last-Modified"]}
    )
    assert (again.status_code, again.content) == (304, b"")
    old = await filled.send("GET", "sobjects", headers={"If-Modified-Since": "Mon, 01 Jan 2001 00:00:00 GMT"})
    assert old.status_code == 200


async def test_unknown_things_are_not_found(filled: Api) -> None:
    for path in ("sobjects/Nope", "sobjects/Nope/describe", "nope", "sobjects/Account/describe/more/of/it"):
        code, message, _ = await filled.error("GET", path, status=404)
        assert (code, message) == ("NOT_FOUND", "The requested resource does not exist")


async def test_versions_need_no_session(filled: Api) -> None:
    answer = await filled.http.get("/services/data/")
    listed = answer.json()
    assert [one["version"] for one in listed] == [f"{number}.0" for number in range(31, 68)]
    assert listed[0]["label"] == "Summer '14"
    assert listed[-1] == {"label": "Summer '26", "url": "/services/data/v67.0", "version": "67.0"}
    assert "sforce-limit-info" not in answer.headers
    retired = await filled.send("GET", "/services/data/v30.0/sobjects")
    assert retired.status_code == 404


async def test_a_version_lists_its_resources(filled: Api) -> None:
    resources = await filled.get("/services/data/v66.0/")
    assert resources["query"] == "/services/data/v66.0/query"
    assert re.fullmatch(r"http://127\.0\.0\.1:\d+/id/00D\w{15}/005\w{15}", resources["identity"])


async def test_pretty_printing_is_asked_for(filled: Api) -> None:
    compact = await filled.send("GET", "sobjects/Account")
    pretty = await filled.send("GET", "sobjects/Account", headers={"X-PrettyPrint": "1"})
    assert "\n" not in compact.text
    assert '\n  "objectDescribe" : {' in pretty.text
    assert compact.json() == pretty.json()


async def test_answers_are_compressed_only_if_asked(filled: Api) -> None:
    plain = await filled.send("GET", "sobjects", headers={"Accept-Encoding": "identity"})
    packed = await filled.send("GET", "sobjects", headers={"Accept-Encoding": "gzip"})
    assert "content-encoding" not in plain.headers
    assert packed.headers["content-encoding"] == "gzip"
    assert packed.json() == plain.json()
