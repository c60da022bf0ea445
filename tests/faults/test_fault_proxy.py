"""The fault proxy, before a small web server of another make, and before the local org."""

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any

import httpx2
import pytest
import pytest_asyncio
import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response, StreamingResponse
from starlette.routing import Route

from localorg.fixture import LocalOrg
from tests.faults.proxy import HttpProxy, fault_proxy, raw_fault_proxy

#: For a request that nobody will answer.
IMPATIENT = httpx2.Timeout(30, read=0.2)


class Echo:
    """A web server that remembers what it was asked."""

    def __init__(self) -> None:
        #: Bodies in the order in which they were applied.
        self.applied: list[str] = []
        routes = [
            Route("/chunks", self.chunks, methods=["GET", "POST"]),
            Route("/endless", self.endless),
            Route("/{name}/_bulk", self.bulk, methods=["POST"]),
            Route("/{name:path}", self.echo, methods=["GET", "POST", "HEAD"]),
        ]
        config = uvicorn.Config(Starlette(routes=routes), log_config=None, lifespan="off", port=0)
        self._server = uvicorn.Server(config)
        self.url = ""

    async def echo(self, request: Request) -> Response:
        """What came, and how many there were."""
        body = (await request.body()).decode()
        self.applied.append(body)
        return JSONResponse({"count": len(self.applied), "body": body, "path": request.url.path})

    async def chunks(self, request: Request) -> Response:
        """The body, chunk by chunk."""
        body = await request.body()
        pieces = [body[at : at + 3] for at in range(0, len(body), 3)]
        return StreamingResponse(iter(pieces))

    async def endless(self, request: Request) -> Response:
        """An answer that only the end of the connection ends."""
        answer = Response(b"to the end", headers={"Connection": "close"})
        del answer.headers["content-length"]
        return answer

    async def bulk(self, request: Request) -> Response:
        """As Elasticsearch: every item is created."""
        lines = (await request.body()).splitlines()
        metas = [json.loads(line) for line in lines if b'"_id"' in line]
        self.applied += [next(iter(meta.values()))["_id"] for meta in metas]
        items = [{operation: {**meta, "status": 201}} for one in metas for operation, meta in one.items()]
        return JSONResponse({"took": 1, "errors": False, "items": items})

    @asynccontextmanager
    async def running(self) -> AsyncIterator["Echo"]:
        """Serve."""
        task = asyncio.create_task(self._server._serve())
        while not self._server.started:
            await asyncio.sleep(0.005)
        port = self._server.servers[0].sockets[0].getsockname()[1]
        self.url = f"http://127.0.0.1:{port}"
        yield self
        self._server.should_exit = True
        await task


@pytest_asyncio.fixture(loop_scope="session")
async def echo() -> AsyncIterator[Echo]:
    async with Echo().running() as server:
        yield server


@pytest_asyncio.fixture(loop_scope="session")
async def proxy(echo: Echo) -> AsyncIterator[HttpProxy]:
    async with fault_proxy(echo.url, seed=7) as proxy:
        yield proxy


@pytest_asyncio.fixture(loop_scope="session")
async def client(proxy: HttpProxy) -> AsyncIterator[httpx2.AsyncClient]:
    async with httpx2.AsyncClient(base_url=proxy.url, timeout=30) as client:
        yield client


async def say(client: httpx2.AsyncClient, text: str, path: str = "/x") -> dict[str, Any]:
    answer = await client.post(path, content=text)
    assert answer.status_code == 200, answer.text
    return dict(answer.json())


async def until(condition: Callable[[], bool]) -> None:
    for _ in range(2_000):
        if condition():
            return
        await asyncio.sleep(0.005)
    raise AssertionError("it does not come to pass")


# -- passing --


async def test_without_a_fault_everything_passes(proxy: HttpProxy, client: httpx2.AsyncClient) -> None:
    assert await say(client, "a") == {"count": 1, "body": "a", "path": "/x"}
    assert (await client.head("/y")).headers["content-length"] == "33"

    async def pieces() -> AsyncIterator[bytes]:
        for piece in (b"chunk", b"", b"s of the client"):
            yield piece

    assert (await client.post("/chunks", content=pieces())).text == "chunks of the client"
    assert (await client.get("/chunks")).text == ""
    assert (await client.get("/endless")).text == "to the end"
    assert (await client.get("/z?q=1")).json()["count"] == 3
    assert list(proxy.requests) == [
        *("POST /x", "HEAD /y", "POST /chunks", "GET /chunks", "GET /endless", "GET /z?q=1"),
    ]
    assert proxy.fired == {}


async def test_a_server_that_is_gone_resets(echo: Echo) -> None:
    server = await asyncio.start_server(lambda reader, writer: writer.close(), "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    async with fault_proxy(f"http://127.0.0.1:{port}") as proxy, httpx2.AsyncClient() as client:
        with pytest.raises(httpx2.ReadError):
            await client.get(proxy.url)
        server.close()
        with pytest.raises(httpx2.ReadError):
            await client.get(proxy.url)


async def test_an_unknown_fault_is_refused(proxy: HttpProxy) -> None:
    with pytest.raises(ValueError, match="There is no fault 'explode'. Known: answer, black_hole"):
        proxy.arm("explode")


async def test_rules_skip_match_repeat_and_are_random_by_seed(proxy: HttpProxy, client: httpx2.AsyncClient) -> None:
    proxy.arm("answer", match="POST /x", skip=1, times=2, status=500)
    answers = [(await client.post(path)).status_code for path in ("/x", "/y", "/x", "/x", "/x")]
    assert (answers, proxy.fired) == ([200, 200, 500, 500, 200], {"answer": 2})
    proxy.arm("answer", match=lambda request: request.body == b"bad", times=None, status=400)
    answers = [(await client.post("/x", content=text)).status_code for text in ("good", "bad", "bad")]
    assert answers == [200, 400, 400]
    proxy.clear()
    proxy.arm("answer", times=None, chance=0.5)
    drawn = [(await client.get("/x")).status_code for _ in range(20)]
    assert set(drawn) == {200, 503}
    async with fault_proxy(proxy.url.replace(str(proxy.port), "1"), seed=7) as other:
        other.arm("answer", times=None, chance=0.5)
        async with httpx2.AsyncClient(base_url=other.url) as again:
            assert [await code(again.get("/x")) for _ in range(20)] == [one if one == 503 else None for one in drawn]


async def code(request: Awaitable[httpx2.Response]) -> int | None:
    """The status; None: no answer."""
    try:
        return (await request).status_code
    except httpx2.ReadError:
        return None


# -- connections --


async def test_a_connection_is_reset_before_or_after_the_request(
    echo: Echo, proxy: HttpProxy, client: httpx2.AsyncClient
) -> None:
    proxy.arm("reset_before")
    proxy.arm("reset_after", match="/x")
    for text in ("lost", "applied"):
        with pytest.raises(httpx2.ReadError):
            await say(client, text)
    assert (echo.applied, proxy.fired) == (["applied"], {"reset_before": 1, "reset_after": 1})
    assert (await say(client, "next"))["count"] == 2


async def test_connections_are_refused(echo: Echo, proxy: HttpProxy, client: httpx2.AsyncClient) -> None:
    proxy.arm("refuse")
    with pytest.raises(httpx2.ReadError):
        await say(client, "reset at once")
    await say(client, "a")
    await proxy.down()
    with pytest.raises((httpx2.ConnectError, httpx2.ReadError)):
        await say(client, "over the connection that was open")
    with pytest.raises(httpx2.ConnectError):
        await say(client, "over a new one")
    await proxy.up()
    await say(client, "b")
    assert (echo.applied, proxy.fired) == (["a", "b"], {"refuse": 1})


@pytest.mark.parametrize(("applied", "expected"), [(False, []), (True, ["x"])])
async def test_a_request_vanishes(
    echo: Echo, proxy: HttpProxy, client: httpx2.AsyncClient, applied: bool, expected: list[str]
) -> None:
    proxy.arm("black_hole", applied=applied)
    with pytest.raises(httpx2.ReadTimeout):
        await client.post("/x", content="x", timeout=IMPATIENT)
    await proxy.release()
    assert (echo.applied, proxy.late) == (expected, [200] * len(expected))


async def test_a_request_is_late(proxy: HttpProxy, client: httpx2.AsyncClient) -> None:
    loop = asyncio.get_running_loop()
    started = loop.time()
    proxy.arm("delay", seconds=(0.2, 0.3))
    proxy.arm("answer", status=418)
    assert (await client.get("/x")).status_code == 418
    assert loop.time() - started >= 0.2
    assert proxy.fired == {"delay": 1, "answer": 1}


async def test_an_answer_is_cut(proxy: HttpProxy, client: httpx2.AsyncClient) -> None:
    proxy.arm("cut", bytes=4)
    with pytest.raises(httpx2.RemoteProtocolError, match="received 4 bytes, expected"):
        await client.get("/x")
    proxy.arm("cut", reset=True)
    with pytest.raises(httpx2.ReadError):
        await client.post("/chunks", content="x" * 100)
    assert (await client.get("/x")).status_code == 200


# -- whole requests --


async def test_a_held_request_arrives_after_later_ones(
    echo: Echo, proxy: HttpProxy, client: httpx2.AsyncClient
) -> None:
    proxy.arm("hold")
    held = asyncio.create_task(say(client, "held"))
    await until(lambda: proxy.fired["hold"] == 1)
    assert (await say(client, "later"))["count"] == 1
    assert not held.done()
    await proxy.release()
    assert (await held)["count"] == 2
    assert echo.applied == ["later", "held"]


async def test_a_held_request_is_applied_though_its_client_is_gone(
    echo: Echo, proxy: HttpProxy, client: httpx2.AsyncClient
) -> None:
    proxy.arm("hold")
    async with httpx2.AsyncClient(base_url=proxy.url) as dying:
        with pytest.raises(httpx2.ReadTimeout):
            await dying.post("/x", content="zombie", timeout=IMPATIENT)
    await say(client, "newer")
    await proxy.release()
    assert echo.applied == ["newer", "zombie"]
    proxy.arm("hold", seconds=0.05)
    assert (await say(client, "for a while"))["count"] == 3


async def test_a_request_arrives_twice(echo: Echo, proxy: HttpProxy, client: httpx2.AsyncClient) -> None:
    proxy.arm("duplicate")
    assert (await say(client, "a"))["count"] == 1
    proxy.arm("duplicate", answer="last")
    assert (await say(client, "b"))["count"] == 4
    assert (echo.applied, proxy.late) == (["a", "a", "b", "b"], [200, 200])


async def test_two_parallel_requests_change_places(echo: Echo, proxy: HttpProxy, client: httpx2.AsyncClient) -> None:
    proxy.arm("reorder", match="/x", seconds=600)
    first = asyncio.create_task(say(client, "first"))
    await until(lambda: proxy.fired["reorder"] == 1)
    await say(client, "not meant", "/y")
    assert (await say(client, "second"))["count"] == 2
    assert (await first)["count"] == 3
    assert echo.applied == ["not meant", "second", "first"]
    proxy.arm("reorder", seconds=0.05)
    assert (await say(client, "alone"))["count"] == 4


async def test_an_old_request_comes_again(echo: Echo, proxy: HttpProxy, client: httpx2.AsyncClient) -> None:
    proxy.arm("replay")
    assert (await say(client, "old"))["count"] == 1
    await say(client, "new")
    await proxy.release()
    assert (echo.applied, proxy.late) == (["old", "new", "old"], [200])


# -- answers --


async def test_the_proxy_answers_itself(echo: Echo, proxy: HttpProxy, client: httpx2.AsyncClient) -> None:
    proxy.arm("answer", status=429, headers={"Retry-After": "3"}, body={"error": "busy"})
    proxy.arm("answer", status=503, headers={"Content-Type": "text/html"}, body="<html></html>")
    busy, down = [await client.post("/x") for _ in range(2)]
    assert (busy.status_code, busy.headers["retry-after"], busy.json()) == (429, "3", {"error": "busy"})
    assert (down.status_code, down.headers["content-type"], down.text) == (503, "text/html", "<html></html>")
    assert echo.applied == []


BULK = b"".join(
    b'{"%s":{"_id":"%s"}}\n%s' % (operation, identifier, b"" if operation == b"delete" else b'{"name":"n"}\n')
    for operation, identifier in ((b"index", b"a"), (b"delete", b"b"), (b"index", b"c"))
)


async def bulk(client: httpx2.AsyncClient) -> tuple[bool, list[tuple[str, int, str | None]]]:
    """Whether there are errors; Id, status and kind of error of each item."""
    answer = (await client.post("/accounts/_bulk", content=BULK)).json()
    items = [next(iter(item.values())) for item in answer["items"]]
    return answer["errors"], [(one["_id"], one["status"], one.get("error", {}).get("type")) for one in items]


async def test_single_items_of_a_bulk_request_fail(echo: Echo, proxy: HttpProxy, client: httpx2.AsyncClient) -> None:
    proxy.arm("items", match="_bulk", which=lambda position, identifier: identifier == "b", error="flood_stage")
    failed = ("b", 429, "cluster_block_exception")
    assert await bulk(client) == (True, [("a", 201, None), failed, ("c", 201, None)])
    assert echo.applied == ["a", "c"]
    proxy.arm("items", error="mapping")
    assert await bulk(client) == (True, [(one, 400, "mapper_parsing_exception") for one in "abc"])
    assert echo.applied == ["a", "c"]
    proxy.arm("items", which=lambda position, identifier: position == 0, error="rejected", applied=True)
    failed = ("a", 429, "es_rejected_execution_exception")
    assert await bulk(client) == (True, [failed, ("b", 201, None), ("c", 201, None)])
    assert echo.applied == ["a", "c", "a", "b", "c"]
    assert await bulk(client) == (False, [(one, 201, None) for one in "abc"])


# -- bytes --


async def test_bytes_pass_are_cut_and_vanish(echo: Echo) -> None:
    async with raw_fault_proxy(echo.url.removeprefix("http://")) as proxy:
        async with httpx2.AsyncClient(base_url=proxy.url, timeout=30) as client:
            assert (await say(client, "passes"))["count"] == 1
            proxy.arm("cut", match="down")
            with pytest.raises(httpx2.ReadError):
                await say(client, "applied")
            proxy.arm("cut", match="up")
            with pytest.raises(httpx2.ReadError):
                await say(client, "lost")
            proxy.arm("black_hole", match="down")
            waiting = asyncio.create_task(say(client, "waits"))
            await until(lambda: proxy.fired["black_hole"] == 1)
            assert (await say(client, "overtakes"))["count"] == 4
            await proxy.release()
            assert (await waiting)["count"] == 3
            proxy.arm("delay", seconds=0.05)
            proxy.arm("refuse")
            await say(client, "late")
        async with httpx2.AsyncClient(base_url=proxy.url) as client:
            with pytest.raises(httpx2.ReadError):
                await say(client, "refused")
        assert proxy.fired == {"cut": 2, "black_hole": 1, "delay": 1, "refuse": 1}
    assert echo.applied == ["passes", "applied", "waits", "overtakes", "late"]


# -- before the local org --


async def test_a_zombie_of_a_killed_client_changes_a_record_again(local_org: LocalOrg) -> None:
    account = local_org.insert("Account", Name="first")
    path = f"/services/data/v66.0/sobjects/Account/{account}"
    async with fault_proxy(local_org.url) as proxy:
        local_org.org.url = proxy.url
        form = {
            "grant_type": "client_credentials",
            "client_id": local_org.credentials.client_id,
            "client_secret": local_org.credentials.client_secret,
        }
        async with httpx2.AsyncClient() as client:
            login = (await client.post(f"{proxy.url}/services/oauth2/token", data=form)).json()
            assert login["instance_url"] == proxy.url
            headers = {"Authorization": f"Bearer {login['access_token']}"}
            proxy.arm("hold", match="PATCH")
            with pytest.raises(httpx2.ReadTimeout):
                await client.patch(proxy.url + path, json={"Name": "zombie"}, headers=headers, timeout=IMPATIENT)
            await client.patch(proxy.url + path, json={"Name": "second"}, headers=headers)
            assert (await client.get(proxy.url + path, headers=headers)).json()["Name"] == "second"
            await proxy.release()
            assert (await client.get(proxy.url + path, headers=headers)).json()["Name"] == "zombie"
        assert proxy.fired == {"hold": 1}
