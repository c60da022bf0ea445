"""HTTP/1.1 messages read whole, as they were sent: for a proxy that holds, repeats and changes them.

Bodies by Content-Length, in chunks, or (answers) up to the end of the connection. Not for servers: no limits, no
upgrade, no Expect.
"""

import asyncio
import gzip
import json
from dataclasses import dataclass
from functools import cached_property
from typing import Any

Headers = tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class Message:
    """A request or an answer."""

    #: The first line.
    start: str
    headers: Headers
    #: The body as sent, with the framing of chunks.
    framed: bytes
    #: The body without it, still compressed if it was.
    body: bytes

    @property
    def head(self) -> bytes:
        """The first line and the headers."""
        lines = [self.start, *(f"{name}: {value}" for name, value in self.headers)]
        return ("\r\n".join(lines) + "\r\n\r\n").encode("latin-1")

    @property
    def raw(self) -> bytes:
        """All of it."""
        return self.head + self.framed

    def header(self, name: str) -> str:
        """A header's value, or nothing."""
        return next((value for key, value in self.headers if key.lower() == name), "")

    @cached_property
    def content(self) -> bytes:
        """The body, decompressed."""
        return gzip.decompress(self.body) if self.header("content-encoding") == "gzip" else self.body

    @property
    def ends_connection(self) -> bool:
        """Whether no further message follows."""
        return self.header("connection").lower() == "close"


@dataclass(frozen=True)
class Request(Message):
    """What a client asks."""

    @property
    def method(self) -> str:
        """Such as POST."""
        return self.start.split(" ")[0]

    @property
    def target(self) -> str:
        """Path and parameters, as sent."""
        return self.start.split(" ")[1]

    @property
    def path(self) -> str:
        """The path, as sent."""
        return self.target.partition("?")[0]

    def with_content(self, content: bytes) -> "Request":
        """The same with another body, uncompressed, asking for an uncompressed answer."""
        return Request(self.start, _framed_anew(self, content, "accept-encoding"), content, content)


@dataclass(frozen=True)
class Answer(Message):
    """What a server answers."""

    @property
    def status(self) -> int:
        """Such as 200."""
        return int(self.start.split(" ")[1])

    def with_content(self, content: bytes) -> "Answer":
        """The same with another body, uncompressed."""
        return Answer(self.start, _framed_anew(self, content), content, content)


def made(status: int, body: Any = b"", headers: dict[str, str] | None = None) -> Answer:
    """An answer of one's own; a body that is neither bytes nor text is sent as JSON."""
    given = dict(headers or {})
    if isinstance(body, str):
        body = body.encode()
    elif not isinstance(body, bytes):
        body = json.dumps(body).encode()
        given.setdefault("Content-Type", "application/json")
    given["Content-Length"] = str(len(body))
    return Answer(f"HTTP/1.1 {status} Fault", tuple(given.items()), body, body)


def _framed_anew(message: Message, content: bytes, *dropped: str) -> Headers:
    gone = {"content-length", "transfer-encoding", "content-encoding", *dropped}
    kept = [(name, value) for name, value in message.headers if name.lower() not in gone]
    return (*kept, ("Content-Length", str(len(content))))


async def read_request(reader: asyncio.StreamReader) -> Request | None:
    """The next request of a connection; None: it has ended."""
    head = await _read_head(reader)
    if head is None:
        return None
    message = Message(*head, b"", b"")
    framed, body = await _read_body(reader, message, to_end=False)
    return Request(message.start, message.headers, framed, body)


async def read_answer(reader: asyncio.StreamReader, method: str) -> Answer:
    """The answer to a request; ConnectionError if the server ends before it."""
    while True:
        head = await _read_head(reader)
        if head is None:
            raise ConnectionResetError("no answer")
        answer = Answer(*head, b"", b"")
        if answer.status >= 200:
            break
    if method == "HEAD" or answer.status in (204, 304):
        return answer
    framed, body = await _read_body(reader, answer, to_end=True)
    return Answer(answer.start, answer.headers, framed, body)


async def _read_head(reader: asyncio.StreamReader) -> tuple[str, Headers] | None:
    try:
        text = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
    except asyncio.IncompleteReadError as error:
        if error.partial:
            raise
        return None
    start, *lines = text[:-4].split("\r\n")
    pairs = (line.partition(":") for line in lines)
    return start, tuple((name, value.strip()) for name, _, value in pairs)


async def _read_body(reader: asyncio.StreamReader, message: Message, *, to_end: bool) -> tuple[bytes, bytes]:
    """The body with and without framing."""
    if message.header("transfer-encoding").lower() == "chunked":
        return await _read_chunks(reader)
    length = message.header("content-length")
    if length:
        body = await reader.readexactly(int(length))
    else:
        body = await reader.read() if to_end else b""
    return body, body


async def _read_chunks(reader: asyncio.StreamReader) -> tuple[bytes, bytes]:
    framed, body = bytearray(), bytearray()
    while True:
        line = await reader.readuntil(b"\r\n")
        framed += line
        size = int(line.partition(b";")[0], 16)
        if size == 0:
            break
        chunk = await reader.readexactly(size + 2)
        framed += chunk
        body += chunk[:-2]
    while line != b"\r\n":
        line = await reader.readuntil(b"\r\n")
        framed += line
    return bytes(framed), bytes(body)
