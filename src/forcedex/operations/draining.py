"""Ending in order when told to, and ending in any case."""

import asyncio
import os
import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

import structlog

SIGNALS = (signal.SIGTERM, signal.SIGINT)
_TELLING = 0.5  # seconds for a last log line


@contextmanager
def draining(seconds: float = 10.0) -> Iterator[asyncio.Event]:
    """SIGTERM and Ctrl-C set the event: finish what was begun, and leave.

    A second signal ends the process at once, and so does the deadline, `seconds` after the first, even if the loop
    hangs; nothing is lost by that, for the checkpoint follows what Elasticsearch has acknowledged. Enter it in the
    main thread, as the outermost context, so that closing everything counts too: leaving it takes the deadline away.
    """
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    timers: list[threading.Timer] = []

    def begin(number: int, frame: FrameType | None) -> None:
        for each in SIGNALS:
            signal.signal(each, signal.SIG_DFL)
        timer = threading.Timer(seconds, _end, (number, seconds))
        timer.daemon = True
        timer.start()
        timers.append(timer)
        loop.call_soon_threadsafe(stop.set)

    # Not the loop's own handlers: they wait for its next turn, and a loop that hangs has none. Those that are set
    # would be called as well.
    for each in SIGNALS:
        loop.remove_signal_handler(each)
    before = {each: signal.signal(each, begin) for each in SIGNALS}
    try:
        yield stop
    finally:
        for timer in timers:
            timer.cancel()
        for each, handler in before.items():
            signal.signal(each, handler)


def _end(number: int, seconds: float) -> None:
    log = structlog.get_logger("forcedex.operations")
    # In a thread of its own: whoever hangs may hold the lock of the logs.
    telling = threading.Thread(target=lambda: log.error("not_ended_in_time", seconds=seconds), daemon=True)
    telling.start()
    telling.join(_TELLING)
    os.kill(os.getpid(), number)
