"""Getting alerts through one channel, in the background and with patience."""

import asyncio

import structlog

from forcedex.domain.ports import Clock
from forcedex.operations.alert import Alert, Channel, Undeliverable
from forcedex.operations.metrics import Metrics

_FIRST_WAIT = 2.0  # seconds
_LONGEST_WAIT = 300.0  # seconds
#: Failed tries in a row before anybody hears of it.
_TRIES = 3


class Delivery:
    """Delivers the newest alert of each object and kind, again and again until the channel takes or refuses it.

    That a channel fails is logged and counted once, and that it works again is logged.
    """

    def __init__(self, channel: Channel, clock: Clock, metrics: Metrics) -> None:
        self._channel = channel
        self._clock = clock
        self._metrics = metrics
        self._log = structlog.get_logger("forcedex.operations").bind(channel=channel.name)
        self._pending: dict[tuple[str, str], Alert] = {}
        self._news = asyncio.Event()
        self._ending = False
        self._pausing = False
        #: Failed tries since the last that worked.
        self._failures = 0
        self._told = False
        self._task: asyncio.Task[None] | None = None

    def start(self) -> None:
        """Begin."""
        self._task = asyncio.create_task(self._run())

    def add(self, alert: Alert) -> None:
        """Deliver it when possible, in place of an older one about the same that still waits."""
        self._pending.pop(alert.key, None)
        self._pending[alert.key] = alert
        self._news.set()

    async def aclose(self, seconds: float) -> None:
        """Deliver what waits if that works within so many seconds, then end."""
        self._ending = True
        self._news.set()
        if self._task is not None:
            if not self._pausing:
                await asyncio.wait({self._task}, timeout=seconds)
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)
        await self._channel.aclose()

    async def _run(self) -> None:
        while True:
            while not self._pending:
                if self._ending:
                    return
                self._news.clear()
                await self._news.wait()
            batch = [self._pending.pop(key) for key in list(self._pending)[: self._channel.most]]
            try:
                await self._channel.send(batch)
            except Undeliverable as exc:
                self._failed(exc.reason, exc.lasting)
                if not exc.lasting:
                    for alert in batch:
                        self._pending.setdefault(alert.key, alert)  # unless there is a newer one
            except Exception as exc:
                self._failed(f"{type(exc).__name__} in our own program", True, exc)
            else:
                self._delivered(len(batch))
                continue
            if self._ending:
                return
            self._pausing = True
            await self._clock.sleep(min(_FIRST_WAIT * 2.0 ** (self._failures - 1), _LONGEST_WAIT))
            self._pausing = False

    def _delivered(self, number: int) -> None:
        self._metrics.alert_sent(self._channel.name, number)
        if self._told:
            self._log.info("alerts_delivered_again")
        self._failures, self._told = 0, False

    def _failed(self, reason: str, lasting: bool, error: Exception | None = None) -> None:
        self._failures += 1
        if self._told or not (lasting or self._failures >= _TRIES):
            return
        self._told = True
        self._metrics.alert_failed(self._channel.name)
        self._log.error("alerts_not_delivered", reason=reason, lasting=lasting, exc_info=error)
