"""Elasticsearch in trouble: what is tried again, how often, and what whoever waits is told."""

import asyncio
import itertools
import math
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

import orjson
import pytest
import pytest_asyncio
from aiohttp import web
from elasticsearch import AsyncElasticsearch

from forcedex.domain.errors import SinkRefused, SinkUnavailable
from forcedex.domain.writing import WriteResult
from forcedex.elasticsearch.bulk import BulkLimits, BulkWriter
from forcedex.elasticsearch.client import ElasticsearchSettings, connect
from forcedex.elasticsearch.indices import ElasticsearchSink
from forcedex.elasticsearch.naming import Names
from tests.factories.pages import page, record_id
from tests.integration.elasticsearch.proxy import Passing, Proxy, answer
from tests.integration.elasticsearch.writing import ACCOUNTS, large_request, opened, sources, written


@dataclass
class Hours:
    """A clock that passes only while somebody sleeps, and then at once."""

    time: float = 0.0
    sleeping: dict[int, float] = field(default_factory=dict)

    def monotonic(self) -> float:
        return self.time

    async def sleep(self, seconds: float) -> None:
        until = self.time + seconds
        await asyncio.sleep(0.002)
        self.time = max(self.time, until)


@pytest_asyncio.fixture
async def patient(proxy: Proxy, names: Names) -> AsyncIterator[tuple[ElasticsearchSink, Hours]]:
    """A sink with the limits of production, whose pauses take no time."""
    client, clock = connect(ElasticsearchSettings(url=proxy.url)), Hours()
    async with ElasticsearchSink(client, names, BulkWriter(client, clock, BulkLimits(request_items=10))) as sink:
        yield sink, clock
    await client.close()


#: What may become of one document: status, error type, reason.
ITEMS = {
    "ok": (201, "", ""),
    "conflict": (409, "version_conflict_engine_exception", "version conflict"),
    "overload": (429, "es_rejected_execution_exception", "rejected"),
    "flood": (429, "cluster_block_exception", "disk usage exceeded flood-stage watermark"),
    "read_only": (403, "cluster_block_exception", "index read-only"),
    "shard": (503, "unavailable_shards_exception", "primary shard is not active"),
    "poison": (400, "document_parsing_exception", "failed to parse"),
    "closed": (400, "index_closed_exception", "closed"),
    "gone": (404, "index_not_found_exception", "no such index"),
    "forbidden": (403, "security_exception", "action is unauthorized"),
}
PASSING = {"overload", "flood", "read_only", "shard"}
HOPELESS = {"closed", "gone", "forbidden"}


def item(kind: str) -> dict[str, Any]:
    status, type, reason = ITEMS[kind]
    return {"index": {"status": status, **({"error": {"type": type, "reason": reason}} if type else {})}}


def ids_in(passing: Passing) -> list[str]:
    return [orjson.loads(line)["index"]["_id"] for line in passing.body.splitlines()[::2]]


async def test_every_pair_of_outcomes_is_told_apart(patient: tuple[ElasticsearchSink, Hours], proxy: Proxy) -> None:
    sink, _ = patient
    target = await opened(sink)
    for first, second in itertools.product(ITEMS, repeat=2):
        kinds = {record_id(1): first, record_id(2): second, record_id(3): "ok"}
        asked: list[list[str]] = []

        async def reply(
            passing: Passing, kinds: dict[str, str] = kinds, asked: list[list[str]] = asked
        ) -> web.Response:
            asked.append(ids_in(passing))
            items = [item(kinds[each] if len(asked) == 1 else "ok") for each in asked[-1]]
            return answer({"errors": True, "items": items})

        proxy.on_bulk = reply
        if {first, second} & HOPELESS:
            with pytest.raises(SinkRefused):
                await written(target, {}, {}, {})
            continue
        result = await written(target, {}, {}, {})
        again = [key for key, kind in kinds.items() if kind in PASSING]
        assert asked == ([list(kinds), again] if again else [list(kinds)])
        assert [letter.record_id for letter in result.rejected] == [
            key for key, kind in kinds.items() if kind == "poison"
        ]
        assert all(letter.payload["Id"] == letter.record_id for letter in result.rejected)
        assert result.stale == [first, second].count("conflict")  # nothing is there: it was deleted since
        assert result.written == 3 - len(result.rejected) - result.stale


Reply = Callable[[Passing], Awaitable[web.Response]]


def broken(kind: str) -> Reply:
    """Answers that are none."""

    async def reply(passing: Passing) -> web.Response:
        good = orjson.loads((await passing.forward()).body)  # type: ignore[arg-type]  # bytes: it is no stream
        match kind:
            case "item missing":
                return answer({**good, "items": good["items"][:-1]})
            case "no items":
                return answer({"errors": False})
            case "empty":
                return answer({})
            case "a list":
                return answer([])
            case "an empty item":
                return answer({"errors": True, "items": [{}, *good["items"][1:]]})
            case "item without status":
                return answer({"errors": True, "items": [{"index": {}}, *good["items"][1:]]})
            case "item of null":
                return answer({"errors": True, "items": [None, *good["items"][1:]]})
            case "html with 200":
                return web.Response(
                    text="<html>", content_type="text/html", headers={"X-Elastic-Product": "Elasticsearch"}
                )
            case "half of it":
                body = orjson.dumps(good)
                return web.Response(
                    body=body[: len(body) // 2],
                    content_type="application/json",
                    headers={"X-Elastic-Product": "Elasticsearch"},
                )
            case "502 html":
                return web.Response(text="<html>Bad gateway</html>", status=502, content_type="text/html")
            case "503":
                return answer({"error": {"type": "x", "reason": "y"}, "status": 503}, 503)
            case "429":
                return answer({"error": {"type": "circuit_breaking_exception", "reason": "y"}, "status": 429}, 429)
        raise AssertionError(kind)

    return reply


KINDS = (
    "item missing", "no items", "empty", "a list", "an empty item", "item without status", "item of null",
    "html with 200", "half of it", "502 html", "503", "429",
)  # fmt: skip


async def test_an_answer_that_is_none_is_asked_for_again_and_nothing_is_doubled(
    proxied: ElasticsearchSink, proxy: Proxy, client: AsyncElasticsearch, names: Names
) -> None:
    target = await opened(proxied)
    for kind in KINDS:
        proxy.bulks.clear()
        replies = iter([broken(kind)])

        async def first_broken(passing: Passing, replies: Iterator[Reply] = replies) -> web.Response:
            reply = next(replies, None)
            return await (reply(passing) if reply else passing.forward())

        proxy.on_bulk = first_broken
        assert await written(target, {"Name": kind}, {"Name": kind}) == WriteResult(written=2), kind
        assert proxy.bulks == [2, 2], kind
    assert [each["Name"] for each in (await sources(client, names)).values()] == [KINDS[-1], KINDS[-1]]


async def test_answers_that_stay_wrong_are_told_as_unavailable(proxied: ElasticsearchSink, proxy: Proxy) -> None:
    target = await opened(proxied)
    for kind in ("item missing", "502 html"):
        proxy.on_bulk = broken(kind)
        with pytest.raises(SinkUnavailable):
            await written(target, {}, {})


async def test_a_connection_that_is_cut_after_the_write_was_applied_loses_and_doubles_nothing(
    proxied: ElasticsearchSink, proxy: Proxy, client: AsyncElasticsearch, names: Names
) -> None:
    target = await opened(proxied)
    cut = iter([True])

    async def cut_once(passing: Passing) -> web.Response:
        done = await passing.forward()
        if next(cut, False):
            passing.cut()
        return done

    proxy.on_bulk = cut_once
    assert await written(target, {"Name": "a"}, {"Name": "b"}) == WriteResult(written=2)
    assert len(await sources(client, names)) == 2


@pytest.mark.parametrize("status", [400, 413])
async def test_a_request_that_is_refused_whole_is_halved_until_the_culprit_is_found(
    status: int, proxied: ElasticsearchSink, proxy: Proxy, client: AsyncElasticsearch, names: Names
) -> None:
    target = await opened(proxied)
    number, bad = 1_000, {"bad 137", "bad 700"}

    async def refuse(passing: Passing) -> web.Response:
        if any(name.encode() in passing.body for name in bad):
            return answer({"error": {"type": "x_content_parse_exception", "reason": "odd"}, "status": status}, status)
        return await passing.forward()

    proxy.on_bulk = refuse
    names_of = [f"bad {index}" if f"bad {index}" in bad else f"good {index}" for index in range(number)]
    result = await written(target, *[{"Name": name} for name in names_of])
    assert result.written == number - 2
    assert {letter.payload["Name"] for letter in result.rejected} == bad
    assert all("odd" in letter.reason for letter in result.rejected)
    assert len(proxy.bulks) <= len(bad) * 2 * math.ceil(math.log2(number)) + 1


async def test_a_server_that_refuses_every_request_makes_no_dead_letters(
    proxied: ElasticsearchSink, proxy: Proxy
) -> None:
    target = await opened(proxied)

    async def refuse(passing: Passing) -> web.Response:
        return answer({"error": {"type": "media_type_header_exception", "reason": "no"}, "status": 400}, 400)

    proxy.on_bulk = refuse
    with pytest.raises(SinkRefused, match="every bulk request"):
        await written(target, {}, {}, {})


@pytest.mark.parametrize(
    "block", ["index.blocks.read_only_allow_delete", "index.blocks.read_only", "index.blocks.write"]
)
async def test_a_blocked_index_is_probed_once_in_ten_seconds_and_written_again_by_itself(
    block: str,
    patient: tuple[ElasticsearchSink, Hours],
    proxy: Proxy,
    client: AsyncElasticsearch,
    names: Names,
) -> None:
    sink, clock = patient
    target = await opened(sink)
    index = names.index("Account", 1)
    await client.indices.put_settings(index=index, settings={block: True})
    told = []
    while clock.time < 300:  # as the engine does: page after page, each until it is told that it is in vain
        with pytest.raises(SinkUnavailable, match="takes no writes") as caught:
            await written(target, *[{"Name": "x"}] * 50)
        told.append(caught.value)
    assert "Free disk space or remove the block" in told[0].hint
    assert len(proxy.bulks) <= clock.time / 10 + 6
    began = clock.time
    probes = len(proxy.bulks)

    async def free(passing: Passing) -> web.Response:
        if len(proxy.bulks) == probes + 2:
            await client.indices.put_settings(index=index, settings={block: None})
        return await passing.forward()

    proxy.on_bulk = free
    assert await written(target, *[{"Name": "x"}] * 50) == WriteResult(written=50)
    assert clock.time - began <= 30


async def test_what_nobody_waits_for_any_more_is_not_sent_to_a_blocked_index(
    patient: tuple[ElasticsearchSink, Hours], proxy: Proxy, client: AsyncElasticsearch, names: Names
) -> None:
    sink, _ = patient
    target = await opened(sink)
    index = names.index("Account", 1)
    await client.indices.put_settings(index=index, settings={"index.blocks.read_only": True})
    under_way = [await target.put(page(ACCOUNTS, *[{"Name": "old"}] * 100), 1) for _ in range(10)]
    for each in under_way:
        asyncio.ensure_future(each).cancel()
    await client.indices.put_settings(index=index, settings={"index.blocks.read_only": None})
    assert (await written(target, {"Name": "new"}, ordinal=2)).written == 1
    assert len(proxy.bulks) < 50  # of 101


async def test_memory_is_bounded_while_nothing_is_acknowledged(proxied: ElasticsearchSink, proxy: Proxy) -> None:
    target = await opened(proxied)
    release = asyncio.Event()
    held = 0

    async def hold(passing: Passing) -> web.Response:
        nonlocal held
        held += len(passing.body)
        await release.wait()
        return await passing.forward()

    proxy.on_bulk = hold
    text = "x" * 131_072
    taken = 0
    outcomes = []

    async def read_on() -> None:
        nonlocal taken
        while True:
            row = {"Id": record_id(taken), "Description": text}
            outcomes.append(await target.put(page(ACCOUNTS, *[row] * 10), 1))
            taken += 10

    reading = asyncio.create_task(read_on())
    before = -1
    while before < taken or not taken:
        before = taken
        await asyncio.sleep(0.2)
    assert 100 <= taken <= 200  # 24 MiB of documents with 128 KiB
    reading.cancel()
    release.set()
    assert sum([(await each).written for each in outcomes]) == taken


@large_request
async def test_documents_of_ten_megabytes_pass_one_by_one_and_do_not_pile_up(
    patient: tuple[ElasticsearchSink, Hours], proxy: Proxy
) -> None:
    sink, _ = patient
    target = await opened(sink)
    release = asyncio.Event()

    async def hold(passing: Passing) -> web.Response:
        await release.wait()
        return await passing.forward()

    proxy.on_bulk = hold
    rows = [{"Id": record_id(index), "Description": "lorem ipsum " * 850_000} for index in range(5)]
    writing = asyncio.create_task(written(target, *rows[:3]))
    while len(proxy.bulks) < 2:
        await asyncio.sleep(0.02)
    await asyncio.sleep(0.3)
    assert proxy.bulks == [1, 1]  # a third would be more than 24 MiB
    release.set()
    assert await writing == WriteResult(written=3)
