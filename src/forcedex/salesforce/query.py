"""Queries over REST: paging, long statements, and ordered reads that survive an expired locator.

Source: REST API Developer Guide, "Query", "QueryAll", "Query More Results", "Composite".
"""

from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import quote

from forcedex.domain.errors import SourceDataError, SourceRefused
from forcedex.domain.record import Mark, Page, parse_stamp
from forcedex.domain.schema import SObject
from forcedex.salesforce import soql
from forcedex.salesforce.limits import time_in_header
from forcedex.salesforce.network import CallFailed
from forcedex.salesforce.refusal import composite_failure
from forcedex.salesforce.rows import maybe_datetimes, parse_exactly, row_reader
from forcedex.salesforce.shape import broken, flag_in, list_in, number_in, object_of
from forcedex.salesforce.transport import Answer, Call, Transport

#: Characters of path and query above which the statement travels in a body. Salesforce refuses more than 16,384
#: bytes of URL and headers together, and an access token may have 2,000 of them.
MAX_TARGET = 12_000

#: Rows per answer; Salesforce takes it as a suggestion.
_BATCH = {"Sforce-Query-Options": "batchSize=2000"}

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


async def records(
    transport: Transport, statement: str, purpose: str, *, deleted_too: bool = False
) -> AsyncIterator[Records]:
    """The records of a query, an answer at a time (`queryAll` with `deleted_too`). Numbers are texts."""
    answer = await _first(transport, statement, purpose, deleted_too=deleted_too)
    while True:
        rows = [object_of(each, purpose) for each in list_in(answer.value, "records", purpose)]
        yield Records(rows, time_in_header(answer.headers))
        # Only `done` tells the end: an answer may hold fewer rows than were asked for, even none.
        if flag_in(answer.value, "done", purpose):
            return
        path = transport.hosts.path_of(answer.value.get("nextRecordsUrl"), "nextRecordsUrl")
        answer = await _asked(transport, Call(purpose=purpose, path=path, headers=_BATCH))


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
            async for answer in records(transport, plan.statement(mark), plan.purpose, deleted_too=plan.deleted_too):
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


async def _first(transport: Transport, statement: str, purpose: str, *, deleted_too: bool) -> Answer[Record]:
    """The first answer of a query.

    A statement too long for a URL is sent as the only subrequest of a composite request, as Salesforce advises
    (Help 000386264, "Maximum number of rows returned by SOQL queries over the REST API"): one query, so all fields
    of a record are of one moment, and one API request.
    """
    version = transport.settings.api_version
    resource = "queryAll" if deleted_too else "query"
    target = f"/services/data/v{version}/{resource}?q={quote(statement, safe='')}"
    if len(target) <= MAX_TARGET:
        return await _asked(transport, Call(purpose=purpose, path=target, headers=_BATCH))
    subrequest = {"method": "GET", "url": target, "referenceId": "query", "httpHeaders": _BATCH}
    call = Call(
        purpose=purpose,
        path=f"/services/data/v{version}/composite",
        method="POST",
        body={"allOrNone": False, "compositeRequest": [subrequest]},
    )
    return await transport.parsed(call, lambda body: _subanswer(parse_exactly(body), purpose))


async def _asked(transport: Transport, call: Call) -> Answer[Record]:
    answer = await transport.parsed(call, parse_exactly)
    return Answer(answer.headers, object_of(answer.value, call.purpose))


def _subanswer(answer: object, purpose: str) -> Record:
    """The body of the only subrequest; CallFailed if Salesforce refused it."""
    results = list_in(object_of(answer, purpose), "compositeResponse", purpose)
    if len(results) != 1:
        raise broken(purpose, "it does not answer the one subrequest")
    result = object_of(results[0], purpose)
    status = number_in(result, "httpStatusCode", purpose)
    if status >= 300:
        raise CallFailed(composite_failure(status, result.get("body"), purpose))
    return object_of(result.get("body"), purpose)
