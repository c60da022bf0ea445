"""What changed since the last pass: a keyset over (replication key, Id), on the org's clock, with an overlap.

A record can become visible some time after the stamp that it carries, so each pass begins a little before the last
one did; what it sees again is recognised and not written twice. Deleted records are read too and become tombstones.
"""

from dataclasses import replace
from datetime import datetime, timedelta

from forcedex.domain.checkpoint import Checkpoint
from forcedex.domain.ports import Sink, Source, StateStore
from forcedex.domain.record import Mark, Page, parse_stamp
from forcedex.domain.selection import Selection
from forcedex.sync.pipeline import Pipeline
from forcedex.sync.recent import MOST_RECENT, SETTLED, Recent
from forcedex.sync.ripples import Ripples
from forcedex.sync.snapshot import mark_after

#: How late a change may become visible and still be found by the next pass.
OVERLAP = timedelta(seconds=120)
#: What deeper looks back find again is recognised if it is younger than this.
REMEMBERED = timedelta(hours=1)
_SAVE_EVERY = timedelta(seconds=10)


class Changes:
    """One object's changes, pass after pass."""

    def __init__(
        self, selection: Selection, source: Source, sink: Sink, store: StateStore, pipeline: Pipeline, ripples: Ripples
    ) -> None:
        self._selection = selection
        self._source = source
        self._sink = sink
        self._store = store
        self._pipeline = pipeline
        self._ripples = ripples
        self._recent = Recent()
        self._saved_at: datetime | None = None
        #: Records that the last pass wrote and that were not written before, as far as is known.
        self.changes = 0
        paths = selection.paths
        self._id = paths.index("Id")
        self._stamp = paths.index(str(selection.sobject.stamp_field))
        self._deleted = paths.index("IsDeleted") if "IsDeleted" in paths else None

    async def catch_up(self, checkpoint: Checkpoint, now: datetime, since: datetime | None = None) -> Checkpoint:
        """Write what changed up to `now`, the org's time just before; the new checkpoint, saved.

        `since` looks back further than the last pass.
        """
        assert checkpoint.mark is not None
        passed = checkpoint.mark.stamp
        start = Mark(min(checkpoint.mark.stamp - OVERLAP, since or checkpoint.mark.stamp))
        self._recent.forget_before(min(start.stamp, checkpoint.mark.stamp - REMEMBERED))
        pages = self._source.read(
            self._selection.sobject,
            self._selection.paths,
            where=self._selection.where,
            since=start,
            deleted_too=self._selection.sobject.soft_deletes,
        )
        written: list[list[str]] = []
        self.changes = 0
        quiet = True
        while True:
            ordinal = await self._store.next_ordinal()  # before the request that the next page comes from
            page = await anext(pages, None)
            if page is None:
                break
            rows = self._recent.unseen(page.rows, self._id, self._stamp, self._deleted)
            # Where a snapshot has just filled the index, what it wrote was noted nowhere: nothing is left out then.
            if self._saved_at is None and self._ripples.trusting:
                rows = await self._unwritten(rows, passed, now)
            if not rows:
                continue
            quiet = False
            self.changes += self._recent.new(rows, self._id, self._stamp, self._deleted)
            # Noted before they are written: what they move elsewhere is looked at later.
            await self._ripples.note(Page(page.columns, rows), ordinal)
            await self._pipeline.put(Page(page.columns, rows), ordinal)
            checkpoint = replace(checkpoint, mark=mark_after(self._selection, page, now) or checkpoint.mark)
            await self._pipeline.mark(checkpoint)
            written += [
                [row[self._id], row[self._stamp], self._gone(row)] for row in rows[: MOST_RECENT - len(written)]
            ]
        done = replace(checkpoint, mark=Mark(now), synced_at=now)
        # A quiet pass has nothing to lose: the next would see the same, so the disk is spared most of the time.
        due = not quiet or self._saved_at is None or now - self._saved_at >= _SAVE_EVERY
        await self._pipeline.finish(done if due else None)
        if due:
            self._saved_at = now
        self._recent.learn(written, 0, 1, 2, now)
        return done

    async def _unwritten(self, rows: list[list[str]], mark: datetime, now: datetime) -> list[list[str]]:
        """The first pass of a process: leave out what the index holds with the same stamp.

        Only stamps that were over when the last process passed: it has read those seconds to their end. Where a
        stream goes on, all of them: a second change within the same second has an event of its own.
        """
        name, stamp = self._selection.sobject.name, str(self._selection.sobject.stamp_field)
        settled = now if name in await self._store.replay_ids() else mark - SETTLED
        old = [row for row in rows if self._gone(row) != "true" and parse_stamp(row[self._stamp]) <= settled]
        stored = await self._sink.stored(name, [row[self._id] for row in old], [stamp]) if old else {}
        known = [row for row in old if stored.get(row[self._id], {}).get(stamp) == row[self._stamp]]
        self._recent.learn(known, self._id, self._stamp, self._deleted, now)
        there = {row[self._id] for row in known}
        return [row for row in rows if row[self._id] not in there]

    def _gone(self, row: list[str]) -> str:
        return row[self._deleted] if self._deleted is not None else ""
