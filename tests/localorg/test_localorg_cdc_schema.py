"""The Avro schemas of change events and the bitmaps that refer to them."""

from typing import Any

import fastavro
import orjson
import pytest

from localorg.events.bitmaps import Place, bitmaps, places
from localorg.events.differences import difference
from localorg.events.entities import event_name, of_event_name
from localorg.events.schema import EventSchema, event_schema
from localorg.schema import load_schema
from localorg.schema.notation import parse_object

SCHEMA = load_schema()


def fields(schema: EventSchema) -> dict[str, dict[str, Any]]:
    """A schema's fields by name."""
    return {field["name"]: field for field in json_fields(schema)}


def json_fields(schema: EventSchema) -> list[dict[str, Any]]:
    """A schema's fields as GetSchema answers them."""
    found: list[dict[str, Any]] = orjson.loads(schema.text)["fields"]
    return found


def names(schema: EventSchema) -> list[str]:
    """Their names."""
    return [field["name"] for field in json_fields(schema)]


@pytest.mark.parametrize(
    ("marked", "elements"),
    [
        # Industry and LastModifiedDate of the documented Account.
        ([(11, None), (22, None)], ["0x400800"]),
        # Its street.
        ([(22, None), (4, 0)], ["0x400000", "4-0x01"]),
        # A converted lead.
        ([(place, None) for place in (12, 19, 20, 21, 22, 23, 27)], ["0x08F81000"]),
        # Recorded: a street; a geocode without anything else; a custom field beyond the eighth byte.
        ([(23, None), (6, 0)], ["0x800000", "6-0x01"]),
        ([(6, 7), (6, 8)], ["6-0x0180"]),
        ([(23, None), (68, None)], ["0x100000000000800000"]),
        ([(58, None)], ["0x0400000000000000"]),
        ([], []),
    ],
)
def test_bitmaps_are_written_and_read_as_recorded(marked: list[Place], elements: list[str]) -> None:
    assert bitmaps(marked) == elements
    assert sorted(places(elements), key=str) == sorted(marked, key=str)


def test_an_account_has_the_header_first_and_its_compounds_whole() -> None:
    schema = event_schema(SCHEMA.objects["Account"])
    assert names(schema)[:2] == ["ChangeEventHeader", "Name"]
    found = fields(schema)
    assert found["ChangeEventHeader"]["doc"] == "Data:ComplexValueType"
    assert found["Name"]["type"] == ["null", "string"]
    billing = found["BillingAddress"]["type"][1]
    assert [part["name"] for part in billing["fields"]] == [
        *("Street", "City", "State", "PostalCode", "Country", "Latitude", "Longitude", "GeocodeAccuracy"),
    ]
    # Defined where it is used first, then only named.
    assert found["ShippingAddress"]["type"] == ["null", "Address"]
    assert found["HQ_Location__c"]["type"][1]["name"] == "Location"
    left_out = {"Id", "IsDeleted", "SystemModstamp", "LastActivityDate", "LastViewedDate", "PhotoUrl", "BillingCity"}
    computed = {"Display_Name__c", "Is_Key_Account__c", "Revenue_per_Employee__c"}
    assert not (left_out | computed | {"HQ_Location__Latitude__s", "MasterRecordId"}) & set(found)
    assert all(field["default"] is None for field in list(found.values())[1:])


@pytest.mark.parametrize(
    ("name", "avro", "doc"),
    [
        ("Type", "string", "Data:DynamicEnum"),
        ("ParentId", "string", "ForeignKey:EntityId"),
        ("Phone", "string", "Data:Phone"),
        ("Website", "string", "Data:Url"),
        ("AnnualRevenue", "double", "Data:Currency"),
        ("NumberOfEmployees", "int", "Data:Integer"),
        ("Description", "string", "Data:StringPlusClob"),
        ("CreatedDate", "long", "CreatedDate:DateTime"),
        ("LastModifiedDate", "long", "Data:DateTime"),
        ("Segments__c", "string", "Data:MultiEnum:00N"),
        ("Health_Score__c", "double", "Data:Percent:00N"),
        ("Seats__c", "double", "Data:Double:00N"),
        ("Support_Hours__c", "long", "Data:TimeOnly:00N"),
        ("Contract_Renewal__c", "long", "Data:DateOnly:00N"),
        ("Is_Strategic__c", "boolean", "Data:Boolean:00N"),
        ("Notes__c", "string", "Data:HtmlStringPlusClob:00N"),
        ("Invoice_Email__c", "string", "Data:Email:00N"),
        ("Customer_Number__c", "string", "Data:Text:00N"),
        ("BillingAddress", "record", "Data:Address"),
        ("HQ_Location__c", "record", "Data:Location:00N"),
    ],
)
def test_every_field_says_what_kind_of_data_it_is(name: str, avro: str, doc: str) -> None:
    field = fields(event_schema(SCHEMA.objects["Account"]))[name]
    kind = field["type"][1]
    assert (kind["type"] if isinstance(kind, dict) else kind) == avro
    # Custom fields add their id of 15 characters.
    assert field["doc"] == doc or (field["doc"].startswith(doc) and len(field["doc"].rpartition(":")[2]) == 15)


def test_people_have_a_name_in_parts() -> None:
    for name in ("Contact", "Lead", "User"):
        found = fields(event_schema(SCHEMA.objects[name]))
        assert found["Name"]["doc"] == "Data:PersonName"
        parts = [part["name"] for part in found["Name"]["type"][1]["fields"]]
        assert parts[-2:] == ["FirstName", "LastName"]
        assert not {"FirstName", "LastName", "Salutation"} & set(found)


def test_every_object_with_events_has_a_schema_that_avro_takes() -> None:
    for name, sobject in SCHEMA.objects.items():
        event = event_name(name)
        if of_event_name(SCHEMA, event) is None:
            continue
        schema = event_schema(sobject)
        fastavro.parse_schema({"type": "record", "name": event, "fields": json_fields(schema)})
        assert of_event_name(SCHEMA, event) is sobject
        assert len(schema.id) == 22
        compounds = {field.name for field in sobject.fields if field.compound}
        assert all(parts for field, parts in schema.names if field in compounds)


def test_an_id_follows_the_fields_and_nothing_else() -> None:
    before = "Thing__c a00 Thing / Things [query]\nId:id[FGSDIA] Id\nName:str80[CUFGNSAH] Name\nA__c:str10[CUN] A"
    first, again = event_schema(parse_object(before)), event_schema(parse_object(before))
    other = event_schema(parse_object(before + "\nB__c:dt[CUN] B"))
    retyped = event_schema(parse_object(before.replace("A__c:str10", "A__c:date")))
    assert first.id == again.id
    assert len({first.id, other.id, retyped.id}) == 3


LINES = [f"{number}: a line of some length" for number in range(60)]
TEXT = "\n".join(LINES)


@pytest.mark.parametrize(
    ("old", "new", "sent"),
    [
        (TEXT, TEXT + "\nand one more", True),
        (TEXT, TEXT.replace("5: a", "5: the"), True),
        # Less than 1,000 characters.
        (TEXT[:990], TEXT[:980], False),
        # More than half of it is new.
        (TEXT, TEXT + TEXT + "\n" + TEXT, False),
        # More than a quarter of the lines changed.
        (TEXT, TEXT.replace(": a", ": the"), False),
        # One long line: the difference is longer than the text.
        ("x" * 2_000, "x" * 2_001, False),
    ],
    ids=["added", "changed", "short", "longer", "many lines", "one line"],
)
def test_a_difference_is_sent_only_where_it_is_documented(old: str, new: str, sent: bool) -> None:
    found = difference(old, new)
    assert (found is not None) == sent
    assert found is None or len(found) < len(new)
    assert difference(old, new, always=True) is not None
