"""Rows with a checksum: what a database file holds after a disk has turned a bit is refused, not believed.

SQLite checks the structure of its pages but not the values in them, so every row carries the CRC-32 of its values.
Only `put` and `add` write rows, and only `read` reads them.
"""

import json
import zlib
from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from typing import Any, Literal

from sqlalchemy import ColumnElement, RowMapping, Table, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncConnection

Values = Mapping[str, Any]

_STREAMED = 1_000  # rows at once


class Damaged(Exception):
    """A row is not what was written. Becomes StateRefused at the edge (`refusals`)."""


def checksum(values: Values) -> int:
    """CRC-32 of what is not null, by column name. It is stored: changing it takes a migration."""
    told = {name: value.hex() if isinstance(value, bytes) else value for name, value in values.items()}
    text = json.dumps({name: value for name, value in told.items() if value is not None}, sort_keys=True)
    return zlib.crc32(text.encode())


async def put(
    connection: AsyncConnection, table: Table, rows: Sequence[Values], *, unless_higher: str | None = None
) -> None:
    """Insert rows, or replace those with the same key. A row has all columns that are not null.

    A row that is there with a higher value in the column `unless_higher` stays.
    """
    if rows:
        insert = _insert(connection, table)
        replaced = {column.name: insert.excluded[column.name] for column in table.columns if not column.primary_key}
        keys = [column.name for column in table.primary_key]
        where = insert.excluded[unless_higher] >= table.c[unless_higher] if unless_higher else None
        statement = insert.on_conflict_do_update(index_elements=keys, set_=replaced, where=where)
        await connection.execute(statement, _ready(table, rows))


async def add(connection: AsyncConnection, table: Table, rows: Sequence[Values]) -> None:
    """Insert rows; those whose key is there already stay as they are."""
    if rows:
        await connection.execute(_insert(connection, table).on_conflict_do_nothing(), _ready(table, rows))


async def read(
    connection: AsyncConnection,
    table: Table,
    *where: ColumnElement[bool],
    order: Sequence[ColumnElement[Any]] = (),
    limit: int | None = None,
    lock: Literal["update", "share"] | None = None,
) -> Sequence[RowMapping]:
    """Rows whose checksum is right, by key unless an order is given; raises Damaged otherwise.

    `lock` keeps others from changing them until the transaction ends, `update` also from locking them. (In SQLite a
    transaction that writes has locked the whole store anyway.)
    """
    query = select(table).where(*where).order_by(*(order or table.primary_key.columns)).limit(limit)
    if lock:
        query = query.with_for_update(read=lock == "share")
    found = (await connection.execute(query)).mappings().all()
    _check(table, found)
    return found


async def stream(
    connection: AsyncConnection, table: Table, *where: ColumnElement[bool]
) -> AsyncIterator[Sequence[RowMapping]]:
    """As `read`, however many there are: 1,000 at a time, by key."""
    query = select(table).where(*where).order_by(*table.primary_key.columns)
    async with connection.stream(query) as result:
        async for some in result.mappings().partitions(_STREAMED):
            _check(table, some)
            yield some


def _check(table: Table, found: Sequence[RowMapping]) -> None:
    for row in found:
        if row["crc"] != _checksum(table, row):
            raise Damaged(f"a row of {table.name} is not what was written")


def _insert(connection: AsyncConnection, table: Table) -> sqlite.Insert | postgresql.Insert:
    return postgresql.insert(table) if connection.dialect.name == "postgresql" else sqlite.insert(table)


def _ready(table: Table, rows: Sequence[Values]) -> list[dict[str, Any]]:
    empty = {column.name: None for column in table.columns}
    plain = [{**empty, **{name: storable(value) for name, value in row.items()}} for row in rows]
    return [{**row, "crc": _checksum(table, row)} for row in plain]


def _checksum(table: Table, row: Mapping[Any, Any]) -> int:
    columns = (column for column in table.columns if column.name != "crc" and "guarded" not in column.info)
    return checksum({column.name: row[column.name] for column in columns})


def storable(value: Any) -> Any:
    """Texts come from Elasticsearch and Salesforce: PostgreSQL takes no NUL, and no database half a surrogate pair."""
    if isinstance(value, str):
        return value.encode("utf-8", "replace").decode().replace("\0", "\N{REPLACEMENT CHARACTER}")
    return value


def parts(ids: Sequence[str], size: int = 500) -> Iterator[Sequence[str]]:
    """The Ids in as many as one statement may name."""
    for start in range(0, len(ids), size):
        yield ids[start : start + size]
