"""The bulk writer: a bounded queue, several requests in flight, and an outcome for every document.

Whoever puts documents waits while the queue is full, so a slow cluster slows the reading. Items that were refused
for a passing reason are sent again alone; a request that is refused whole is cut in halves until the one document
that spoils it is found. Whatever is sent twice is written once: versions see to that.
"""

import asyncio
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from elasticsearch import ApiError, AsyncElasticsearch

from forcedex.domain.checkpoint import DeadLetter
from forcedex.domain.errors import SinkRefused, SinkUnavailable
from forcedex.domain.ports import Clock
from forcedex.domain.version import ordinal_in, seconds_in
from forcedex.domain.writing import WriteResult
from forcedex.elasticsearch.breaker import Breaker
from forcedex.elasticsearch.client import stored_versions, translated
from forcedex.elasticsearch.outcomes import Outcome, item_outcome, refused, unavailable

_FILTER_PATH = "errors,items.*.status,items.*.error.type,items.*.error.reason,items.*.error.caused_by.reason"
#: Answers that mean: something in this request spoils the whole of it.
_SPOILED = (400, 413)


@dataclass(frozen=True, kw_only=True, slots=True)
class BulkLimits:
    """How much the writer holds and how long it tries."""

    #: One more than the node works on at a time, so that it never waits while we convert the next batch.
    in_flight: int = 3
    #: Documents and bytes that may wait or be under way.
    most_items: int = 6_000
    most_bytes: int = 24 * 2**20
    #: Documents and bytes of one request, a single larger document excepted.
    request_items: int = 1_000
    #: Under a mebibyte: aiohttp warns of larger bodies, and they are no faster.
    request_bytes: int = 1_000_000
    #: Seconds that one request is tried again before the sink counts as unavailable.
    patience: float = 60.0
    first_pause: float = 0.2  # seconds
    #: Also between two attempts while the index is blocked.
    longest_pause: float = 10.0  # seconds


@dataclass(slots=True)
class _Job:
    """Some documents of one object with the future that their outcome goes to."""

    sobject: str
    alias: str
    ids: Sequence[str]
    lines: Sequence[bytes]
    ordinal: int
    size: int
    done: asyncio.Future[WriteResult]


class _Spoiled(Exception):
    """A request was refused whole because of something in it."""

    def __init__(self, status: int, reason: str) -> None:
        super().__init__(reason)
        self.status = status
        self.reason = reason


@dataclass(slots=True)
class _Settled:
    """What is decided of a request, and what must be sent again."""

    result: WriteResult
    ids: Sequence[str]
    lines: Sequence[bytes]
    #: Why something must be sent again.
    trouble: SinkUnavailable | None = None
    blocked: bool = False


class BulkWriter:
    """Writes documents of all objects; an async context manager that ends its senders."""

    def __init__(self, client: AsyncElasticsearch, clock: Clock, limits: BulkLimits | None = None) -> None:
        self._client = client
        self._clock = clock
        self._limits = limits or BulkLimits()
        self._queue: asyncio.Queue[_Job] = asyncio.Queue()
        self._room = asyncio.Condition()
        self._items = 0
        self._bytes = 0
        self._senders: list[asyncio.Task[None]] = []
        self._breaker = Breaker(
            clock,
            patience=self._limits.patience,
            first_pause=self._limits.first_pause,
            longest_pause=self._limits.longest_pause,
        )

    async def __aenter__(self) -> "BulkWriter":
        self._senders = [asyncio.create_task(self._send_for_ever()) for _ in range(self._limits.in_flight)]
        return self

    async def __aexit__(self, *exc_info: object) -> None:
        for sender in self._senders:
            sender.cancel()
        await asyncio.gather(*self._senders, return_exceptions=True)
        while not self._queue.empty():
            self._queue.get_nowait().done.cancel()

    async def put(
        self, sobject: str, alias: str, ids: Sequence[str], lines: Sequence[bytes], ordinal: int
    ) -> list[asyncio.Future[WriteResult]]:
        """Queue documents; returns when there was room for all. Each future raises as `Target.put` says."""
        futures = []
        for start, end in cuts(lines, self._limits.request_items, self._limits.request_bytes):
            size = sum(map(len, lines[start:end]))
            done: asyncio.Future[WriteResult] = asyncio.get_running_loop().create_future()
            job = _Job(sobject, alias, ids[start:end], lines[start:end], ordinal, size, done)
            async with self._room:
                await self._room.wait_for(lambda job=job: self._fits(job))  # type: ignore[misc]  # bound at once
                self._items += len(job.lines)
                self._bytes += job.size
            self._queue.put_nowait(job)
            futures.append(done)
        return futures

    def _fits(self, job: _Job) -> bool:
        """Whether there is room; a job larger than all room fits when nothing else waits."""
        return self._items == 0 or (
            self._items + len(job.lines) <= self._limits.most_items
            and self._bytes + job.size <= self._limits.most_bytes
        )

    async def _send_for_ever(self) -> None:
        while True:
            job = await self._queue.get()
            try:
                result = await self._write(job, job.ids, job.lines)
                if not job.done.cancelled():
                    job.done.set_result(result)
            except asyncio.CancelledError:
                job.done.cancel()
                raise
            except Exception as exc:  # whatever it is, it belongs to whoever waits for this job
                if not job.done.cancelled():
                    job.done.set_exception(exc)
                    job.done.exception()  # heard, even if the one who waits was cancelled meanwhile
            finally:
                async with self._room:
                    self._items -= len(job.lines)
                    self._bytes -= job.size
                    self._room.notify_all()

    async def _write(self, job: _Job, ids: Sequence[str], lines: Sequence[bytes]) -> WriteResult:
        """Send until every document has an outcome, or nobody waits for it any more."""
        result = WriteResult()
        since = self._clock.monotonic()
        while lines and not job.done.cancelled():
            async with self._breaker.attempt(since):
                began = self._clock.monotonic()
                try:
                    settled = await self._settle(job, ids, lines, await self._request(job.alias, lines))
                except _Spoiled as exc:
                    spoiled = exc
                except SinkUnavailable as exc:
                    self._breaker.failed(exc, began=began, blocked=False)
                    continue
                else:
                    result, ids, lines = result + settled.result, settled.ids, settled.lines
                    if settled.trouble is None:
                        self._breaker.succeeded()
                    else:
                        self._breaker.failed(settled.trouble, began=began, blocked=settled.blocked)
                    continue
            return result + await self._halves(job, ids, lines, spoiled)
        return result

    async def _request(self, alias: str, lines: Sequence[bytes]) -> list[tuple[Outcome, str]]:
        """One bulk request: an outcome for each line; _Spoiled if it was refused whole."""
        try:
            with translated():
                response = await self._client.bulk(
                    index=alias,
                    operations=b"".join(lines),  # type: ignore[arg-type]  # one ready body: lists cost a copy
                    require_alias=True,
                    filter_path=_FILTER_PATH,
                )
        except SinkRefused as exc:
            cause = exc.__cause__
            if isinstance(cause, ApiError) and cause.meta.status in _SPOILED:
                raise _Spoiled(cause.meta.status, exc.message) from exc
            raise
        try:
            items = response["items"]
            if len(items) != len(lines):
                raise SinkUnavailable(f"Elasticsearch answered {len(items)} items for {len(lines)} documents.")
            if response["errors"] is False:
                return [(Outcome.OK, "")] * len(lines)
            return [item_outcome(item) for item in items]
        except (KeyError, TypeError, ValueError, AttributeError, StopIteration) as exc:
            raise SinkUnavailable(
                "Elasticsearch's answer to a bulk request cannot be read.", "Is something between it and Forcedex?"
            ) from exc

    async def _halves(self, job: _Job, ids: Sequence[str], lines: Sequence[bytes], spoiled: _Spoiled) -> WriteResult:
        if len(lines) == 1:
            reason = f"Elasticsearch refuses the whole request that holds this document: {spoiled.reason}"
            return WriteResult(rejected=(DeadLetter(object=job.sobject, record_id=ids[0], reason=reason),))
        middle = len(lines) // 2
        result = await self._write(job, ids[:middle], lines[:middle])
        result += await self._write(job, ids[middle:], lines[middle:])
        if len(result.rejected) == len(job.lines) and spoiled.status == 400:
            # No record is so bad that none of its neighbours is taken: it is not they that are refused.
            raise SinkRefused(
                f"Elasticsearch refuses every bulk request: {spoiled.reason}",
                "Check that [elasticsearch] url leads to Elasticsearch itself, in a version that Forcedex knows.",
            )
        return result

    async def _settle(
        self, job: _Job, ids: Sequence[str], lines: Sequence[bytes], outcomes: list[tuple[Outcome, str]]
    ) -> _Settled:
        """Count what is decided; give back what must be sent again and the reason."""
        written = 0
        conflicts: list[str] = []
        rejected: list[DeadLetter] = []
        again: list[int] = []
        trouble: tuple[Outcome, str] | None = None
        for index, (outcome, reason) in enumerate(outcomes):
            match outcome:
                case Outcome.OK:
                    written += 1
                case Outcome.CONFLICT:
                    conflicts.append(ids[index])
                case Outcome.POISON:
                    rejected.append(DeadLetter(object=job.sobject, record_id=ids[index], reason=reason))
                case Outcome.LOST_INDEX | Outcome.FORBIDDEN:
                    raise refused(job.alias, outcome, reason)
                case Outcome.RETRY | Outcome.BLOCKED:
                    again.append(index)
                    if trouble is None or outcome is Outcome.BLOCKED:
                        trouble = (outcome, reason)
        stale, went_back = await self._judge(job, conflicts)
        return _Settled(
            WriteResult(written=written, stale=stale, went_back=went_back, rejected=tuple(rejected)),
            [ids[index] for index in again],
            [lines[index] for index in again],
            unavailable(job.alias, *trouble) if trouble else None,
            trouble is not None and trouble[0] is Outcome.BLOCKED,
        )

    async def _judge(self, job: _Job, conflicts: list[str]) -> tuple[int, tuple[tuple[str, int], ...]]:
        """A conflict is stale only if the stored ordinal is not below ours; otherwise the stamp went back."""
        if not conflicts:
            return 0, ()
        stored = await stored_versions(self._client, job.alias, conflicts)
        went_back = tuple(
            (record_id, seconds_in(version))
            for record_id, version in stored.items()
            if ordinal_in(version) < job.ordinal
        )
        return len(conflicts) - len(went_back), went_back


def cuts(lines: Sequence[bytes], most_items: int, most_bytes: int) -> Iterator[tuple[int, int]]:
    """Where to cut so that no part is larger than this; a part of one line may be."""
    start = size = 0
    for index, line in enumerate(lines):
        if index > start and (index - start == most_items or size + len(line) > most_bytes):
            yield start, index
            start, size = index, 0
        size += len(line)
    if start < len(lines):
        yield start, len(lines)
