"""The state store on SQLAlchemy: every write is durable when its call returns."""

import asyncio
from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from alembic.util import CommandError
from sqlalchemy import ColumnElement, Connection, RowMapping, delete, event, insert, select, update
from sqlalchemy.engine import make_url
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.exc import ArgumentError, NoSuchModuleError, SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine

from forcedex.domain.checkpoint import Checkpoint, DeadLetter, Phase
from forcedex.domain.errors import ConfigurationError, StateRefused
from forcedex.domain.ports import OrgIdentity
from forcedex.domain.record import Mark
from forcedex.domain.version import MAX_ORDINAL
from forcedex.state.tables import checkpoints, dead_letters, deletions, ordinals, orgs

#: Ordinals taken from the store at once; what a crash leaves of a block is never used.
_BLOCK = 256
_MIGRATIONS = Path(__file__).parent / "migrations"


@asynccontextmanager
async def open_state(url: str) -> AsyncIterator["State"]:
    """The state store at this SQLAlchemy URL, brought to the newest schema.

    ConfigurationError for a URL that cannot be used, StateRefused for a store that cannot be opened.
    """
    engine = _engine(url)
    try:
        with _refused(url):
            async with engine.begin() as connection:
                await connection.run_sync(_migrate)
        yield State(engine, url)
    finally:
        await engine.dispose()


def _engine(url: str) -> AsyncEngine:
    try:
        parsed = make_url(url)
        if parsed.drivername == "sqlite":
            parsed = parsed.set(drivername="sqlite+aiosqlite")
            if parsed.database and parsed.database != ":memory:":
                Path(parsed.database).parent.mkdir(parents=True, exist_ok=True)
        engine = create_async_engine(parsed)
    except (ArgumentError, NoSuchModuleError, ModuleNotFoundError) as exc:
        raise ConfigurationError(
            "[state] url cannot be used.",
            "Give it as sqlite:///path/to/state.db or postgresql+asyncpg://host/database.",
        ) from exc
    except OSError as exc:
        raise StateRefused(
            f"The folder of the state store cannot be made: {exc.strerror}.", "Check [state] url."
        ) from exc
    if parsed.get_backend_name() == "sqlite":
        event.listen(engine.sync_engine, "connect", _set_pragmas)
    return engine


def _set_pragmas(connection: DBAPIConnection, _: object) -> None:
    """Write-ahead log, so that readers do not wait; full sync, so that a commit survives a power cut."""
    cursor = connection.cursor()
    for pragma in ("journal_mode=WAL", "synchronous=FULL", "busy_timeout=10000"):
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()


def _migrate(connection: Connection) -> None:
    config = Config()
    config.set_main_option("script_location", str(_MIGRATIONS))
    config.attributes["connection"] = connection
    head = ScriptDirectory.from_config(config).get_current_head()
    # Usually there is nothing to do, and then two processes do not get in each other's way.
    if MigrationContext.configure(connection).get_current_revision() != head:
        command.upgrade(config, "head")


@contextmanager
def _refused(url: str) -> Iterator[None]:
    """The database's errors as StateRefused; the URL is shown without its password."""
    shown = make_url(url).render_as_string(hide_password=True)
    try:
        yield
    except CommandError as exc:
        raise StateRefused(
            f"The state store {shown} was made by a newer version of Forcedex.", "Upgrade Forcedex on this machine."
        ) from exc
    except SQLAlchemyError as exc:
        cause = getattr(exc, "orig", None) or exc
        raise StateRefused(
            f"The state store {shown} cannot be used: {str(cause).splitlines()[0]}.",
            "Check that its disk is writable and has room; a damaged store is replaced by moving the file away"
            " (everything is then read again).",
        ) from exc


@dataclass(frozen=True, kw_only=True, slots=True)
class KnownOrg:
    """An org that was synced before."""

    org_id: str
    org_name: str
    instance_url: str
    username: str


class State:
    """The whole store: the orgs in it, and each org's part."""

    def __init__(self, engine: AsyncEngine, url: str) -> None:
        self._engine = engine
        self._url = url

    def of(self, org_id: str) -> "SqlStateStore":
        """The part of one org."""
        return SqlStateStore(self._engine, org_id, self._url)

    async def remember(self, login_url: str, identity: OrgIdentity) -> None:
        """Note that this login led to this org."""
        values = {
            "login_url": login_url,
            "org_name": identity.org_name,
            "instance_url": identity.instance_url,
            "username": identity.username,
            "seen_at": datetime.now(UTC).isoformat(),
        }
        with _refused(self._url):
            async with self._engine.begin() as connection:
                changed = await connection.execute(
                    update(orgs).where(orgs.c.org_id == identity.org_id).values(**values)
                )
                if changed.rowcount == 0:
                    await connection.execute(insert(orgs).values(org_id=identity.org_id, **values))

    async def known_org(self, login_url: str) -> KnownOrg | None:
        """The org that this login led to last."""
        query = select(orgs).where(orgs.c.login_url == login_url).order_by(orgs.c.seen_at.desc()).limit(1)
        with _refused(self._url):
            async with self._engine.connect() as connection:
                row = (await connection.execute(query)).mappings().first()
        if row is None:
            return None
        return KnownOrg(
            org_id=row["org_id"],
            org_name=row["org_name"],
            instance_url=row["instance_url"],
            username=row["username"],
        )


class SqlStateStore:
    """`forcedex.domain.ports.StateStore` for one org."""

    def __init__(self, engine: AsyncEngine, org_id: str, url: str) -> None:
        self._engine = engine
        self._org = org_id
        self._url = url
        self._next = 0
        self._block_end = 0
        self._taking = asyncio.Lock()

    async def next_ordinal(self) -> int:
        """As `StateStore.next_ordinal`; numbers come from blocks, so most calls touch no disk."""
        async with self._taking:
            if self._next >= self._block_end:
                with _refused(self._url):
                    async with self._engine.begin() as connection:
                        # The update comes first: it takes the write lock, so two processes never get one block.
                        await connection.execute(update(ordinals).values(next=ordinals.c.next + _BLOCK))
                        self._block_end = (await connection.execute(select(ordinals.c.next))).scalar_one()
                self._next = self._block_end - _BLOCK
            if self._next > MAX_ORDINAL:
                raise StateRefused(
                    "All ordinals are used.", "Move the state store away: everything is then read again."
                )
            self._next += 1
            return self._next - 1

    async def checkpoints(self) -> Mapping[str, Checkpoint]:
        """As `StateStore.checkpoints`."""
        with _refused(self._url):
            async with self._engine.connect() as connection:
                rows = await connection.execute(select(checkpoints).where(checkpoints.c.org_id == self._org))
                return {row["object"]: _checkpoint(row) for row in rows.mappings()}

    async def save_checkpoint(self, checkpoint: Checkpoint) -> None:
        """As `StateStore.save_checkpoint`."""
        values = {
            "org_id": self._org,
            "object": checkpoint.object,
            "generation": checkpoint.generation,
            "index_uuid": checkpoint.index_uuid,
            "phase": checkpoint.phase,
            "floor": checkpoint.floor.isoformat(),
            "job_id": checkpoint.job_id,
            "ordinal": checkpoint.ordinal,
            "locator": checkpoint.locator,
            "mark_stamp": checkpoint.mark.stamp.isoformat() if checkpoint.mark else None,
            "mark_id": checkpoint.mark.record_id if checkpoint.mark else None,
            "synced_at": checkpoint.synced_at.isoformat() if checkpoint.synced_at else None,
        }
        own = (checkpoints.c.org_id == self._org) & (checkpoints.c.object == checkpoint.object)
        with _refused(self._url):
            async with self._engine.begin() as connection:
                changed = await connection.execute(update(checkpoints).where(own).values(**values))
                if changed.rowcount == 0:
                    await connection.execute(insert(checkpoints).values(**values))

    async def bury(self, letters: Sequence[DeadLetter]) -> None:
        """As `StateStore.bury`."""
        if not letters:
            return
        newest = {(letter.object, letter.record_id): letter for letter in letters}
        with _refused(self._url):
            async with self._engine.begin() as connection:
                for letter in newest.values():
                    await connection.execute(delete(dead_letters).where(self._is(letter.object, [letter.record_id])))
                    await connection.execute(
                        insert(dead_letters).values(
                            org_id=self._org, object=letter.object, record_id=letter.record_id, reason=letter.reason
                        )
                    )

    async def exhume(self, sobject: str, record_ids: Sequence[str]) -> None:
        """As `StateStore.exhume`."""
        if record_ids:
            with _refused(self._url):
                async with self._engine.begin() as connection:
                    await connection.execute(delete(dead_letters).where(self._is(sobject, record_ids)))

    async def dead_letters(self) -> Sequence[DeadLetter]:
        """As `StateStore.dead_letters`, by object and Id."""
        query = select(dead_letters).where(dead_letters.c.org_id == self._org)
        with _refused(self._url):
            async with self._engine.connect() as connection:
                rows = await connection.execute(query.order_by(dead_letters.c.object, dead_letters.c.record_id))
                return [
                    DeadLetter(object=row["object"], record_id=row["record_id"], reason=row["reason"])
                    for row in rows.mappings()
                ]

    async def note_deletions(self, sobject: str, record_ids: Sequence[str]) -> None:
        """As `StateStore.note_deletions`."""
        if record_ids:
            with _refused(self._url):
                async with self._engine.begin() as connection:
                    query = select(deletions.c.record_id).where(self._deleted(sobject, record_ids))
                    known = set((await connection.execute(query)).scalars())
                    new = [each for each in dict.fromkeys(record_ids) if each not in known]
                    rows = [{"org_id": self._org, "object": sobject, "record_id": each} for each in new]
                    if rows:
                        await connection.execute(insert(deletions), rows)

    async def noted_deletions(self) -> Mapping[str, Sequence[str]]:
        """As `StateStore.noted_deletions`."""
        found: dict[str, list[str]] = {}
        with _refused(self._url):
            async with self._engine.connect() as connection:
                rows = await connection.execute(select(deletions).where(deletions.c.org_id == self._org))
                for row in rows.mappings():
                    found.setdefault(row["object"], []).append(row["record_id"])
        return found

    async def settle_deletions(self, sobject: str, record_ids: Sequence[str]) -> None:
        """As `StateStore.settle_deletions`."""
        with _refused(self._url):
            async with self._engine.begin() as connection:
                await connection.execute(delete(deletions).where(self._deleted(sobject, record_ids)))

    def _deleted(self, sobject: str, record_ids: Sequence[str]) -> ColumnElement[bool]:
        return (
            (deletions.c.org_id == self._org) & (deletions.c.object == sobject) & deletions.c.record_id.in_(record_ids)
        )

    def _is(self, sobject: str, record_ids: Sequence[str]) -> ColumnElement[bool]:
        return (
            (dead_letters.c.org_id == self._org)
            & (dead_letters.c.object == sobject)
            & dead_letters.c.record_id.in_(record_ids)
        )


def _checkpoint(row: RowMapping) -> Checkpoint:
    mark = Mark(datetime.fromisoformat(row["mark_stamp"]), row["mark_id"]) if row["mark_stamp"] else None
    return Checkpoint(
        object=row["object"],
        generation=row["generation"],
        index_uuid=row["index_uuid"],
        phase=Phase(row["phase"]),
        floor=datetime.fromisoformat(row["floor"]),
        job_id=row["job_id"],
        ordinal=row["ordinal"],
        locator=row["locator"],
        mark=mark,
        synced_at=datetime.fromisoformat(row["synced_at"]) if row["synced_at"] else None,
    )
