"""Describe answers as schema values."""

import pytest

from forcedex.domain.errors import SourceDataError
from forcedex.domain.schema import ObjectSummary, PicklistValue
from forcedex.salesforce.describe import object_summaries, sobject


def field(name: str, type: str, **more: object) -> dict[str, object]:
    return {"name": name, "label": name, "type": type, "aNewKey": {"of": "this release"}, **more}


def described(**more: object) -> dict[str, object]:
    return {
        "name": "Invoice__c",
        "label": "Invoice",
        "labelPlural": "Invoices",
        "keyPrefix": "a00",
        "queryable": True,
        "custom": True,
        "replicateable": True,
        "fields": [field("Id", "id"), field("Name", "string", nameField=True, length=80)],
        "urls": {},
        **more,
    }


def test_an_object_with_its_fields() -> None:
    stage = field(
        "Stage__c",
        "Picklist",
        custom=True,
        nillable=False,
        picklistValues=[
            {"value": "Open", "label": "Offen", "active": True, "defaultValue": False, "validFor": None},
            {"value": "Old", "label": None, "active": False},
            {"label": "without a value"},
        ],
    )
    score = field("Score__c", "double", calculated=True, calculatedFormula="Amount__c * 2")
    total = field("Total__c", "double", calculated=True, calculatedFormula=None)
    owner = field("OwnerId", "reference", referenceTo=["Group", "User"], relationshipName="Owner")
    street = field("Street__c", "textarea", compoundFieldName="Address__c", length=255, htmlFormatted=True)
    odd = field("Odd__c", "hologram", length=None, scale="many")

    result = sobject(described(fields=[field("Id", "id"), stage, owner, street, odd, score, total]), "Invoice__c")

    assert (result.name, result.label, result.label_plural, result.key_prefix) == (
        "Invoice__c",
        "Invoice",
        "Invoices",
        "a00",
    )
    assert result.queryable and result.custom and result.replicateable and not result.searchable
    assert result.by_name["Stage__c"].type == "picklist"
    assert result.by_name["Stage__c"].picklist_values == (
        PicklistValue(value="Open", label="Offen", active=True),
        PicklistValue(value="Old", label="Old", active=False),
    )
    assert not result.by_name["Stage__c"].nillable
    formulas = [result.by_name[name].formula for name in ("Score__c", "Total__c", "Stage__c")]
    assert formulas == ["Amount__c * 2", "", ""]
    assert result.by_name["OwnerId"].polymorphic and result.by_name["OwnerId"].relationship_name == "Owner"
    assert result.by_name["Street__c"].compound_name == "Address__c" and result.by_name["Street__c"].html_formatted
    assert (result.by_name["Odd__c"].type, result.by_name["Odd__c"].length) == ("hologram", 0)


@pytest.mark.parametrize(
    "broken",
    [
        pytest.param([], id="a list"),
        pytest.param({**described(), "fields": None}, id="no fields"),
        pytest.param({**described(), "fields": [field("Name", "string")]}, id="no Id"),
        pytest.param({**described(), "fields": [field("Id", "id"), field("Id", "id")]}, id="a field twice"),
        pytest.param(
            {**described(), "fields": [field("Id", "id"), field("a__c", "string"), field("A__c", "string")]},
            id="two fields that differ by case alone",
        ),
        pytest.param({**described(), "fields": [field("Id", "id"), {"name": "X", "label": "X"}]}, id="no type"),
        pytest.param({**described(), "fields": [field("Id", "id"), field("A, B", "string")]}, id="a name that is none"),
        pytest.param(
            {**described(), "fields": [field("Id", "id"), field("A", "reference", relationshipName="x y")]},
            id="a relationship name that is none",
        ),
        pytest.param({**described(), "name": "Account WHERE 1=1"}, id="an object name that is none"),
        pytest.param({**described(), "queryable": "yes"}, id="queryable is a text"),
        pytest.param({**described(), "label": None}, id="no label"),
    ],
)
def test_an_answer_that_lacks_what_is_needed_is_not_used(broken: object) -> None:
    with pytest.raises(SourceDataError, match="describe Invoice__c"):
        sobject(broken, "Invoice__c")


def test_the_list_of_objects() -> None:
    share = {"name": "AccountShare", "queryable": True, "keyPrefix": None, "associateEntityType": "Share"}
    account = {
        "name": "Account",
        "label": "Account",
        "keyPrefix": "001",
        "queryable": True,
        "searchable": True,
        "layoutable": True,
    }

    assert object_summaries({"encoding": "UTF-8", "maxBatchSize": 200, "sobjects": [share, account]}) == (
        ObjectSummary(
            name="AccountShare", label="AccountShare", key_prefix=None, queryable=True, associate_entity_type="Share"
        ),
        ObjectSummary(
            name="Account", label="Account", key_prefix="001", queryable=True, searchable=True, layoutable=True
        ),
    )


@pytest.mark.parametrize("broken", [{}, {"sobjects": {}}, {"sobjects": [1]}, {"sobjects": [{"name": "X"}]}])
def test_a_list_of_objects_that_is_none(broken: object) -> None:
    with pytest.raises(SourceDataError):
        object_summaries(broken)
