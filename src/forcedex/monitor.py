"""What a running sync tells the outside: logs, metrics, health, alerts."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import UTC, datetime

from forcedex.domain.errors import ForcedexError
from forcedex.domain.ports import Clock, OrgIdentity, StateStore
from forcedex.domain.upkeep import NoticeKind
from forcedex.operations.alerter import Alerter, channels
from forcedex.operations.health import Health, Part
from forcedex.operations.lag import lagging
from forcedex.operations.logs import log_event
from forcedex.operations.metrics import Metrics
from forcedex.operations.redaction import Redactor
from forcedex.operations.server import OperationsServer, operations_server
from forcedex.settings import Settings
from forcedex.sync.engine import Engine

_EVERY = 5.0  # seconds between two looks at how things stand


def utc_now() -> datetime:
    """The machine's time."""
    return datetime.now(UTC)


class Monitor:
    """Hears the engine and keeps metrics, health and alerts up to date."""

    def __init__(
        self, settings: Settings, store: StateStore, clock: Clock, health: Health, metrics: Metrics, alerter: Alerter
    ) -> None:
        self._settings = settings
        self._store = store
        self._clock = clock
        self._alerter = alerter
        self._engine: Engine | None = None
        self._behind: set[str] = set()
        self.health = health
        self.metrics = metrics
        #: Whether events go to the log.
        self.logging = False

    def watch(self, engine: Engine) -> None:
        """The engine to ask how things stand."""
        self._engine = engine

    def hear(self, event: object) -> None:
        """An event of the engine."""
        self.metrics.hear(event)
        self.health.hear(event)
        if self.logging:
            log_event(event)

    async def tell(self, sobject: str, kind: NoticeKind, text: str) -> None:
        """As `forcedex.sync.watchman.Tell`."""
        await self._alerter.tell(sobject, kind, text)

    @asynccontextmanager
    async def serving(self) -> AsyncIterator[OperationsServer]:
        """The operations port, and a look at how things stand every few seconds."""
        section = self._settings.server
        async with operations_server(section.host, section.operations_port, self.health, self.metrics) as server:
            looking = asyncio.create_task(self._look_for_ever())
            try:
                yield server
            finally:
                looking.cancel()
                await asyncio.gather(looking, return_exceptions=True)

    async def _look_for_ever(self) -> None:
        while True:
            try:
                await self.look()
            except ForcedexError as exc:
                self.health.failed(exc)
            await self._clock.sleep(_EVERY)

    async def look(self) -> None:
        """Bring the metrics and the lag notices up to date."""
        engine = self._engine
        if engine is None:
            return
        now, reports = engine.org_time(), engine.reports()
        letters = Counter(letter.object for letter in await self._store.dead_letters())
        self.metrics.update(
            reports=reports,
            notices=await self._store.notices(),
            checks=await self._store.checks(),
            dead_letters=letters,
            usage=engine.meter.usage,
            own_calls=engine.meter.spent,
            now=now,
        )
        self.health.works(Part.STATE)
        if now is None:
            return
        behind = {notice.object: notice for notice in lagging(reports, now, self._settings.alerts.lag)}
        for name, notice in behind.items():
            if await self._store.raise_notice(name, NoticeKind.LAG, notice.text):
                await self._alerter.raised(notice)
        for name in self._behind - behind.keys():
            await self._store.clear_notice(name, NoticeKind.LAG)
            await self.tell(name, NoticeKind.LAG, "")
        self._behind = set(behind)


@asynccontextmanager
async def monitored(
    settings: Settings, identity: OrgIdentity, store: StateStore, redactor: Redactor, clock: Clock
) -> AsyncIterator[Monitor]:
    """A monitor for the sync of this org."""
    metrics = Metrics()
    health = Health(clock, redactor)
    health.works(Part.SALESFORCE, Part.STATE, Part.LEASE, Part.ELASTICSEARCH)
    async with AsyncExitStack() as stack:
        alerter = await stack.enter_async_context(
            Alerter(
                channels(settings.alerts),
                org_id=identity.org_id,
                org_name=identity.org_name,
                quiet=settings.alerts.quiet,
                clock=clock,
                redactor=redactor,
                metrics=metrics,
            )
        )
        await alerter.resume(await store.notices())
        yield Monitor(settings, store, clock, health, metrics, alerter)
