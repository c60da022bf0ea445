"""The connection to SQLite or PostgreSQL: transactions that read, and transactions that write.

SQLite: a write-ahead log, so that readers never wait nor fail while somebody writes; full sync, so that a commit
survives a power cut. The log is emptied into the file after each commit: SQLite takes a damaged log for a shorter one
and would go back to what was true before, ordinals too. A writing transaction takes the write lock at once (BEGIN
IMMEDIATE): one that read first and then wanted to write would be refused as soon as another had written in between.
"""

import asyncio
import os
import random
import sqlite3
import time
from collections.abc import Callable, Coroutine
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, TypeVar

import asyncpg
from sqlalchemy import Connection, event, text
from sqlalchemy.engine import URL, make_url
from sqlalchemy.engine.interfaces import DBAPIConnection, DBAPICursor
from sqlalchemy.exc import ArgumentError, NoSuchModuleError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine
from sqlalchemy.util import await_only

from forcedex.domain.errors import ConfigurationError, StateRefused
from forcedex.state.refusals import REPLACE, refused

Result = TypeVar("Result")
#: What is done in one transaction.
Work = Callable[[AsyncConnection], Coroutine[Any, Any, Result]]

_BUSY_MS = 10_000  # how long a writer waits for another process's transaction
_CONNECT_SECONDS = 10.0
_ANSWER_SECONDS = 60.0
#: The least page size: SQLite takes a file that is shorter for an empty one (https://www.sqlite.org/fileformat.html).
_SMALLEST = 512
#: A process that is stopped in the middle of a transaction must not keep its locks for ever.
_SERVER_SETTINGS = {"application_name": "forcedex", "idle_in_transaction_session_timeout": "10s"}
_WRITABLE = "Check [state] url, and that the file and its folder are writable for this user and their disk is not full."


class Database:
    """One state store. Everything it raises is StateRefused (or ConfigurationError when it is made)."""

    def __init__(self, url: str) -> None:
        """ConfigurationError for a URL that cannot be used."""
        self.url = url
        self._engine = _engine(url)
        self._writing_engine = self._engine.execution_options(writing=True)
        self._one_moment_engine = self._engine
        if self._engine.dialect.name == "postgresql":
            self._one_moment_engine = self._engine.execution_options(isolation_level="REPEATABLE READ")
        # Writers of this process queue here; SQLite's own lock is waited for by sleeping and trying again.
        self._one_writer = asyncio.Lock()

    async def read(self, work: Work[Result]) -> Result:
        """Do this in a transaction that sees one moment of the store (SQLite) or what is committed (PostgreSQL)."""
        return await self._whole(self._read(work))

    async def read_one_moment(self, work: Work[Result]) -> Result:
        """As `read`, and PostgreSQL too shows one moment, however long it takes and whoever writes meanwhile."""
        return await self._whole(self._read(work, self._one_moment_engine))

    async def write(self, work: Work[Result]) -> Result:
        """Do this in a transaction: when this returns, what it wrote is durable; if it raises, nothing was written."""
        return await self._whole(self._write(work))

    async def close(self) -> None:
        """Close all connections."""
        await self._engine.dispose()

    async def _read(self, work: Work[Result], engine: AsyncEngine | None = None) -> Result:
        with refused(self.url):
            async with (engine or self._engine).connect() as connection:
                return await work(connection)

    async def _write(self, work: Work[Result]) -> Result:
        with refused(self.url):
            async with self._one_writer, self._writing_engine.begin() as connection:
                return await work(connection)

    async def _whole(self, transaction: Coroutine[Any, Any, Result]) -> Result:
        """A transaction that is not torn by a cancellation, which SQLite's driver would answer by keeping its lock.

        It is short, and waits for others no longer than the busy time-out. A server may not answer for long; its
        driver can be cancelled.
        """
        if self._engine.dialect.name != "sqlite":
            return await transaction
        task = asyncio.create_task(transaction)
        try:
            return await asyncio.shield(task)
        except asyncio.CancelledError:
            await asyncio.wait([task])
            if not task.cancelled():
                task.exception()  # it has no other reader
            raise


async def now(connection: AsyncConnection) -> datetime:
    """The time by which leases run out: PostgreSQL's clock, which all its clients share; else this machine's."""
    if connection.dialect.name == "postgresql":
        seconds = (await connection.execute(text("SELECT extract(epoch FROM clock_timestamp())"))).scalar_one()
        return datetime.fromtimestamp(float(seconds), UTC)
    return datetime.fromtimestamp(time.time(), UTC)


def _engine(url: str) -> AsyncEngine:
    try:
        parsed = make_url(url)
        backend = "postgresql" if parsed.drivername == "postgres" else parsed.get_backend_name()
        if backend == "sqlite" and parsed.database not in (None, "", ":memory:"):
            return _sqlite(parsed.set(drivername="sqlite+aiosqlite"))
        if backend == "postgresql":
            return _postgresql(parsed.set(drivername="postgresql"))
    except (ArgumentError, NoSuchModuleError):
        pass
    raise ConfigurationError(
        "[state] url cannot be used.", "Give it as sqlite:///path/to/state.db or postgresql://user@host/database."
    )


def _sqlite(url: URL) -> AsyncEngine:
    path = Path(url.database or "")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        _make_private(path)
        size = path.stat().st_size
    except OSError as exc:
        raise StateRefused(f"The state store {path} cannot be made: {exc.strerror}.", _WRITABLE) from exc
    if 0 < size < _SMALLEST and not path.with_name(f"{path.name}-journal").exists():
        raise StateRefused(f"The state store {path} is damaged: it was cut short.", REPLACE)
    if not os.access(path, os.R_OK | os.W_OK) or not os.access(path.parent, os.W_OK):
        raise StateRefused(f"The state store {path} cannot be written to.", _WRITABLE)
    engine = create_async_engine(url)
    event.listen(engine.sync_engine, "connect", _set_pragmas)
    event.listen(engine.sync_engine, "begin", _begin)
    return engine


def _make_private(path: Path) -> None:
    """An empty file for this user's eyes only; SQLite gives its -wal and -shm the same permissions.

    A file that is there must not be opened but by SQLite: closing it would release the locks that this process holds.
    """
    if not path.exists():
        with suppress(FileExistsError):  # another process was faster
            os.close(os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600))


def _set_pragmas(connection: DBAPIConnection, _: object) -> None:
    connection.isolation_level = None  # the driver begins no transactions: `_begin` does
    cursor = connection.cursor()
    cursor.execute(f"PRAGMA busy_timeout={_BUSY_MS}")
    _write_ahead(cursor)
    for pragma in ("synchronous=FULL", "wal_autocheckpoint=1"):
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()


def _write_ahead(cursor: DBAPICursor) -> None:
    """Switch to the write-ahead log, which may have to wait for others that open the file at the same time.

    SQLite refuses two that want to switch at once without waiting for its time-out, because each waits for the other
    (https://www.sqlite.org/c3ref/busy_handler.html): so it is tried again. It blocks only this connection's greenlet.
    """
    last = time.monotonic() + _BUSY_MS / 1000
    while True:
        try:
            cursor.execute("PRAGMA journal_mode=WAL")
            return
        except sqlite3.OperationalError as exc:
            if exc.sqlite_errorcode & 0xFF != sqlite3.SQLITE_BUSY or time.monotonic() >= last:
                raise
        await_only(asyncio.sleep(random.uniform(0.01, 0.05)))


def _begin(connection: Connection) -> None:
    writing = connection.get_execution_options().get("writing", False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writing else "BEGIN")


def _postgresql(url: URL) -> AsyncEngine:
    """asyncpg reads the URL itself: it knows sslmode, a socket's folder as host, passfile and the rest of libpq's."""
    dsn = url.render_as_string(hide_password=False)

    async def connect() -> asyncpg.Connection:
        return await asyncpg.connect(
            dsn, timeout=_CONNECT_SECONDS, command_timeout=_ANSWER_SECONDS, server_settings=_SERVER_SETTINGS
        )

    # A connection is tried before it is used: the server may have been started again meanwhile.
    return create_async_engine("postgresql+asyncpg://", async_creator=connect, pool_pre_ping=True)
