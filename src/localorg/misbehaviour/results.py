"""Pages of Bulk API results that are broken.

Source: Bulk API 2.0 Developer Guide, "Get Results for a Query Job", for what they should be.
"""

import csv
import io
import re
from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import cached_property
from pathlib import Path

from localorg.bulk.job import DELIMITERS, LINE_ENDINGS, QueryJob
from localorg.bulk.routes import locator_of
from localorg.faults import Options
from localorg.ids import full_id
from localorg.rest.call import Answer, Call

_COUNT = "Sforce-NumberOfRecords"
_LOCATOR = "Sforce-Locator"
_HTML = b"<html><head><title>Maintenance</title></head><body><h1>Down for Maintenance</h1></body></html>"
_RESOURCE = re.compile(r"jobs/query/(\w+)(/.*)?", re.IGNORECASE)


def job_of(call: Call) -> QueryJob | None:
    """The job that is asked about."""
    found = _RESOURCE.fullmatch(call.resource)
    return call.org.bulk.find(full_id(found[1]) or "") if found else None


def are_asked(call: Call) -> bool:
    """Whether a page of results is asked for."""
    return call.method == "GET" and call.resource.lower().endswith("/results")


def spoiled(call: Call, subject: str, job: QueryJob, answer: Answer) -> Answer:
    """The page as the client gets it."""
    faults = call.org.faults
    if faults.take("BULK_HTML", subject) is not None:
        return Answer(content=_HTML, content_type="text/html;charset=UTF-8")
    content = answer.content.read_bytes() if isinstance(answer.content, Path) else answer.content or b""
    table = _Table(content, job)
    headers = dict(answer.headers)
    asked = call.query.get("locator")
    if faults.take("BULK_EMPTY_PAGE", subject) is not None:
        # The rows come with the next request, which asks for the same place.
        headers |= {_COUNT: "0", _LOCATOR: asked or locator_of(0)}
        content = table.printed(table.rows[:1])
    if asked is not None and faults.take("BULK_LOCATOR_REPEATED", subject) is not None:
        headers[_LOCATOR] = asked
    if (options := faults.take("BULK_WRONG_COUNT", subject)) is not None:
        headers[_COUNT] = str(int(headers[_COUNT]) + int(options.get("by", 1)))
    for name, change in _CONTENTS.items():
        if headers[_COUNT] != "0" and (options := faults.take(name, subject)) is not None:
            content = change(table, options)
    return replace(answer, content=content, headers=headers)


class _Table:
    """A page's header and rows as cells."""

    def __init__(self, content: bytes, job: QueryJob) -> None:
        self._content = content
        self._delimiter = DELIMITERS[job.delimiter]
        self._ending = LINE_ENDINGS[job.line_ending]

    @cached_property
    def rows(self) -> list[list[str]]:
        """The header and the records."""
        return list(csv.reader(io.StringIO(self._content.decode(), newline=""), delimiter=self._delimiter))

    def printed(self, rows: list[list[str]]) -> bytes:
        """Rows as the Bulk API writes them: every value quoted."""
        text = io.StringIO(newline="")
        csv.writer(text, delimiter=self._delimiter, lineterminator=self._ending, quoting=csv.QUOTE_ALL).writerows(rows)
        return text.getvalue().encode()


def _header_only(table: _Table, options: Options) -> bytes:
    return table.printed(table.rows[:1])


def _truncated(table: _Table, options: Options) -> bytes:
    """Cut before the quote that ends the last value."""
    return table.printed(table.rows).rstrip()[:-1]


def _malformed_row(table: _Table, options: Options) -> bytes:
    """The last row lacks a value, has one too many, or holds a quote that is not doubled."""
    *rows, last = table.rows
    match options.get("kind", "short"):
        case "short":
            return table.printed([*rows, last[:-1]])
        case "long":
            return table.printed([*rows, [*last, "surplus"]])
        case "quote":
            return table.printed([*rows, [*last[:-1], "\x01"]]).replace(b"\x01", b'a"b')
        case kind:
            raise ValueError(f"BULK_MALFORMED_ROW knows short, long and quote, not {kind!r}.")


def _duplicate_column(table: _Table, options: Options) -> bytes:
    return table.printed([[*row, row[0]] for row in table.rows])


_CONTENTS: Mapping[str, Callable[[_Table, Options], bytes]] = {
    "BULK_DUPLICATE_COLUMN": _duplicate_column,
    "BULK_HEADER_ONLY": _header_only,
    "BULK_MALFORMED_ROW": _malformed_row,
    "BULK_TRUNCATED": _truncated,
}
