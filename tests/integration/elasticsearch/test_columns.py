"""Columns that an index gets while it is in use, and the budget of mapped fields."""

from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest
from elasticsearch import AsyncElasticsearch, BadRequestError

from forcedex.app import SystemClock
from forcedex.domain.money import Currencies
from forcedex.domain.schema import Field, SObject
from forcedex.domain.selection import Selection
from forcedex.elasticsearch.bulk import BulkWriter
from forcedex.elasticsearch.fields import field_count
from forcedex.elasticsearch.indices import ElasticsearchSink, IndexSettings
from forcedex.elasticsearch.layout import plan
from forcedex.elasticsearch.mapping import index_body
from forcedex.elasticsearch.naming import Names
from forcedex.elasticsearch.query import QueryClient
from forcedex.search.fields import search_fields
from tests.factories.pages import page, record_id
from tests.factories.schemas import ACCOUNT, field, selection, sobject
from tests.integration.elasticsearch.writing import (
    ACCOUNTS,
    checkpoint,
    large_request,
    opened,
    sources,
    with_fields,
    without_fields,
    written,
)

WIDER = with_fields(field("Tier__c", "picklist"), field("Score__c", "double"))


async def test_an_index_that_only_lacks_columns_gets_them_and_says_so_until_they_are_adopted(
    sink: ElasticsearchSink, client: AsyncElasticsearch, names: Names, queries: QueryClient
) -> None:
    first = await opened(sink)
    await written(first, {"Name": "before"})
    for _ in range(2):  # the second time is after a crash
        target = await opened(sink, WIDER, known=checkpoint(first))
        assert (target.generation, target.replacing, set(target.added)) == (1, False, {"Tier__c", "Score__c"})
    (account,) = await queries.objects()
    assert "Tier__c" not in account.fields  # nobody asks for what most documents lack
    await written(target, {"Name": "after", "Tier__c": "Gold", "Score__c": "5"}, of=WIDER, ordinal=2)
    await target.adopt()
    assert target.added == ()
    (account,) = await queries.objects()
    assert account.fields["Tier__c"].type == "picklist"
    again = await opened(sink, WIDER, known=checkpoint(first))
    assert (again.generation, again.added) == (1, ())
    assert [each["Tier__c"] for each in (await sources(client, names)).values()] == ["Gold"]


DOLLARS = Currencies(corporate="USD", rates={"USD": Decimal(1), "EUR": Decimal("0.5")})
ONE_CURRENCY = without_fields("CurrencyIsoCode")


@pytest.mark.parametrize(
    ("then", "now", "currencies"),
    [
        pytest.param(ACCOUNTS, without_fields("Description"), DOLLARS, id="removed"),
        pytest.param(ACCOUNTS, with_fields(field("Phone", "string")), DOLLARS, id="retyped"),
        pytest.param(
            ACCOUNTS, with_fields(field("Description", "textarea", html_formatted=True)), DOLLARS, id="now rich text"
        ),
        pytest.param(with_fields(field("A__c")), with_fields(field("B__c")), DOLLARS, id="renamed"),
        pytest.param(ACCOUNTS, replace(ACCOUNTS, where="Name != null"), DOLLARS, id="other condition"),
        pytest.param(ACCOUNTS, ACCOUNTS, Currencies(corporate="USD"), id="other rates"),
        pytest.param(ONE_CURRENCY, ACCOUNTS, DOLLARS, id="amounts get currencies"),
    ],
)
async def test_any_other_difference_makes_a_new_generation(
    sink: ElasticsearchSink, then: Selection, now: Selection, currencies: Currencies
) -> None:
    first = await opened(sink, then, currencies=DOLLARS)
    target = await opened(sink, now, known=checkpoint(first), currencies=currencies)
    assert (target.generation, target.added) == (2, ())


async def test_other_rates_do_not_matter_to_an_object_without_money(sink: ElasticsearchSink) -> None:
    plain = without_fields("AnnualRevenue")
    first = await opened(sink, plain, currencies=DOLLARS)
    again = await opened(sink, plain, known=checkpoint(first), currencies=Currencies(corporate="EUR"))
    assert again.generation == 1


async def test_a_new_label_is_shown_without_a_new_generation(sink: ElasticsearchSink, queries: QueryClient) -> None:
    first = await opened(sink)
    phone = replace(ACCOUNT.by_name["Phone"], label="Telephone")
    again = await opened(sink, with_fields(phone), known=checkpoint(first))
    assert (again.generation, again.added) == (1, ())
    (account,) = await queries.objects()
    assert account.fields["Phone"].label == "Telephone"


async def test_a_column_that_was_given_up_and_came_back_with_another_type_makes_a_new_generation(
    sink: ElasticsearchSink,
) -> None:
    first = await opened(sink)
    await opened(sink, with_fields(field("X__c", "double")), known=checkpoint(first))  # never adopted
    assert (await opened(sink, with_fields(field("X__c")), known=checkpoint(first))).generation == 2


async def test_columns_that_are_added_to_a_full_index_are_kept_in_its_flattened_field(
    client: AsyncElasticsearch, names: Names
) -> None:
    full = IndexSettings(field_budget=field_count(index_body_properties(ACCOUNTS)))
    async with ElasticsearchSink(client, names, BulkWriter(client, SystemClock()), full) as sink:
        first = await opened(sink)
        target = await opened(sink, WIDER, known=checkpoint(first))
        assert set(target.added) == {"Tier__c", "Score__c"}
        await written(target, {"Tier__c": "Gold", "Score__c": "5.0"}, of=WIDER)
        await target.adopt()
        assert (await opened(sink, WIDER, known=checkpoint(first))).added == ()
    (document,) = (await sources(client, names)).values()
    assert document["forcedex"]["more"] == {"Tier__c": "Gold", "Score__c": "5.0"}


def index_body_properties(of: Selection, budget: int = 900) -> dict[str, Any]:
    """The properties of an index made for this selection."""
    layout = plan(of, budget)
    body = index_body(layout, Currencies(), shards=1, replicas="0-1", refresh_interval="1s", budget=budget)
    return dict(body["mappings"]["properties"])


TYPES = ("string", "email", "textarea", "picklist", "double", "currency", "phone", "boolean", "date", "encryptedstring")


def wide(number: int) -> SObject:
    """An object with this many custom fields of many types, addresses and places among them."""
    places = [
        part
        for index in range(5)
        for part in (
            field(f"P{index}__Latitude__s", "double", custom=True, compound_name=f"P{index}__c"),
            field(f"P{index}__Longitude__s", "double", custom=True, compound_name=f"P{index}__c"),
            field(f"P{index}__c", "location", custom=True),
        )
    ]
    own = [field(f"F{index}__c", TYPES[index % len(TYPES)], length=80, custom=True) for index in range(number)]
    return replace(ACCOUNT, fields=(*ACCOUNT.fields, *places, *own))


@pytest.mark.parametrize("number", [0, 100, 2_000])
async def test_fields_are_counted_as_elasticsearch_counts_them(
    client: AsyncElasticsearch, names: Names, number: int
) -> None:
    layout = plan(selection(wide(number)), 900)
    body = index_body(layout, Currencies(), shards=1, replicas="0-1", refresh_interval="1s", budget=900)
    count = field_count(body["mappings"]["properties"])
    assert count <= 900
    body["settings"]["mapping.total_fields.limit"] = count
    await client.indices.create(index=names.index("Account", 1), **body)
    body["settings"]["mapping.total_fields.limit"] = count - 1
    with pytest.raises(BadRequestError, match="Limit of total fields"):
        await client.indices.create(index=names.index("Account", 2), **body)


@large_request
async def test_an_object_with_10_000_fields_is_synced_whole(
    sink: ElasticsearchSink, client: AsyncElasticsearch, names: Names, queries: QueryClient
) -> None:
    of = selection(wide(10_000))
    target = await opened(sink, of)
    values = {f"F{index}__c": _value(index) for index in range(10_000)}
    result = await (await target.put(page(of, {"Name": "Wide", **values}, {"Name": "Empty"}), 1))
    assert result.written == 2
    found = await sources(client, names)
    document = found[record_id(1)]
    more = document["forcedex"]["more"]
    assert len(more) > 9_000
    assert {path: values[path] for path in more} == more
    assert {path for path in values if path not in more} <= document.keys()
    assert "more" not in found[record_id(2)]["forcedex"]
    (account,) = await queries.objects()
    assert set(account.fields) | set(account.overflow) == set(of.paths)
    assert not set(search_fields([account]).texts) & set(account.overflow)
    some = next(path for path in more if values[path] == "text 9990")
    hits = await client.search(
        index=names.read_alias("Account"), query={"term": {f"forcedex.more.{some}": "text 9990"}}
    )
    assert [hit["_id"] for hit in hits["hits"]["hits"]] == [record_id(1)]


def _value(index: int) -> str:
    kind = TYPES[index % len(TYPES)]
    by_type = {"double": f"{index}.5", "currency": f"{index}.25", "boolean": "true", "date": "2026-01-31"}
    return by_type.get(kind, f"text {index}")


async def test_a_text_that_is_longer_than_a_term_may_be_is_kept_in_the_flattened_field(
    client: AsyncElasticsearch, names: Names
) -> None:
    settings = IndexSettings(field_budget=20)
    async with ElasticsearchSink(client, names, BulkWriter(client, SystemClock()), settings) as sink:
        long: list[Field] = [field(f"L{index}__c", "textarea", length=131_072, custom=True) for index in range(20)]
        of = selection(sobject("Account", field("Name", length=80, name_field=True), *long))
        target = await opened(sink, of)
        texts = {"L19__c": "\u20ac" * 131_072, "L18__c": "a\0b", "L17__c": "x" * 8_001, "L16__c": "\u20ac" * 8_000}
        assert (await (await target.put(page(of, texts), 1))).written == 1
    (document,) = (await sources(client, names)).values()
    assert document["forcedex"]["more"] == texts
