"""A proxy that does to requests what networks, gateways and dying servers do.

    async with fault_proxy(elasticsearch_url) as proxy:
        proxy.arm("reset_after", match="/_bulk")
        … a client of proxy.url …
        assert proxy.fired["reset_after"] == 1

Before an HTTP server (`http://…`) it reads whole requests; `match` is a part of "METHOD target", or a predicate of the
`Request`. One rule at most falls on a request, the one armed first; `delay` and one other can fall together.

    refuse        a new connection is reset before anything is read
    reset_before  the connection is reset, nothing is forwarded
    reset_after   the request is forwarded, its answer dropped, the connection reset
    black_hole    no answer until `release()`; applied=True: forwarded all the same
    delay         seconds (a number, or the bounds of a random one) before it is forwarded
    cut           the answer ends after `bytes` of its body (half); reset=True: with RST
    hold          kept until `release()` or for `seconds`; then forwarded, even if the client has gone
    duplicate     forwarded twice; answer="first" (default) or "last"
    reorder       kept until another request that matches has been answered, or for `seconds` (5)
    replay        forwarded, and once more at `release()` or after `seconds`
    answer        not forwarded; `status`, `body`, `headers` are the answer
    items         items of a `_bulk` fail with `error` (a key of bulk_items.ERRORS): those of which(position, id),
                  or all; they are not applied, unless applied=True

Before anything else (`host:port`) it passes bytes, so TLS and gRPC too; rules fall on pieces of what passes, and
`match` is "up" (from the client) or "down":

    refuse, delay, black_hole (nothing passes on this connection until `release()`), cut (reset)

Elasticsearch's client (aiohttp) repeats a GET, PUT (so `_bulk` too) or DELETE by itself, once, when a connection that
it had kept is reset: arm such a reset with times=2 to have it reach the caller.

The local org names its own address when someone logs in: set `org.org.url = proxy.url` to be asked through the proxy.
"""

import asyncio
import json
from collections import deque
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine
from contextlib import asynccontextmanager, suppress
from typing import Any, TypeVar
from urllib.parse import urlsplit

from tests.faults.bulk_items import BulkRequest
from tests.faults.messages import Answer, Request, made, read_answer, read_request
from tests.faults.relay import GONE, LARGEST_HEAD, Relay, reset
from tests.faults.rules import Match, Rule, Rules

#: Without it Elasticsearch's client believes no answer.
_OF_ELASTICSEARCH = {"X-Elastic-Product": "Elasticsearch"}


class HttpProxy(Relay[Request]):
    """Before an HTTP server."""

    def __init__(self, target: tuple[str, int], seed: int) -> None:
        #: Whether the connection goes on after the request.
        self._actions: dict[str, Callable[[Rule[Request], Request, asyncio.StreamWriter], Awaitable[bool]]] = {
            "answer": self._answer,
            "black_hole": self._black_hole,
            "cut": self._cut,
            "duplicate": self._duplicate,
            "hold": self._hold,
            "items": self._items,
            "reorder": self._reorder,
            "replay": self._replay,
            "reset_after": self._reset_after,
            "reset_before": self._reset_before,
        }
        kinds = {"refuse", "delay", *self._actions}
        super().__init__(target, Rules(kinds, lambda request: f"{request.method} {request.target}", seed))
        self._overtaken: list[tuple[Match[Request], asyncio.Event]] = []
        #: The requests that came, newest last.
        self.requests: deque[str] = deque(maxlen=10_000)
        #: The answers that nobody waited for: status of every replay, duplicate and black hole.
        self.late: list[int] = []

    def _refuses(self) -> bool:
        # There is no request yet: only rules for everything are meant.
        nothing = Request("* * *", (), b"", b"")
        return self._rules.take(nothing, ("refuse",)) is not None

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        goes_on = True
        while goes_on and (request := await read_request(reader)) is not None:
            self.requests.append(f"{request.method} {request.target}")
            await self._delay(self._rules.take(request, ("delay",)))
            rule = self._rules.take(request, self._actions)
            if rule is None:
                goes_on = await self._reply(writer, request, await self._exchange(request))
            else:
                goes_on = await self._actions[rule.kind](rule, request, writer)

    async def _exchange(self, request: Request) -> Answer:
        """The server's answer, over a connection of its own."""
        reader, writer = await asyncio.open_connection(*self._target, limit=LARGEST_HEAD)
        try:
            writer.write(request.raw)
            await writer.drain()
            answer = await read_answer(reader, request.method)
        finally:
            writer.close()
        for match, event in self._overtaken:
            if self._rules.matches(match, request):
                event.set()
        return answer

    async def _reply(self, writer: asyncio.StreamWriter, request: Request, answer: Answer) -> bool:
        writer.write(answer.raw)
        await writer.drain()
        framed = answer.header("content-length") or answer.header("transfer-encoding")
        has_no_body = request.method == "HEAD" or answer.status in (204, 304)
        return bool(framed or has_no_body) and not (request.ends_connection or answer.ends_connection)

    async def _later(self, request: Request, seconds: float | None) -> Answer:
        await self._until_released(seconds)
        return await self._exchange(request)

    async def _unwatched(self, work: Coroutine[Any, Any, Answer]) -> None:
        """Forward something whose answer is only noted."""
        with suppress(*GONE):
            self.late.append((await work).status)

    # -- the faults --

    async def _reset_before(self, rule: Rule[Request], request: Request, writer: asyncio.StreamWriter) -> bool:
        reset(writer)
        return False

    async def _reset_after(self, rule: Rule[Request], request: Request, writer: asyncio.StreamWriter) -> bool:
        await self._exchange(request)
        reset(writer)
        return False

    async def _black_hole(self, rule: Rule[Request], request: Request, writer: asyncio.StreamWriter) -> bool:
        if rule.options.get("applied"):
            await self._unwatched(self._exchange(request))
        await self._until_released()
        reset(writer)
        return False

    async def _cut(self, rule: Rule[Request], request: Request, writer: asyncio.StreamWriter) -> bool:
        answer = await self._exchange(request)
        kept = int(rule.options.get("bytes", len(answer.framed) // 2))
        writer.write(answer.head + answer.framed[:kept])
        await writer.drain()
        if rule.options.get("reset"):
            reset(writer)
        return False

    async def _hold(self, rule: Rule[Request], request: Request, writer: asyncio.StreamWriter) -> bool:
        held = self._keep(self._later(request, rule.options.get("seconds")))
        return await self._reply(writer, request, await held)

    async def _replay(self, rule: Rule[Request], request: Request, writer: asyncio.StreamWriter) -> bool:
        answer = await self._exchange(request)
        self._keep(self._unwatched(self._later(request, rule.options.get("seconds"))))
        return await self._reply(writer, request, answer)

    async def _duplicate(self, rule: Rule[Request], request: Request, writer: asyncio.StreamWriter) -> bool:
        answers = [await self._exchange(request), await self._exchange(request)]
        given = answers.pop(-1 if rule.options.get("answer") == "last" else 0)
        self.late.append(answers[0].status)
        return await self._reply(writer, request, given)

    async def _reorder(self, rule: Rule[Request], request: Request, writer: asyncio.StreamWriter) -> bool:
        waiting = (rule.match, asyncio.Event())
        self._overtaken.append(waiting)

        async def overtaken() -> Answer:
            released = asyncio.ensure_future(self._until_released(rule.options.get("seconds", 5.0)))
            another = asyncio.ensure_future(waiting[1].wait())
            try:
                await asyncio.wait((released, another), return_when=asyncio.FIRST_COMPLETED)
            finally:
                released.cancel()
                another.cancel()
                self._overtaken.remove(waiting)
            return await self._exchange(request)

        return await self._reply(writer, request, await self._keep(overtaken()))

    async def _answer(self, rule: Rule[Request], request: Request, writer: asyncio.StreamWriter) -> bool:
        options = rule.options
        answer = made(options.get("status", 503), options.get("body", b""), options.get("headers"))
        return await self._reply(writer, request, answer)

    async def _items(self, rule: Rule[Request], request: Request, writer: asyncio.StreamWriter) -> bool:
        bulk = BulkRequest(request.content, rule.options.get("which", lambda position, identifier: True))
        content = request.content if rule.options.get("applied") else bulk.rest
        answer = (
            await self._exchange(request.with_content(content))
            if content
            else made(200, {"items": []}, _OF_ELASTICSEARCH)
        )
        if answer.status == 200:
            items = json.loads(answer.content)["items"]
            changed = bulk.answer(items, rule.options.get("error", "rejected"))
            answer = answer.with_content(json.dumps(changed).encode())
        return await self._reply(writer, request, answer)


class RawProxy(Relay[str]):
    """Before anything that speaks TCP."""

    def __init__(self, target: tuple[str, int], seed: int) -> None:
        super().__init__(target, Rules({"refuse", "delay", "black_hole", "cut"}, lambda direction: direction, seed))

    def _refuses(self) -> bool:
        return self._rules.take("", ("refuse",)) is not None

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        server_reader, server_writer = await asyncio.open_connection(*self._target)
        pumps = [
            asyncio.ensure_future(self._pump("up", reader, server_writer)),
            asyncio.ensure_future(self._pump("down", server_reader, writer)),
        ]
        try:
            await asyncio.gather(*pumps)
        finally:
            for pump in pumps:
                pump.cancel()
            server_writer.close()

    async def _pump(self, direction: str, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while piece := await reader.read(65_536):
            await self._delay(self._rules.take(direction, ("delay",)))
            rule = self._rules.take(direction, ("black_hole", "cut"))
            if rule is not None and rule.kind == "cut":
                raise ConnectionResetError("cut")
            if rule is not None:
                await self._until_released()
            writer.write(piece)
            await writer.drain()
        with suppress(OSError):  # the other side has reset it
            writer.write_eof()


@asynccontextmanager
async def fault_proxy(target_url: str, *, seed: int = 0) -> AsyncIterator[HttpProxy]:
    """A proxy before an HTTP server, such as http://127.0.0.1:9200."""
    parts = urlsplit(target_url)
    async with _running(HttpProxy((str(parts.hostname), parts.port or 80), seed)) as proxy:
        yield proxy


@asynccontextmanager
async def raw_fault_proxy(target: str, *, seed: int = 0) -> AsyncIterator[RawProxy]:
    """A proxy before anything else, such as localhost:7443."""
    host, _, port = target.rpartition(":")
    async with _running(RawProxy((host, int(port)), seed)) as proxy:
        yield proxy


_Running = TypeVar("_Running", HttpProxy, RawProxy)


@asynccontextmanager
async def _running(proxy: _Running) -> AsyncIterator[_Running]:
    await proxy.up()
    try:
        yield proxy
    finally:
        await proxy.close()
