"""Questions of many askers sent together: while one `_msearch` is under way, the next questions gather."""

import asyncio
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import orjson

from forcedex.access.gate import GatedBody
from forcedex.domain.errors import ForcedexError
from forcedex.elasticsearch.query import QueryClient

JSON = dict[str, Any]

#: Bytes of one request: a small node accounts for the queries of a whole one.
_LARGEST = 250_000


@dataclass(frozen=True, kw_only=True, slots=True)
class Asked:
    """One of those that wait."""

    question: GatedBody
    size: int
    answer: asyncio.Future[JSON]


class Batching(QueryClient):
    """Asks what `client` asks, the questions of all that wait at the same time at once, one request after another."""

    def __init__(self, client: QueryClient) -> None:
        super().__init__(client._client, client._names)
        self._waiting: deque[Asked] = deque()
        self._sender: asyncio.Task[None] | None = None

    async def search(self, question: GatedBody, moment: str = "") -> JSON:
        """As the client's."""
        (answer,) = await self.search_all([question])
        return answer

    async def search_all(self, questions: Sequence[GatedBody]) -> list[JSON]:
        """As the client's, with those of others."""
        loop = asyncio.get_running_loop()
        mine = [
            Asked(question=each, size=len(orjson.dumps(each.body)), answer=loop.create_future()) for each in questions
        ]
        self._waiting += mine
        if self._sender is None:
            self._sender = asyncio.create_task(self._send_all())
        return [await each.answer for each in mine]

    async def _send_all(self) -> None:
        """Until nobody waits; others first put theirs in."""
        before = 0
        while self._waiting:
            if len(self._waiting) > before:
                before = len(self._waiting)
                await asyncio.sleep(0)
                continue
            await self._send(self._batch())
            before = 0
        self._sender = None

    async def _send(self, batch: Sequence[Asked]) -> None:
        try:
            answers = await super().search_all([each.question for each in batch])
        except ForcedexError as exc:
            for each in (one for one in batch if not one.answer.done()):
                # No answer of the product: a question that Elasticsearch refuses is a fault on either side.
                each.answer.set_exception(AssertionError(f"{exc!r}: {exc.__cause__!r}"))
            return
        for each, found in zip(batch, answers, strict=True):
            if not each.answer.done():  # who asked has given up
                each.answer.set_result(found)

    def _batch(self) -> list[Asked]:
        """The next ones that fit in a request, one at least."""
        batch: list[Asked] = []
        room = _LARGEST
        while self._waiting and (not batch or self._waiting[0].size <= room):
            batch.append(self._waiting.popleft())
            room -= batch[-1].size
        return batch
