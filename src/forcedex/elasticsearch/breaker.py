"""While Elasticsearch takes no writes, one request at a time finds out whether it takes them again.

All senders share it: a blocked index is asked once in ten seconds, however many requests wait. Whoever has waited
longer than its patience gives up, but never before an attempt that began after its own beginning has failed.
"""

import asyncio
import random
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from forcedex.domain.errors import SinkUnavailable
from forcedex.domain.ports import Clock


class Breaker:
    """Lets requests pass while all is well, and one at a time, with pauses, while it is not."""

    def __init__(self, clock: Clock, *, patience: float, first_pause: float, longest_pause: float) -> None:
        """Times in seconds. Pauses double from the first to the longest; a block is worth the longest at once."""
        self._clock = clock
        self._patience = patience
        self._first_pause = first_pause
        self._longest_pause = longest_pause
        self._pause = first_pause
        self._trouble: SinkUnavailable | None = None
        #: When the last attempt that failed began.
        self._failed_since = 0.0
        self._next_try = 0.0
        self._probing = asyncio.Lock()

    @asynccontextmanager
    async def attempt(self, since: float) -> AsyncIterator[None]:
        """Wait for one's turn to send; the body tells how it went by `failed` or `succeeded`.

        `since`: when the one who waits began. SinkUnavailable, the last trouble, if it waited in vain.
        """
        if self._trouble is not None:
            async with self._probing:
                if self._trouble is not None:
                    await self._pause_until_next_try(self._trouble, since)
                    yield
                    return
        yield

    async def _pause_until_next_try(self, trouble: SinkUnavailable, since: float) -> None:
        until = since + self._patience if self._failed_since >= since else self._next_try
        await self._clock.sleep(max(0.0, min(until, self._next_try) - self._clock.monotonic()))
        if until < self._next_try:
            raise trouble

    def failed(self, trouble: SinkUnavailable, *, began: float, blocked: bool) -> None:
        """An attempt that began then was refused for a passing reason."""
        self._trouble = trouble
        self._failed_since = max(self._failed_since, began)
        pause = self._longest_pause if blocked else self._pause * random.uniform(0.5, 1.0)
        self._next_try = self._clock.monotonic() + pause
        self._pause = min(self._pause * 2, self._longest_pause)

    def succeeded(self) -> None:
        """Elasticsearch takes writes."""
        self._trouble = None
        self._pause = self._first_pause
