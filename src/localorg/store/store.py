"""The SQLite file: connections, transactions, reading and writing rows, loading many at once.

One connection writes, under a lock; every thread reads through a connection of its own (WAL), so a long
export never blocks a write.
"""

import sqlite3
import threading
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from itertools import islice
from pathlib import Path
from typing import Any, Protocol, cast

from localorg.ids import number_of, record_id
from localorg.schema import FieldDef, Schema, SObjectDef
from localorg.schema.kept import as_text, overlaid
from localorg.store.derived import columns, is_derived
from localorg.store.functions import register
from localorg.store.tables import INTERNAL, create_table, indexes, quoted
from localorg.store.values import Stored, Value, decode, encoder, is_decimal

#: Rows per executemany while loading.
_CHUNK = 5_000
#: A row in stored form, by field name.
Row = dict[str, Stored]


class TransactionListener(Protocol):
    """Who takes part in every transaction, in the thread and under the lock that writes."""

    def mark(self) -> int:
        """A savepoint begins: a number for it."""

    def rollback(self, mark: int) -> None:
        """Everything since this savepoint (0: the transaction) did not happen."""

    def before_commit(self) -> None:
        """The transaction is about to end; what is written now is part of it."""

    def after_commit(self) -> None:
        """It has ended."""


def _utc_today() -> str:
    return datetime.now(UTC).date().isoformat()


class Store:
    """The records of one org."""

    def __init__(self, path: Path, schema: Schema, *, today: Callable[[], str] = _utc_today) -> None:
        self.path = path
        self.schema = schema
        self._today = today
        self._local = threading.local()
        self._lock = threading.RLock()
        self._depth = 0
        self._ended = 0
        self._opening = threading.Lock()
        self._opened: list[sqlite3.Connection] = []
        self.listener: TransactionListener | None = None
        self._columns: dict[str, tuple[FieldDef, ...]] = {}
        self._writer = self._connect()
        self._writer.execute("PRAGMA journal_mode=WAL")
        with self.transaction():
            for statement in filter(None, map(str.strip, INTERNAL.split(";"))):
                self._writer.execute(statement)
            changed = self._writer.execute('SELECT object, definition FROM "_schema"').fetchall()
            self._take(overlaid(schema, changed))
            for sobject in self.schema.objects.values():
                self._writer.execute(create_table(sobject))
            self._create_indexes()

    def _take(self, schema: Schema) -> None:
        self.schema = schema
        self._columns = {name: columns(sobject) for name, sobject in schema.objects.items()}

    def _connect(self) -> sqlite3.Connection:
        connection = sqlite3.connect(self.path, isolation_level=None, check_same_thread=False, timeout=60)
        connection.execute("PRAGMA synchronous=NORMAL")
        connection.execute("PRAGMA cache_size=-32000")
        connection.execute("PRAGMA temp_store=MEMORY")
        register(connection, self._today)
        # Not the lock of writers, or a new thread could not read while a transaction lasts.
        with self._opening:
            self._opened.append(connection)
        return connection

    def close(self) -> None:
        """Close every connection."""
        with self._lock, self._opening:
            for connection in self._opened:
                connection.close()
            self._opened.clear()

    @property
    def transactions(self) -> int:
        """How many have ended that changed rows: whoever read after asking, and finds it the same, is up to date."""
        return self._ended

    # -- connections -------------------------------------------------------------------------------

    @property
    def reader(self) -> sqlite3.Connection:
        """This thread's connection; inside a transaction the writing one, to see its own changes."""
        if self._depth and getattr(self._local, "writing", False):
            return self._writer
        found: sqlite3.Connection | None = getattr(self._local, "connection", None)
        if found is None:
            found = self._local.connection = self._connect()
        return found

    @contextmanager
    def transaction(self) -> Iterator[sqlite3.Connection]:
        """All or nothing; nested ones are savepoints."""
        with self._lock:
            name = f"s{self._depth}"
            listener = self.listener
            mark = listener.mark() if listener is not None and self._depth else 0
            self._writer.execute(f"SAVEPOINT {name}" if self._depth else "BEGIN IMMEDIATE")
            before = self._writer.total_changes
            self._depth += 1
            self._local.writing = True
            try:
                yield self._writer
                if listener is not None and self._depth == 1:
                    listener.before_commit()
            except BaseException:
                self._depth -= 1
                if listener is not None:
                    listener.rollback(mark)
                if self._depth:
                    self._writer.execute(f"ROLLBACK TO {name}")
                    self._writer.execute(f"RELEASE {name}")
                else:
                    self._writer.execute("ROLLBACK")
                raise
            else:
                self._depth -= 1
                self._writer.execute(f"RELEASE {name}" if self._depth else "COMMIT")
                if listener is not None and not self._depth:
                    listener.after_commit()
            finally:
                self._local.writing = self._depth > 0
                if not self._depth and self._writer.total_changes != before:
                    self._ended += 1

    @contextmanager
    def snapshot(self) -> Iterator[sqlite3.Connection]:
        """A connection that sees the records of one instant."""
        connection = self.reader
        if connection is self._writer or connection.in_transaction:
            yield connection
            return
        connection.execute("BEGIN")
        try:
            yield connection
        finally:
            connection.execute("COMMIT")

    def past(self) -> sqlite3.Connection:
        """A connection that keeps seeing the records as they are now, until it is closed."""
        connection = self._connect()
        connection.execute("BEGIN")
        # The transaction sees the instant of its first read.
        connection.execute('SELECT 1 FROM "_setting"').fetchone()
        return connection

    @contextmanager
    def reading(self, connection: sqlite3.Connection) -> Iterator[None]:
        """Let this thread read through another connection."""
        own: sqlite3.Connection | None = getattr(self._local, "connection", None)
        self._local.connection = connection
        try:
            yield
        finally:
            self._local.connection = own

    # -- rows --------------------------------------------------------------------------------------

    def columns(self, sobject: SObjectDef) -> tuple[FieldDef, ...]:
        """The fields that have a column."""
        return self._columns[sobject.name]

    def get(self, sobject: SObjectDef, record: str) -> Row | None:
        """One row in stored form."""
        return self.find(sobject, "Id", record)

    def find(self, sobject: SObjectDef, field: str, value: Stored) -> Row | None:
        """The first row with this value."""
        return next(iter(self.select(sobject, f"{quoted(field)} = ?", (value,))), None)

    def select(self, sobject: SObjectDef, where: str = "1", params: Sequence[Stored] = ()) -> list[Row]:
        """Rows that satisfy a condition in SQL."""
        names = [field.name for field in self._columns[sobject.name]]
        listed = ", ".join(map(quoted, names))
        cursor = self.reader.execute(
            f"SELECT {listed} FROM {quoted(sobject.name)} WHERE {where} ORDER BY rowid", params
        )
        return [dict(zip(names, row, strict=True)) for row in cursor]

    def scalar(self, sql: str, params: Sequence[Stored] = ()) -> Any:
        """The first column of the first row, or None."""
        row = self.reader.execute(sql, params).fetchone()
        return None if row is None else row[0]

    def insert(self, sobject: SObjectDef, row: Mapping[str, Stored]) -> None:
        """Add a row given in stored form."""
        names = ", ".join(map(quoted, row))
        marks = ", ".join("?" * len(row))
        with self.transaction() as connection:
            connection.execute(f"INSERT INTO {quoted(sobject.name)} ({names}) VALUES ({marks})", tuple(row.values()))

    def update(self, sobject: SObjectDef, record: str, changes: Mapping[str, Stored]) -> None:
        """Change columns of a row."""
        if not changes:
            return
        sets = ", ".join(f"{quoted(name)} = ?" for name in changes)
        with self.transaction() as connection:
            connection.execute(f'UPDATE {quoted(sobject.name)} SET {sets} WHERE "Id" = ?', (*changes.values(), record))

    def remove(self, sobject: SObjectDef, record: str) -> None:
        """Take a row away for good."""
        with self.transaction() as connection:
            connection.execute(f'DELETE FROM {quoted(sobject.name)} WHERE "Id" = ?', (record,))

    def rows(self, sobject: SObjectDef) -> list[dict[str, Value]]:
        """All rows, deleted ones too, as Python values: the truth that oracles compare with."""
        fields = {field.name: field for field in self._columns[sobject.name]}
        return [{name: decode(fields[name], value) for name, value in row.items()} for row in self.select(sobject)]

    # -- Ids and numbers ---------------------------------------------------------------------------

    def next_number(self, counter: str) -> int:
        """The next number of a counter."""
        with self.transaction() as connection:
            connection.execute(
                'INSERT INTO "_counter" VALUES (?, 1) ON CONFLICT (name) DO UPDATE SET value = value + 1',
                (counter,),
            )
            return int(connection.execute('SELECT value FROM "_counter" WHERE name = ?', (counter,)).fetchone()[0])

    def reserve(self, counter: str, at_least: int) -> None:
        """Make sure that the counter's next number is above this one."""
        with self.transaction() as connection:
            connection.execute(
                'INSERT INTO "_counter" VALUES (?1, ?2) ON CONFLICT (name) DO UPDATE SET value = max(value, ?2)',
                (counter, at_least),
            )

    def next_id(self, prefix: str) -> str:
        """A fresh Id under a key prefix."""
        return record_id(prefix, self.next_number(f"id:{prefix}"))

    # -- settings ----------------------------------------------------------------------------------

    def setting(self, name: str) -> str | None:
        """A setting of the org."""
        value = self.scalar('SELECT value FROM "_setting" WHERE name = ?', (name,))
        return None if value is None else str(value)

    def set_setting(self, name: str, value: str) -> None:
        """Keep a setting of the org."""
        with self.transaction() as connection:
            connection.execute('INSERT OR REPLACE INTO "_setting" VALUES (?, ?)', (name, value))

    # -- metadata ----------------------------------------------------------------------------------

    def change_schema(
        self, schema: Schema, changed: Iterable[str], now: datetime, prepare: Callable[[sqlite3.Connection], object]
    ) -> None:
        """Have other objects from now on, and after a restart; `prepare` makes the tables fit."""
        with self.transaction() as connection:
            prepare(connection)
            for name in changed:
                text = as_text(schema.objects.get(name))
                connection.execute('INSERT OR REPLACE INTO "_schema" VALUES (?, ?)', (name, text))
            self.touch_metadata(now)
        self._take(schema)

    def touch_metadata(self, now: datetime) -> None:
        """Note that what describe says has changed; if the clock went back, after what was said before."""
        before, second = int(self.setting("metadata_changed") or 0), int(now.timestamp())
        self.set_setting("metadata_changed", str(second if second >= before else before + 1))

    # -- loading -----------------------------------------------------------------------------------

    def _create_indexes(self) -> None:
        for sobject in self.schema.objects.values():
            for name, definition in indexes(sobject):
                self._writer.execute(f"CREATE INDEX IF NOT EXISTS {quoted(name)} ON {definition}")

    @contextmanager
    def bulk_load(self) -> Iterator[None]:
        """Load many rows: one transaction, indexes made at its end."""
        with self.transaction() as connection:
            for sobject in self.schema.objects.values():
                for name, _ in indexes(sobject):
                    connection.execute(f"DROP INDEX IF EXISTS {quoted(name)}")
            yield
            self._create_indexes()
            connection.execute("PRAGMA analysis_limit=1000")
            connection.execute("ANALYZE")

    def load(self, object_name: str, columns: Sequence[str], rows: Iterable[Sequence[Value]]) -> int:
        """Add rows as they are, deriving nothing; says how many.

        Ids are given in the first or any column named `Id`. Values of fields that the org computes when
        it reads (formulas, roll-ups) are dropped. Counters of Ids go on after the loaded ones.
        """
        sobject = self.schema.objects[object_name]
        given = []
        for position, name in enumerate(columns):
            field = sobject.by_name.get(name.lower())
            if field is None or not field.stored:
                raise ValueError(f"{object_name} has no column {name}")
            if not is_derived(sobject, field):
                given.append((position, field))
        sql = (
            f"INSERT INTO {quoted(sobject.name)} ({', '.join(quoted(field.name) for _, field in given)}) "
            f"VALUES ({', '.join('?' * len(given))})"
        )
        encoders = [_column_encoder(field) for _, field in given]
        highest: dict[str, int] = {}
        total = 0
        pending = iter(rows)
        with self.transaction() as connection:
            while chunk := list(islice(pending, _CHUNK)):
                stored = list(zip(*chunk, strict=True))
                encoded = [encode(stored[position]) for (position, _), encode in zip(given, encoders, strict=True)]
                connection.executemany(sql, zip(*encoded, strict=True))
                total += len(chunk)
                for (_, field), values in zip(given, encoded, strict=True):
                    if field.name == "Id":
                        last = max(map(str, values))
                        highest[last[:3]] = max(highest.get(last[:3], 0), number_of(last))
            for prefix, number in highest.items():
                self.reserve(f"id:{prefix}", number)
        return total


def _column_encoder(field: FieldDef) -> Callable[[Sequence[Value]], Sequence[Stored]]:
    """Encodes a column of values; dates and times, which repeat, each distinct one once."""
    convert = encoder(field)
    if field.type == "boolean":
        return lambda values: [1 if value else 0 for value in values]
    if convert is None:
        # Text and whole numbers are stored as they are; empty text is no value.
        return lambda values: [None if value == "" else value for value in cast(Sequence[Stored], values)]
    if is_decimal(field):
        return lambda values: [None if value is None else convert(value) for value in values]
    known: dict[Value, Stored] = {None: None, "": None}

    def encode(values: Sequence[Value]) -> Sequence[Stored]:
        if len(known) > 100_000:
            known.clear()
            known[None] = known[""] = None
        for value in values:
            if value not in known:
                known[value] = convert(value)
        return [known[value] for value in values]

    return encode
