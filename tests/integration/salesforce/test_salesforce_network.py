"""What can go wrong between here and Salesforce, with real sockets."""

import asyncio
import gzip
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from forcedex.domain.errors import ConfigurationError, SourceDataError, SourceUnavailable
from tests.integration.salesforce.private_ca import PrivateCa

if TYPE_CHECKING:
    from tests.integration.salesforce.conftest import Asked, Connect, HastyClock, Serve

VERSIONS = [{"label": "Summer '26", "url": "/services/data/v67.0", "version": "67.0"}]


async def healthy(asked: "Asked") -> None:
    asked.reply(200, VERSIONS)


def some_times(trouble: Callable[["Asked"], Awaitable[None]], times: int) -> Callable[["Asked"], Awaitable[None]]:
    """A handler that makes trouble so many times and is healthy then."""
    left = [times]

    async def handler(asked: "Asked") -> None:
        left[0] -= 1
        await (trouble if left[0] >= 0 else healthy)(asked)

    return handler


async def test_the_time_is_the_orgs(serve: "Serve", connect: "Connect") -> None:
    org = await serve(healthy)

    assert await connect(org.url).now() == datetime(2026, 6, 1, 12, tzinfo=UTC)


async def test_a_closed_port_is_unavailable(connect: "Connect", clock: "HastyClock") -> None:
    server = await asyncio.start_server(lambda reader, writer: None, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    server.close()
    await server.wait_closed()

    with pytest.raises(SourceUnavailable, match="cannot be reached") as caught:
        await connect(f"http://127.0.0.1:{port}").now()

    assert "login_url" in caught.value.hint and len(clock.sleeps) == 4


async def cut_at_once(asked: "Asked") -> None:
    asked.cut()


async def cut_in_the_body(asked: "Asked") -> None:
    asked.start(200, {"Content-Length": 500})
    asked.writer.write(b'[{"label": ')
    await asked.writer.drain()
    asked.cut()


async def cut_in_a_chunk(asked: "Asked") -> None:
    asked.start(200, {"Transfer-Encoding": "chunked"})
    asked.writer.write(b'b\r\n[{"label": \r\n')
    await asked.writer.drain()
    asked.cut()


async def damaged_gzip(asked: "Asked") -> None:
    asked.reply(200, b"\x1f\x8b not gzip at all", {"Content-Encoding": "gzip"})


async def not_http(asked: "Asked") -> None:
    asked.writer.write(b"220 smtp.example ESMTP\r\n")
    await asked.writer.drain()
    asked.writer.close()


@pytest.mark.parametrize("trouble", [cut_at_once, cut_in_the_body, cut_in_a_chunk, damaged_gzip, not_http])
async def test_a_broken_answer_is_asked_for_again(
    serve: "Serve", connect: "Connect", trouble: Callable[["Asked"], Awaitable[None]]
) -> None:
    org = await serve(some_times(trouble, 2))

    assert (await connect(org.url).now()).year == 2026
    assert len(org.asked) == 3


@pytest.mark.parametrize(
    ("trouble", "kind", "words"),
    [(cut_in_the_body, SourceUnavailable, "broke off"), (damaged_gzip, SourceDataError, "damaged")],
)
async def test_an_answer_that_stays_broken_is_an_error(
    serve: "Serve",
    connect: "Connect",
    trouble: Callable[["Asked"], Awaitable[None]],
    kind: type[Exception],
    words: str,
) -> None:
    org = await serve(some_times(trouble, 99))

    with pytest.raises(kind, match=words):
        await connect(org.url, attempts=3).now()
    assert len(org.asked) == 3


async def test_silence_ends_with_the_read_timeout(serve: "Serve", connect: "Connect") -> None:
    async def silent(asked: "Asked") -> None:
        await asyncio.sleep(30)

    org = await serve(silent)

    with pytest.raises(SourceUnavailable, match="in time"):
        await connect(org.url, attempts=2, read_timeout=0.1).now()
    assert len(org.asked) == 2


async def test_an_answer_that_drips_ends_with_the_answer_timeout(serve: "Serve", connect: "Connect") -> None:
    async def dripping(asked: "Asked") -> None:
        asked.start(200, {"Content-Length": 10_000})
        for _ in range(1000):
            asked.writer.write(b" ")
            await asked.writer.drain()
            await asyncio.sleep(0.02)

    org = await serve(dripping)

    with pytest.raises(SourceUnavailable, match="in time"):
        await connect(org.url, attempts=1, answer_timeout=0.3).now()


async def test_gzip_is_unpacked(serve: "Serve", connect: "Connect") -> None:
    async def packed(asked: "Asked") -> None:
        assert asked.headers["accept-encoding"] == "gzip"
        asked.reply(200, gzip.compress(b"[]"), {"Content-Encoding": "gzip"})

    org = await serve(packed)

    assert (await connect(org.url).now()).year == 2026


async def test_a_small_answer_that_unpacks_to_a_huge_one_is_not_read(serve: "Serve", connect: "Connect") -> None:
    async def bomb(asked: "Asked") -> None:
        asked.reply(200, gzip.compress(b" " * 50_000_000), {"Content-Encoding": "gzip"})

    org = await serve(bomb)

    with pytest.raises(SourceDataError, match="larger"):
        await connect(org.url, max_answer_bytes=1_000_000).now()
    assert len(org.asked) == 1


async def test_a_private_ca_is_trusted_when_it_is_named(serve: "Serve", connect: "Connect", tmp_path: Path) -> None:
    ca = PrivateCa(tmp_path)
    org = await serve(healthy, ca.server("localhost"))

    assert (await connect(org.url, ca_file=str(ca.ca_file)).now()).year == 2026


async def test_an_unknown_ca_is_a_wrong_setting_with_a_next_step(
    serve: "Serve", connect: "Connect", clock: "HastyClock", tmp_path: Path
) -> None:
    org = await serve(healthy, PrivateCa(tmp_path).server("localhost"))

    with pytest.raises(ConfigurationError, match="not trusted") as caught:
        await connect(org.url).now()
    assert "ca_file" in caught.value.hint and clock.sleeps == []


async def test_a_certificate_of_another_host_is_not_trusted(serve: "Serve", connect: "Connect", tmp_path: Path) -> None:
    ca = PrivateCa(tmp_path)
    org = await serve(healthy, ca.server("other.example"))

    with pytest.raises(ConfigurationError, match="not trusted"):
        await connect(org.url, ca_file=str(ca.ca_file)).now()


async def test_https_on_a_port_without_it_is_unavailable(connect: "Connect") -> None:
    async def only_http(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read(1)
        writer.write(b"HTTP/1.1 400 Bad Request\r\n\r\n")
        await writer.drain()
        writer.close()

    async with await asyncio.start_server(only_http, "127.0.0.1", 0) as server:
        port = server.sockets[0].getsockname()[1]
        with pytest.raises(SourceUnavailable, match="encrypted connection"):
            await connect(f"https://127.0.0.1:{port}", attempts=1).now()


async def test_silence_over_tls_is_told_apart_from_a_failed_handshake(
    serve: "Serve", connect: "Connect", tmp_path: Path
) -> None:
    async def silent(asked: "Asked") -> None:
        await asyncio.sleep(30)

    ca = PrivateCa(tmp_path)
    org = await serve(silent, ca.server("localhost"))

    with pytest.raises(SourceUnavailable, match="in time"):
        await connect(org.url, ca_file=str(ca.ca_file), attempts=1, read_timeout=0.2).now()


async def test_a_cancelled_request_gives_its_connection_back(serve: "Serve", connect: "Connect") -> None:
    waiting = asyncio.Event()

    async def slow_once(asked: "Asked") -> None:
        if not waiting.is_set():
            waiting.set()
            await asyncio.sleep(30)
        await healthy(asked)

    org = await serve(slow_once)
    source = connect(org.url, connections=1)
    task = asyncio.create_task(source.now())
    await waiting.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task

    assert (await source.now()).year == 2026
