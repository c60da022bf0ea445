"""Bulk API 2.0 query jobs: start one, wait for it, stream its result.

Source: Bulk API 2.0 and Bulk API Developer Guide, "Query Jobs" and "Get Results for a Query Job".
"""

import asyncio
import re
from collections.abc import AsyncGenerator, AsyncIterator, Sequence
from contextlib import aclosing
from urllib.parse import quote

from forcedex.domain.errors import SourceDataError, SourceRefused, SourceUnavailable
from forcedex.domain.record import Page
from forcedex.salesforce.csv_rows import Block, CsvRows
from forcedex.salesforce.network import CallFailed
from forcedex.salesforce.refusal import as_bulk_refusal, failed_job
from forcedex.salesforce.shape import broken, object_of, text_in
from forcedex.salesforce.transport import Call, Stream, Transport

#: Seconds between two looks at a job: short at first, for small objects; each look is an API request.
FIRST_POLL = 0.25
POLL_GROWTH = 1.6
LONGEST_POLL = 20.0

#: Characters after which a batch is handed out although it has fewer records than asked for.
MAX_BATCH_TEXT = 4 * 1024 * 1024

_JOB_ID = re.compile(r"[A-Za-z0-9]{15}(?:[A-Za-z0-9]{3})?")


async def start_query_job(transport: Transport, statement: str, object_name: str, *, deleted_too: bool = False) -> str:
    """Start a job for the statement (`queryAll` with `deleted_too`); its id.

    When the answer is lost the request is repeated, although the first job may exist: a job only reads, the one
    whose id nobody knows costs one of 10,000 a day and Salesforce deletes it after 7 days.
    """
    purpose = f"start a Bulk query of {object_name}"
    call = Call(
        purpose=purpose,
        path=_jobs(transport),
        method="POST",
        body={
            "operation": "queryAll" if deleted_too else "query",
            "query": statement,
            "contentType": "CSV",
            "columnDelimiter": "COMMA",
            "lineEnding": "LF",
        },
    )
    try:
        answer = await transport.json(call)
    except SourceRefused as refused:
        raise as_bulk_refusal(refused) from None
    job_id = text_in(object_of(answer.value, purpose), "id", purpose)
    if not _JOB_ID.fullmatch(job_id):
        raise broken(purpose, "“id” is not a job id")
    return job_id


async def finished_job(transport: Transport, job_id: str, columns: Sequence[str] = ()) -> "FinishedJob":
    """The job, once it is complete. SourceRefused if it failed, was aborted or is gone."""
    if not _JOB_ID.fullmatch(job_id):
        raise SourceRefused(f"{job_id[:40]!r} is not the id of a Bulk job.", code="NOT_FOUND")
    purpose = f"run the Bulk query {job_id}"
    clock = transport.clock
    deadline = clock.monotonic() + transport.settings.bulk_wait
    pause = FIRST_POLL
    while True:
        answer = await transport.json(Call(purpose=purpose, path=f"{_jobs(transport)}/{job_id}"))
        job = object_of(answer.value, purpose)
        match text_in(job, "state", purpose):
            case "JobComplete":
                return FinishedJob(transport, job_id, columns)
            case "Failed":
                raise failed_job(str(job.get("errorMessage") or ""), purpose)
            case "Aborted":
                raise SourceRefused(
                    f"The Bulk query {job_id} was aborted in Salesforce.", "Start it again.", code="ABORTED"
                )
        if clock.monotonic() >= deadline:
            raise SourceUnavailable(
                f"The Bulk query {job_id} is still waiting in Salesforce.",
                "See Setup, “Bulk Data Load Jobs”; it can be waited for again.",
                code="JOB_NOT_FINISHED",
            )
        await clock.sleep(pause)
        pause = min(pause * POLL_GROWTH, LONGEST_POLL)


class FinishedJob:
    """A complete job: `forcedex.domain.ports.BulkQuery`."""

    def __init__(self, transport: Transport, job_id: str, columns: Sequence[str] = ()) -> None:
        """`columns` are those that the job was started with; without them the header row is believed."""
        self._transport = transport
        self._job_id = job_id
        self._columns = tuple(columns)

    @property
    def job_id(self) -> str:
        """Salesforce's id of the job."""
        return self._job_id

    async def pages(self, locator: str | None = None) -> AsyncIterator["ResultPage"]:
        """The pages from this locator on (None: from the first)."""
        while True:
            page = ResultPage(self._transport, self._call(locator), self._columns)
            await page.open()
            try:
                yield page
            finally:
                await page.aclose()
            if page.next_locator is None:
                return
            if page.next_locator == locator:
                raise SourceDataError(f"The Bulk result {self._job_id} goes round in circles.", "Start the job again.")
            locator = page.next_locator

    def _call(self, locator: str | None) -> Call:
        limit = self._transport.settings.bulk_page_records
        path = f"{_jobs(self._transport)}/{self._job_id}/results?maxRecords={limit}"
        return Call(
            purpose=f"read the result of the Bulk query {self._job_id}",
            path=path if locator is None else f"{path}&locator={quote(locator, safe='')}",
            headers={"Accept": "text/csv"},
        )


class ResultPage:
    """One page of a job's result: `forcedex.domain.ports.BulkPage`."""

    def __init__(self, transport: Transport, call: Call, columns: tuple[str, ...]) -> None:
        self._transport = transport
        self._call = call
        self._columns = columns
        self._stream: Stream | None = None
        self._head: tuple[int, str | None] | None = None

    @property
    def next_locator(self) -> str | None:
        """Where the next page starts; None: this is the last."""
        return self._told[1]

    @property
    def number_of_records(self) -> int:
        """Rows of this page, as Salesforce announced them."""
        return self._told[0]

    async def batches(self, size: int) -> AsyncIterator[Page]:
        """The page's records, at most `size` at a time; fewer where they hold long texts (about 4 MiB).

        A connection that breaks off is made again, and the rows that were already handed out are passed over.
        SourceDataError if the page's header, the width of a row or the number of rows is not as announced.
        """
        batch = _Batch(size)
        seen = 0
        attempt = 1
        while True:
            try:
                async with aclosing(self._rows_after(seen)) as blocks:
                    async for block in blocks:
                        seen += len(block.rows)
                        attempt = 1
                        for full in batch.with_more(block):
                            yield Page(columns=self._columns, rows=full)
                break
            except CallFailed as failed:
                await self._transport.pause(failed.failure, attempt)
            attempt += 1
        if batch.rows:
            yield Page(columns=self._columns, rows=batch.rows)

    async def open(self) -> None:
        """Ask for the page: its announced size and the next locator are known then."""
        stream = await self._transport.stream(self._call)
        try:
            head = _announced(stream, self._call.purpose)
            if self._head not in (None, head):
                raise broken(self._call.purpose, "the same page was announced differently a second time")
        except SourceDataError:
            await stream.aclose()
            raise
        self._head = head
        self._stream = stream

    async def aclose(self) -> None:
        """Give up what has not been read."""
        if self._stream is not None:
            stream, self._stream = self._stream, None
            await stream.aclose()

    @property
    def _told(self) -> tuple[int, str | None]:
        if self._head is None:
            raise RuntimeError("the page has not been opened")
        return self._head

    async def _rows_after(self, skip: int) -> AsyncGenerator[Block, None]:
        """The rows after the first `skip`, header and numbers checked."""
        if self._stream is None:
            await self.open()
        checked = _CheckedRows(self._columns, self.number_of_records, self._call.purpose)
        try:
            async with aclosing(self._blocks()) as blocks:
                async for block in blocks:
                    rows = checked.data_in(block.rows)
                    self._columns = checked.columns
                    if checked.seen > skip:
                        yield Block(rows[max(0, skip - checked.seen + len(rows)) :], block.length)
            checked.finish()
        finally:
            await self.aclose()

    async def _blocks(self) -> AsyncGenerator[Block, None]:
        """The CSV as it arrives, parsed."""
        if self._stream is None:
            return
        csv = CsvRows()
        async with aclosing(self._stream.chunks()) as chunks:
            async for chunk in chunks:
                for block in csv.feed(chunk):
                    yield block
                    # Bytes that are there already would never let other tasks run.
                    await asyncio.sleep(0)
        for block in csv.finish():
            yield block


class _CheckedRows:
    """What a page's rows must fulfil: the header, the width, the number."""

    def __init__(self, columns: tuple[str, ...], announced: int, purpose: str) -> None:
        self.columns = columns
        self.seen = 0
        self._announced = announced
        self._purpose = purpose
        self._header_seen = False

    def data_in(self, rows: list[list[str]]) -> list[list[str]]:
        """The rows of this block, without the header."""
        if rows and not self._header_seen:
            self._take_header(tuple(rows[0]))
            rows = rows[1:]
        width = len(self.columns)
        if set(map(len, rows)) - {width}:
            raise broken(self._purpose, f"a row has not {width} values")
        self.seen += len(rows)
        if self.seen > self._announced:
            raise self._wrong_number()
        return rows

    def finish(self) -> None:
        """After the last row."""
        if self.seen != self._announced:
            raise self._wrong_number()

    def _take_header(self, header: tuple[str, ...]) -> None:
        self._header_seen = True
        if self.columns and header != self.columns:
            raise broken(self._purpose, f"the columns are not those that were asked for ({', '.join(header)[:200]})")
        self.columns = header

    def _wrong_number(self) -> SourceDataError:
        return broken(self._purpose, f"it has {self.seen} rows, but {self._announced} were announced")


class _Batch:
    """Rows that wait until there are enough of them."""

    def __init__(self, size: int) -> None:
        if size < 1:
            raise ValueError("a batch has at least one record")
        self.rows: list[list[str]] = []
        self._size = size
        self._text = 0

    def with_more(self, block: Block) -> list[list[list[str]]]:
        """The batches that these rows complete."""
        self.rows += block.rows
        self._text += block.length
        size = self._size
        whole = len(self.rows) // size * size
        full = [self.rows[start : start + size] for start in range(0, whole, size)]
        del self.rows[:whole]
        if full:
            self._text = block.length if self.rows else 0
        if self.rows and self._text >= MAX_BATCH_TEXT:
            full.append(self.rows)
            self.rows = []
            self._text = 0
        return full


def _announced(stream: Stream, purpose: str) -> tuple[int, str | None]:
    """Number of rows and next locator in the page's headers. The last page's locator is the text `null`."""
    number = stream.headers.get("sforce-numberofrecords", "")
    locator = stream.headers.get("sforce-locator", "")
    if not (number.isascii() and number.isdigit()):
        raise broken(purpose, "it does not announce its number of records (Sforce-NumberOfRecords)")
    if not locator:
        raise broken(purpose, "it does not tell where the next page starts (Sforce-Locator)")
    return int(number), None if locator == "null" else locator


def _jobs(transport: Transport) -> str:
    return f"/services/data/v{transport.settings.api_version}/jobs/query"
