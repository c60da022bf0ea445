"""One page of a Bulk query's result: streamed, checked, and read again where it was cut or damaged.

Source: Bulk API 2.0 and Bulk API Developer Guide, "Get Results for a Query Job".
"""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Mapping
from contextlib import aclosing
from dataclasses import dataclass

from forcedex.domain.errors import SourceDataError
from forcedex.domain.record import Page
from forcedex.salesforce.csv_rows import Block, CsvRows
from forcedex.salesforce.network import CallFailed
from forcedex.salesforce.retry import Failure, Repeat
from forcedex.salesforce.shape import broken
from forcedex.salesforce.transport import Call, Stream, Transport

#: Characters after which a batch is handed out although it has fewer records than asked for.
MAX_BATCH_TEXT = 4 * 1024 * 1024
#: The locator of the last page.
_LAST = "null"


class ResultPage:
    """One page of a job's result: `forcedex.domain.ports.BulkPage`."""

    def __init__(self, transport: Transport, call: Call, columns: tuple[str, ...], whole: int | None = None) -> None:
        """`whole` is the number of rows with which this page would be the whole result; None: unknown."""
        self._transport = transport
        self._call = call
        self._columns = columns
        self._whole = whole
        self._stream: Stream | None = None
        self._head: _Head | None = None
        self._counted: int | None = None

    @property
    def next_locator(self) -> str | None:
        """Where the next page starts; None: this is the last.

        SourceDataError if a proxy took that header away, unless the page was read and is the whole result.
        """
        if self._told.locator:
            return None if self._told.locator == _LAST else self._told.locator
        if self._counted is None or self._counted != self._whole:
            raise broken(self._call.purpose, "it does not tell where the next page starts (Sforce-Locator)")
        return None

    @property
    def number_of_records(self) -> int | None:
        """Rows of this page, as Salesforce announced them; None: a proxy took that header away."""
        return self._told.number

    async def batches(self, size: int) -> AsyncIterator[Page]:
        """The page's records, at most `size` at a time; fewer where they hold long texts (about 4 MiB).

        A page that breaks off or is damaged is asked for again, and the rows that were already handed out are passed
        over. SourceDataError if the page's header, the width of a row or the number of rows is not as announced.
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
            head = _announced(stream.headers, self._call.purpose)
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
    def _told(self) -> "_Head":
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
            self._counted = checked.seen
        except SourceDataError as exc:
            # What got damaged or lost on the way may arrive the next time.
            raise CallFailed(Failure(error=exc, repeat=Repeat.UNCLEAR)) from exc
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

    def __init__(self, columns: tuple[str, ...], announced: int | None, purpose: str) -> None:
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
        if self._announced is not None and self.seen > self._announced:
            raise self._wrong_number()
        return rows

    def finish(self) -> None:
        """After the last row."""
        if self._announced not in (None, self.seen):
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


@dataclass(frozen=True, slots=True)
class _Head:
    """What a page's headers announce."""

    #: Rows of the page; None: the header is not there.
    number: int | None
    #: Where the next page starts, or `null`; empty: the header is not there.
    locator: str


def _announced(headers: Mapping[str, str], purpose: str) -> _Head:
    number = headers.get("sforce-numberofrecords")
    if number is not None and not (number.isascii() and number.isdigit()):
        raise broken(purpose, "it does not announce its number of records (Sforce-NumberOfRecords)")
    return _Head(None if number is None else int(number), headers.get("sforce-locator", ""))
