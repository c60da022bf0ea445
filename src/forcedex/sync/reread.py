"""Records that something hinted at are read once more and written: the way of every change that is not a poll's."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from forcedex.domain.ports import Source, StateStore, Target
from forcedex.domain.record import Page, parse_stamp
from forcedex.domain.selection import Selection
from forcedex.domain.writing import WriteResult
from forcedex.sync.pipeline import Pipeline
from forcedex.sync.ripples import Ripples

#: Ids of one read: as many as a call to collections takes.
MOST = 2_000


@dataclass(frozen=True, slots=True)
class Shown:
    """What a reread brought; it is in the index."""

    #: Live records: Id to LastModifiedDate (the stamp, where an object has none).
    live: dict[str, datetime]
    #: Records in the Recycle Bin.
    deleted: frozenset[str]
    #: Neither read nor reported: gone for good, hidden, or not visible yet. Nothing was written for them.
    missing: tuple[str, ...]
    #: The ordinal of the read.
    ordinal: int


class Rereader:
    """Brings named records of one object up to date."""

    def __init__(
        self,
        selection: Selection,
        source: Source,
        store: StateStore,
        target: Target,
        pipeline: Pipeline,
        ripples: Ripples,
    ) -> None:
        self._selection = selection
        self._source = source
        self._store = store
        self._target = target
        self._pipeline = pipeline
        self._ripples = ripples
        self._one_at_a_time = asyncio.Lock()

    @property
    def most(self) -> int:
        """Records that are read at once."""
        return min(MOST, self._selection.sobject.rows_at_once)

    async def quiet(self) -> None:
        """Wait until what is being read again now has been written."""
        async with self._one_at_a_time:
            pass

    async def bring(self, ids: Sequence[str]) -> Shown:
        """Read at most MOST records and write them, deleted ones as tombstones; returns when that is acknowledged."""
        parts = []
        for start in range(0, len(ids), self.most):
            async with self._one_at_a_time:
                parts.append(await self._bring(ids[start : start + self.most]))
        return parts[0] if len(parts) == 1 else _joined(parts)

    async def _bring(self, ids: Sequence[str]) -> Shown:
        ordinal = await self._store.next_ordinal()
        page = await self._source.reread(self._selection, ids)
        shown = self._sort(page, ids, ordinal)
        try:
            await self._ripples.note(page, ordinal)
            strangers = await self._strangers(shown)
            key = page.columns.index("Id")
            rows = [row for row in page.rows if row[key] not in strangers] if strangers else page.rows
            if rows:
                await self._pipeline.put(Page(page.columns, rows), ordinal)
            await self._pipeline.finish()
        except BaseException:
            await self._pipeline.abandon()
            raise
        if strangers:
            await self._target.bury(dict.fromkeys(strangers), ordinal)
        return shown

    async def bury(self, records: dict[str, datetime | None], ordinal: int) -> WriteResult:
        """Tombstones for records that are gone for good: Id to the deletion time that the org reports."""
        await self._ripples.note_gone(list(records))
        return await self._target.bury(records, ordinal)

    async def _strangers(self, shown: Shown) -> set[str]:
        """Live records that do not fulfil the configured condition (any more): the index does not hold them."""
        if not self._selection.where or not shown.live:
            return set()
        return shown.live.keys() - set(await self._source.matching(self._selection, list(shown.live)))

    def _sort(self, page: Page, ids: Sequence[str], ordinal: int) -> Shown:
        place = {name: index for index, name in enumerate(page.columns)}
        key = place["Id"]
        stamp = place.get("LastModifiedDate", place[str(self._selection.sobject.stamp_field)])
        gone = place.get("IsDeleted")
        deleted = frozenset(row[key] for row in page.rows if gone is not None and row[gone] == "true")
        live = {row[key]: parse_stamp(row[stamp]) for row in page.rows if row[key] not in deleted}
        missing = tuple(each for each in dict.fromkeys(ids) if each not in live and each not in deleted)
        return Shown(live, deleted, missing, ordinal)


def _joined(parts: Sequence[Shown]) -> Shown:
    """Several rereads as one, as old as the first of them."""
    return Shown(
        {key: time for part in parts for key, time in part.live.items()},
        frozenset(key for part in parts for key in part.deleted),
        tuple(key for part in parts for key in part.missing),
        min((part.ordinal for part in parts), default=0),
    )
