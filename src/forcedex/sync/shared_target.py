"""An object's index that gets every record together with who may read it: the one way into the sink."""

from collections.abc import AsyncIterator, Awaitable, Mapping, Sequence
from datetime import datetime

from forcedex.domain.ports import Target
from forcedex.domain.record import Page
from forcedex.domain.shares import RecordTokens
from forcedex.domain.writing import WriteResult
from forcedex.sync.shares import Shares


class SharedTarget:
    """`forcedex.domain.ports.Target` that adds the tokens to each page."""

    def __init__(self, name: str, target: Target, shares: Shares, *, listed: bool = False) -> None:
        """`listed`: the grants on all records were listed just now; otherwise the org is asked for those of a page."""
        self._name = name
        self._target = target
        self._shares = shares
        self._listed = listed

    @property
    def listed(self) -> "SharedTarget":
        """The same for a snapshot."""
        return SharedTarget(self._name, self._target, self._shares, listed=True)

    @property
    def generation(self) -> int:
        """As `Target.generation`."""
        return self._target.generation

    @property
    def index_uuid(self) -> str:
        """As `Target.index_uuid`."""
        return self._target.index_uuid

    @property
    def replacing(self) -> bool:
        """As `Target.replacing`."""
        return self._target.replacing

    @property
    def added(self) -> Sequence[str]:
        """As `Target.added`."""
        return self._target.added

    async def put(
        self,
        page: Page,
        ordinal: int,
        *,
        at_least: Mapping[str, int] | None = None,
        newest_only: bool = False,
        tokens: Sequence[RecordTokens] = (),
    ) -> Awaitable[WriteResult]:
        """As `Target.put`, with the tokens of the records: read after the ordinal was taken."""
        found = tokens or await self._shares.tokens(self._name, page, ordinal, fresh=not self._listed)
        return await self._target.put(page, ordinal, at_least=at_least, newest_only=newest_only, tokens=found)

    async def bury(self, records: Mapping[str, datetime | None], ordinal: int) -> WriteResult:
        """As `Target.bury`; who might see them is forgotten, too."""
        result = await self._target.bury(records, ordinal)
        await self._shares.forget(self._name, list(records))
        return result

    async def differing(self, page: Page, ordinal: int, tokens: Sequence[RecordTokens] = ()) -> Sequence[str]:
        """As `Target.differing`, the tokens by what is kept."""
        found = tokens or await self._shares.tokens(self._name, page, ordinal, fresh=False)
        return await self._target.differing(page, ordinal, found)

    async def adopt(self) -> None:
        """As `Target.adopt`."""
        await self._target.adopt()

    def left_behind(self) -> AsyncIterator[Sequence[str]]:
        """As `Target.left_behind`."""
        return self._target.left_behind()

    async def carry(self, ids: Sequence[str]) -> int:
        """As `Target.carry`: with the tokens that they had."""
        return await self._target.carry(ids)

    async def publish(self) -> None:
        """As `Target.publish`."""
        await self._target.publish()
