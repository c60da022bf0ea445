"""What goes wrong between client and org: connections, bodies, headers, and gateways that answer themselves.

An ASGI application around the org's. Its subject is method, path and parameters as text, such as
`GET /services/data/v66.0/query?q=SELECT Id FROM Account`. The admin API is never touched.

Source: REST API Developer Guide, "Status Codes and Error Responses" (420, 502 and 503 come from the edge); that
such answers are HTML is reported, their text is not documented.
"""

import asyncio
import gzip
import re
import socket
import struct
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any
from urllib.parse import unquote_plus

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from localorg.faults import Options
from localorg.org import Org
from localorg.rest.call import http_date

_TOUCHED = ("/services/", "/id/")
_DATA = "/services/data"
_LOGIN = re.compile(r"/services/(oauth2/token|oauth2/authorize|Soap/)", re.IGNORECASE)
_MAINTENANCE = b"<html><head><title>Maintenance</title></head><body><h1>Down for Maintenance</h1></body></html>"
_BAD_GATEWAY = b"<html><head><title>Error</title></head><body><h1>Bad Gateway</h1></body></html>"
_UNAVAILABLE = b'[{"message":"The service is unavailable. Try again later.","errorCode":"SERVER_UNAVAILABLE"}]'
_TOO_MANY = b'{"message":"Too Many Requests"}'
_HTML, _JSON = "text/html;charset=UTF-8", "application/json;charset=UTF-8"


@dataclass
class _Answer:
    """A whole answer."""

    status: int
    headers: list[tuple[bytes, bytes]]
    body: bytes

    def replace_body(self, body: bytes) -> None:
        """Have another body, compressed as the old one was."""
        self.body = gzip.compress(body, 1) if self.has(b"content-encoding") else body
        self.without(b"content-length")
        self.headers.append((b"content-length", str(len(self.body)).encode()))

    @property
    def content(self) -> bytes:
        """The body, decompressed."""
        return gzip.decompress(self.body) if self.has(b"content-encoding") else self.body

    def without(self, prefix: bytes) -> None:
        """Drop the headers whose names start so."""
        self.headers = [(name, value) for name, value in self.headers if not name.lower().startswith(prefix)]

    def has(self, prefix: bytes) -> bool:
        """Whether there are such headers."""
        return any(name.lower().startswith(prefix) for name, _ in self.headers)

    @property
    def start(self) -> Message:
        """The message that begins it."""
        return {"type": "http.response.start", "status": self.status, "headers": self.headers}


def _instead(status: int, body: bytes, kind: str, options: Options) -> _Answer:
    """An answer that the org knows nothing of."""
    headers = [("content-type", kind), ("content-length", str(len(body)))]
    if "retry_after" in options:
        headers.append(("retry-after", str(options["retry_after"])))
    return _Answer(status, [(name.encode(), value.encode()) for name, value in headers], body)


class Edge:
    """The org's application as its clients meet it."""

    def __init__(self, app: ASGIApp, org: Org, connections: Callable[[], Iterable[Any]]) -> None:
        """`connections`: those the web server holds, with `client` and `transport` as uvicorn's protocols have."""
        self._app = app
        self._org = org
        self._faults = org.faults
        self._connections = connections

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One request."""

        async def dated(message: Message) -> None:
            if message["type"] == "http.response.start":
                # The server and the org have one clock.
                message["headers"] = [(b"date", http_date(self._org.clock.precise).encode()), *message["headers"]]
            await send(message)

        if scope["type"] != "http" or not self._faults.armed or not scope["path"].startswith(_TOUCHED):
            await self._app(scope, receive, dated)
            return
        path = scope["raw_path"].decode("ascii", "replace").partition("?")[0]
        subject = unquote_plus(f"{scope['method']} {path}?{scope['query_string'].decode('ascii', 'replace')}")
        undated = self._faults.take("MISSING_DATE_HEADER", subject) is not None
        await self._pass(subject, scope, _Replay(receive), send if undated else dated)

    async def _pass(self, subject: str, scope: Scope, request: "_Replay", send: Send) -> None:
        await request.read()
        if (options := self._faults.take("DELAY", subject)) is not None:
            await asyncio.sleep(float(options.get("seconds", 1)))
        if self._faults.take("HANG", subject) is not None and not await self._hang(request):
            return
        reset = self._faults.take("CONNECTION_RESET", subject)
        if reset is not None and reset.get("when", "before") != "after":
            await self._hang_up(scope, request, reset=True)
            return
        answer = self._gateway(subject, scope["path"])
        if answer is None:
            self._end_session(subject, scope)
            answer = await self._answer(scope, request)
        if reset is not None:
            await self._hang_up(scope, request, reset=True)
            return
        self._change(subject, answer)
        await self._deliver(subject, answer, scope, request, send)

    async def _hang(self, request: "_Replay") -> bool:
        """Wait until the fault is cleared; False: the client has gone before."""
        loop = asyncio.get_running_loop()
        cleared = asyncio.Event()
        self._faults.when_cleared("HANG", lambda: loop.call_soon_threadsafe(cleared.set))
        let_go, gone = asyncio.ensure_future(cleared.wait()), asyncio.ensure_future(request.gone())
        try:
            await asyncio.wait((let_go, gone), return_when=asyncio.FIRST_COMPLETED)
            return not gone.done()
        finally:
            let_go.cancel()
            gone.cancel()

    def _gateway(self, subject: str, path: str) -> _Answer | None:
        """What a gateway answers in the org's place."""
        if _LOGIN.match(path) and (options := self._faults.take("LOGIN_UNAVAILABLE", subject)) is not None:
            return _instead(503, _MAINTENANCE, _HTML, options)
        if not path.startswith(_DATA):
            return None
        if (options := self._faults.take("SERVER_UNAVAILABLE", subject)) is not None:
            body, kind = (_MAINTENANCE, _HTML) if options.get("html") else (_UNAVAILABLE, _JSON)
            return _instead(503, body, kind, options)
        if (options := self._faults.take("HTML_ERROR_PAGE", subject)) is not None:
            return _instead(int(options.get("status", 502)), _BAD_GATEWAY, _HTML, options)
        if (options := self._faults.take("RATE_429", subject)) is not None:
            return _instead(429, _TOO_MANY, _JSON, options)
        return None

    def _end_session(self, subject: str, scope: Scope) -> None:
        if scope["path"].startswith(_DATA) and self._faults.take("TOKEN_EXPIRED", subject) is not None:
            authorization = dict(scope["headers"]).get(b"authorization", b"").decode("ascii", "replace")
            self._org.sessions.revoke(authorization.partition(" ")[2].strip())

    async def _answer(self, scope: Scope, request: "_Replay") -> _Answer:
        answer = _Answer(500, [], b"")
        body = bytearray()

        async def collect(message: Message) -> None:
            if message["type"] == "http.response.start":
                answer.status, answer.headers = message["status"], list(message["headers"])
            else:
                body.extend(message.get("body", b""))

        await self._app(scope, request, collect)
        answer.body = bytes(body)
        return answer

    def _change(self, subject: str, answer: _Answer) -> None:
        if answer.has(b"sforce-limit-info") and self._faults.take("LIMIT_HEADER_MISSING", subject) is not None:
            answer.without(b"sforce-limit-info")
        if answer.has(b"sforce-locator") and self._faults.take("BULK_HEADERS_STRIPPED", subject) is not None:
            answer.without(b"sforce-")
        is_json = any(value.startswith(b"application/json") for _, value in answer.headers)
        if answer.body and is_json and self._faults.take("MALFORMED_JSON", subject) is not None:
            answer.replace_body(answer.content[:-1])
        if answer.body and self._faults.take("EMPTY_BODY", subject) is not None:
            answer.without(b"content-encoding")
            answer.replace_body(b"")

    async def _deliver(self, subject: str, answer: _Answer, scope: Scope, request: "_Replay", send: Send) -> None:
        """Send the answer: whole, cut, or slowly."""
        await send(answer.start)
        body = answer.body
        if len(body) > 1 and (options := self._faults.take("TRUNCATED_BODY", subject)) is not None:
            kept = int(options.get("bytes", len(body) // 2))
            await send({"type": "http.response.body", "body": body[:kept], "more_body": True})
            await self._hang_up(scope, request, reset=False)
            return
        if body and (options := self._faults.take("SLOW_BODY", subject)) is not None:
            size, pause = int(options.get("bytes", 64)), float(options.get("seconds", 0.05))
            for at in range(0, len(body), size):
                await send({"type": "http.response.body", "body": body[at : at + size], "more_body": True})
                await asyncio.sleep(pause)
            body = b""
        await send({"type": "http.response.body", "body": body, "more_body": False})

    async def _hang_up(self, scope: Scope, request: "_Replay", *, reset: bool) -> None:
        """End the connection; `reset`: with RST, so that the client notices it as an error at once."""
        for connection in self._connections():
            if connection.client == scope["client"]:
                transport: asyncio.Transport = connection.transport
                if reset:
                    linger = struct.pack("ii", 1, 0)
                    transport.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
                    transport.abort()
                else:
                    transport.close()
                break
        await request.gone()


class _Replay:
    """A request whose body has been read and can be received again; then the wait for the client to go."""

    def __init__(self, receive: Receive) -> None:
        self._receive = receive
        self._messages: list[Message] = []

    async def read(self) -> None:
        """Read the whole body."""
        more = True
        while more:
            message: dict[str, Any] = dict(await self._receive())
            self._messages.append(message)
            more = message["type"] == "http.request" and message.get("more_body", False)

    async def __call__(self) -> Message:
        """The next message, as ASGI has it."""
        return self._messages.pop(0) if self._messages else await self._receive()

    async def gone(self) -> None:
        """Return when the client has closed the connection, or we have."""
        while (await self._receive())["type"] != "http.disconnect":
            pass
