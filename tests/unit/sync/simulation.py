"""An engine that watches an org in memory, on time that the test moves; it can die and begin again at any moment."""

import asyncio
from dataclasses import dataclass, field
from datetime import timedelta

from forcedex.domain.errors import Unavailable
from forcedex.sync.engine import Engine
from forcedex.sync.events import Event
from forcedex.sync.objects import ObjectOptions, SyncOptions
from forcedex.sync.rhythm import Rhythm
from tests.factories.fake_sink import FakeSink
from tests.factories.fake_source import START, FakeSource
from tests.factories.fake_store import FakeStore
from tests.factories.schemas import ACCOUNT, CONTACT
from tests.factories.virtual_clock import VirtualClock

#: Everything a week holds, within a few minutes.
QUICK = Rhythm(
    patience=20.0,
    gap_patience=5.0,
    silence=30.0,
    refused_stream=20.0,
    cross_check=20.0,
    deep=60.0,
    deeper=120.0,
    deletions=15.0,
    schema=30.0,
    company=45.0,
    sweep=40.0,
    compare=100.0,
)


@dataclass
class Simulation:
    """The org, the index and the store outlive the engine."""

    source: FakeSource = field(default_factory=lambda: FakeSource({"Account": ACCOUNT, "Contact": CONTACT}, joins=True))
    sink: FakeSink = field(default_factory=FakeSink)
    store: FakeStore = field(default_factory=FakeStore)
    clock: VirtualClock = field(default_factory=VirtualClock)
    rhythm: Rhythm = QUICK
    per_object: dict[str, ObjectOptions] = field(default_factory=dict)
    heard: list[Event] = field(default_factory=list)
    engine: Engine | None = None
    _task: asyncio.Task[None] | None = None
    _stop: asyncio.Event = field(default_factory=asyncio.Event)

    async def start(self) -> None:
        """A new process."""
        self._stop = asyncio.Event()
        self.engine = Engine(
            self.source,
            self.sink,
            self.store,
            self.clock,
            SyncOptions(objects=tuple(self.source.sobjects), per_object=self.per_object, rhythm=self.rhythm),
            self.heard.append,
        )
        self._task = asyncio.create_task(self._run(self.engine))

    async def _run(self, engine: Engine) -> None:
        while True:  # as whoever runs the program would
            try:
                await engine.prepare()
                break
            except Unavailable:
                await self.clock.sleep(1)
        await engine.watch(self._stop)

    async def kill(self) -> None:
        """The process is gone from one moment to the next."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)
        self._task = self.engine = None

    async def end(self) -> None:
        """The process is asked to stop, and stops."""
        self._stop.set()
        await self.let(20)
        assert self._task is not None and self._task.done()
        self._task.result()
        self._task = self.engine = None

    async def let(self, seconds: float, step: float = 0.25) -> None:
        """Let time pass, for the org too."""
        for _ in range(max(round(seconds / step), 1)):
            await self.clock.advance(step)
            self.source.time = START + timedelta(seconds=int(self.clock.time))
            if self._task is not None and self._task.done() and not self._stop.is_set():
                self._task.result()
                raise AssertionError("the engine ended by itself")

    def expected(self, name: str) -> dict[str, dict[str, str]]:
        """What the index should hold."""
        sobject_, source = self.source.sobjects[name], self.source
        assert self.engine is not None
        paths = self.engine.objects[name].selection.paths
        return {
            key: dict(zip(paths, source._row(each, paths), strict=True))
            for key, each in source.records[sobject_.name].items()
            if each["IsDeleted"] == "false"
        }

    def assert_equal(self) -> None:
        """The index is the org, record by record and field by field."""
        for name in self.source.sobjects:
            assert self.sink.people(name) == self.expected(name), name
