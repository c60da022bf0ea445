"""What the tests of operations share: a clock that only they move, and a channel that remembers."""

import asyncio
import io
import logging
import sys
import threading
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime

import pytest
import structlog

from forcedex.domain.upkeep import Notice, NoticeKind
from forcedex.operations.alert import Alert, Undeliverable
from forcedex.operations.logs import configure_logging
from forcedex.operations.redaction import Redactor
from forcedex.settings import LoggingSection

NOW = datetime(2026, 6, 1, 12, 0, 0, tzinfo=UTC)


@dataclass
class HandClock:
    """Stands still; `advance` wakes those who sleep, each at its own time."""

    time: float = 1000.0
    _sleepers: list[tuple[float, asyncio.Future[None]]] = field(default_factory=list)

    def monotonic(self) -> float:
        return self.time

    async def sleep(self, seconds: float) -> None:
        woken: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._sleepers.append((self.time + seconds, woken))
        await woken

    async def advance(self, seconds: float) -> None:
        """Let so much time pass, and everybody do what comes of it."""
        until = self.time + seconds
        await settled()
        while True:
            self._sleepers = [each for each in self._sleepers if not each[1].done()]
            due = sorted((each for each in self._sleepers if each[0] <= until), key=lambda each: each[0])
            if not due:
                break
            self.time = max(self.time, due[0][0])
            due[0][1].set_result(None)
            await settled()
        self.time = until


async def settled() -> None:
    """Every task has gone on as far as it can without time passing."""
    for _ in range(50):
        await asyncio.sleep(0)


@dataclass
class RecordingChannel:
    """Remembers what it was given; fails as often as it is told to."""

    name: str = "webhook"
    most: int = 1
    sent: list[tuple[str, str, str]] = field(default_factory=list)
    alerts: list[Alert] = field(default_factory=list)
    tries: int = 0
    #: What the next tries come to; used up from the front.
    failures: list[Exception] = field(default_factory=list)
    #: What every try comes to, until it is taken away.
    broken: Exception | None = None
    closed: bool = False
    #: What a try waits for.
    gate: asyncio.Event | None = None

    async def send(self, alerts: Sequence[Alert]) -> None:
        self.tries += 1
        if self.gate:
            await self.gate.wait()
        if self.failures:
            raise self.failures.pop(0)
        if self.broken:
            raise self.broken
        for each in alerts:
            self.alerts.append(each)
            self.sent.append((each.occasion.value, each.notice.object, each.notice.text))

    async def aclose(self) -> None:
        self.closed = True


DOWN = Undeliverable("nobody answers")
REFUSED = Undeliverable("it says no", lasting=True)


def notice(object: str = "Account", kind: NoticeKind = NoticeKind.FROZEN, text: str = "It is frozen.") -> Notice:
    """An open notice."""
    return Notice(object=object, kind=kind, text=text, since=NOW)


@pytest.fixture
def clock() -> HandClock:
    return HandClock()


@pytest.fixture
def logs() -> Iterator[Callable[..., io.StringIO]]:
    """Configures logging into a text; afterwards everything is as before."""
    root = logging.getLogger()
    handlers, level = root.handlers, root.level
    hooks = sys.excepthook, threading.excepthook, logging.lastResort
    levels = {name: logging.getLogger(name).level for name in list(root.manager.loggerDict)}

    def configure(
        *secrets: str | bytes, level: str = "debug", format: str = "json", redactor: Redactor | None = None
    ) -> io.StringIO:
        stream = io.StringIO()
        section = LoggingSection.model_validate({"level": level, "format": format})
        configure_logging(section, redactor or Redactor(secrets), stream)
        return stream

    yield configure
    logging.captureWarnings(False)
    root.handlers, root.level = handlers, level
    sys.excepthook, threading.excepthook, logging.lastResort = hooks
    for name in list(root.manager.loggerDict):
        logging.getLogger(name).setLevel(levels.get(name, logging.NOTSET))
    structlog.reset_defaults()
