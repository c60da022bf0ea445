"""Time that a test moves: whoever sleeps wakes in order, and everything that can run runs in between."""

import asyncio
import heapq
import itertools

#: Turns of the loop after which nothing is left to run: nothing here waits for the outside.
_TURNS = 40


class VirtualClock:
    """`forcedex.domain.ports.Clock`."""

    def __init__(self) -> None:
        self.time = 0.0
        self._sleepers: list[tuple[float, int, asyncio.Future[None]]] = []
        self._count = itertools.count()

    def monotonic(self) -> float:
        return self.time

    async def sleep(self, seconds: float) -> None:
        if seconds <= 0:
            await asyncio.sleep(0)
            return
        future: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        heapq.heappush(self._sleepers, (self.time + seconds, next(self._count), future))
        await future

    async def advance(self, seconds: float) -> None:
        """Let this much time pass."""
        end = self.time + seconds
        await self._settle()
        while self._sleepers and self._sleepers[0][0] <= end:
            due, _, future = heapq.heappop(self._sleepers)
            self.time = max(self.time, due)
            if not future.done():
                future.set_result(None)
                await self._settle()
        self.time = end

    async def _settle(self) -> None:
        for _ in range(_TURNS):
            await asyncio.sleep(0)
