"""Records by their Ids: thousands of them in one or two API requests.

As many Ids as a URL takes go into one query. More are split over up to five queries that travel in one composite
request; where the org refuses that, the queries are sent one after the other.
"""

from collections.abc import Sequence

from forcedex.domain.errors import SourceDataError, SourceRefused
from forcedex.domain.record import Page
from forcedex.domain.schema import SObject
from forcedex.salesforce import soql
from forcedex.salesforce.composite import QUERIES_AT_ONCE
from forcedex.salesforce.query import MAX_TARGET, Record, records, records_together, target_of
from forcedex.salesforce.rows import maybe_datetimes, row_reader
from forcedex.salesforce.transport import Transport

#: Characters that one more Id adds to a URL: 18, quotes and a comma, encoded.
_ID_IN_URL = 18 + 3 * 3
#: An object whose URL has no room for so many Ids (because of its many fields) is read by composite requests alone.
_FEWEST_IN_URL = 50
#: Ids in one query of such an object.
_IDS_IN_BODY = 400


class RecordsByIds:
    """Asks for named records."""

    def __init__(self, transport: Transport) -> None:
        self._transport = transport
        self._composite = True

    async def page(
        self, sobject: SObject, columns: Sequence[str], ids: Sequence[str], *, deleted_too: bool = False
    ) -> Page:
        """The named records that exist, in no order."""
        read = row_reader(columns, maybe_datetimes(sobject, columns))
        found = await self._records(sobject, columns, ids, "", deleted_too=deleted_too)
        return Page(columns=tuple(columns), rows=[read(each) for each in found])

    async def matching(self, sobject: SObject, ids: Sequence[str], where: str) -> list[str]:
        """Those of the named live records that fulfil the condition; archived activities are live."""
        conditions = [soql.own_condition(where), "IsDeleted = false" if sobject.soft_deletes else ""]
        condition = " AND ".join(filter(None, conditions))
        read = row_reader(("Id",), ())
        found = await self._records(sobject, ("Id",), ids, condition, deleted_too=True)
        return [read(each)[0] for each in found]

    async def _records(
        self, sobject: SObject, columns: Sequence[str], ids: Sequence[str], condition: str, *, deleted_too: bool
    ) -> list[Record]:
        distinct = list(dict.fromkeys(map(soql.checked_id, ids)))
        if not distinct:
            return []
        purpose = f"read {len(distinct)} records of {sobject.name}"

        def statement(some: Sequence[str]) -> str:
            return soql.select(sobject, columns, (soql.among(some), condition))

        def statements(size: int) -> list[str]:
            return [statement(distinct[start : start + size]) for start in range(0, len(distinct), size)]

        shortest = target_of(self._transport, statement(distinct[:1]), deleted_too=deleted_too)
        fitting = 1 + (MAX_TARGET - len(shortest)) // _ID_IN_URL
        wide = fitting < _FEWEST_IN_URL
        if wide or (self._composite and len(distinct) > fitting):
            queries = min(QUERIES_AT_ONCE, _quotient(len(distinct), _IDS_IN_BODY if wide else fitting))
            together = statements(_quotient(len(distinct), queries))
            try:
                return await records_together(self._transport, together, purpose, deleted_too=deleted_too)
            except (SourceRefused, SourceDataError) as exc:
                if wide:
                    raise
                # Not to be had at all, or not for these records: an answer may be too large, a query be refused.
                self._composite = not (isinstance(exc, SourceRefused) and exc.status in (404, 405))
        return [
            each
            for one in statements(fitting)
            async for answer in records(self._transport, one, purpose, deleted_too=deleted_too)
            for each in answer.records
        ]


def _quotient(count: int, size: int) -> int:
    """Pieces of this size that hold so many."""
    return -(-count // size)
