"""Queries over REST: paging, long statements, and ordered reads that survive an expired locator.

Source: REST API Developer Guide, "Query", "QueryAll", "Query More Results".
"""

from collections import Counter
from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import quote

from forcedex.domain.errors import SourceDataError, SourceRefused
from forcedex.domain.record import Mark, Page, parse_stamp
from forcedex.domain.schema import SObject
from forcedex.salesforce import soql
from forcedex.salesforce.composite import QUERIES_AT_ONCE, together
from forcedex.salesforce.limits import time_in_header
from forcedex.salesforce.rows import maybe_datetimes, parse_exactly, row_reader
from forcedex.salesforce.shape import broken, flag_in, list_in, number_in, object_of
from forcedex.salesforce.transport import Answer, Call, Transport

#: Characters of path and query above which the statement travels in a body. Salesforce refuses more than 16,384
#: bytes of URL and headers together, and an access token may have 2,000 of them.
MAX_TARGET = 12_000

#: Requests for the same page: an answer may be empty and name its own place as the next.
MOST_VISITS = 5

#: Rows of an answer; Salesforce takes it as a suggestion.
_MOST_ROWS = 2_000

Record = Mapping[str, object]


@dataclass(frozen=True, slots=True)
class Records:
    """One answer of a query."""

    records: list[Record]
    #: The org's time of the answer; None if it did not tell.
    time: datetime | None


async def total(transport: Transport, statement: str, purpose: str) -> int:
    """The answer to a `SELECT COUNT()` statement."""
    answer = await _first(transport, statement, purpose, deleted_too=False)
    return number_in(answer.value, "totalSize", purpose)


def _batch(rows: int = _MOST_ROWS) -> dict[str, str]:
    return {"Sforce-Query-Options": f"batchSize={rows}"}


async def records(
    transport: Transport, statement: str, purpose: str, *, deleted_too: bool = False, rows: int = _MOST_ROWS
) -> AsyncIterator[Records]:
    """The records of a query, an answer of `rows` at a time (`queryAll` with `deleted_too`). Numbers are texts."""
    pages = _Pages(transport, purpose, rows)
    answer = await _first(transport, statement, purpose, deleted_too=deleted_too, rows=rows)
    while True:
        yield Records(pages.rows(answer.value), time_in_header(answer.headers))
        call = pages.next(answer.value)
        if call is None:
            return
        answer = await _asked(transport, call)


async def records_together(
    transport: Transport, statements: Sequence[str], purpose: str, *, deleted_too: bool = False
) -> list[Record]:
    """All records of several queries, in as few API requests as possible."""
    found = await records_of_each(transport, statements, purpose, deleted_too=deleted_too)
    return [record for some in found for record in some]


async def records_of_each(
    transport: Transport, statements: Sequence[str], purpose: str, *, deleted_too: bool = False
) -> list[list[Record]]:
    """The records of each of several queries, in as few API requests as possible."""
    pages = _Pages(transport, purpose)
    waiting = [
        (place, Call(purpose=purpose, path=target_of(transport, each, deleted_too=deleted_too), headers=_batch()))
        for place, each in enumerate(statements)
    ]
    found: list[list[Record]] = [[] for _ in statements]
    while waiting:
        some, waiting = waiting[:QUERIES_AT_ONCE], waiting[QUERIES_AT_ONCE:]
        answers = (await together(transport, [call for _, call in some])).value
        for (place, _), answer in zip(some, answers, strict=True):
            found[place] += pages.rows(answer)
            if (call := pages.next(answer)) is not None:
                waiting.append((place, call))
    return found


async def ordered_pages(transport: Transport, plan: "OrderedRead") -> AsyncIterator[Page]:
    """The records of an ordered read, as pages of rows.

    A locator that expires on the way is replaced by a new query after the last row. Records that changed since
    the query began may then come twice; none is left out.
    """
    mark = plan.since
    progress = True
    while True:
        opened: datetime | None = None
        try:
            statement, rows_at_once = plan.statement(mark), plan.sobject.rows_at_once
            async for answer in records(
                transport, statement, plan.purpose, deleted_too=plan.deleted_too, rows=rows_at_once
            ):
                opened = opened or answer.time
                rows = plan.rows(answer.records)
                if rows:
                    previous, mark = mark, plan.mark_after(rows, mark, opened)
                    progress = progress or mark != previous
                    yield plan.page(rows)
            return
        except SourceRefused as refused:
            if refused.code != "INVALID_QUERY_LOCATOR" or not progress:
                raise
            progress = False


@dataclass(frozen=True, kw_only=True)
class OrderedRead:
    """A read in the order (stamp field, Id), or by Id where the object has no stamp field."""

    sobject: SObject
    columns: tuple[str, ...]
    where: str = ""
    since: Mark | None = None
    before: datetime | None = None
    deleted_too: bool = False

    @property
    def purpose(self) -> str:
        """What the read is for, in error texts."""
        return f"read {self.sobject.name}"

    def statement(self, since: Mark | None) -> str:
        """The query for the records after the mark."""
        stamp_field = self.sobject.stamp_field
        return soql.select(
            self.sobject,
            self._asked_columns,
            (
                soql.after(stamp_field, since) if since else "",
                soql.earlier_than(stamp_field, self.before) if self.before else "",
                soql.own_condition(self.where),
            ),
            order=self._keys,
        )

    def rows(self, found: Sequence[Record]) -> list[list[str]]:
        """The records as rows of the asked columns, keys included."""
        asked = self._asked_columns
        read = row_reader(asked, maybe_datetimes(self.sobject, asked))
        return [read(each) for each in found]

    def page(self, rows: list[list[str]]) -> Page:
        """The page without the keys that only this read needed."""
        width = len(self.columns)
        if width < len(self._asked_columns):
            rows = [row[:width] for row in rows]
        return Page(columns=self.columns, rows=rows)

    def mark_after(self, rows: Sequence[Sequence[str]], mark: Mark | None, opened: datetime | None) -> Mark | None:
        """Where a new query may go on after these rows.

        Salesforce fixes a query's Ids when it begins but reads values late: a record that changes meanwhile shows
        its new stamp at its old place. Going on from such a stamp would leave out what lies between, so only
        stamps from before the query count.
        """
        asked = self._asked_columns
        id_at = asked.index("Id")
        if self.sobject.stamp_field is None:
            return Mark(mark.stamp if mark else _NO_STAMP, rows[-1][id_at])
        stamp_at = asked.index(self.sobject.stamp_field)
        for row in reversed(rows):
            try:
                stamp = parse_stamp(row[stamp_at])
            except ValueError as exc:
                raise SourceDataError(
                    f"Salesforce sent a {self.sobject.name} record without a valid {self.sobject.stamp_field}."
                ) from exc
            if opened is not None and stamp < opened:
                return Mark(stamp, row[id_at])
        return mark

    @property
    def _keys(self) -> tuple[str, ...]:
        stamp_field = self.sobject.stamp_field
        return (stamp_field, "Id") if stamp_field else ("Id",)

    @property
    def _asked_columns(self) -> tuple[str, ...]:
        return self.columns + tuple(key for key in self._keys if key not in self.columns)


#: Stands for "no stamp" in marks of objects that have none.
_NO_STAMP = datetime.fromisoformat("1970-01-01T00:00:00+00:00")


def target_of(transport: Transport, statement: str, *, deleted_too: bool) -> str:
    """Path and query of a statement's first page."""
    resource = "queryAll" if deleted_too else "query"
    return f"/services/data/v{transport.settings.api_version}/{resource}?q={quote(statement, safe='')}"


async def _first(
    transport: Transport, statement: str, purpose: str, *, deleted_too: bool, rows: int = _MOST_ROWS
) -> Answer[Record]:
    """The first answer of a query. A statement too long for a URL stays one query: all its fields are of one moment."""
    call = Call(purpose=purpose, path=target_of(transport, statement, deleted_too=deleted_too), headers=_batch(rows))
    if len(call.path) <= MAX_TARGET:
        return await _asked(transport, call)
    answers = await together(transport, [call])
    return Answer(answers.headers, answers.value[0])


async def _asked(transport: Transport, call: Call) -> Answer[Record]:
    answer = await transport.parsed(call, parse_exactly)
    return Answer(answer.headers, object_of(answer.value, call.purpose))


class _Pages:
    """Goes from page to page of some queries."""

    def __init__(self, transport: Transport, purpose: str, rows: int = _MOST_ROWS) -> None:
        self._transport = transport
        self._headers = _batch(rows)
        self._purpose = purpose
        self._visits: Counter[str] = Counter()

    def rows(self, answer: Record) -> list[Record]:
        """The page's records. There may be fewer than were asked for, even none."""
        return [object_of(each, self._purpose) for each in list_in(answer, "records", self._purpose)]

    def next(self, answer: Record) -> Call | None:
        """The call for the next page; None after the last one. Only `done` tells the end."""
        if flag_in(answer, "done", self._purpose):
            return None
        path = self._transport.hosts.path_of(answer.get("nextRecordsUrl"), "nextRecordsUrl")
        self._visits[path] += 1
        if self._visits[path] > MOST_VISITS:
            raise broken(self._purpose, "its pages go round in circles")
        return Call(purpose=self._purpose, path=path, headers=self._headers)
