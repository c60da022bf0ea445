"""The operations port, over real HTTP."""

import asyncio
import socket
import urllib.request
from collections.abc import AsyncIterator
from dataclasses import dataclass

import httpx2
import pytest
from prometheus_client.parser import text_string_to_metric_families

from forcedex.domain.errors import ConfigurationError
from forcedex.operations.health import Health, Part
from forcedex.operations.metrics import Metrics
from forcedex.operations.redaction import Redactor
from forcedex.operations.server import OperationsServer, operations_server
from forcedex.sync.events import ChangesCaughtUp, ObjectFailed, SyncPaused

CANARY = "canary-of-the-port"


@dataclass
class Clock:
    time: float = 0.0

    def monotonic(self) -> float:
        return self.time

    async def sleep(self, seconds: float) -> None:
        raise AssertionError("nobody sleeps here")


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def health(clock: Clock) -> Health:
    return Health(clock, Redactor([CANARY]))


@pytest.fixture
def metrics() -> Metrics:
    return Metrics()


@pytest.fixture
async def server(health: Health, metrics: Metrics) -> AsyncIterator[OperationsServer]:
    async with operations_server("127.0.0.1", 0, health, metrics) as running:
        yield running


@pytest.fixture
async def http(server: OperationsServer) -> AsyncIterator[httpx2.AsyncClient]:
    async with httpx2.AsyncClient(base_url=server.url, trust_env=False) as client:
        yield client


async def test_healthz_says_whether_the_engine_lives(http: httpx2.AsyncClient, health: Health, clock: Clock) -> None:
    answer = await http.get("/healthz")
    assert (answer.status_code, answer.json()) == (200, {"alive": True, "silent_seconds": 0.0})
    clock.time += 61
    answer = await http.get("/healthz")
    assert (answer.status_code, answer.json()) == (503, {"alive": False, "silent_seconds": 61.0})
    health.hear(ChangesCaughtUp("Account", 1))
    assert (await http.get("/healthz")).status_code == 200


async def test_readyz_names_each_part(http: httpx2.AsyncClient, health: Health) -> None:
    answer = await http.get("/readyz")
    assert answer.status_code == 503
    assert list(answer.json()["parts"]) == ["salesforce", "elasticsearch", "state", "lease", "sync"]
    health.works(*Part)
    answer = await http.get("/readyz")
    assert answer.status_code == 200 and answer.json()["ready"] is True
    health.hear(SyncPaused("Elasticsearch blocks writes: its disk is full.", 5.0))
    answer = await http.get("/readyz")
    assert answer.status_code == 503
    part = answer.json()["parts"]["sync"]
    assert (part["ok"], part["detail"]) == (False, "Elasticsearch blocks writes: its disk is full.")
    assert part["since"].endswith("+00:00")


async def test_metrics_are_what_prometheus_reads(http: httpx2.AsyncClient, metrics: Metrics) -> None:
    metrics.hear(ChangesCaughtUp("Account", 5))
    answer = await http.get("/metrics")
    assert answer.status_code == 200
    assert answer.headers["content-type"].startswith("text/plain; version=")
    families = {each.name: each for each in text_string_to_metric_families(answer.text)}
    assert families["forcedex_changes"].samples[0].value == 5
    assert families["process_resident_memory_bytes"].samples[0].value > 0


@pytest.mark.parametrize("path", ["/healthz", "/readyz", "/metrics"])
async def test_head_works_and_nothing_else_than_reading(http: httpx2.AsyncClient, path: str) -> None:
    answer = await http.head(path)
    assert answer.status_code in (200, 503) and answer.content == b""
    assert answer.headers["cache-control"] == "no-store"
    assert int(answer.headers["content-length"]) > 0
    for method in ("POST", "PUT", "DELETE"):
        assert (await http.request(method, path)).status_code == 405


@pytest.mark.parametrize("path", ["/", "/docs", "/openapi.json", "/debug", "/healthz/../etc/passwd", "/metrics/x"])
async def test_there_is_nothing_else(http: httpx2.AsyncClient, path: str) -> None:
    answer = await http.get(path)
    assert answer.status_code == 404 and "server" not in answer.headers


async def test_no_secret_and_no_stack_trace_is_answered(
    http: httpx2.AsyncClient, health: Health, metrics: Metrics
) -> None:
    for event in (ObjectFailed("Account", CANARY), SyncPaused(f"it says {CANARY}\nTraceback", 1.0)):
        health.hear(event)
        metrics.hear(event)
    health.fails(Part.SALESFORCE, f"Bearer abcdefgh {CANARY}")
    for path in ("/healthz", "/readyz", "/metrics"):
        answer = await http.get(path)
        assert CANARY not in answer.text + str(answer.headers) and "abcdefgh" not in answer.text


async def test_a_page_that_fails_shows_nothing_and_the_others_go_on(clock: Clock, metrics: Metrics) -> None:
    class Broken(Health):
        @property
        def alive(self) -> bool:
            raise RuntimeError(CANARY)

    async with (
        operations_server("127.0.0.1", 0, Broken(clock, Redactor()), metrics) as server,
        httpx2.AsyncClient(base_url=server.url, trust_env=False) as http,
    ):
        answer = await http.get("/healthz")
        assert (answer.status_code, answer.text) == (500, "Internal Server Error")
        assert (await http.get("/metrics")).status_code == 200


async def test_a_taken_port_is_replaced_by_the_next_free_one(
    server: OperationsServer, health: Health, metrics: Metrics
) -> None:
    async with operations_server("127.0.0.1", server.port, health, metrics) as second:
        assert server.port < second.port <= server.port + 20
        async with httpx2.AsyncClient(base_url=second.url, trust_env=False) as http:
            assert (await http.get("/healthz")).status_code == 200


async def test_it_is_gone_afterwards(health: Health, metrics: Metrics) -> None:
    async with operations_server("127.0.0.1", 0, health, metrics) as server:
        pass
    with pytest.raises(ConnectionRefusedError):
        await asyncio.open_connection("127.0.0.1", server.port)


async def test_it_listens_on_the_given_address_only(server: OperationsServer) -> None:
    with pytest.raises(OSError), socket.create_connection(("127.0.0.2", server.port), timeout=2):
        pass


@pytest.mark.parametrize(("host", "why"), [("no-such-host.invalid", "there is no such address"), ("192.0.2.1", "")])
async def test_an_address_that_cannot_be_used_is_explained(
    health: Health, metrics: Metrics, host: str, why: str
) -> None:
    with pytest.raises(ConfigurationError, match=f"operations port {host}:9090 cannot be opened: {why}"):
        async with operations_server(host, 9090, health, metrics):
            raise AssertionError("it serves")


async def test_it_answers_while_a_slow_client_dawdles(server: OperationsServer) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", server.port)
    writer.write(b"GET /healthz HTTP/1.1\r\nHost: x\r\n")
    await writer.drain()

    def get() -> int:
        with urllib.request.build_opener(urllib.request.ProxyHandler({})).open(f"{server.url}/healthz") as answer:
            return int(answer.status)

    assert await asyncio.to_thread(get) == 200
    writer.close()
    await writer.wait_closed()
