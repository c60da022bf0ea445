"""A tiny HTTP server whose every byte a test decides, and a client that does not wait.

The real local org is used in `test_local_org.py`; these servers are for what a healthy org never does.
"""

import asyncio
import json
import ssl
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from urllib.parse import parse_qs, urlsplit

import pytest
import pytest_asyncio

from forcedex.domain.ports import Source
from forcedex.salesforce import ClientCredentials, Credentials, SalesforceSettings, SalesforceSource

DATE = "Mon, 01 Jun 2026 12:00:00 GMT"


@dataclass
class HastyClock:
    """Real time, but nobody waits long: a sleep is remembered and soon over."""

    sleeps: list[float] = field(default_factory=list)

    def monotonic(self) -> float:
        return time.monotonic()

    async def sleep(self, seconds: float) -> None:
        self.sleeps.append(seconds)
        await asyncio.sleep(min(seconds, 0.01))


@dataclass
class Asked:
    """A request as it came in, and the way to answer it byte by byte."""

    method: str
    path: str
    query: dict[str, str]
    headers: dict[str, str]
    body: bytes
    writer: asyncio.StreamWriter

    def json(self) -> object:
        return json.loads(self.body)

    def start(self, status: int, headers: Mapping[str, object]) -> None:
        """Write the head of the answer only."""
        lines = [f"HTTP/1.1 {status} X", f"Date: {DATE}", *(f"{name}: {value}" for name, value in headers.items())]
        self.writer.write("\r\n".join([*lines, "", ""]).encode())

    def reply(self, status: int, value: object, headers: Mapping[str, object] = {}) -> None:
        """Write a whole answer: bytes as they are, anything else as JSON."""
        body = value if isinstance(value, bytes) else json.dumps(value).encode()
        self.start(status, {"Content-Length": len(body), **headers})
        self.writer.write(body)

    def refuse(self, status: int, code: str, message: str) -> None:
        """Write an error as Salesforce words it."""
        self.reply(status, [{"message": message, "errorCode": code}])

    def cut(self) -> None:
        """Break the connection off."""
        self.writer.transport.abort()


Handler = Callable[[Asked], Awaitable[None]]


@dataclass
class LittleOrg:
    """The server. It logs everybody in; the rest is the handler's."""

    handler: Handler
    url: str = ""
    asked: list[Asked] = field(default_factory=list)
    logins: int = 0

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while request := await _read(reader, writer):
                await self._answer(request)
                await writer.drain()
        except (ConnectionError, asyncio.IncompleteReadError):
            pass
        finally:
            writer.close()

    async def _answer(self, request: Asked) -> None:
        if request.path == "/services/oauth2/token":
            self.logins += 1
            identity = f"{self.url}/id/00D000000000001/005000000000001"
            request.reply(200, {"access_token": f"00D!t{self.logins}", "instance_url": self.url, "id": identity})
            return
        self.asked.append(request)
        await self.handler(request)


async def _read(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> Asked | None:
    try:
        head = (await reader.readuntil(b"\r\n\r\n")).decode()
    except asyncio.IncompleteReadError:
        return None
    first, *lines = head.strip().split("\r\n")
    method, target, _ = first.split(" ")
    headers = {name.lower(): value for name, value in (line.split(": ", 1) for line in lines)}
    body = await reader.readexactly(int(headers.get("content-length", 0)))
    parts = urlsplit(target)
    query = {name: values[0] for name, values in parse_qs(parts.query).items()}
    return Asked(method, parts.path, query, headers, body, writer)


Serve = Callable[..., Awaitable[LittleOrg]]
Connect = Callable[..., SalesforceSource]


@asynccontextmanager
async def little_org(handler: Handler, tls: ssl.SSLContext | None = None) -> AsyncIterator[LittleOrg]:
    """The server while it runs, on a free port of this machine."""
    org = LittleOrg(handler)
    server = await asyncio.start_server(org.serve, "127.0.0.1", 0, ssl=tls)
    port = server.sockets[0].getsockname()[1]
    org.url = f"https://localhost:{port}" if tls else f"http://127.0.0.1:{port}"
    try:
        yield org
    finally:
        server.close()


@pytest_asyncio.fixture
async def stack() -> AsyncIterator[AsyncExitStack]:
    async with AsyncExitStack() as stack:
        yield stack


@pytest.fixture
def serve(stack: AsyncExitStack) -> Serve:
    """Start a little org with this handler."""

    async def start(handler: Handler, tls: ssl.SSLContext | None = None) -> LittleOrg:
        return await stack.enter_async_context(little_org(handler, tls))

    return start


@pytest.fixture
def clock() -> HastyClock:
    return HastyClock()


@pytest_asyncio.fixture
async def connect(stack: AsyncExitStack, clock: HastyClock) -> Connect:
    """A source for this URL; keywords are settings."""

    def make(url: str, credentials: Credentials | None = None, **settings: object) -> SalesforceSource:
        values: dict[str, object] = {
            "login_url": url,
            "credentials": credentials or ClientCredentials(client_id="app", client_secret="s3cret-of-app"),
            "read_timeout": 5.0,
            **settings,
        }
        source = SalesforceSource(SalesforceSettings(**values), clock)  # type: ignore[arg-type]  # keywords of a test
        port: Source = source  # mypy: it fulfils the port
        assert port is source
        stack.push_async_callback(source.aclose)
        return source

    return make
