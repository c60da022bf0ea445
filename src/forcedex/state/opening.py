"""Opening a state store: is it ours, is it whole, is it of this version?

A file up to `_CHECKED_BYTES` is examined completely by SQLite. A larger one is not, since every command opens the
store; damage there is found when a page or a row is read, which checks both.
"""

from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, inspect, text
from sqlalchemy.ext.asyncio import AsyncConnection

from forcedex.domain.errors import StateRefused
from forcedex.state import rows
from forcedex.state.database import Database
from forcedex.state.refusals import shown
from forcedex.state.tables import metadata

_MIGRATIONS = Path(__file__).parent / "migrations"
_CHECKED_BYTES = 32 * 2**20  # examined in less than half a second
_ROWS_READ = 1_000  # of each table, at opening
#: Any number of ours: processes that migrate a PostgreSQL store at once queue for it.
_MIGRATION_LOCK = 0x666F726365646578


async def prepare(database: Database) -> None:
    """Bring the store to the newest schema and look whether it is whole; StateRefused if it is not."""
    await database.read(_examine)
    if not await database.read(_is_newest):
        await database.write(lambda connection: _migrate(connection, database.url))
    await database.read(_read_rows)


async def begin_at(database: Database, revision: str) -> None:
    """Make the tables of an empty store as they were with this migration."""
    await database.write(lambda connection: connection.run_sync(lambda sync: command.upgrade(_config(sync), revision)))


async def revision(connection: AsyncConnection) -> str:
    """The store's newest migration."""
    return await connection.run_sync(_revision) or ""


def is_known(revision: str) -> bool:
    """Whether it is a migration of this program."""
    return any(each.revision == revision for each in ScriptDirectory(str(_MIGRATIONS)).walk_revisions())


async def _examine(connection: AsyncConnection) -> None:
    if connection.dialect.name != "sqlite":
        return
    size = "SELECT page_count * page_size FROM pragma_page_count, pragma_page_size"
    if (await connection.execute(text(size))).scalar_one() <= _CHECKED_BYTES:
        found = (await connection.execute(text("PRAGMA integrity_check(1)"))).scalars().all()
        if found != ["ok"]:
            raise rows.Damaged(" ".join(str(found[:1]).split()))


async def _is_newest(connection: AsyncConnection) -> bool:
    return await connection.run_sync(lambda sync: _revision(sync) == _newest(sync))


async def _migrate(connection: AsyncConnection, url: str) -> None:
    if connection.dialect.name == "postgresql":
        await connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _MIGRATION_LOCK})
    if not await _is_newest(connection):  # or another process was faster
        await connection.run_sync(_refuse_strangers, url)
        await connection.run_sync(lambda sync: command.upgrade(_config(sync), "head"))


async def _read_rows(connection: AsyncConnection) -> None:
    """Every table and column is there, and the rows are what was written."""
    for table in metadata.sorted_tables:
        await rows.read(connection, table, limit=_ROWS_READ)


def _refuse_strangers(connection: Connection, url: str) -> None:
    """Tables without a revision are another program's; ours would be mixed into them."""
    if _revision(connection) is None and inspect(connection).get_table_names():
        raise StateRefused(
            f"The state store {shown(url)} holds another program's tables.",
            "Name a file, database or schema in [state] url that is Forcedex's alone.",
        )


def _config(connection: Connection) -> Config:
    config = Config()
    config.set_main_option("script_location", str(_MIGRATIONS))
    config.attributes["connection"] = connection
    return config


def _revision(connection: Connection) -> str | None:
    return MigrationContext.configure(connection).get_current_revision()


def _newest(connection: Connection) -> str | None:
    return ScriptDirectory.from_config(_config(connection)).get_current_head()
