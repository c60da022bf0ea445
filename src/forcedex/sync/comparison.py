"""The comparison of all fields: records are read again and held against their documents.

It finds values that moved without any stamp. Slice by slice, in the order of Ids, it sees the whole object within the
week; `verify` and the org's midnight want everything at once, which one Bulk job reads.
"""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import datetime

from forcedex.domain.errors import BulkUnsupported
from forcedex.domain.ports import Sink, Source, StateStore, Target
from forcedex.domain.record import Page
from forcedex.domain.selection import Selection
from forcedex.domain.upkeep import CheckKind, CheckReport
from forcedex.sync.reread import MOST, Rereader
from forcedex.sync.snapshot import ARCHIVED, BULK_FROM

_BATCH = 1_000


@dataclass(slots=True)
class _Tally:
    records: int = 0
    different: int = 0
    repaired: int = 0


class Comparison:
    """Compares one object."""

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

    async def slice(self, after: str, most: int) -> tuple[CheckReport, str]:
        """Compare the next records of the index after this Id; the last Id that was compared, empty at the end."""
        began = await self._source.now()
        tally = _Tally()
        ids: list[str] = []
        async for batch in self._sink.scan(self._sobject.name, str(self._sobject.stamp_field), after):
            ids += [each.record_id for each in batch]
            if len(ids) >= most:
                break
        ids, rest = ids[:most], ids[most:]
        for start in range(0, len(ids), self._rereader.most):
            some = ids[start : start + self._rereader.most]
            ordinal = await self._store.next_ordinal()
            await self._hold(await self._source.reread(self._selection, some), ordinal, tally, repair=True)
        return await self._report(began, tally), ids[-1] if rest else ""

    async def everything(self, *, repair: bool = True) -> CheckReport:
        """Compare all records that the org shows; those that it does not show are the sweep's."""
        began = await self._source.now()
        tally = _Tally()
        async for page, ordinal in self._pages():
            await self._hold(page, ordinal, tally, repair=repair)
        return await self._report(began, tally)

    async def _pages(self) -> AsyncIterator[tuple[Page, int]]:
        archived = self._sobject.name in ARCHIVED
        where, columns = self._selection.where, self._selection.paths
        ordinal = await self._store.next_ordinal()
        if await self._source.count(self._sobject, where) > BULK_FROM:
            try:
                job = await self._source.start_bulk(self._sobject, columns, where, deleted_too=archived)
                query = await self._source.open_bulk(job, columns)
            except BulkUnsupported:
                pass
            else:
                async for bulk_page in query.pages():
                    async for page in bulk_page.batches(_BATCH):
                        yield page, ordinal
                return
        pages = self._source.read(self._sobject, columns, where=where, deleted_too=archived)
        while True:
            ordinal = await self._store.next_ordinal()  # before the request that the next page comes from
            page_or_none = await anext(pages, None)
            if page_or_none is None:
                return
            yield page_or_none, ordinal

    async def _hold(self, page: Page, ordinal: int, tally: _Tally, *, repair: bool) -> None:
        """Hold a page against the index. What differs is read again: nothing older than that is written."""
        tally.records += len(page.rows)
        differing = list(await self._target.differing(page, ordinal))
        if not differing:
            return
        if repair:
            tally.different += len(differing)
            for start in range(0, len(differing), MOST):
                some = differing[start : start + MOST]
                tally.repaired += len(some) - len((await self._rereader.bring(some)).missing)
        else:
            # What a running sync was just about to write is no difference.
            again = await self._store.next_ordinal()
            page = await self._source.reread(self._selection, differing)
            tally.different += len(await self._target.differing(page, again))

    async def _report(self, began: datetime, tally: _Tally) -> CheckReport:
        return CheckReport(
            object=self._sobject.name,
            kind=CheckKind.COMPARE,
            began_at=began,
            ended_at=await self._source.now(),
            records=tally.records,
            missing=0,
            different=tally.different,
            extra=0,
            unexplained=0,
            repaired=tally.repaired,
        )


def joined(first: CheckReport, second: CheckReport) -> CheckReport:
    """Two slices of one comparison as one."""
    return CheckReport(
        object=second.object,
        kind=second.kind,
        began_at=first.began_at,
        ended_at=second.ended_at,
        records=first.records + second.records,
        missing=first.missing + second.missing,
        different=first.different + second.different,
        extra=first.extra + second.extra,
        unexplained=first.unexplained + second.unexplained,
        repaired=first.repaired + second.repaired,
    )
