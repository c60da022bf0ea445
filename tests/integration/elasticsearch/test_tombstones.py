"""Deleted records: what is kept of them, against whom it stands, and when it is forgotten."""

from datetime import UTC, datetime, timedelta

from aiohttp import web
from elasticsearch import AsyncElasticsearch

from forcedex.domain.version import version_from_seconds
from forcedex.domain.writing import WriteResult
from forcedex.elasticsearch.indices import ElasticsearchSink
from forcedex.elasticsearch.naming import Names
from tests.factories.pages import page, record_id
from tests.integration.elasticsearch.proxy import Passing, Proxy
from tests.integration.elasticsearch.writing import ACCOUNTS, STAMP, opened, raw, sources, written

SECONDS = int(STAMP.timestamp())
ONE = record_id(1)


async def test_a_tombstone_holds_nothing_of_the_record_and_the_larger_of_the_two_times(
    sink: ElasticsearchSink, client: AsyncElasticsearch, names: Names
) -> None:
    target = await opened(sink)
    await written(target, {"Name": "a"}, {"Name": "b"}, {"Name": "c"})
    later, earlier = STAMP + timedelta(seconds=60), STAMP - timedelta(days=1)
    result = await target.bury({ONE: later, record_id(2): earlier, record_id(3): None}, 5)
    assert result == WriteResult(written=3)
    assert await sources(client, names) == {}
    versions = [(await raw(client, names, record_id(number)))["_version"] for number in (1, 2, 3)]
    assert versions == [version_from_seconds(each, 5) for each in (SECONDS + 60, SECONDS, SECONDS)]
    assert (await raw(client, names, ONE))["_source"] == {
        "forcedex": {"object": "Account", "version": versions[0], "deleted": True}
    }


async def test_a_record_that_is_not_in_the_index_is_left_out(
    sink: ElasticsearchSink, client: AsyncElasticsearch, names: Names
) -> None:
    target = await opened(sink)
    assert await target.bury({ONE: STAMP}, 5) == WriteResult()
    assert not (await raw(client, names, ONE))["found"]


async def test_a_record_that_a_later_read_has_seen_is_not_buried(
    sink: ElasticsearchSink, client: AsyncElasticsearch, names: Names
) -> None:
    target = await opened(sink)
    await written(target, {"Name": "undeleted"}, ordinal=6)
    assert await target.bury({ONE: STAMP + timedelta(days=1)}, 5) == WriteResult(stale=1)
    assert list(await sources(client, names)) == [ONE]


async def test_a_burial_comes_after_the_writes_that_were_queued_before_it(
    sink: ElasticsearchSink, client: AsyncElasticsearch, names: Names
) -> None:
    target = await opened(sink)
    queued = await target.put(page(ACCOUNTS, {"Name": "short-lived"}), 1)
    assert await target.bury({ONE: None}, 2) == WriteResult(written=1)
    assert await queued == WriteResult(written=1)
    assert await sources(client, names) == {}


async def test_a_write_between_the_look_and_the_burial_does_not_save_the_record(
    proxied: ElasticsearchSink, sink: ElasticsearchSink, proxy: Proxy, client: AsyncElasticsearch, names: Names
) -> None:
    target = await opened(proxied)
    await written(target, {"Name": "a"}, ordinal=1)
    raced = 0

    async def race(passing: Passing) -> web.Response:
        nonlocal raced
        if raced < 2:  # an older read, but with a higher stamp
            raced += 1
            line = b'{"index":{"_id":"%b","version":%d,"version_type":"external_gte"}}\n{"Id":"%b"}\n'
            version = version_from_seconds(SECONDS + raced, 2)
            await client.bulk(
                index=names.index("Account", 1),
                operations=line % (ONE.encode(), version, ONE.encode()),  # type: ignore[arg-type]  # a ready body
            )
        return await passing.forward()

    proxy.on_bulk = race
    assert await target.bury({ONE: None}, 5) == WriteResult(written=1)
    assert raced == 2
    assert (await raw(client, names, ONE))["_version"] == version_from_seconds(SECONDS + 2, 5)
    assert await sources(client, names) == {}


async def test_a_late_older_write_brings_nothing_back_even_when_elasticsearch_forgets_deletions_at_once(
    sink: ElasticsearchSink, client: AsyncElasticsearch, names: Names
) -> None:
    target = await opened(sink)
    await client.indices.put_settings(index=names.index("Account", 1), settings={"index.gc_deletes": "0s"})
    await written(target, {"Name": "Acme"}, ordinal=1)
    await target.bury({ONE: None}, 3)
    assert await written(target, {"Name": "Acme"}, ordinal=2) == WriteResult(stale=1)
    assert await sources(client, names) == {}


async def test_old_tombstones_are_forgotten_and_nothing_else(
    sink: ElasticsearchSink, client: AsyncElasticsearch, names: Names
) -> None:
    target = await opened(sink)
    await written(target, *[{"Name": str(number)} for number in range(5)])
    await target.bury({ONE: STAMP + timedelta(days=1), record_id(2): STAMP + timedelta(days=9), record_id(3): None}, 2)
    assert await sink.purge_tombstones("Account", STAMP) == 0
    assert await sink.purge_tombstones("Account", STAMP + timedelta(days=2)) == 2
    assert [(await raw(client, names, record_id(number)))["found"] for number in range(1, 6)] == [
        False,
        True,
        False,
        True,
        True,
    ]
    assert await sink.purge_tombstones("Account", STAMP + timedelta(days=2)) == 0


async def test_a_record_that_comes_back_while_tombstones_are_purged_stays(
    proxied: ElasticsearchSink, proxy: Proxy, client: AsyncElasticsearch, names: Names
) -> None:
    target = await opened(proxied)
    await written(target, {"Name": "a"}, {"Name": "b"})
    await target.bury({ONE: None, record_id(2): None}, 2)

    async def undelete(passing: Passing) -> web.Response:
        if b'"delete"' in passing.body:
            proxy.on_bulk = lambda other: other.forward()
            await written(target, {"Name": "undeleted"}, ordinal=3)
        return await passing.forward()

    proxy.on_bulk = undelete
    assert await proxied.purge_tombstones("Account", datetime(2027, 1, 1, tzinfo=UTC)) == 1
    assert [each["Name"] for each in (await sources(client, names)).values()] == ["undeleted"]
