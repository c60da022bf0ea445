"""Questions of many askers sent together: a client that waits until nobody has another one, then sends a `_msearch`."""

import asyncio
import json
from collections.abc import Iterator, Sequence
from typing import Any

from forcedex.access.gate import GatedBody
from forcedex.domain.errors import ForcedexError
from forcedex.elasticsearch.query import QueryClient

JSON = dict[str, Any]
Asked = tuple[GatedBody, asyncio.Future[JSON]]

#: Characters of one request: a small node accounts for the queries of a whole one.
_LARGEST = 250_000


class Batching(QueryClient):
    """Asks what `client` asks, the questions of all that wait at the same time at once."""

    def __init__(self, client: QueryClient) -> None:
        super().__init__(client._client, client._names)
        self._waiting: list[Asked] = []
        self._sending: set[asyncio.Task[None]] = set()
        #: A small node holds the answers of one request, not of many.
        self._one_at_a_time = asyncio.Lock()

    async def search(self, question: GatedBody) -> JSON:
        """As the client's."""
        (answer,) = await self.search_all([question])
        return answer

    async def search_all(self, questions: Sequence[GatedBody]) -> list[JSON]:
        """As the client's, with those of others."""
        loop = asyncio.get_running_loop()
        if not self._waiting:
            loop.call_soon(self._later, len(self._waiting))
        mine = [(each, loop.create_future()) for each in questions]
        self._waiting += mine
        return [await answer for _, answer in mine]

    def _later(self, before: int) -> None:
        """Once more around the loop as long as more of them come."""
        if len(self._waiting) > before:
            asyncio.get_running_loop().call_soon(self._later, len(self._waiting))
            return
        waiting, self._waiting = self._waiting, []
        for batch in _batches(waiting):
            task = asyncio.create_task(self._send(batch))
            self._sending.add(task)
            task.add_done_callback(self._sending.discard)

    async def _send(self, batch: Sequence[Asked]) -> None:
        try:
            async with self._one_at_a_time:
                answers = await super().search_all([question for question, _ in batch])
        except ForcedexError as exc:
            for _, answer in batch:
                # No answer of the product: a question that Elasticsearch refuses is a fault on either side.
                answer.set_exception(AssertionError(f"{exc!r}: {exc.__cause__!r}"))
            return
        for (_, answer), found in zip(batch, answers, strict=True):
            answer.set_result(found)


def _batches(waiting: Sequence[Asked]) -> Iterator[list[Asked]]:
    batch: list[Asked] = []
    room = _LARGEST
    for each in waiting:
        size = len(json.dumps(each[0].body))
        if batch and size > room:
            yield batch
            batch, room = [], _LARGEST
        batch.append(each)
        room -= size
    if batch:
        yield batch
