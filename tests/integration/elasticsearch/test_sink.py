from datetime import UTC, datetime

import pytest
from elasticsearch import AsyncElasticsearch

from forcedex.domain.errors import SinkRefused, SinkUnavailable
from forcedex.domain.writing import WriteResult
from forcedex.elasticsearch.indices import ElasticsearchSink
from forcedex.elasticsearch.naming import Names
from forcedex.elasticsearch.query import QueryClient
from tests.factories.pages import record_id
from tests.factories.schemas import field
from tests.integration.elasticsearch.writing import (
    checkpoint,
    opened,
    sources,
    with_fields,
    written,
)


async def test_what_was_acknowledged_is_in_the_index(
    sink: ElasticsearchSink, client: AsyncElasticsearch, names: Names
) -> None:
    result = await written(await opened(sink), {"Name": "Acme"}, {"Name": "Umbrella"})
    assert result == WriteResult(written=2)
    assert sorted(each["Name"] for each in (await sources(client, names)).values()) == ["Acme", "Umbrella"]


async def test_an_older_read_never_overwrites_a_newer_one(
    sink: ElasticsearchSink, client: AsyncElasticsearch, names: Names
) -> None:
    target = await opened(sink)
    await written(target, {"Name": "new"}, ordinal=9)
    assert await written(target, {"Name": "old"}, ordinal=8) == WriteResult(stale=1)
    assert [each["Name"] for each in (await sources(client, names)).values()] == ["new"]


async def test_the_same_read_may_be_written_twice(sink: ElasticsearchSink) -> None:
    target = await opened(sink)
    await written(target, {"Name": "once"})
    assert await written(target, {"Name": "once"}) == WriteResult(written=1)


async def test_a_later_read_with_an_older_stamp_is_handed_back_with_the_stored_stamp(
    sink: ElasticsearchSink, client: AsyncElasticsearch, names: Names
) -> None:
    target = await opened(sink)
    await written(target, {"Name": "before"}, ordinal=1, stamp="2026-01-31T10:00:59.000Z")
    result = await written(target, {"Name": "restored"}, ordinal=2)
    stored = int(datetime(2026, 1, 31, 10, 0, 59, tzinfo=UTC).timestamp())
    assert result == WriteResult(went_back=((record_id(1), stored),))
    again = await written(target, {"Name": "restored"}, ordinal=3, at_least=dict(result.went_back))
    assert again == WriteResult(written=1)
    assert [each["Name"] for each in (await sources(client, names)).values()] == ["restored"]


async def test_a_deleted_record_leaves_a_tombstone_that_no_search_shows_and_no_old_read_brings_back(
    sink: ElasticsearchSink, client: AsyncElasticsearch, names: Names
) -> None:
    target = await opened(sink)
    await written(target, {"Name": "Acme"}, ordinal=1)
    await written(target, {"IsDeleted": "true"}, ordinal=2, stamp="2026-01-31T10:05:00.000Z")
    assert await written(target, {"Name": "Acme"}, ordinal=1) == WriteResult(stale=1)
    assert await sources(client, names) == {}
    answer = await client.search(index=names.write_alias("Account"))
    assert set(answer["hits"]["hits"][0]["_source"]) == {"forcedex"}


async def test_a_document_that_elasticsearch_refuses_becomes_a_dead_letter_and_its_neighbours_are_written(
    sink: ElasticsearchSink,
) -> None:
    dated = with_fields(field("Born__c", "date"))
    target = await opened(sink, dated)
    rows = ({"Name": "good"}, {"Name": "bad", "Born__c": "2026-02-30"}, {"Name": "good too"})
    result = await written(target, *rows, of=dated)
    assert result.written == 2
    (letter,) = result.rejected
    assert letter.record_id == record_id(2)
    assert "Born__c" in letter.reason
    assert letter.payload == {
        "Id": record_id(2),
        "IsDeleted": "false",
        "SystemModstamp": "2026-01-31T10:00:00.000Z",
        "Name": "bad",
        "Born__c": "2026-02-30",
    }


async def test_more_than_fits_one_request_is_written_whole(sink: ElasticsearchSink) -> None:
    rows = [{"Name": f"Account {number}", "Description": "x" * 5_000} for number in range(2_500)]
    assert (await written(await opened(sink), *rows)).written == 2_500


async def test_a_blocked_index_pauses_and_then_says_what_blocks_it(
    sink: ElasticsearchSink, client: AsyncElasticsearch, names: Names
) -> None:
    target = await opened(sink)
    await client.indices.put_settings(index=names.generations("Account"), settings={"index.blocks.read_only": True})
    try:
        with pytest.raises(SinkUnavailable, match="takes no writes"):
            await written(target, {"Name": "Acme"})
    finally:
        await client.indices.put_settings(index=names.generations("Account"), settings={"index.blocks.read_only": None})
    assert (await written(target, {"Name": "Acme"})).written == 1


async def test_a_vanished_index_is_refused_and_not_made_anew_without_its_mapping(
    sink: ElasticsearchSink, client: AsyncElasticsearch, names: Names
) -> None:
    target = await opened(sink)
    await client.indices.delete(index=names.index("Account", 1))
    with pytest.raises(SinkRefused, match="gone"):
        await written(target, {"Name": "Acme"})


async def test_an_index_that_fits_its_checkpoint_is_opened_again(sink: ElasticsearchSink) -> None:
    first = await opened(sink)
    again = await opened(sink, known=checkpoint(first))
    assert (again.generation, again.index_uuid) == (first.generation, first.index_uuid)


async def test_an_index_of_a_newer_program_is_refused(
    sink: ElasticsearchSink, client: AsyncElasticsearch, names: Names
) -> None:
    await opened(sink)
    await client.indices.put_mapping(index=names.index("Account", 1), meta={"mapping_version": 999})
    with pytest.raises(SinkRefused, match="newer version"):
        await opened(sink)


async def test_asking_knows_the_objects_and_their_fields_from_the_index_alone(
    sink: ElasticsearchSink, queries: QueryClient
) -> None:
    await opened(sink)
    (account,) = await queries.objects()
    assert (account.name, account.name_field, account.fields["Phone"].role) == ("Account", "Name", "phone")


async def test_a_late_write_of_an_older_generation_cannot_land_in_a_newer_one(
    sink: ElasticsearchSink, client: AsyncElasticsearch, names: Names
) -> None:
    old = await opened(sink)
    new = await opened(sink)
    await written(old, {"Name": "zombie"})
    await new.publish()
    assert await sources(client, names) == {}
    with pytest.raises(SinkRefused, match="gone"):
        await written(old, {"Name": "zombie"})
