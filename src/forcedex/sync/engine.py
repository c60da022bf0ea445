"""The sync of a whole org: objects in turn, a few at a time, once or for ever."""

import asyncio
from collections.abc import Awaitable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from forcedex.domain.checkpoint import Checkpoint, Phase
from forcedex.domain.errors import Refused, SourceDataError, Unavailable
from forcedex.domain.ports import Clock, Sink, Source, StateStore, Target
from forcedex.domain.selection import Selection
from forcedex.sync.budget import poll_interval
from forcedex.sync.changes import Changes
from forcedex.sync.currencies import read_currencies
from forcedex.sync.events import (
    ChangesCaughtUp,
    Listener,
    ObjectFailed,
    SnapshotCompleted,
    SyncPaused,
)
from forcedex.sync.objects import SyncOptions, selections
from forcedex.sync.pipeline import Pipeline
from forcedex.sync.references import Referrer, settle_references
from forcedex.sync.snapshot import Snapshot

_AT_ONCE = 3  # objects that are read at the same time
_FIRST_PAUSE = 1.0  # seconds
_LONGEST_PAUSE = 60.0  # seconds


@dataclass(frozen=True, kw_only=True, slots=True)
class SyncOutcome:
    """What one pass over all objects came to."""

    #: Object to error, of those that could not be synced.
    failed: Mapping[str, str]
    #: Records that were refused.
    rejected: int


class Engine:
    """Keeps an index equal to an org."""

    def __init__(
        self,
        source: Source,
        sink: Sink,
        store: StateStore,
        clock: Clock,
        options: SyncOptions,
        listener: Listener = lambda event: None,
    ) -> None:
        self._source = source
        self._sink = sink
        self._store = store
        self._clock = clock
        self._options = options
        self._listener = listener
        self._objects: list[_ObjectSync] = []
        self._referrers: list[Referrer] = []

    async def prepare(self, *, full: bool = False) -> Sequence[Selection]:
        """Find out what is to be synced and open its indices; `full` reads everything again into new ones."""
        chosen = await selections(self._source, self._options)
        currencies = await read_currencies(self._source)
        last = await self._store.checkpoints()
        known = {} if full else last
        buried: dict[str, set[str]] = {}
        for letter in await self._store.dead_letters():
            buried.setdefault(letter.object, set()).add(letter.record_id)
        for selection in chosen:
            name = selection.sobject.name
            before = known.get(name)
            target = await self._sink.open(selection, known=before, currencies=currencies)
            fits = before and (before.generation, before.index_uuid) == (target.generation, target.index_uuid)
            pipeline = Pipeline(selection, self._source, target, self._store, self._listener, buried.get(name, set()))
            self._referrers.append(Referrer(selection, pipeline))
            self._objects.append(
                _ObjectSync(
                    name=name,
                    checkpoint=before if fits else None,
                    target=target,
                    store=self._store,
                    pipeline=pipeline,
                    snapshot=Snapshot(
                        selection,
                        self._source,
                        self._store,
                        target,
                        pipeline,
                        self._listener,
                        caught_up(last.get(name)),
                    ),
                    changes=Changes(selection, self._source, self._store, pipeline),
                    listener=self._listener,
                )
            )
        return chosen

    async def run_once(self) -> SyncOutcome:
        """Every object up to now. Raises Unavailable when a side cannot answer; a refused object is in the outcome."""
        failed: dict[str, str] = {}
        rejected = 0
        gate = asyncio.Semaphore(_AT_ONCE)
        now = await self._source.now()

        async def one(each: _ObjectSync) -> None:
            nonlocal rejected
            async with gate:
                try:
                    rejected += await each.sync(now)
                except (Refused, SourceDataError) as exc:
                    failed[each.name] = str(exc)
                    self._listener(ObjectFailed(each.name, str(exc)))

        await _all_of([one(each) for each in self._objects])
        if not failed:
            await settle_references(self._source, self._sink, self._store, self._referrers)
        await self._sink.refresh()
        return SyncOutcome(failed=failed, rejected=rejected)

    async def watch(self, stop: asyncio.Event) -> None:
        """Pass after pass until `stop` is set, as often as our share of the API calls allows."""
        pause = _FIRST_PAUSE
        while not stop.is_set():
            began = self._clock.monotonic()
            try:
                await self.run_once()
                usage = await self._source.usage()
            except Unavailable as exc:
                self._listener(SyncPaused(str(exc), pause))
                await self._wait(stop, pause)
                pause = min(pause * 2, _LONGEST_PAUSE)
                continue
            pause = _FIRST_PAUSE
            interval = poll_interval(usage, len(self._objects), self._options.api_share)
            await self._wait(stop, interval - (self._clock.monotonic() - began))

    async def _wait(self, stop: asyncio.Event, seconds: float) -> None:
        """Sleep, but not longer than until `stop`."""
        if seconds <= 0:
            return
        sleeping = asyncio.ensure_future(self._clock.sleep(seconds))
        stopping = asyncio.ensure_future(stop.wait())
        try:
            await asyncio.wait({sleeping, stopping}, return_when=asyncio.FIRST_COMPLETED)
        finally:
            sleeping.cancel()
            stopping.cancel()
            await asyncio.gather(sleeping, stopping, return_exceptions=True)


def caught_up(checkpoint: Checkpoint | None) -> datetime | None:
    """Until when everything that changed was seen, by an index that may be replaced now; None if there is none."""
    if checkpoint is None:
        return None
    if checkpoint.phase is Phase.SNAPSHOT or checkpoint.mark is None:
        return checkpoint.floor
    return checkpoint.mark.stamp


class _ObjectSync:
    """One object: a snapshot while there is none, then changes."""

    def __init__(
        self,
        *,
        name: str,
        checkpoint: Checkpoint | None,
        target: Target,
        store: StateStore,
        pipeline: Pipeline,
        snapshot: Snapshot,
        changes: Changes,
        listener: Listener,
    ) -> None:
        self.name = name
        self._checkpoint = checkpoint
        self._target = target
        self._store = store
        self._pipeline = pipeline
        self._snapshot = snapshot
        self._changes = changes
        self._listener = listener
        #: The last pass ended in the middle.
        self._torn = False

    async def sync(self, now: datetime) -> int:
        """Bring the object up to `now`; the number of its records that were refused and not written since."""
        if self._torn:
            await self._go_back()
        try:
            if self._checkpoint is None or self._checkpoint.phase is Phase.SNAPSHOT:
                self._checkpoint = await self._snapshot.run(self._checkpoint)
                self._listener(SnapshotCompleted(self.name))
            self._checkpoint = await self._changes.catch_up(self._checkpoint, max(now, self._checkpoint.floor))
        except BaseException:
            await self._pipeline.abandon()
            self._torn = True
            raise
        self._listener(ChangesCaughtUp(self.name, self._changes.changes))
        return len(self._pipeline.refused)

    async def _go_back(self) -> None:
        """To what the store knows of this very index."""
        saved = (await self._store.checkpoints()).get(self.name)
        mine = (self._target.generation, self._target.index_uuid)
        self._checkpoint = saved if saved and (saved.generation, saved.index_uuid) == mine else None
        self._torn = False


async def _all_of(coroutines: list[Awaitable[None]]) -> None:
    """Run all together; the first error ends the others, and is raised as itself, not in a group."""
    tasks = [asyncio.ensure_future(each) for each in coroutines]
    try:
        await asyncio.gather(*tasks)
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
