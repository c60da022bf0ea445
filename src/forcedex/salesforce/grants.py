"""Grants on records: rows of the share tables, or masters where those decide.

Source: Object Reference, "AccountShare", "OpportunityShare", "StandardObjectNameShare"; deleted grants leave no trace,
so a record's grants are always read whole.
"""

from collections.abc import AsyncIterator, Iterable, Iterator, Sequence
from itertools import groupby
from operator import itemgetter

from forcedex.domain.errors import BulkUnsupported, SourceDataError
from forcedex.domain.shares import Grant, GrantQuery, RecordGrants, private_to, without_table
from forcedex.salesforce import soql
from forcedex.salesforce.bulk import finished_job, start_query_job
from forcedex.salesforce.composite import QUERIES_AT_ONCE
from forcedex.salesforce.query import records_together
from forcedex.salesforce.rows import row_reader
from forcedex.salesforce.transport import Transport

#: Ids in one query.
_IDS = 400
_BATCH = 5_000  # rows of a listing
_NONE = frozenset({"", "None"})

Granted = tuple[str, RecordGrants]


async def grants(transport: Transport, query: GrantQuery, ids: Sequence[str]) -> dict[str, RecordGrants]:
    """The grants on these records, by Id; a record without any has an empty entry. At most 2,000 ids."""
    columns = _columns(query)
    read = row_reader(columns, ())
    distinct = list(dict.fromkeys(map(soql.checked_id, ids)))
    found: dict[str, list[list[str]]] = {each: [] for each in distinct}
    size = max(-(-len(distinct) // QUERIES_AT_ONCE), min(_IDS, len(distinct)), 1)
    statements = [
        _statement(query, columns, f"{columns[0]} IN ({', '.join(map(soql.quoted, distinct[start : start + size]))})")
        for start in range(0, len(distinct), size)
    ]
    purpose = f"read who may see {len(distinct)} records of {query.object}"
    for record in await records_together(transport, statements, purpose):
        row = read(record)
        found.setdefault(row[0], []).append(row)
    return {key: _one(query, rows) for key, rows in found.items()}


async def all_grants(transport: Transport, query: GrantQuery) -> AsyncIterator[list[Granted]]:
    """The grants on all records that have some, in the order of Ids; SourceDataError if it is not kept."""
    columns = _columns(query)
    statement = f"{_statement(query, columns, '')} ORDER BY {columns[0]}"
    table = query.table or query.object
    try:
        job = await start_query_job(transport, statement, table)
    except BulkUnsupported as exc:
        raise SourceDataError(f"{table} cannot be listed by Bulk API: {exc.message}", "Tell us: it should be.") from exc
    finished = await finished_job(transport, job, columns)
    rest: list[list[str]] = []
    before = ""
    async for page in finished.pages():
        async for batch in page.batches(_BATCH):
            whole, rest = _whole([*rest, *batch.rows])
            found = list(_grouped(query, whole))
            for key, _ in found:
                if key <= before:
                    raise SourceDataError(f"{table}: Salesforce did not keep the order of Ids.", "It is read again.")
                before = key
            yield found
    yield list(_grouped(query, rest))


def _whole(rows: list[list[str]]) -> tuple[list[list[str]], list[list[str]]]:
    """Rows of records that are there whole, and those of the last record, of which more may come."""
    if not rows:
        return [], []
    last = rows[-1][0]
    cut = next(place for place, row in enumerate(rows) if row[0] == last)
    return rows[:cut], rows[cut:]


def _grouped(query: GrantQuery, rows: Iterable[list[str]]) -> Iterator[Granted]:
    for key, some in groupby(rows, key=itemgetter(0)):
        yield key, _one(query, list(some))


def _columns(query: GrantQuery) -> tuple[str, ...]:
    if query.table is None:
        deciding = (query.master_field, query.owner_field, query.private_field)
        return tuple(dict.fromkeys(("Id", *(each for each in deciding if each))))
    paths = (each for each in (query.account_path, query.owner_field, query.private_field) if each)
    first = (query.record_field, "UserOrGroupId", query.level_field, *query.child_levels)
    return tuple(dict.fromkeys((*first, *paths)))


def _statement(query: GrantQuery, columns: Sequence[str], condition: str) -> str:
    where = f" WHERE {condition}" if condition else ""
    return f"SELECT {', '.join(columns)} FROM {query.table or query.object}{where}"


def _one(query: GrantQuery, rows: Sequence[Sequence[str]]) -> RecordGrants:
    """The rows of one record."""
    columns = _columns(query)
    found = dict(zip(columns, rows[0], strict=True)) if rows else {}
    if query.table is None:
        return without_table(query, found)
    if rows and query.private(found):
        return private_to(found.get(query.owner_field or "", ""))
    children = list(query.child_levels.values())
    made = tuple(
        Grant(
            principal_id=row[1],
            itself=row[2] not in _NONE,
            children=frozenset(child for child, level in zip(children, row[3:], strict=False) if level not in _NONE),
        )
        for row in rows
    )
    return RecordGrants(made, account=found.get(query.account_path or "") or None)
