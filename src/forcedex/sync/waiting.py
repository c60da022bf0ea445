"""Sleeping that can be cut short."""

import asyncio

from forcedex.domain.ports import Clock


async def sleep_or(clock: Clock, seconds: float, *events: asyncio.Event) -> None:
    """Sleep, but not longer than until one of the events is set."""
    if seconds <= 0 or any(event.is_set() for event in events):
        return
    tasks = [asyncio.ensure_future(clock.sleep(seconds)), *(asyncio.ensure_future(event.wait()) for event in events)]
    try:
        await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
