"""Two generations side by side: the one that people read, and the one that is being filled."""

import asyncio
from decimal import Decimal

import pytest
from aiohttp import web
from elasticsearch import AsyncElasticsearch

from forcedex.domain.money import Currencies
from forcedex.domain.version import version_from_seconds
from forcedex.domain.writing import WriteResult
from forcedex.elasticsearch.indices import ElasticsearchSink
from forcedex.elasticsearch.naming import Names
from tests.factories.pages import page, record_id
from tests.factories.schemas import field
from tests.integration.elasticsearch.proxy import Passing, Proxy
from tests.integration.elasticsearch.writing import (
    ACCOUNTS,
    STAMP,
    checkpoint,
    opened,
    raw,
    sources,
    with_fields,
    without_fields,
    written,
)

SECONDS = int(STAMP.timestamp())


async def test_while_an_older_generation_is_read_every_write_goes_to_both(
    sink: ElasticsearchSink, client: AsyncElasticsearch, names: Names
) -> None:
    first = await opened(sink)
    assert not first.replacing
    target = await opened(sink)
    assert target.replacing
    assert await written(target, {"Name": "both"}) == WriteResult(written=1)
    assert [each["Name"] for each in (await sources(client, names, 1)).values()] == ["both"]
    assert await sources(client, names, 1) == await sources(client, names, 2)


async def test_a_snapshot_fills_the_new_generation_alone(
    sink: ElasticsearchSink, client: AsyncElasticsearch, names: Names
) -> None:
    await written(await opened(sink), {"Name": "old"})
    target = await opened(sink)
    await written(target, {"Name": "new"}, newest_only=True, ordinal=2)
    assert [each["Name"] for each in (await sources(client, names)).values()] == ["old"]
    await target.publish()
    assert not target.replacing
    assert [each["Name"] for each in (await sources(client, names)).values()] == ["new"]
    assert list(await client.indices.get(index=names.generations("Account"))) == [names.index("Account", 2)]


async def test_an_interrupted_build_goes_on_beside_the_older_generation(sink: ElasticsearchSink) -> None:
    await opened(sink)
    begun = await opened(sink)
    again = await opened(sink, known=checkpoint(begun))
    assert (again.generation, again.replacing) == (2, True)


async def test_the_older_generation_gets_the_columns_that_its_mapping_still_takes(
    sink: ElasticsearchSink, client: AsyncElasticsearch, names: Names
) -> None:
    then = with_fields(field("Rank__c", "double"), field("Gone__c"))
    await opened(sink, then)
    now = with_fields(field("Rank__c"), field("New__c"))
    target = await opened(sink, now)
    result = await written(target, {"Name": "Acme", "Rank__c": "high", "New__c": "x"}, of=now)
    assert result == WriteResult(written=1)
    (old,), (new,) = (await sources(client, names, 1)).values(), (await sources(client, names, 2)).values()
    assert (new["Rank__c"], new["New__c"]) == ("high", "x")
    assert old.keys() == new.keys() - {"Rank__c", "New__c"}


async def test_what_only_the_older_generation_refuses_is_neither_a_dead_letter_nor_an_error(
    sink: ElasticsearchSink, client: AsyncElasticsearch, names: Names
) -> None:
    await opened(sink)
    now = with_fields(field("Odd__c"))
    index = names.index("Account", 1)
    meta = (await client.indices.get(index=index))[index]["mappings"]["_meta"]
    meta["fields"]["Odd__c"] = {"type": "string", "role": "text", "label": "Odd__c"}
    await client.indices.put_mapping(index=index, meta=meta)  # it now says more than its mapping takes
    target = await opened(sink, now)
    assert await written(target, {"Odd__c": "x"}, {"Name": "fine"}, of=now) == WriteResult(written=2)
    assert len(await sources(client, names, 1)) == 1
    assert len(await sources(client, names, 2)) == 2


async def test_an_older_generation_that_is_gone_or_closed_stops_nothing(
    sink: ElasticsearchSink, client: AsyncElasticsearch, names: Names
) -> None:
    await opened(sink)
    target = await opened(sink)
    await client.indices.close(index=names.index("Account", 1))
    assert await written(target, {"Name": "a"}) == WriteResult(written=1)
    assert await target.bury({record_id(1): None}, 2) == WriteResult(written=1)
    await client.indices.delete(index=names.index("Account", 1))
    assert await written(target, {"Name": "b"}, ordinal=3) == WriteResult(written=1)
    await target.publish()
    assert [each["Name"] for each in (await sources(client, names)).values()] == ["b"]


async def test_a_stamp_that_went_back_in_the_older_generation_is_handed_back_too(
    sink: ElasticsearchSink, client: AsyncElasticsearch, names: Names
) -> None:
    await written(await opened(sink), {"Name": "before"}, stamp="2026-01-31T10:00:59.000Z", ordinal=1)
    target = await opened(sink)
    result = await written(target, {"Name": "restored"}, {"Name": "other"}, ordinal=2)
    assert result == WriteResult(written=1, went_back=((record_id(1), SECONDS + 59),))
    again = await written(target, {"Name": "restored"}, ordinal=3, at_least=dict(result.went_back))
    assert again == WriteResult(written=1)
    assert (await sources(client, names, 1))[record_id(1)]["Name"] == "restored"
    assert (await sources(client, names, 2))[record_id(1)]["Name"] == "restored"


async def test_the_older_generation_keeps_the_exchange_rates_that_its_sums_were_made_with(
    sink: ElasticsearchSink, client: AsyncElasticsearch, names: Names
) -> None:
    def rates(euro: str) -> Currencies:
        return Currencies(corporate="USD", rates={"USD": Decimal(1), "EUR": Decimal(euro)})

    first = await opened(sink, currencies=rates("0.5"))
    target = await opened(sink, known=checkpoint(first), currencies=rates("0.8"))
    await written(target, {"AnnualRevenue": "10", "CurrencyIsoCode": "EUR"})
    (old,), (new,) = (await sources(client, names, 1)).values(), (await sources(client, names, 2)).values()
    assert (old["forcedex"]["minor"], new["forcedex"]["minor"]) == ({"AnnualRevenue": 2000}, {"AnnualRevenue": 1250})


async def test_the_swap_shows_no_gap_and_nothing_older_than_what_was_seen(
    sink: ElasticsearchSink, client: AsyncElasticsearch, names: Names
) -> None:
    rows = [{"Name": "0"} for _ in range(50)]
    await written(await opened(sink), *rows)
    target = await opened(sink)
    await written(target, *rows, newest_only=True, ordinal=2)
    await client.indices.refresh(index=f"{names.root}*")
    seen: list[int] = []
    stop = asyncio.Event()

    async def look() -> None:
        while not stop.is_set():
            answer = await client.search(index=names.read_alias("Account"), size=100)
            assert answer["hits"]["total"]["value"] == 50
            seen.append(min(int(hit["_source"]["Name"]) for hit in answer["hits"]["hits"]))

    async def change() -> None:
        ordinal = 2
        while not stop.is_set():
            ordinal += 1
            await written(target, *[{"Name": str(ordinal)} for _ in rows], ordinal=ordinal)
            await client.indices.refresh(index=names.read_alias("Account"))

    looking, changing = asyncio.create_task(look()), asyncio.create_task(change())
    while len(seen) < 10:
        await asyncio.sleep(0.01)
    await target.publish()
    there = len(seen)
    while len(seen) < there + 10:
        await asyncio.sleep(0.01)
    stop.set()
    await asyncio.gather(looking, changing)
    assert seen == sorted(seen)
    assert seen[-1] > 2


async def test_the_swap_waits_for_writes_that_only_the_older_generation_has_so_far(
    proxied: ElasticsearchSink, proxy: Proxy, client: AsyncElasticsearch, names: Names
) -> None:
    target = await opened(proxied)
    await written(target, {"Name": "before"})
    target = await opened(proxied)
    await written(target, {"Name": "before"}, newest_only=True, ordinal=2)
    release = asyncio.Event()

    async def hold_new(passing: Passing) -> web.Response:
        if names.generation_alias("Account", 2) in passing.path:
            await release.wait()
        return await passing.forward()

    proxy.on_bulk = hold_new
    queued = await target.put(page(ACCOUNTS, {"Name": "after"}), 3)
    async with asyncio.timeout(30):
        while [each["Name"] for each in (await sources(client, names)).values()] != ["after"]:
            await asyncio.sleep(0.01)
    publishing = asyncio.create_task(target.publish())
    await asyncio.wait({publishing}, timeout=0.3)
    assert [each["Name"] for each in (await sources(client, names)).values()] == ["after"]
    release.set()
    await publishing
    assert await queued == WriteResult(written=1)
    assert [each["Name"] for each in (await sources(client, names)).values()] == ["after"]


async def test_a_deletion_goes_to_both_and_no_page_of_the_snapshot_brings_it_back(
    sink: ElasticsearchSink, client: AsyncElasticsearch, names: Names
) -> None:
    await written(await opened(sink), {"Name": "Acme"}, {"Name": "Umbrella"}, ordinal=1)
    target = await opened(sink)
    assert await target.bury({record_id(1): None}, 3) == WriteResult(written=1)  # the snapshot has not come to it yet
    assert await written(target, {"Name": "Acme"}, newest_only=True, ordinal=2) == WriteResult(stale=1)
    assert list(await sources(client, names)) == [record_id(2)]
    assert await sources(client, names, 2) == {}
    for generation in (1, 2):
        assert (await raw(client, names, record_id(1), generation))["_version"] == version_from_seconds(SECONDS, 3)


async def test_rows_that_cannot_be_converted_are_one_dead_letter_each_though_two_generations_are_written(
    sink: ElasticsearchSink,
) -> None:
    await opened(sink)
    target = await opened(sink)
    result = await written(target, {"AnnualRevenue": "lots"}, {"Name": "fine"})
    assert (result.written, [letter.record_id for letter in result.rejected]) == (1, [record_id(1)])


@pytest.mark.parametrize("now", [without_fields("Phone"), with_fields(field("Phone", "string"))])
async def test_a_column_that_went_or_was_retyped_makes_a_new_generation(sink: ElasticsearchSink, now: object) -> None:
    first = await opened(sink, ACCOUNTS)
    assert (await opened(sink, now, known=checkpoint(first))).generation == 2  # type: ignore[arg-type]  # a Selection
