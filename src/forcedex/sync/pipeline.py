"""Pages of one object on their way to the sink, and the checkpoint that follows behind them.

Pages are queued as they are read. A checkpoint is saved only when everything queued before it was acknowledged; one
page may still be under way while the next is read. What the sink rejects becomes a dead letter before the checkpoint
passes it; a record whose stamp went back is read once more.
"""

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field, replace

from forcedex.domain.checkpoint import Checkpoint, DeadLetter
from forcedex.domain.errors import SourceDataError
from forcedex.domain.ports import Source, StateStore, Target
from forcedex.domain.record import Page
from forcedex.domain.selection import Selection
from forcedex.domain.writing import WriteResult
from forcedex.sync.events import Listener, RecordsIndexed

#: Ids of one re-read.
_REREAD = 200
#: A stamp that goes back again and again during its own re-read is left to the next pass.
_REREADS = 3


@dataclass(slots=True)
class Letters:
    """What all pipelines of one object know of its dead letters, and how much they wrote."""

    #: Ids of records that have a dead letter.
    buried: set[str] = field(default_factory=set)
    #: Ids of the records that were refused by this process and not written since.
    refused: set[str] = field(default_factory=set)
    #: Records written by this process.
    written: int = 0


class Pipeline:
    """Takes the pages of one object in order."""

    def __init__(
        self,
        selection: Selection,
        source: Source,
        target: Target,
        store: StateStore,
        listener: Listener,
        letters: "Letters",
        *,
        newest_only: bool = False,
        keep: Callable[[Checkpoint], Awaitable[None]] | None = None,
    ) -> None:
        """`newest_only` fills a new generation and spares the one that is read. `keep` saves checkpoints."""
        self._selection = selection
        self._source = source
        self._target = target
        self._store = store
        self._listener = listener
        self._letters = letters
        self._newest_only = newest_only
        self._keep = keep or store.save_checkpoint
        self._under_way: deque[tuple[list[Awaitable[WriteResult]], list[str], Checkpoint | None]] = deque()
        self._parts: list[Awaitable[WriteResult]] = []
        self._ids: list[str] = []

    async def put(self, page: Page, ordinal: int) -> None:
        """Queue a page that the read with this ordinal saw; waits while the sink is busy."""
        if self._letters.buried:
            place = page.columns.index("Id")
            self._ids += [row[place] for row in page.rows if row[place] in self._letters.buried]
        self._parts.append(await self._target.put(page, ordinal, newest_only=self._newest_only))

    async def mark(self, checkpoint: Checkpoint) -> None:
        """Save this checkpoint once everything queued so far is acknowledged; waits for the one before it."""
        self._under_way.append((self._parts, self._ids, checkpoint))
        self._parts, self._ids = [], []
        while len(self._under_way) > 1:
            await self._settle()

    async def finish(self, checkpoint: Checkpoint | None = None) -> None:
        """Wait for everything, then save the last checkpoint."""
        self._under_way.append((self._parts, self._ids, checkpoint))
        self._parts, self._ids = [], []
        while self._under_way:
            await self._settle()

    async def abandon(self) -> None:
        """Forget what is under way after an error; nothing of it counts as done."""
        waiting = [asyncio.ensure_future(part) for parts, _, _ in self._under_way for part in parts]
        waiting += [asyncio.ensure_future(part) for part in self._parts]
        for each in waiting:
            each.cancel()
        await asyncio.gather(*waiting, return_exceptions=True)
        self._under_way.clear()
        self._parts, self._ids = [], []

    async def _settle(self) -> None:
        parts, ids, checkpoint = self._under_way[0]
        result = sum(await asyncio.gather(*parts), WriteResult())
        self._under_way.popleft()
        went_back = len(result.went_back)
        result = await self._read_again(result)
        await self._keep_dead_letters(result.rejected, ids)
        if checkpoint is not None:
            await self._keep(checkpoint)
        if result.written or result.stale or result.rejected:
            self._letters.written += result.written
            self._listener(
                RecordsIndexed(
                    self._selection.sobject.name, result.written, result.stale, went_back, len(result.rejected)
                )
            )

    async def _read_again(self, result: WriteResult) -> WriteResult:
        """Write records whose stamp went back with a fresh read and at least the stored stamp."""
        for _ in range(_REREADS):
            if not result.went_back:
                return result
            at_least = dict(result.went_back)
            ids = list(at_least)
            result = replace(result, went_back=())
            for start in range(0, len(ids), _REREAD):
                ordinal = await self._store.next_ordinal()
                page = await self._source.read_by_ids(
                    self._selection.sobject,
                    self._selection.paths,
                    ids[start : start + _REREAD],
                    deleted_too=self._selection.sobject.soft_deletes,
                )
                result += await (
                    await self._target.put(page, ordinal, at_least=at_least, newest_only=self._newest_only)
                )
        if result.went_back:
            name = self._selection.sobject.name
            raise SourceDataError(
                f"{name}: the replication key of {len(result.went_back)} records goes back with every read.",
                "Is another program restoring old data? The next sync tries again.",
            )
        return result

    async def _keep_dead_letters(self, rejected: tuple[DeadLetter, ...], written: list[str]) -> None:
        await self._store.bury(rejected)
        refused = {letter.record_id for letter in rejected}
        healed = [each for each in dict.fromkeys(written) if each not in refused]
        if healed:
            await self._store.exhume(self._selection.sobject.name, healed)
        self._letters.buried |= refused
        self._letters.buried -= set(healed)
        self._letters.refused |= refused
        self._letters.refused -= set(healed)
