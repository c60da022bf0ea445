"""Notices for people: raised once, cleared when it is over, handed on to whoever sends alerts."""

from collections.abc import Awaitable, Callable

from forcedex.domain.ports import StateStore
from forcedex.domain.upkeep import NoticeKind

#: Object, kind, text; an empty text says that it is over.
Tell = Callable[[str, NoticeKind, str], Awaitable[None]]


async def nobody(sobject: str, kind: NoticeKind, text: str) -> None:
    """Tells nobody."""


class Watchman:
    """Keeps the notices of a sync."""

    def __init__(self, store: StateStore, tell: Tell = nobody) -> None:
        self._store = store
        self._tell = tell
        #: What is open as far as this process knows, so that a quiet minute costs no writes.
        self._open: dict[tuple[str, NoticeKind], str] = {}
        self._loaded = False

    async def raised(self, sobject: str, kind: NoticeKind, text: str) -> None:
        """Something that a person should know of; the empty object is the whole org."""
        if self._open.get((sobject, kind)) == text:
            return
        self._open[sobject, kind] = text
        if await self._store.raise_notice(sobject, kind, text):
            await self._tell(sobject, kind, text)

    async def over(self, sobject: str, kind: NoticeKind) -> None:
        """It is over, if it was."""
        await self._load()
        if self._open.pop((sobject, kind), None) is not None and await self._store.clear_notice(sobject, kind):
            await self._tell(sobject, kind, "")

    async def _load(self) -> None:
        if not self._loaded:
            self._loaded = True
            for notice in await self._store.notices():
                if notice.cleared_at is None:
                    self._open.setdefault((notice.object, notice.kind), notice.text)
