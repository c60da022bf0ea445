"""Deletions that leave no trace in reads: what getDeleted reports, span after span.

What it reports is a hint like any other: the records are read again, and only those that no read shows become
tombstones, with the time that the org reported. (It also reports things that were only switched off, such as
currencies.)

Source: SOAP API Developer Guide, "getDeleted()", "Data Replication".
"""

from collections.abc import Sequence
from datetime import datetime, timedelta

from forcedex.domain.change import DeletedRecords
from forcedex.domain.errors import SourceRefused
from forcedex.domain.ports import Sink, Source, StateStore
from forcedex.domain.record import parse_stamp, stamp_text
from forcedex.domain.schema import SObject
from forcedex.sync.reread import MOST, Rereader

#: The name under which the state store keeps until when deletions were seen.
SEEN = "deletions"
#: Spans overlap: a deletion may become visible late.
_OVERLAP = timedelta(minutes=2)
#: How far back the org remembers.
_REMEMBERED = timedelta(days=15)
_SHORTEST_SPAN = timedelta(minutes=2)


class Deletions:
    """One object's deletions."""

    def __init__(self, sobject: SObject, source: Source, sink: Sink, store: StateStore, rereader: Rereader) -> None:
        self._sobject = sobject
        self._source = source
        self._sink = sink
        self._store = store
        self._rereader = rereader

    async def look(self, now: datetime, floor: datetime) -> bool:
        """See what was deleted up to `now`; False if the org no longer knows all of it (a sweep must tell).

        `floor`: from when on the index has to know (the beginning of its snapshot).
        """
        if not self._sobject.replicateable:
            return True
        seen = (await self._store.moments(SEEN)).get(self._sobject.name)
        start = max(parse_stamp(seen) if seen else floor, floor) - _OVERLAP
        whole = start >= now - _REMEMBERED
        start = max(start, now - _REMEMBERED + _SHORTEST_SPAN)
        while now - start >= _SHORTEST_SPAN:
            try:
                found, end = await self._span(start, now)
            except SourceRefused as exc:
                if exc.code != "INVALID_REPLICATION_DATE":
                    raise
                return False
            whole = whole and found.earliest <= start
            await self._take(found)
            following = min(found.covered, end)
            if following <= start:
                break
            await self._store.save_moment(SEEN, self._sobject.name, stamp_text(following))
            start = following
            if end >= now:
                break
        return whole

    async def _span(self, start: datetime, now: datetime) -> tuple[DeletedRecords, datetime]:
        """The deletions of as long a span as the org tells at once, and its end."""
        end = now
        while True:
            try:
                return await self._source.deleted(self._sobject, start, end), end
            except SourceRefused as exc:
                if exc.code != "EXCEEDED_ID_LIMIT" or (end - start) / 2 < _SHORTEST_SPAN:
                    raise
                end = start + (end - start) / 2

    async def _take(self, found: DeletedRecords) -> None:
        times = dict(found.records)
        ids = list(times)
        for start in range(0, len(ids), MOST):
            some = ids[start : start + MOST]
            indexed = await self._sink.stored(self._sobject.name, some, ["Id"])
            await gone_for_good(self._rereader, [each for each in some if each in indexed], times)


async def gone_for_good(rereader: Rereader, ids: Sequence[str], times: dict[str, datetime]) -> int:
    """Bring these records up to date; those that no read shows become tombstones of these times. How many did."""
    buried = 0
    for start in range(0, len(ids), MOST):
        shown = await rereader.bring(ids[start : start + MOST])
        missing: dict[str, datetime | None] = {each: times[each] for each in shown.missing if each in times}
        if missing:
            buried += (await rereader.bury(missing, shown.ordinal)).written
    return buried
