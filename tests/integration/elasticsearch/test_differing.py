"""Comparing what the index holds with what the org holds, value by value."""

from elasticsearch import AsyncElasticsearch

from forcedex.elasticsearch.indices import ElasticsearchSink
from forcedex.elasticsearch.naming import Names
from tests.factories.pages import page, record_id
from tests.factories.schemas import field
from tests.integration.elasticsearch.writing import ACCOUNTS, opened, with_fields, written

TYPED = with_fields(
    field("Double__c", "double"),
    field("Int__c", "int"),
    field("List__c", "multipicklist"),
    field("Flag__c", "boolean"),
    field("At__Latitude__s", "double", compound_name="At__c"),
    field("At__Longitude__s", "double", compound_name="At__c"),
    field("At__c", "location"),
)
ROW = {
    "Name": "Acme",
    "AnnualRevenue": "1234567890123456.78",
    "Phone": "+49 30 1234",
    "BillingStreet": "Main St 1\n2nd floor",
    "Double__c": "123456789012345678.25",
    "Int__c": "9007199254740993",
    "List__c": "A;B",
    "Flag__c": "false",
    "At__Latitude__s": "52.520008",
    "At__Longitude__s": "13.404954",
}


async def test_a_record_that_was_written_as_it_is_does_not_differ(sink: ElasticsearchSink) -> None:
    target = await opened(sink, TYPED)
    await written(target, ROW, {}, {"IsDeleted": "true"}, of=TYPED, ordinal=1)
    assert await target.differing(page(TYPED, ROW, {}, {"IsDeleted": "true"}), 2) == []
    later_stamp = page(TYPED, ROW, {}, {"IsDeleted": "true"}, stamp="2026-01-31T10:00:00.000Z")
    assert await target.differing(later_stamp, 3) == []


CHANGES = [
    {"Name": "Acme "},
    {"Name": ""},
    {"Double__c": "123456789012345678.5"},  # the same double
    {"AnnualRevenue": "1234567890123456.79"},
    {"Int__c": "9007199254740992"},  # the same double
    {"List__c": "B;A"},
    {"Flag__c": ""},
    {"BillingCity": "Ulm"},
    {"Phone": "+49 30 1235"},
    {"SystemModstamp": "2026-01-31T10:00:01.000Z"},
    {"IsDeleted": "true"},
]


async def test_any_other_value_differs(sink: ElasticsearchSink) -> None:
    target = await opened(sink, TYPED)
    await written(target, *[ROW] * 20, of=TYPED)
    changed = [{**ROW, **change} for change in CHANGES]
    found = await target.differing(page(TYPED, *changed, *[ROW] * (20 - len(changed))), 2)
    assert found == [record_id(number) for number in range(1, len(changed) + 1)]


async def test_missing_and_deleted_documents_of_live_records_differ_and_missing_ones_of_deleted_records_do_not(
    sink: ElasticsearchSink,
) -> None:
    target = await opened(sink)
    await written(target, {}, {"IsDeleted": "true"})
    rows = ({"Id": record_id(2)}, {"Id": record_id(3)}, {"Id": record_id(4), "IsDeleted": "true"})
    assert await target.differing(page(ACCOUNTS, *rows), 2) == [record_id(2), record_id(3)]


async def test_what_a_later_read_has_written_is_not_looked_at(sink: ElasticsearchSink) -> None:
    target = await opened(sink)
    await written(target, {"Name": "newer"}, ordinal=9)
    assert await target.differing(page(ACCOUNTS, {"Name": "older"}), 8) == []
    assert await target.differing(page(ACCOUNTS, {"Name": "older"}), 9) == [record_id(1)]


async def test_a_record_that_cannot_be_written_differs(sink: ElasticsearchSink) -> None:
    target = await opened(sink)
    await written(target, {"Name": "fine"})
    rows = ({"Name": "fine"}, {"AnnualRevenue": "lots"})
    assert await target.differing(page(ACCOUNTS, *rows), 2) == [record_id(2)]


async def test_a_page_of_large_documents_is_compared_in_parts(
    sink: ElasticsearchSink, client: AsyncElasticsearch, names: Names
) -> None:
    target = await opened(sink)
    rows = [{"Name": str(number), "Description": "x" * 20_000} for number in range(600)]
    await written(target, *rows)
    rows[599] = {"Name": "599", "Description": "y"}
    assert await target.differing(page(ACCOUNTS, *rows), 2) == [record_id(600)]
