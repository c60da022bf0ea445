"""Who may see records that Salesforce did not show a person although we did: it is read again, then they are forgotten.

Until then they are hidden from that person (`state/reported.py`); what he reports hides nothing from anybody else.
"""

from collections import defaultdict
from collections.abc import Awaitable, Callable, Mapping, Sequence

from forcedex.access.sharing import Shape, references
from forcedex.domain.ports import Sink, StateStore
from forcedex.domain.shares import Reported
from forcedex.sync.shares import Shares

#: API calls of one look at some reported records: people and rights, grants of three steps, the records.
CALLS = 8


class Rechecking:
    """Brings the access of reported records up to date."""

    def __init__(
        self,
        store: StateStore,
        sink: Sink,
        shares: Shares,
        shapes: Mapping[str, Shape],
        people: Callable[[], Awaitable[bool]],
        bring: Callable[[str, Sequence[str]], Awaitable[bool]],
    ) -> None:
        """`people` reads people and rights, `bring` rereads records; False from either: it could not be done now."""
        self._store = store
        self._sink = sink
        self._shares = shares
        self._shapes = shapes
        self._people = people
        self._bring = bring

    async def waiting(self) -> Sequence[Reported]:
        """What was reported."""
        return await self._store.reported()

    async def run(self, some: Sequence[Reported]) -> None:
        """Read the access of these anew; what can be shown then is no longer hidden."""
        if not await self._people():
            return
        by_object: dict[str, list[Reported]] = defaultdict(list)
        for each in some:
            by_object[each.object].append(each)
        for name, reports in sorted(by_object.items()):
            ids = sorted({each.record_id for each in reports})
            parents = await self._parents(name, ids)
            if await self._shares.reread(name, [*ids, *parents]) and await self._bring(name, ids):
                await self._store.forget_reported(reports)

    async def _parents(self, name: str, ids: Sequence[str]) -> Sequence[str]:
        """What the records refer to, where that decides who may see them."""
        shape = self._shapes.get(name)
        if shape is None:
            return []
        stored = await self._sink.stored(name, ids, list(references(shape)))
        return sorted({str(each) for values in stored.values() for each in values.values() if isinstance(each, str)})
