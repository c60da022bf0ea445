"""One object's index while it is written, beside the older generation that people may still read."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Coroutine, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import aclosing
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any, TypeVar

from elasticsearch import AsyncElasticsearch

from forcedex.domain.errors import SinkRefused
from forcedex.domain.record import Page
from forcedex.domain.shares import RecordTokens
from forcedex.domain.version import seconds_in
from forcedex.domain.writing import WriteResult
from forcedex.elasticsearch.bulk import BulkWriter
from forcedex.elasticsearch.carrying import carry, left_behind
from forcedex.elasticsearch.client import stored_versions
from forcedex.elasticsearch.comparing import differing
from forcedex.elasticsearch.document import Batch, DocumentBuilder, payload
from forcedex.elasticsearch.generations import Generation, Generations
from forcedex.elasticsearch.tombstones import bury

JSON = dict[str, Any]
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Written:
    """A generation that documents go to."""

    generation: Generation
    #: Its own write alias.
    alias: str
    builder: DocumentBuilder


@dataclass(frozen=True, slots=True)
class Workshop:
    """What all targets of a sink share."""

    client: AsyncElasticsearch
    writer: BulkWriter
    #: One thread: documents are made under the interpreter's lock, and each thread more keeps memory of its own.
    maker: ThreadPoolExecutor


class IndexTarget:
    """`forcedex.domain.ports.Target`: the newest generation, and the older one as long as people read it."""

    def __init__(
        self,
        workshop: Workshop,
        generations: Generations,
        sobject: str,
        newest: Written,
        older: Written | None,
        *,
        added: Sequence[str] = (),
        adopted_meta: JSON | None = None,
    ) -> None:
        """`adopted_meta` is what the mapping says of itself once the added columns are in all documents."""
        self._shop = workshop
        self._generations = generations
        self._name = sobject
        self._newest = newest
        self._older = older
        self.added: Sequence[str] = tuple(added)
        self._adopted_meta = adopted_meta
        #: Held while documents are queued for both generations, and while the older one is given up.
        self._switching = asyncio.Lock()
        self._under_way: set[asyncio.Future[WriteResult]] = set()

    @property
    def generation(self) -> int:
        """As `Target.generation`."""
        return self._newest.generation.number

    @property
    def index_uuid(self) -> str:
        """As `Target.index_uuid`."""
        return self._newest.generation.uuid

    @property
    def replacing(self) -> bool:
        """As `Target.replacing`."""
        return self._older is not None

    async def put(
        self,
        page: Page,
        ordinal: int,
        *,
        at_least: Mapping[str, int] | None = None,
        newest_only: bool = False,
        tokens: Sequence[RecordTokens] = (),
    ) -> Awaitable[WriteResult]:
        """As `Target.put`. Documents are made in a thread, so that the loop stays free for tokens and signals."""

        async def queued(to: Written) -> asyncio.Future[WriteResult]:
            batch = await self._build(to, page, ordinal, at_least, tokens)
            futures = await self._shop.writer.put(self._name, to.alias, batch.ids, batch.lines, ordinal)
            return self._tracked(_outcome(batch, page, futures))

        if self._older is None or newest_only:
            return await queued(self._newest)
        async with self._switching:
            newest = await queued(self._newest)
            if self._older is None:  # published while we waited
                return newest
            return self._tracked(_both(newest, await queued(self._older)))

    async def bury(self, records: Mapping[str, datetime | None], ordinal: int) -> WriteResult:
        """As `Target.bury`."""
        await self._settled()
        least = {record_id: int(time.timestamp()) if time else 0 for record_id, time in records.items()}

        def buried(in_: Written, elsewhere: Mapping[str, int]) -> Coroutine[Any, Any, WriteResult]:
            return bury(self._shop.client, self._shop.writer, self._name, in_.alias, least, ordinal, elsewhere)

        async with self._switching:
            if self._older is None:
                return await buried(self._newest, {})
            # What people still see may not be in the new index yet, and must not come into it later.
            seen = await _unless_lost(stored_versions(self._shop.client, self._older.alias, list(least)), {})
            stamps = {record_id: seconds_in(version) for record_id, version in seen.items()}
            result = await buried(self._newest, stamps)
            await _unless_lost(buried(self._older, {}), WriteResult())
            return result

    async def differing(self, page: Page, ordinal: int, tokens: Sequence[RecordTokens] = ()) -> Sequence[str]:
        """As `Target.differing`, in the newest generation."""
        await self._settled()
        batch = await self._build(self._newest, page, ordinal, None, tokens)
        return await differing(self._shop.client, self._newest.alias, batch, ordinal)

    async def adopt(self) -> None:
        """As `Target.adopt`."""
        if self._adopted_meta is not None:
            await self._generations.describe(self._newest.generation, self._adopted_meta)
        self.added = ()
        self._adopted_meta = None

    async def left_behind(self) -> AsyncIterator[Sequence[str]]:
        """As `Target.left_behind`; at most 5,000 at a time."""
        if self._older is None:
            return
        await self._settled()
        try:
            async with aclosing(left_behind(self._shop.client, self._older.alias, self._newest.alias)) as slices:
                async for ids in slices:
                    yield ids
        except SinkRefused:
            return  # it is gone or closed

    async def carry(self, ids: Sequence[str]) -> int:
        """As `Target.carry`; SinkRefused if a document does not fit."""
        if self._older is None:
            return 0
        shop, newest = self._shop, self._newest
        result = await carry(
            shop.client, shop.writer, self._name, self._older.alias, newest.alias, ids, newest.builder.more
        )
        if result.rejected:
            raise SinkRefused(
                f"{len(result.rejected)} records of {self._name} that are hidden from the sync user do not fit the new "
                f"index: {result.rejected[0].reason}",
                f"Give the user access again, or run `forcedex rebuild {self._name} --drop-hidden`.",
            )
        return result.written

    async def publish(self) -> None:
        """As `Target.publish`.

        Nothing is written between the refresh and the switch: a record that people saw changed would look unchanged
        for a second.
        """
        async with self._switching:
            await self._settled()
            await self._generations.publish(self._newest.generation)
            self._older = None
        await self._generations.delete_others(self._newest.generation)

    async def _build(
        self,
        to: Written,
        page: Page,
        ordinal: int,
        at_least: Mapping[str, int] | None,
        tokens: Sequence[RecordTokens],
    ) -> Batch:
        synced_at = datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(
            self._shop.maker, to.builder.build, page, ordinal, synced_at, at_least, tokens
        )

    def _tracked(self, outcome: Coroutine[Any, Any, WriteResult]) -> asyncio.Future[WriteResult]:
        future = asyncio.ensure_future(outcome)
        self._under_way.add(future)
        future.add_done_callback(self._heard)
        return future

    def _heard(self, future: asyncio.Future[WriteResult]) -> None:
        self._under_way.discard(future)
        if not future.cancelled():
            future.exception()  # or asyncio complains where nobody waits any more

    async def _settled(self) -> None:
        """Whatever was queued before has its outcome."""
        if self._under_way:
            await asyncio.wait(self._under_way)


async def _outcome(batch: Batch, page: Page, futures: list[asyncio.Future[WriteResult]]) -> WriteResult:
    """The sum; refused documents with the rows that they were made of."""
    result = sum(await asyncio.gather(*futures), WriteResult())
    if result.rejected:
        place = page.columns.index("Id")
        rows = {row[place][:15]: row for row in page.rows}
        letters = [
            replace(letter, payload=payload(page.columns, rows[letter.record_id[:15]])) for letter in result.rejected
        ]
        result = replace(result, rejected=tuple(letters))
    return result + WriteResult(rejected=tuple(batch.rejected))


async def _both(newest: Awaitable[WriteResult], older: Awaitable[WriteResult]) -> WriteResult:
    """The outcome in the newest generation, when the older one has it too.

    What the older one refuses does not matter, it will go; a stamp that went back there does: people read it.
    """
    result, late = await asyncio.gather(newest, _unless_lost(older, WriteResult()))
    settled = {letter.record_id for letter in result.rejected} | {record_id for record_id, _ in result.went_back}
    back = tuple(each for each in late.went_back if each[0] not in settled)
    written = max(0, result.written - len(back))
    stale = result.written + result.stale - len(back) - written
    return replace(result, written=written, stale=stale, went_back=result.went_back + back)


async def _unless_lost(outcome: Awaitable[T], otherwise: T) -> T:
    """What the older generation says, or this if it is gone or closed."""
    try:
        return await outcome
    except SinkRefused:
        return otherwise
