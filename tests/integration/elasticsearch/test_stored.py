"""Reading back what the index holds: for sweeps, comparisons and upkeep."""

import asyncio
from contextlib import aclosing
from datetime import timedelta

import pytest
from elasticsearch import AsyncElasticsearch

from forcedex.app import SystemClock
from forcedex.domain.errors import SinkUnavailable
from forcedex.domain.money import Currencies
from forcedex.domain.ports import StoredRecord
from forcedex.elasticsearch.bulk import BulkWriter
from forcedex.elasticsearch.indices import ElasticsearchSink, IndexSettings
from forcedex.elasticsearch.naming import Names
from forcedex.elasticsearch.target import IndexTarget
from tests.factories.pages import page, record_id
from tests.factories.schemas import ACCOUNT, CONTACT, selection, sobject
from tests.integration.elasticsearch.writing import STAMP, opened, written

SECONDS = int(STAMP.timestamp())
SMALL = selection(sobject("Account"))


async def filled(sink: ElasticsearchSink, number: int) -> IndexTarget:
    """An index of small records, written in the wrong order."""
    target = await opened(sink, SMALL)
    for start in range(0, number, 4_000):
        rows = [{"Id": record_id(index)} for index in range(start, min(start + 4_000, number))]
        await (await target.put(page(SMALL, *reversed(rows)), 1))
    return target


async def moments(client: AsyncElasticsearch) -> int:
    """Points in time that the node keeps."""
    stats = await client.nodes.stats(metric="indices", index_metric="search")
    return sum(int(node["indices"]["search"]["open_contexts"]) for node in stats["nodes"].values())


async def none_is_kept(client: AsyncElasticsearch) -> None:
    async with asyncio.timeout(30):
        while await moments(client):
            await asyncio.sleep(0.05)


async def test_a_scan_gives_every_live_record_in_the_order_of_ids_as_of_one_moment(
    sink: ElasticsearchSink, client: AsyncElasticsearch
) -> None:
    target = await filled(sink, 11_000)
    await target.bury({record_id(3): None}, 9)
    await written(target, {"Id": record_id(7)}, of=SMALL, ordinal=2, stamp="2026-01-31T10:05:00.000Z")
    found: list[StoredRecord] = []
    sizes = []
    async for records in sink.scan("Account", "SystemModstamp"):
        if not found:  # too late for this moment
            await target.bury({record_id(10_999): STAMP + timedelta(days=1)}, 10)
            await sink.refresh()
        found += records
        sizes.append(len(records))
    assert [each.record_id for each in found] == sorted(record_id(number) for number in range(11_000) if number != 3)
    assert [each.seconds for each in found if each.seconds != SECONDS] == [SECONDS + 300]
    await written(target, {"Id": record_id(8)}, of=SMALL, ordinal=11, at_least={record_id(8): SECONDS + 900})
    before = [each async for records in sink.scan("Account", "SystemModstamp", record_id(7)) for each in records]
    assert before[0] == StoredRecord(record_id(8), SECONDS), "the version is ahead of the stamp"
    assert sizes == [5_000, 5_000, 999]
    assert await sink.count("Account") == 10_998
    after = [
        each.record_id
        async for records in sink.scan("Account", "SystemModstamp", record_id(10_990))
        for each in records
    ]
    assert after == [record_id(number) for number in range(10_991, 10_999)]
    await none_is_kept(client)


async def test_a_scan_that_is_left_or_cancelled_leaves_nothing_open(
    sink: ElasticsearchSink, client: AsyncElasticsearch
) -> None:
    await filled(sink, 6_000)
    async with aclosing(sink.scan("Account", "SystemModstamp")) as records:  # type: ignore[type-var]  # it is a generator
        assert len(await anext(records)) == 5_000
    await none_is_kept(client)
    begun = asyncio.Event()

    async def slowly() -> None:
        async for _ in sink.scan("Account", "SystemModstamp"):
            begun.set()
            await asyncio.sleep(3600)

    task = asyncio.create_task(slowly())
    await begun.wait()
    assert await moments(client) == 1
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
    await none_is_kept(client)


async def test_a_scan_whose_moment_elasticsearch_has_lost_can_be_begun_again(
    sink: ElasticsearchSink, client: AsyncElasticsearch, names: Names
) -> None:
    await filled(sink, 6_000)
    with pytest.raises(SinkUnavailable, match="lost the place"):
        async for _ in sink.scan("Account", "SystemModstamp"):
            await client.indices.close(index=names.index("Account", 1))
            await client.indices.open(index=names.index("Account", 1))


async def test_values_of_live_records_are_read_back_by_path(sink: ElasticsearchSink) -> None:
    contacts = selection(CONTACT, ACCOUNT)
    target = await sink.open(contacts, known=None, currencies=Currencies())
    rows = ({"Name": "A", "Account.Name": "Acme", "AccountId": record_id(9)}, {"Name": "B"}, {"Name": "C"})
    await written(target, *rows, of=contacts)
    await target.bury({record_id(3): None}, 2)
    ids = [record_id(number) for number in (1, 2, 3, 4)]
    assert await sink.stored("Contact", ids, ["Name", "Account.Name"]) == {
        record_id(1): {"Name": "A", "Account.Name": "Acme"},
        record_id(2): {"Name": "B"},
    }
    await sink.refresh()
    assert await sink.referring("Contact", ["AccountId"], [record_id(9), record_id(8)]) == [record_id(1)]
    assert await sink.referring("Contact", ["AccountId"], [record_id(8)]) == []


async def test_columns_without_a_field_of_their_own_are_read_back_and_found_too(
    client: AsyncElasticsearch, names: Names
) -> None:
    contacts = selection(CONTACT, ACCOUNT)
    tight = IndexSettings(field_budget=16)
    async with ElasticsearchSink(client, names, BulkWriter(client, SystemClock()), tight) as sink:
        target = await sink.open(contacts, known=None, currencies=Currencies())
        await written(target, {"Account.Name": "Acme", "AccountId": record_id(9)}, of=contacts)
        await sink.refresh()
        stored = await sink.stored("Contact", [record_id(1)], ["AccountId", "Account.Name"])
        assert stored == {record_id(1): {"AccountId": record_id(9), "Account.Name": "Acme"}}
        assert await sink.referring("Contact", ["AccountId"], [record_id(9)]) == [record_id(1)]
