"""The sweep: all Ids and stamps of an object in the org against those in the index, both in the order of Ids.

It finds what nothing announced. What it finds are hints: each record is read again before anything is written, and a
record that no read shows is deleted only if the org reports its deletion. Records that are merely gone from sight are
counted and kept: the sync user may have lost access.
"""

from collections.abc import AsyncIterator, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import Enum

from forcedex.domain.errors import BulkUnsupported, SourceDataError
from forcedex.domain.ports import Sink, Source, StateStore, StoredRecord, Target
from forcedex.domain.record import parse_stamp
from forcedex.domain.selection import Selection
from forcedex.domain.upkeep import CheckKind, CheckReport
from forcedex.sync.reported import reported_deletions
from forcedex.sync.reread import MOST, Rereader
from forcedex.sync.snapshot import ARCHIVED, BULK_FROM

_BATCH = 5_000


class Finding(Enum):
    """What is wrong with a record of the index."""

    MISSING = "missing"
    DIFFERENT = "different"
    EXTRA = "extra"


_FEW = 10
#: Records that are in the index alone and looked into in one sweep; the next one goes on.
_MOST_EXTRA = 50_000


@dataclass(slots=True)
class _Tally:
    records: int = 0
    missing: int = 0
    different: int = 0
    extra: int = 0
    unexplained: int = 0
    repaired: int = 0
    #: Ids that are in the index alone, for later.
    extras: list[str] = field(default_factory=list)


def compare(org: Sequence[tuple[str, int]], index: Sequence[tuple[str, int]]) -> Iterator[tuple[str, Finding]]:
    """Merge two lists of (Id, stamp in seconds), each in the order of Ids: what differs. Pure."""
    here, there = iter(index), iter(org)
    left, right = next(here, None), next(there, None)
    while left is not None or right is not None:
        if left is None or (right is not None and right[0] < left[0]):
            assert right is not None
            yield right[0], Finding.MISSING
            right = next(there, None)
        elif right is None or left[0] < right[0]:
            yield left[0], Finding.EXTRA
            left = next(here, None)
        else:
            if left[1] < right[1]:
                yield left[0], Finding.DIFFERENT
            left, right = next(here, None), next(there, None)


class Sweep:
    """Sweeps one object."""

    def __init__(
        self,
        selection: Selection,
        source: Source,
        sink: Sink,
        store: StateStore,
        target: Target,
        rereader: Rereader,
    ) -> None:
        self._selection = selection
        self._sobject = selection.sobject
        self._source = source
        self._sink = sink
        self._store = store
        self._target = target
        self._rereader = rereader

    async def run(self, *, repair: bool = True) -> CheckReport:
        """Compare, and put right what differs unless told otherwise."""
        began = await self._source.now()
        tally = _Tally()
        wrong: list[str] = []
        await self._sink.refresh()
        async for org, index in self._aligned():
            tally.records += len(org)
            for record, finding in compare(org, index):
                if finding is Finding.EXTRA:
                    tally.extra += 1
                    if len(tally.extras) < _MOST_EXTRA:
                        tally.extras.append(record)
                    continue
                tally.missing += finding is Finding.MISSING
                tally.different += finding is Finding.DIFFERENT
                wrong.append(record)
                if repair and len(wrong) >= MOST:
                    await self._mend(wrong, tally)
                    wrong.clear()
        if not repair:
            await self._confirm(wrong, tally)
        else:
            if wrong:
                await self._mend(wrong, tally)
            await self._judge(began, tally)
        return CheckReport(
            object=self._sobject.name,
            kind=CheckKind.SWEEP,
            began_at=began,
            ended_at=await self._source.now(),
            records=tally.records,
            missing=tally.missing,
            different=tally.different,
            extra=tally.extra - tally.unexplained,
            unexplained=tally.unexplained,
            repaired=tally.repaired,
        )

    async def _mend(self, ids: Sequence[str], tally: _Tally) -> None:
        shown = await self._rereader.bring(ids)
        tally.repaired += len(ids) - len(shown.missing)

    async def _confirm(self, wrong: Sequence[str], tally: _Tally) -> None:
        """Look again, writing nothing: what a running sync was just about to write is no difference."""
        tally.missing = tally.different = tally.extra = 0
        for ids in (wrong, tally.extras):
            for start in range(0, len(ids), self._rereader.most):
                some = ids[start : start + self._rereader.most]
                ordinal = await self._store.next_ordinal()
                page = await self._source.reread(self._selection, some)
                differing = set(await self._target.differing(page, ordinal))
                indexed = (await self._sink.stored(self._sobject.name, some, ["Id"])).keys()
                shown = {row[page.columns.index("Id")] for row in page.rows}
                tally.missing += len(differing - indexed)
                tally.different += len(differing & indexed)
                tally.extra += len(indexed - shown)

    async def _judge(self, now: datetime, tally: _Tally) -> None:
        """Records that the index alone has: deleted if a read or the org's own list says so, and otherwise kept."""
        if not tally.extras:
            return
        times = await reported_deletions(self._source, self._sobject, now)
        # Of some objects the org keeps no list of deletions. A few records of such a one that vanished were deleted.
        unlisted = not self._sobject.replicateable and tally.extra <= max(_FEW, tally.records // _FEW)
        for start in range(0, len(tally.extras), MOST):
            some = tally.extras[start : start + MOST]
            shown = await self._rereader.bring(some)
            gone = {each: times.get(each) for each in shown.missing if unlisted or each in times}
            if gone:
                tally.repaired += (await self._rereader.bury(gone, shown.ordinal)).written
            tally.repaired += len(some) - len(shown.missing)
            kept = len(shown.missing) - len(gone)
            tally.unexplained += kept
            if kept == MOST:
                # A whole batch out of sight: access was lost, and reading all the others would only cost calls.
                tally.unexplained += tally.extra - start - len(some)
                return

    async def _aligned(self) -> AsyncIterator[tuple[list[tuple[str, int]], list[tuple[str, int]]]]:
        """Stretches of both sides that cover the same Ids."""
        index: list[tuple[str, int]] = []
        stored = aiter(self._sink.scan(self._sobject.name, str(self._sobject.stamp_field)))
        ended = False
        async for org in self._ids():
            last = org[-1][0]
            while not ended and (not index or index[-1][0] <= last):
                batch = await anext(stored, None)
                if batch is None:
                    ended = True
                else:
                    index += [(each.record_id, each.seconds) for each in batch]
            cut = next((place for place, each in enumerate(index) if each[0] > last), len(index))
            yield org, index[:cut]
            index = index[cut:]
        if index:
            yield [], index
        if not ended:
            async for rest in stored:
                yield [], _pairs(rest)

    async def _ids(self) -> AsyncIterator[list[tuple[str, int]]]:
        """(Id, stamp in seconds) of the org's live records in the order of Ids; SourceDataError if it is not kept."""
        before = ""
        async for rows in self._rows():
            batch = [(key, int(parse_stamp(stamp).timestamp())) for key, stamp in rows]
            for key, _ in batch:
                if key <= before:
                    raise SourceDataError(
                        f"{self._sobject.name}: Salesforce did not give the Ids in their order.",
                        "The next sweep tries again.",
                    )
                before = key
            if batch:
                yield batch

    async def _rows(self) -> AsyncIterator[list[tuple[str, str]]]:
        stamp = str(self._sobject.stamp_field)
        archived = self._sobject.name in ARCHIVED
        columns = ["Id", stamp, *(["IsDeleted"] if archived else [])]
        where = self._selection.where
        if await self._source.count(self._sobject, where) > BULK_FROM:
            try:
                job = await self._source.start_bulk(self._sobject, columns, where, deleted_too=archived, by_id=True)
                query = await self._source.open_bulk(job, columns)
            except BulkUnsupported:
                pass
            else:
                async for bulk_page in query.pages():
                    async for page in bulk_page.batches(_BATCH):
                        yield [(row[0], row[1]) for row in page.rows if not archived or row[2] != "true"]
                return
        # Few records, or only REST can read them: their order is (stamp, Id), so they are put in order here.
        rows: list[tuple[str, str]] = []
        async for page in self._source.read(self._sobject, columns, where=where, deleted_too=archived):
            rows += [(row[0], row[1]) for row in page.rows if not archived or row[2] != "true"]
        # A record that changed meanwhile may come twice: its later stamp counts.
        latest = dict(sorted(rows, key=lambda row: row[1]))
        yield sorted(latest.items())


def _pairs(batch: Sequence[StoredRecord]) -> list[tuple[str, int]]:
    return [(each.record_id, each.seconds) for each in batch]
