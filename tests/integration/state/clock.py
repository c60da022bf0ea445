"""Clocks for leases: the real one, and one that runs faster."""

import asyncio
import time


class RealClock:
    """The machine's own time."""

    def monotonic(self) -> float:
        return time.monotonic()

    async def sleep(self, seconds: float) -> None:
        await asyncio.sleep(seconds)


class QuickClock:
    """Time that passes a hundred times as fast, and can jump ahead as after a stop."""

    def __init__(self) -> None:
        self.ahead = 0.0

    def monotonic(self) -> float:
        return time.monotonic() * 100 + self.ahead

    async def sleep(self, seconds: float) -> None:
        await asyncio.sleep(seconds / 100)
