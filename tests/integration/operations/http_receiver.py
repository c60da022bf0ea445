"""A web server that receives webhooks and answers as it is told."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field


@dataclass
class Receiver:
    """What it got, and what it answers."""

    url: str = ""
    #: The raw answer; empty: none at all, the connection stays open.
    answer: bytes = b"HTTP/1.1 204 No Content\r\n\r\n"
    #: Sent after the answer, piece by piece, for ever.
    flood: bytes = b""
    #: Answers 400 with all that it got, as a badly made server might.
    echo: bool = False
    #: (request line, headers by lower-case name, body)
    requests: list[tuple[str, dict[str, str], bytes]] = field(default_factory=list)


@asynccontextmanager
async def receiver() -> AsyncIterator[Receiver]:
    """Listens on a port of loopback."""
    it = Receiver()
    open_ones: set[asyncio.StreamWriter] = set()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        open_ones.add(writer)
        try:
            head = (await reader.readuntil(b"\r\n\r\n")).decode()
            line, *rest = head.strip().split("\r\n")
            headers = {name.lower(): value.strip() for name, _, value in (each.partition(":") for each in rest)}
            body = await reader.readexactly(int(headers.get("content-length", 0)))
            it.requests.append((line, headers, body))
            if it.echo:
                told = json.dumps({"error": "invalid_grant", "error_description": f"{line} {headers} {body.decode()}"})
                it.answer = b"HTTP/1.1 400 Bad Request\r\nContent-Type: application/json\r\n"
                it.answer += f"Content-Length: {len(told)}\r\n\r\n{told}".encode()
            if not it.answer:
                await reader.read()  # until the client gives up
                return
            writer.write(it.answer)
            while it.flood:
                writer.write(it.flood)
                await writer.drain()
            await writer.drain()
        except (OSError, asyncio.IncompleteReadError):
            pass
        finally:
            writer.close()
            open_ones.discard(writer)

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    it.url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    try:
        yield it
    finally:
        server.close()
        for each in list(open_ones):
            each.transport.abort()
        await server.wait_closed()
