"""Records that only the older generation has go into the newest, as far as their fields are the same there."""

import json
from typing import Any

import pytest
from aiohttp import web
from elasticsearch import AsyncElasticsearch

from forcedex.app import SystemClock
from forcedex.domain.errors import SinkRefused
from forcedex.domain.version import version_from_seconds
from forcedex.elasticsearch.bulk import BulkWriter
from forcedex.elasticsearch.carrying import fitting
from forcedex.elasticsearch.indices import ElasticsearchSink, IndexSettings
from forcedex.elasticsearch.naming import Names
from tests.factories.pages import record_id
from tests.factories.schemas import field
from tests.integration.elasticsearch.proxy import Passing, Proxy, answer
from tests.integration.elasticsearch.writing import STAMP, as_text, opened, raw, sources, with_fields, written


async def test_only_what_the_newest_knows_nothing_of_is_left_behind(sink: ElasticsearchSink) -> None:
    await written(await opened(sink), *({"Name": each} for each in "abcd"))
    target = await opened(sink)
    await written(target, {"Name": "a again"}, ordinal=2)
    await target.bury({record_id(2): None}, 3)
    assert [list(ids) async for ids in target.left_behind()] == [[record_id(3), record_id(4)]]
    await target.publish()
    assert [list(ids) async for ids in target.left_behind()] == []


async def test_a_copied_document_is_the_same_to_the_last_digit_but_for_fields_that_changed(
    sink: ElasticsearchSink, client: AsyncElasticsearch, names: Names
) -> None:
    then = with_fields(field("Rank__c", "double"), field("Gone__c"), field("Exact__c", "double"))
    values = {"Name": "Ärger", "Rank__c": "7", "Gone__c": "x", "Exact__c": "1234567890123456.78"}
    await written(await opened(sink, then), values, {"Exact__c": "123456789012345678901234"}, of=then)
    now = with_fields(field("Rank__c"), field("Exact__c", "double"), field("New__c"))
    target = await opened(sink, now)
    assert await target.carry([record_id(1), record_id(2), record_id(3)]) == 2
    for number, digits in ((1, "1234567890123456.78"), (2, "123456789012345678901234")):
        old, new = [await as_text(client, names, record_id(number), generation) for generation in (1, 2)]
        assert digits in old and digits in new
        changed = json.loads(old)
        for name in ("Rank__c", "Gone__c"):
            changed.pop(name, None)
        version = (await raw(client, names, record_id(number), 2))["_version"]
        assert version == version_from_seconds(int(STAMP.timestamp()), 0)
        changed["forcedex"]["version"] = version
        assert json.loads(new) == changed


async def test_a_copy_never_replaces_what_was_written_meanwhile(
    sink: ElasticsearchSink, client: AsyncElasticsearch, names: Names
) -> None:
    await written(await opened(sink), {"Name": "old"}, {"Name": "old too"})
    target = await opened(sink)
    await written(target, {"Name": "new"}, ordinal=2, newest_only=True)
    await target.bury({record_id(2): None}, 3)
    assert await target.carry([record_id(1), record_id(2)]) == 0
    await target.publish()
    assert [each["Name"] for each in (await sources(client, names)).values()] == ["new"]


async def test_whatever_is_read_of_a_copied_record_later_replaces_the_copy_although_ordinals_began_again(
    sink: ElasticsearchSink, client: AsyncElasticsearch, names: Names
) -> None:
    await written(await opened(sink), {"Name": "old"}, ordinal=900)
    target = await opened(sink)
    assert await target.carry([record_id(1)]) == 1
    await written(target, {"Name": "shown again"}, ordinal=2)
    await target.publish()
    assert [each["Name"] for each in (await sources(client, names)).values()] == ["shown again"]


async def test_a_copy_that_is_refused_stops_the_new_index(proxied: ElasticsearchSink, proxy: Proxy) -> None:
    await written(await opened(proxied), {"Name": "old"})
    target = await opened(proxied)

    async def refuse(passing: Passing) -> web.Response:
        error = {"type": "document_parsing_exception", "reason": "failed to parse"}
        return answer({"errors": True, "items": [{"index": {"status": 400, "error": error}}]})

    proxy.on_bulk = refuse
    with pytest.raises(SinkRefused, match="hidden from the sync user do not fit .* failed to parse"):
        await target.carry([record_id(1)])


async def test_columns_that_are_not_selected_any_more_are_not_copied_from_the_overflow(
    client: AsyncElasticsearch, names: Names
) -> None:
    tight = IndexSettings(field_budget=20)
    async with ElasticsearchSink(client, names, BulkWriter(client, SystemClock()), tight) as sink:
        then = with_fields(field("Kept__c"), field("Hidden__c"))
        await written(await opened(sink, then), {"Kept__c": "k", "Hidden__c": "h"}, of=then)
        assert '"Hidden__c":"h"' in await as_text(client, names, record_id(1))
        target = await opened(sink, with_fields(field("Kept__c")))
        assert await target.carry([record_id(1)]) == 1
    copied = await as_text(client, names, record_id(1), 2)
    assert '"Kept__c":"k"' in copied and "Hidden__c" not in copied


@pytest.mark.parametrize("kind", ["double", None])
def test_what_has_another_type_now_stays_out(kind: str | None) -> None:
    before: dict[str, Any] = {"A": {"properties": {"B": {"type": "keyword"}, "C": {"type": "keyword"}}}}
    now: dict[str, Any] = {"A": {"properties": {"C": {"type": "keyword"}, **({"B": {"type": kind}} if kind else {})}}}
    assert fitting({"A": {"B": "b", "C": "c"}, "D": 1}, before, now, ()) == {"A": {"C": "c"}}
