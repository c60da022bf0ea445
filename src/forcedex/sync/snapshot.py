"""The first complete read of an object: by Bulk API 2.0 when it is large, by REST when it is small.

The org's time is noted before the read begins. Whatever changes from then on is read again afterwards, so it does not
matter how many moments the read mixes. A restart goes on where the last acknowledged page ended.
"""

from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import datetime

from forcedex.domain.checkpoint import Checkpoint, Phase
from forcedex.domain.errors import BulkUnsupported, SourceRefused, SourceUnavailable
from forcedex.domain.ports import Source, StateStore, Target
from forcedex.domain.record import Mark, Page, parse_stamp
from forcedex.domain.selection import Selection
from forcedex.sync.events import JobCompleted, JobStarted, Listener, SnapshotStarted
from forcedex.sync.pipeline import Pipeline

#: Salesforce's own rule of thumb: above this, Bulk API. Source: Bulk API limits page.
BULK_FROM = 2_000  # records
_BATCH = 1_000  # records turned into documents at once
#: Salesforce's codes for a count over too many records.
_UNCOUNTABLE = frozenset({"QUERY_TIMEOUT", "OPERATION_TOO_LARGE"})
#: Archived activities are shown by queryAll alone. Source: SOAP API Developer Guide, archived activities.
ARCHIVED = frozenset({"Task", "Event"})


class Snapshot:
    """One object's complete read."""

    def __init__(
        self,
        selection: Selection,
        source: Source,
        store: StateStore,
        target: Target,
        pipeline: Pipeline,
        listener: Listener,
        observe: Callable[[Page, int], Awaitable[None]],
        caught_up: datetime | None = None,
        before_publishing: Callable[[], Awaitable[None]] | None = None,
    ) -> None:
        """`observe` keeps what the records were, before they are written.

        `caught_up`: until when an older index was complete, if there is one.

        Changes are then read from that time on although the snapshot holds them: deletions since must be seen.
        `before_publishing` is called when everything was read and written.
        """
        self._selection = selection
        self._sobject = selection.sobject
        self._source = source
        self._store = store
        self._target = target
        self._pipeline = pipeline
        self._listener = listener
        self._observe = observe
        self._caught_up = caught_up
        self._before_publishing = before_publishing
        self._deleted_too = self._sobject.name in ARCHIVED

    async def run(self, known: Checkpoint | None) -> Checkpoint:
        """Read everything; the checkpoint from which changes are read afterwards."""
        total = await self._count()
        self._listener(SnapshotStarted(self._sobject.name, total or 0, known is not None))
        checkpoint = known or await self._begin(large=total is None or total > BULK_FROM)
        if checkpoint.job_id:
            checkpoint = await self._by_bulk(checkpoint, resumed=known is not None)
        else:
            checkpoint = await self._by_rest(checkpoint)
        done = replace(
            checkpoint,
            phase=Phase.INCREMENTAL,
            job_id=None,
            ordinal=None,
            locator=None,
            mark=Mark(checkpoint.floor),
        )
        await self._pipeline.finish()
        if self._before_publishing is not None:
            await self._before_publishing()
        await self._target.publish()
        await self._store.save_checkpoint(done)
        return done

    async def _count(self) -> int | None:
        """Records to be read; None where there are so many that Salesforce cannot count them in time."""
        try:
            return await self._source.count(self._sobject, self._selection.where)
        except (SourceRefused, SourceUnavailable) as exc:
            if exc.code not in _UNCOUNTABLE:
                raise
            return None

    async def _begin(self, *, large: bool) -> Checkpoint:
        floor = await self._source.now()
        checkpoint = Checkpoint(
            object=self._sobject.name,
            generation=self._target.generation,
            index_uuid=self._target.index_uuid,
            phase=Phase.SNAPSHOT,
            floor=min(floor, self._caught_up or floor),
        )
        if large:
            return await self._start_job(checkpoint)
        await self._store.save_checkpoint(checkpoint)
        return checkpoint

    async def _start_job(self, checkpoint: Checkpoint) -> Checkpoint:
        """With a Bulk job, or without one where Bulk API does not know the object."""
        ordinal = await self._store.next_ordinal()
        try:
            job_id = await self._source.start_bulk(
                self._sobject, self._selection.paths, self._selection.where, deleted_too=self._deleted_too
            )
        except BulkUnsupported:
            started = replace(checkpoint, job_id=None, ordinal=None, locator=None)
        else:
            started = replace(checkpoint, job_id=job_id, ordinal=ordinal, locator=None)
        await self._store.save_checkpoint(started)
        return started

    async def _by_bulk(self, checkpoint: Checkpoint, *, resumed: bool) -> Checkpoint:
        """Read the job's result. A job of an earlier run that is gone, failed or was aborted is started again once.

        The moment from which changes are read stays: what was deleted meanwhile may have been written by the old job.
        """
        try:
            return await self._read_job(checkpoint)
        except BulkUnsupported:
            return await self._by_rest(replace(checkpoint, job_id=None, ordinal=None, locator=None))
        except SourceRefused:
            if not resumed:
                raise
        again = await self._start_job(checkpoint)
        return await self._by_bulk(again, resumed=False) if again.job_id else await self._by_rest(again)

    async def _read_job(self, checkpoint: Checkpoint) -> Checkpoint:
        assert checkpoint.job_id is not None and checkpoint.ordinal is not None
        self._listener(JobStarted(self._sobject.name))
        query = await self._source.open_bulk(checkpoint.job_id, self._selection.paths)
        self._listener(JobCompleted(self._sobject.name))
        async for page in query.pages(checkpoint.locator):
            async for batch in page.batches(_BATCH):
                await self._observe(batch, checkpoint.ordinal)
                await self._pipeline.put(batch, checkpoint.ordinal)
            if page.next_locator is not None:
                checkpoint = replace(checkpoint, locator=page.next_locator)
                await self._pipeline.mark(checkpoint)
        return checkpoint

    async def _by_rest(self, checkpoint: Checkpoint) -> Checkpoint:
        began = await self._source.now()
        pages = self._source.read(
            self._sobject,
            self._selection.paths,
            where=self._selection.where,
            since=checkpoint.mark,
            deleted_too=self._deleted_too,
        )
        while True:
            ordinal = await self._store.next_ordinal()  # before the request that the next page comes from
            page = await anext(pages, None)
            if page is None:
                return checkpoint
            await self._observe(page, ordinal)
            await self._pipeline.put(page, ordinal)
            checkpoint = replace(checkpoint, mark=mark_after(self._selection, page, began) or checkpoint.mark)
            await self._pipeline.mark(checkpoint)


def mark_after(selection: Selection, page: Page, began: datetime) -> Mark | None:
    """Where an ordered read that began at this time may go on after this page; None: not from here.

    Salesforce fixes the order when a query begins but reads values late: a record that changes meanwhile shows its
    new stamp at its old place. Going on from that stamp would leave out what lies between.
    """
    stamp_at = page.columns.index(str(selection.sobject.stamp_field))
    for row in reversed(page.rows):
        stamp = parse_stamp(row[stamp_at])
        if stamp < began:
            return Mark(stamp, row[page.columns.index("Id")])
    return None
