from decimal import Decimal
from typing import Any

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from forcedex.domain.money import Currencies
from forcedex.domain.record import Page
from forcedex.domain.schema import SObject
from forcedex.domain.version import version_from_seconds
from forcedex.elasticsearch.document import Batch, DocumentBuilder
from forcedex.elasticsearch.layout import plan
from tests.factories.schemas import ACCOUNT, CONTACT, SYSTEM, field, selection, sobject

ID = "001A0000006Vm9rIAC"
STAMP = "2026-01-31T10:00:00.000Z"
SECONDS = 1_769_853_600
USD = Currencies(corporate="USD", rates={"USD": Decimal(1), "EUR": Decimal("0.5")})


def build(of: SObject, *rows: dict[str, str], parents: tuple[SObject, ...] = (), **more: Any) -> Batch:
    chosen = selection(of, *parents)
    usual = {"Id": ID, "IsDeleted": "false", "SystemModstamp": STAMP}
    page = Page(chosen.paths, [[{**usual, **row}.get(path, "") for path in chosen.paths] for row in rows])
    return DocumentBuilder(plan(chosen, 900), USD).build(page, 7, "2026-02-01T00:00:00Z", **more)


def documents(batch: Batch) -> list[dict[str, Any]]:
    return [orjson.loads(line.splitlines()[1]) for line in batch.lines]


def actions(batch: Batch) -> list[dict[str, Any]]:
    return [orjson.loads(line.splitlines()[0])["index"] for line in batch.lines]


def one(of: SObject, row: dict[str, str], **more: Any) -> dict[str, Any]:
    batch = build(of, row, **more)
    assert not batch.rejected
    return documents(batch)[0]


def typed(type: str, text: str, **more: object) -> Any:
    return one(sobject("Thing__c", field("X__c", type, **more)), {"X__c": text}).get("X__c")


@pytest.mark.parametrize(
    ("type", "text", "value"),
    [
        ("string", "NA", "NA"),  # text that other tools take for null
        ("string", "null", "null"),
        ("string", "", None),
        ("string", 'a "b"\n\u2028c', 'a "b"\n\u2028c'),
        ("boolean", "true", True),
        ("boolean", "false", False),
        ("int", "42", 42),
        ("double", "1.0E7", 10_000_000.0),
        ("percent", "12.5", 12.5),
        ("currency", "1000.0", 1000.0),
        ("date", "1700-01-01", "1700-01-01"),
        ("datetime", STAMP, STAMP),
        ("time", "10:30:00.000Z", "10:30:00.000Z"),
        ("multipicklist", "A;B", ["A", "B"]),
        ("reference", ID, ID),
        ("somethingnew", "x", "x"),
    ],
)
def test_a_value_keeps_its_meaning_in_the_document(type: str, text: str, value: object) -> None:
    assert typed(type, text) == value


def test_a_number_with_more_digits_than_a_double_keeps_all_of_them() -> None:
    batch = build(sobject("Thing__c", field("X__c", "double")), {"X__c": "123456789012345678.25"})
    assert b'"X__c":123456789012345678.25' in batch.lines[0]


def test_the_version_is_the_stamp_and_the_ordinal_of_the_read() -> None:
    batch = build(ACCOUNT, {"Name": "Acme"})
    version = version_from_seconds(SECONDS, 7)
    assert actions(batch) == [{"_id": ID, "version": version, "version_type": "external_gte"}]
    assert documents(batch)[0]["forcedex"]["version"] == version


def test_a_stamp_that_went_back_is_raised_to_the_stored_one() -> None:
    batch = build(ACCOUNT, {"Name": "Acme"}, at_least={ID: SECONDS + 60})
    assert actions(batch)[0]["version"] == version_from_seconds(SECONDS + 60, 7)


def test_a_deleted_record_becomes_a_tombstone_that_holds_nothing_of_it() -> None:
    gone = one(ACCOUNT, {"Name": "Secret", "IsDeleted": "true"})
    assert gone == {"forcedex": {"object": "Account", "version": version_from_seconds(SECONDS, 7), "deleted": True}}


def test_money_is_kept_in_minor_units_of_the_corporate_currency_too() -> None:
    document = one(ACCOUNT, {"AnnualRevenue": "10.25", "CurrencyIsoCode": "EUR"})
    assert document["AnnualRevenue"] == 10.25
    assert document["forcedex"]["minor"] == {"AnnualRevenue": 2050}


def test_phones_are_kept_back_to_front_too() -> None:
    assert one(ACCOUNT, {"Phone": "+49 30 12"})["forcedex"]["phones"] == {"Phone": "210394"}


def test_an_address_is_composed_from_its_parts() -> None:
    assert one(ACCOUNT, {"BillingStreet": "Main St 1", "BillingCity": "Ulm"})["BillingAddress"] == {
        "street": "Main St 1",
        "city": "Ulm",
    }
    assert "BillingAddress" not in one(ACCOUNT, {})


def test_a_location_is_composed_as_a_point() -> None:
    place = sobject(
        "Place__c",
        field("At__Latitude__s", "double", compound_name="At__c"),
        field("At__Longitude__s", "double", compound_name="At__c"),
        field("At__c", "location"),
    )
    assert one(place, {"At__Latitude__s": "52.5", "At__Longitude__s": "13.4"})["At__c"] == {"lat": 52.5, "lon": 13.4}
    assert "At__c" not in one(place, {"At__Latitude__s": "52.5"})


def test_a_parents_value_stands_under_its_path() -> None:
    assert one(CONTACT, {"Account.Name": "Acme"}, parents=(ACCOUNT,))["Account"] == {"Name": "Acme"}


@pytest.mark.parametrize(
    ("row", "named"),
    [
        ({"AnnualRevenue": "lots"}, "AnnualRevenue"),
        ({"SystemModstamp": "yesterday"}, "SystemModstamp"),
        ({"Id": "short"}, "Id"),
        ({"AnnualRevenue": "inf"}, "AnnualRevenue"),
        ({"IsDeleted": "maybe"}, "IsDeleted"),
    ],
)
def test_a_bad_row_is_rejected_by_name_and_its_neighbours_are_not(row: dict[str, str], named: str) -> None:
    batch = build(ACCOUNT, {"Name": "before"}, row, {"Name": "after"})
    assert [each["Name"] for each in documents(batch)] == ["before", "after"]
    assert [letter.reason.split(":")[0] for letter in batch.rejected] == [named]


def test_an_id_of_15_characters_becomes_the_same_document() -> None:
    assert build(ACCOUNT, {"Id": ID[:15]}).ids == [ID]


def test_an_object_without_a_stamp_is_ordered_by_its_reads() -> None:
    plain = sobject("Plain__c", system=SYSTEM[:2])
    assert actions(build(plain, {}))[0]["version"] == version_from_seconds(0, 7)


def test_a_page_with_other_columns_is_refused() -> None:
    builder = DocumentBuilder(plan(selection(ACCOUNT), 900), USD)
    with pytest.raises(ValueError, match="columns"):
        builder.build(Page(("Id", "Name"), [[ID, "x"]]), 1, "2026-02-01T00:00:00Z")


@given(st.lists(st.text(min_size=1).filter(lambda text: "\ud800" not in text), min_size=1, max_size=5))
def test_any_text_survives(texts: list[str]) -> None:
    texts = [text.encode("utf-8", "ignore").decode() or "x" for text in texts]
    batch = build(ACCOUNT, *[{"Name": text} for text in texts])
    assert [each["Name"] for each in documents(batch)] == texts
