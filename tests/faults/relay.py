"""What every proxy here has: a port, rules that are armed, and what they hold back."""

import asyncio
import socket
import struct
from collections import Counter
from collections.abc import Coroutine
from contextlib import suppress
from typing import Any, Generic, TypeVar

from tests.faults.rules import Match, Rule, Rules

_HOST = "127.0.0.1"
LARGEST_HEAD = 2**20
#: The other side has gone.
GONE = (ConnectionError, asyncio.IncompleteReadError)

Subject = TypeVar("Subject")


def reset(writer: asyncio.StreamWriter) -> None:
    """End a connection with RST: the other side notices it as an error."""
    with suppress(OSError):
        linger = struct.pack("ii", 1, 0)
        writer.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
    writer.transport.abort()


class Relay(Generic[Subject]):
    """A proxy without what it does."""

    def __init__(self, target: tuple[str, int], rules: Rules[Subject]) -> None:
        self._target = target
        self._rules = rules
        self._server: asyncio.Server | None = None
        self._clients: dict[asyncio.Task[None], asyncio.StreamWriter] = {}
        self._kept: set[asyncio.Task[Any]] = set()
        self._gate = asyncio.Event()
        self.port = 0

    @property
    def address(self) -> str:
        """Host and port."""
        return f"{_HOST}:{self.port}"

    @property
    def url(self) -> str:
        """Where it listens."""
        return f"http://{self.address}"

    @property
    def fired(self) -> Counter[str]:
        """How often each fault has fallen on something."""
        return self._rules.fired

    def arm(
        self,
        kind: str,
        *,
        match: Match[Subject] = None,
        times: int | None = 1,
        skip: int = 0,
        chance: float = 1.0,
        **options: Any,
    ) -> None:
        """Let a fault fall `times` (None: until cleared) on what matches, after `skip` of them, by `chance`."""
        self._rules.arm(kind, match, times, skip, chance, options)

    def clear(self) -> None:
        """Disarm everything; what is held stays held."""
        self._rules.clear()

    async def release(self) -> None:
        """Let go everything that is held, and wait until the server has answered it."""
        self._gate.set()
        self._gate = asyncio.Event()
        await asyncio.gather(*self._kept, return_exceptions=True)

    async def up(self) -> None:
        """Listen; after `down` on the same port."""
        self._server = await asyncio.start_server(self._accept, _HOST, self.port, limit=LARGEST_HEAD)
        self.port = self._server.sockets[0].getsockname()[1]

    async def down(self) -> None:
        """Refuse connections, and reset those that there are; held requests stay held."""
        if self._server is not None:
            self._server.close()
            self._server = None
        for writer in self._clients.values():
            reset(writer)

    async def close(self) -> None:
        """Stop, forgetting what is held."""
        await self.down()
        tasks = [*self._clients, *self._kept]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._clients[task] = writer
        try:
            if self._refuses():
                reset(writer)
            else:
                await self._serve(reader, writer)
        except (*GONE, asyncio.CancelledError):
            # Cancelled by `close` alone; asyncio's streams would report it as an error.
            reset(writer)
        finally:
            del self._clients[task]
            writer.close()

    def _refuses(self) -> bool:
        raise NotImplementedError

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        raise NotImplementedError

    def _keep(self, work: Coroutine[Any, Any, Any]) -> asyncio.Task[Any]:
        """Do something that `release` waits for, whether or not a client still does."""
        task = asyncio.create_task(work)
        self._kept.add(task)
        task.add_done_callback(self._kept.discard)
        return task

    async def _until_released(self, seconds: float | None = None) -> None:
        with suppress(TimeoutError):
            await asyncio.wait_for(self._gate.wait(), seconds)

    async def _delay(self, rule: Rule[Subject] | None) -> None:
        if rule is not None:
            seconds = rule.options.get("seconds", 1.0)
            await asyncio.sleep(self._rules.random.uniform(*seconds) if isinstance(seconds, tuple) else seconds)
