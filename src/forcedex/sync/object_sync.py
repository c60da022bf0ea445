"""The sync of one object: a snapshot while there is none, then changes, by events and polls."""

import asyncio
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from forcedex.domain.checkpoint import Checkpoint, Phase
from forcedex.domain.errors import Refused, SourceRefused, StateRefused
from forcedex.domain.ports import Clock, Sink, Source, StateStore
from forcedex.domain.record import Mark
from forcedex.domain.selection import Selection
from forcedex.domain.upkeep import Mode, NoticeKind, ObjectReport
from forcedex.sync.changes import Changes
from forcedex.sync.comparison import Comparison
from forcedex.sync.deletions import Deletions
from forcedex.sync.drift import picklists
from forcedex.sync.events import ChangesCaughtUp, Listener, ObjectFrozen, SnapshotCompleted
from forcedex.sync.keeping import Keeping
from forcedex.sync.pipeline import Letters, Pipeline
from forcedex.sync.reread import MOST, Rereader
from forcedex.sync.rhythm import Rhythm
from forcedex.sync.ripples import Ripples
from forcedex.sync.shared_target import SharedTarget
from forcedex.sync.snapshot import Snapshot
from forcedex.sync.stream import Stream
from forcedex.sync.sweep import Sweep
from forcedex.sync.watchman import Watchman
from forcedex.sync.window import Allowance

#: Salesforce's codes for an object that the user does not see (any more).
OUT_OF_SIGHT = frozenset({"INVALID_TYPE", "NOT_FOUND", "INSUFFICIENT_ACCESS", "INSUFFICIENT_ACCESS_OR_READONLY"})
#: And for a field: the describe is out of date.
DRIFTED = frozenset({"INVALID_FIELD", "INVALID_QUERY_FILTER_OPERATOR", "MALFORMED_QUERY"})
#: The moment of an object whose fields are all to be compared soon; empty: they were.
COMPARISON_WANTED = "comparison wanted"
#: A mark of an object's picklists as they were described last.
_PICKLISTS = "picklists"


@dataclass(frozen=True, kw_only=True, slots=True)
class Around:
    """What all objects of a sync share."""

    source: Source
    sink: Sink
    store: StateStore
    clock: Clock
    rhythm: Rhythm
    watchman: Watchman
    listener: Listener


class ObjectSync:
    """Keeps one object's index equal to the org."""

    def __init__(
        self,
        selection: Selection,
        target: SharedTarget,
        around: Around,
        ripples: Ripples,
        letters: Letters,
        checkpoint: Checkpoint | None,
        caught_up: datetime | None,
        *,
        drop_hidden: bool = False,
    ) -> None:
        """`caught_up`: until when an index that this one replaces was complete.

        `drop_hidden`: what the sync user does not see any more does not go along into a new index.
        """
        self.selection = selection
        self.name = selection.sobject.name
        self.target = target
        self.letters = letters
        self.ripples = ripples
        self.checkpoint = checkpoint
        self._around = around
        self._caught_up = caught_up
        source, store, listener = around.source, around.store, around.listener
        filled = target.listed
        self._filling = Pipeline(selection, source, filled, store, listener, letters, newest_only=target.replacing)
        self._drop_hidden = drop_hidden
        carry_over = self._carry_over if target.replacing else None
        self._snapshot = Snapshot(
            selection, source, store, filled, self._filling, listener, ripples.observing.note, caught_up, carry_over
        )
        self._pipeline = Pipeline(selection, source, target, store, listener, letters)
        self._changes = Changes(selection, source, around.sink, store, self._pipeline, ripples)
        #: Rereads of the stream, and all others: each in its own order.
        self.hints = self._rereader()
        self.upkeep = self._rereader()
        self.deletions = Deletions(selection.sobject, source, around.sink, store, self.upkeep)
        self.sweep = Sweep(selection, source, around.sink, store, target, self.upkeep)
        self.comparison = Comparison(selection, source, around.sink, store, target, self.upkeep)
        self.stream: Stream | None = None
        #: Why it is not known whether the org offers a stream.
        self.stream_problem = ""
        #: Held while the poll reads and writes.
        self._polling = asyncio.Lock()
        #: A snapshot that fills a new index while the old one is read and kept fresh.
        self._replacing: asyncio.Task[Checkpoint] | None = None
        #: The old index's place meanwhile; never saved.
        self._shadow: Checkpoint | None = None
        self._torn = False
        #: Why it is not read any more; empty: all is well.
        self.frozen = ""
        #: Why some records are kept although no read shows them; empty: there are none.
        self.hidden = ""
        #: Salesforce refused a field: the describe is to be read again.
        self.drifted = False
        #: The index must be looked through soon: something changed that no event names.
        self.sweep_wanted = False
        self.problem = ""
        self.polled_at: float | None = None
        self.poll_seconds, self.poll_limit = 0.0, ""

    def _rereader(self) -> Rereader:
        around = self._around
        pipeline = Pipeline(self.selection, around.source, self.target, around.store, around.listener, self.letters)
        return Rereader(self.selection, around.source, around.store, self.target, pipeline, self.ripples)

    @property
    def changes(self) -> int:
        """Records that the last poll wrote and that were not written before."""
        return self._changes.changes

    @property
    def complete(self) -> bool:
        """Whether the index holds everything up to some moment."""
        return self.checkpoint is not None and self.checkpoint.phase is Phase.INCREMENTAL

    def streamed(self, allowance: Allowance) -> Stream:
        """Follow change events from now on."""
        around = self._around
        self.stream = Stream(
            self.name,
            around.source,
            around.store,
            around.clock,
            self.hints,
            allowance,
            around.rhythm,
            around.watchman,
            around.listener,
            self._catch_up,
            self.heard,
        )
        return self.stream

    # Polling

    async def poll(self, now: datetime, *, since: datetime | None = None, patient: bool = True) -> int:
        """Bring the object up to `now`; how many of its records were refused and not written since.

        `patient` waits for a snapshot that replaces an index; otherwise the old index is kept fresh meanwhile.
        """
        async with self._polling:
            try:
                await self._advance(now, since, patient)
            except Refused as exc:
                self.heard(exc)
                raise
        self.polled_at = self._around.clock.monotonic()
        self.problem = ""
        return len(self.letters.refused)

    async def _advance(self, now: datetime, since: datetime | None, patient: bool) -> None:
        if self._torn:
            await self._go_back()
        try:
            if self.checkpoint is None or self.checkpoint.phase is Phase.SNAPSHOT:
                if not await self._filled(now, patient):
                    return
            assert self.checkpoint is not None
            if self.checkpoint.backfill:
                await self._back_fill(self.checkpoint)
            self.checkpoint = await self._changes.catch_up(self.checkpoint, max(now, self.checkpoint.floor), since)
        except BaseException:
            await self._pipeline.abandon()
            self._torn = True
            raise
        self._around.listener(ChangesCaughtUp(self.name, self._changes.changes))

    async def _filled(self, now: datetime, patient: bool) -> bool:
        """Go on with the snapshot; whether it is complete."""
        if self._replacing is None:
            if not self.target.replacing or patient or self._caught_up is None:
                self.checkpoint = await self._fill()
                return True
            self._replacing = asyncio.create_task(self._fill())
        if not (self._replacing.done() or patient):
            await self._keep_old_fresh(now)
            return False
        task, self._replacing = self._replacing, None
        self.checkpoint = await task
        return True

    async def _fill(self) -> Checkpoint:
        try:
            done = await self._snapshot.run(self.checkpoint)
        except BaseException:
            await self._filling.abandon()
            raise
        self._around.listener(SnapshotCompleted(self.name))
        return done

    async def _carry_over(self) -> None:
        """What is hidden from the sync user goes from the old index into the new one, unless it may go."""
        kept = 0 if self._drop_hidden else await Keeping(self.selection, self._around.source, self.target).run()
        await self.keep_hidden(kept)
        self.sweep_wanted = self.sweep_wanted or kept > 0

    async def _keep_old_fresh(self, now: datetime) -> None:
        """People still read the old index: changes go to both."""
        assert self._caught_up is not None
        if self._shadow is None:
            self._shadow = Checkpoint(
                object=self.name,
                generation=self.target.generation,
                index_uuid=self.target.index_uuid,
                phase=Phase.INCREMENTAL,
                floor=self._caught_up,
                mark=Mark(self._caught_up),
            )
            around = self._around
            pipeline = Pipeline(
                self.selection,
                around.source,
                self.target,
                around.store,
                around.listener,
                self.letters,
                keep=_not_at_all,
            )
            self._shadowing = Changes(self.selection, around.source, around.sink, around.store, pipeline, self.ripples)
        self._shadow = await self._shadowing.catch_up(self._shadow, max(now, self._caught_up))

    async def _back_fill(self, checkpoint: Checkpoint) -> None:
        """Write all records that have a value in the columns that are new."""
        around = self._around
        columns = {column.path: column for column in self.selection.columns}
        new = [columns[path] for path in checkpoint.backfill if path in columns]
        if all(column.field.filterable and column.parent is None for column in new):
            where = " OR ".join(f"{column.path} != null" for column in new)
        else:
            where = ""
        if self.selection.where:
            where = f"({self.selection.where}) AND ({where})" if where else self.selection.where
        pages = around.source.read(self.selection.sobject, self.selection.paths, where=where)
        while new:
            ordinal = await around.store.next_ordinal()
            page = await anext(pages, None)
            if page is None:
                break
            await self.ripples.note(page, ordinal)  # a change that no poll has seen yet may come this way first
            await self._pipeline.put(page, ordinal)
        self.checkpoint = replace(checkpoint, backfill=())
        await self._pipeline.finish(self.checkpoint)

    async def _go_back(self) -> None:
        """To what the store knows of this very index."""
        saved = (await self._around.store.checkpoints()).get(self.name)
        mine = (self.target.generation, self.target.index_uuid)
        self.checkpoint = saved if saved and (saved.generation, saved.index_uuid) == mine else None
        self._torn = False

    async def _catch_up(self, since: datetime | None) -> None:
        """What events could not name: poll from then on, and look for what vanished."""
        if self.frozen:
            return
        if since is not None:
            self.drifted = True  # a field may have changed its type: that is told like this, too
        now = await self._around.source.now()
        await self.poll(now, since=since - timedelta(minutes=2) if since else None, patient=False)
        if not self.complete:
            return
        self.sweep_wanted = True

    async def want_comparison(self) -> None:
        """Values may have moved without any stamp. That is told once, so it is kept until all fields were compared.

        Each wish is another one: one that comes during a comparison is not settled by it.
        """
        wish = str(await self._around.store.next_ordinal())
        await self._around.store.save_moment(COMPARISON_WANTED, self.name, wish)

    async def look_at_picklists(self, selection: Selection) -> None:
        """Want a comparison if a value was renamed since the last describe, whichever process saw that."""
        now, store = picklists(selection), self._around.store
        before = (await store.moments(_PICKLISTS)).get(self.name)
        if before == now:
            return
        if before is not None:
            await self.want_comparison()
        await store.save_moment(_PICKLISTS, self.name, now)

    # Health

    def heard(self, exc: Exception) -> None:
        """An error that may mean that the describe is out of date, or that access was lost."""
        self.problem = str(exc)
        if isinstance(exc, SourceRefused) and not isinstance(exc, StateRefused):
            self.drifted = self.drifted or exc.code in OUT_OF_SIGHT | DRIFTED

    async def freeze(self, problem: str) -> None:
        """Delete nothing and tell a person."""
        if self.frozen != problem:
            self.frozen = problem
            self._around.listener(ObjectFrozen(self.name, problem))
        await self._around.watchman.raised(self.name, NoticeKind.FROZEN, problem)

    async def thaw(self) -> None:
        """It is in sight again."""
        self.frozen = ""
        await self._around.watchman.over(self.name, NoticeKind.FROZEN)

    async def keep_hidden(self, number: int) -> None:
        """So many records are out of sight, and nobody says that they were deleted: keep them and tell a person.

        Of none: all are in sight again.
        """
        problem = (
            f"{number:,} records of {self.name} are in the index, but the sync user cannot see them and Salesforce "
            f"does not report them as deleted. They are kept. Give the user access again, or run "
            f"`forcedex rebuild {self.name} --drop-hidden` if they may go."
        )
        if not number:
            self.hidden = ""
            await self._around.watchman.over(self.name, NoticeKind.HIDDEN)
            return
        if self.hidden != problem:
            self._around.listener(ObjectFrozen(self.name, problem))
        self.hidden = problem
        await self._around.watchman.raised(self.name, NoticeKind.HIDDEN, problem)

    async def quiet(self) -> None:
        """Wait until what is being written now has been."""
        async with self._polling:
            pass
        if self.stream is not None:
            async with self.stream.writing:
                pass
        await self.upkeep.quiet()

    async def bring(self, ids: list[str]) -> None:
        """Read these records again and write them; those that no read shows are left to the sweep."""
        try:
            for start in range(0, len(ids), MOST):
                await self.upkeep.bring(ids[start : start + MOST])
        except Refused as exc:
            self.heard(exc)
            raise

    def report(self, org_now: datetime | None, monotonic: float) -> ObjectReport:
        """How it is doing."""
        stream = self.stream
        live = stream is not None and stream.live
        synced = self.checkpoint.synced_at if self.checkpoint and self.complete else None
        heard = None
        if stream is not None:
            if live and synced is not None and org_now is not None:
                synced = max(synced, stream.oldest or org_now)
            if stream.heard_at is not None and org_now is not None:
                heard = org_now - timedelta(seconds=max(monotonic - stream.heard_at, 0.0))
        return ObjectReport(
            object=self.name,
            mode=Mode.FROZEN if self.frozen or self.hidden else Mode.STREAM if live else Mode.POLL,
            synced_at=synced,
            poll_seconds=self._around.rhythm.cross_check if live else self.poll_seconds,
            poll_limit="cross-check" if live else self.poll_limit,
            window_seconds=stream.window.seconds if stream else 0.0,
            window_limit=stream.window.limit if stream else "",
            stream_heard_at=heard,
            stream_problem=stream.problem if stream else self.stream_problem,
            unseen_events=stream.unseen if stream else 0,
            written=self.letters.written,
            problem=self.frozen or self.hidden or self.problem,
        )

    async def close(self) -> None:
        """End what runs in the background."""
        if self._replacing is not None:
            self._replacing.cancel()
            await asyncio.gather(self._replacing, return_exceptions=True)
            self._replacing = None


async def _not_at_all(checkpoint: Checkpoint) -> None:
    """Saves nothing."""
