"""Whether Elasticsearch answers: asked all the time, so that nobody waits for one that does not."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import TypeVar

import structlog

from forcedex.domain.errors import ForcedexError
from forcedex.server.problems import unavailable

T = TypeVar("T")

_EVERY, _PATIENCE = 0.5, 1.4  # seconds: together less than two


class Standing:
    """Elasticsearch's state as this process knows it."""

    def __init__(self, ping: Callable[[], Awaitable[None]]) -> None:
        """`ping` returns when Elasticsearch has answered; ForcedexError if it does not."""
        self._ping = ping
        self._down = asyncio.Event()
        #: Answers to people so far.
        self._answers = 0

    @property
    def up(self) -> bool:
        """Whether it answered last time."""
        return not self._down.is_set()

    async def guarded(self, work: Awaitable[T]) -> T:
        """The work's result; Problem 503 as soon as Elasticsearch is known to be down."""
        task = asyncio.ensure_future(work)
        if self._down.is_set():
            task.cancel()
            raise unavailable()
        down = asyncio.ensure_future(self._down.wait())
        try:
            await asyncio.wait((task, down), return_when=asyncio.FIRST_COMPLETED)
            if task.done():
                self._answers += not task.cancelled() and task.exception() is None
                return task.result()
            raise unavailable()
        finally:
            down.cancel()
            if not task.done():
                task.cancel()

    @asynccontextmanager
    async def watched(self) -> AsyncIterator[None]:
        """Ask all the time, meanwhile."""
        task = asyncio.create_task(self._watch())
        try:
            yield
        finally:
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)

    async def _watch(self) -> None:
        while True:
            before = self._answers
            try:
                await asyncio.wait_for(self._ping(), _PATIENCE)
                alive = True
            except ForcedexError:
                alive = False
            except TimeoutError:
                alive = self._answers > before  # busy, but people get their answers
            if alive != self.up:
                log = structlog.get_logger("forcedex.server")
                (log.info if alive else log.warning)("elasticsearch", up=alive)
                (self._down.clear if alive else self._down.set)()
            await asyncio.sleep(_EVERY)
