"""References to deleted records: Salesforce clears them without moving the replication key.

So the deletion of a record is taken as a hint that whatever refers to it has changed: those records are found in the
index, read once more and written again. A deletion is noted before its checkpoint and settled only after a round in
which every object was caught up, so a crash in between loses nothing.

Source: Salesforce Object Reference, "Relationships Among Objects": deleting the parent clears a lookup.
"""

from collections.abc import Sequence

from forcedex.domain.ports import Sink, Source, StateStore
from forcedex.domain.selection import Selection
from forcedex.sync.pipeline import Pipeline

_AT_ONCE = 500  # deleted records looked for at once
_REREAD = 200  # records of one read


class Referrer:
    """One object that may refer to deleted records."""

    def __init__(self, selection: Selection, pipeline: Pipeline) -> None:
        self.selection = selection
        self.pipeline = pipeline

    def fields_to(self, sobject: str) -> list[str]:
        """The reference fields that may hold an Id of this object."""
        return [
            column.path
            for column in self.selection.columns
            if column.parent is None and column.field.type == "reference" and sobject in column.field.reference_to
        ]


async def settle_references(source: Source, sink: Sink, store: StateStore, referrers: Sequence[Referrer]) -> None:
    """Write again whatever referred to the noted deletions. Call it when every object is caught up."""
    for name, deleted in (await store.noted_deletions()).items():
        await sink.refresh()
        for start in range(0, len(deleted), _AT_ONCE):
            some = deleted[start : start + _AT_ONCE]
            for referrer in referrers:
                found = await sink.referring(referrer.selection.sobject.name, referrer.fields_to(name), some)
                for first in range(0, len(found), _REREAD):
                    await _write_again(source, store, referrer, found[first : first + _REREAD])
            await store.settle_deletions(name, some)


async def _write_again(source: Source, store: StateStore, referrer: Referrer, ids: Sequence[str]) -> None:
    ordinal = await store.next_ordinal()
    sobject = referrer.selection.sobject
    page = await source.read_by_ids(sobject, referrer.selection.paths, ids, deleted_too=sobject.soft_deletes)
    try:
        await referrer.pipeline.put(page, ordinal)
        await referrer.pipeline.finish()
    except BaseException:
        await referrer.pipeline.abandon()
        raise
