"""What went out of the sync user's sight goes along when an index is built anew: lost access is not deletion.

A new index is filled with what the sync user sees now. A record that only the old index has was deleted, or no longer
fulfils the configured condition, or is hidden: that one is copied.
"""

from collections.abc import Sequence

from forcedex.domain.ports import Source, Target
from forcedex.domain.selection import Selection
from forcedex.sync.reported import reported_deletions
from forcedex.sync.reread import MOST


class Keeping:
    """Copies the hidden records of one object."""

    def __init__(self, selection: Selection, source: Source, target: Target) -> None:
        self._selection = selection
        self._source = source
        self._target = target
        self._deleted: frozenset[str] | None = None
        self._blind = False

    async def run(self) -> int:
        """Before the new index is published; how many records were copied."""
        most = min(MOST, self._selection.sobject.rows_at_once)
        copied = 0
        async for ids in self._target.left_behind():
            for start in range(0, len(ids), most):
                hidden = await self._hidden(ids[start : start + most])
                if hidden:
                    copied += await self._target.carry(hidden)
        return copied

    async def _hidden(self, ids: Sequence[str]) -> list[str]:
        """Those that no read shows and that the org does not report as deleted."""
        if self._deleted is None:
            now = await self._source.now()
            self._deleted = frozenset(await reported_deletions(self._source, self._selection.sobject, now))
        shown: set[str] = set()
        if not self._blind:
            page = await self._source.reread(self._selection, ids)
            place = page.columns.index("Id")
            shown = {row[place] for row in page.rows}
            # Many at once: access was lost, and to read all the others would only cost calls.
            self._blind = not shown and len(ids) == MOST and not self._selection.where
        return [each for each in ids if each not in shown and each not in self._deleted]
