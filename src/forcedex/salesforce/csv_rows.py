"""Reading CSV that arrives in pieces, in little memory, without changing a character of any value.

Bytes are decoded incrementally and collected into blocks of some hundred records. A block ends where a record
ends, which is a line feed with an even number of quotes before it. Blocks go to the standard library's `csv` reader
in lines split at line feeds only: `str.splitlines` would also split at U+2028, NEL and VT, which values may hold.

Source: Bulk API 2.0 Developer Guide, "Valid CSV Record Rows": values are quoted, quotes are doubled, line feeds in
values are kept.
"""

import codecs
import csv
import io
from collections.abc import Iterator
from dataclasses import dataclass

from forcedex.domain.errors import SourceDataError

#: Characters that are parsed at once: about 2 ms of one core, which is how long the event loop waits.
BLOCK = 256 * 1024
#: Characters of the largest record that is read. Salesforce's largest text field holds 131,072, a record a few
#: megabytes.
MAX_RECORD = 64 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class Block:
    """Some rows that follow each other."""

    rows: list[list[str]]
    #: Characters that they were parsed from.
    length: int


class CsvRows:
    """A parser that is fed bytes and gives the rows that are complete. SourceDataError for damaged CSV or UTF-8."""

    def __init__(self, block: int = BLOCK) -> None:
        # The limit belongs to the process; the default of 131,072 is less than a text field may hold.
        csv.field_size_limit(max(csv.field_size_limit(), MAX_RECORD))
        self._decode = codecs.getincrementaldecoder("utf-8")().decode
        self._block = block
        self._parts: list[str] = []
        self._held = 0
        self._wanted = block

    def feed(self, chunk: bytes) -> Iterator[Block]:
        """The rows that this piece completes, some hundred at a time."""
        for start in range(0, len(chunk), self._block):
            self._hold(self._decoded(chunk[start : start + self._block]))
            if self._held >= self._wanted:
                yield from self._complete_rows()

    def finish(self) -> Iterator[Block]:
        """The last rows, after the last piece."""
        self._hold(self._decoded(b"", final=True))
        text = "".join(self._parts)
        self._parts.clear()
        if text:
            yield Block(parsed(text), len(text))

    def _hold(self, text: str) -> None:
        self._parts.append(text)
        self._held += len(text)
        if self._held > MAX_RECORD:
            raise SourceDataError(
                f"Salesforce sent a record of more than {MAX_RECORD // 1024**2} MiB, or CSV with a quote missing.",
                "Nothing of it was used. Exclude the object's longest fields.",
            )

    def _complete_rows(self) -> Iterator[Block]:
        text = "".join(self._parts)
        end = end_of_last_record(text)
        rest = text[end:]
        self._parts = [rest]
        self._held = len(rest)
        # A record longer than a block is looked at again only when twice as much of it is there.
        self._wanted = max(self._block, 2 * self._held)
        if end:
            yield Block(parsed(text[:end]), end)

    def _decoded(self, chunk: bytes, *, final: bool = False) -> str:
        try:
            return self._decode(chunk, final)
        except UnicodeDecodeError as exc:
            raise SourceDataError(
                f"Salesforce's CSV is not valid UTF-8 ({exc.reason}).", "Nothing of this page was used; read it again."
            ) from exc


def end_of_last_record(text: str) -> int:
    """Where the last complete record of the text ends; 0 if there is none. The text begins with a record."""
    end = text.rfind("\n") + 1
    quotes = text.count('"', 0, end)
    while end and quotes % 2:
        # This line feed is inside a value: the record began before the quote that opened it.
        opened = text.rfind('"', 0, end)
        earlier = text.rfind("\n", 0, opened) + 1
        quotes -= text.count('"', earlier, end)
        end = earlier
    return end


def parsed(text: str) -> list[list[str]]:
    """The rows of a text that holds whole records."""
    try:
        return list(csv.reader(io.StringIO(text, newline="\n"), strict=True))
    except csv.Error as exc:
        raise SourceDataError(
            f"Salesforce's CSV is damaged ({exc}).", "Nothing of this page was used; read it again."
        ) from exc
