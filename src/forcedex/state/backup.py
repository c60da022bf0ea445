"""Backup and restore of what the org does not keep.

What belongs to the index (checkpoints, ordinals, notes, grants, what records were when last read, totals of days) is in
no backup: it would be older than the index that it speaks of. Totals are made anew of histories and of the changes that
were observed, which are in it. A store that has such a state keeps its own when a backup is restored into it; one that
has none is a new one, for which every index is built anew, so that no ordinal ever goes back. Sessions and the lease
belong to the moment. A table that is not named here is in the backup.
"""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from sqlalchemy import MetaData, Table, delete, exists, insert, select
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncConnection

from forcedex import __version__
from forcedex.domain.errors import Refused, StateRefused
from forcedex.state import audit as audit_log
from forcedex.state import opening, rows
from forcedex.state import tables as store
from forcedex.state.backup_file import Backup, Header, checked, damaged, tables, written
from forcedex.state.database import Database
from forcedex.state.orgs import KnownOrg

#: Never in a backup.
OF_THE_INDEX = frozenset(
    {
        store.checkpoints,
        store.checks,
        store.companies,
        store.days,
        store.denials,
        store.directories,
        store.grants,
        store.held,
        store.leases,
        store.moments,
        store.notes,
        store.notices,
        store.ordinals,
        store.replay_ids,
        store.reported,
        store.reports,
        store.requests,
        store.seen,
        store.sessions,
    }
)
#: Restored only where nothing was synced yet: a store that syncs knows better.
_ONLY_NEW = frozenset({store.calls, store.dead_letters})


def kept() -> Sequence[Table]:
    """The tables of a backup."""
    return [each for each in store.metadata.sorted_tables if each not in OF_THE_INDEX]


async def back_up(database: Database, org: KnownOrg, login_url: str, path: Path) -> Backup:
    """Write a backup of this org's part of the store as it is at one moment, whoever writes to it meanwhile."""

    async def work(connection: AsyncConnection) -> Backup:
        header = Header(
            org_id=org.org_id,
            org_name=org.org_name,
            login_url=login_url,
            made_at=datetime.now(UTC).isoformat(timespec="seconds"),
            revision=await opening.revision(connection),
            program=__version__,
        )
        with written(path) as file:
            file.begin(header)
            for table in kept():
                columns = [str(column.name) for column in table.columns]
                file.table(str(table.name), columns)
                async for some in rows.stream(connection, table, table.c.org_id == org.org_id):
                    file.rows([[row[name] for name in columns] for row in some])
            counted = file.end()
        return Backup(path=path, header=header, rows=counted)

    return await database.read_one_moment(work)


async def keeps(database: Database, org: str) -> bool:
    """Whether the store keeps anything of this org."""

    async def work(connection: AsyncConnection) -> bool:
        for table in (*kept(), store.checkpoints):
            if table is not store.orgs and await _has(connection, table, org):
                return True
        return False

    return await database.read(work)


async def restore(database: Database, backup: Backup, who: str) -> bool:
    """Put the backup in place of what the store keeps of that org, in one transaction, by the holder of its lease.

    The audit log only grows. Whether the store has a state of an index, which it keeps.
    """
    org = backup.header.org_id
    async with _brought_up(backup) as source:

        async def work(connection: AsyncConnection) -> bool:
            synced = await _has(connection, store.checkpoints, org)
            for table in kept():
                if table is store.orgs:
                    await _copy(source, connection, table, org, replacing=False)
                elif table is store.audit:
                    lines = await _missing_lines(source, connection, org)
                    await _copy(source, connection, table, org)
                    for number, line in enumerate(lines, await _last_line(connection, org) + 1):
                        await rows.put(connection, table, [{**line, "number": number}])
                elif table not in _ONLY_NEW or not synced:
                    await _copy(source, connection, table, org)
            await audit_log.add(connection, org, who, "restore", "", f"backup of {backup.header.made_at}")
            return synced

        return await database.write(work)


def usable(path: Path, login_url: str, known: KnownOrg | None) -> Backup:
    """The backup, if it is whole, of this or an older version, and of the org that the configuration speaks of."""
    backup = checked(path)
    if not opening.is_known(backup.header.revision):
        raise Refused(f"The backup {path} was made by a newer version of Forcedex.", "Upgrade Forcedex.")
    header = backup.header
    expected = known.org_id == header.org_id if known else header.login_url == login_url
    if not expected:
        raise Refused(
            f"The backup {path} is of another org: {header.org_name} ({header.org_id}, {header.login_url}).",
            "Name that org's configuration with --config. If its login URL has changed, run `forcedex sync` first.",
        )
    return backup


@asynccontextmanager
async def _brought_up(backup: Backup) -> AsyncIterator[Database]:
    """The backup's rows in a store of their own, brought to the newest schema by the same migrations as any store."""
    with TemporaryDirectory(prefix="forcedex-restore-") as folder:
        database = Database(f"sqlite:///{folder}/state.db")
        try:
            await opening.begin_at(database, backup.header.revision)
            await database.write(lambda connection: _unpack(connection, backup))
            try:
                await opening.prepare(database)
                await database.read(_read_all)
            except StateRefused as exc:
                raise (damaged(backup.path) if isinstance(exc.__cause__, rows.Damaged) else exc) from exc
            yield database
        finally:
            await database.close()


async def _unpack(connection: AsyncConnection, backup: Backup) -> None:
    there = MetaData()
    await connection.run_sync(there.reflect)
    try:
        for name, some in tables(backup):
            await connection.execute(insert(there.tables[name]), list(some))
    except (SQLAlchemyError, KeyError, ValueError) as exc:
        raise damaged(backup.path) from exc


async def _read_all(connection: AsyncConnection) -> None:
    """Every row is what was written: before anything of the store is replaced."""
    for table in kept():
        async for _ in rows.stream(connection, table):
            pass


async def _copy(
    source: Database, connection: AsyncConnection, table: Table, org: str, *, replacing: bool = True
) -> None:
    if replacing:
        await connection.execute(delete(table).where(table.c.org_id == org))

    async def work(reading: AsyncConnection) -> None:
        async for some in rows.stream(reading, table, table.c.org_id == org):
            plain = [{name: value for name, value in row.items() if name != "crc"} for row in some]
            await rows.add(connection, table, plain)

    await source.read(work)


async def _missing_lines(source: Database, connection: AsyncConnection, org: str) -> list[dict[str, Any]]:
    """The audit lines of the store that are not in the backup, oldest first."""
    table = store.audit
    found: list[dict[str, Any]] = []
    told = [column.name for column in table.columns if column.name not in ("number", "crc")]
    async for some in rows.stream(connection, table, table.c.org_id == org):

        async def work(reading: AsyncConnection, known: Sequence[str]) -> set[tuple[Any, ...]]:
            same: set[tuple[Any, ...]] = set()
            for times in rows.parts(known):
                there = await rows.read(reading, table, table.c.org_id == org, table.c.at.in_(times))
                same |= {tuple(row[name] for name in told) for row in there}
            return same

        known = await source.read(partial(work, known=[row["at"] for row in some]))
        found += [{name: row[name] for name in told} for row in some if tuple(row[name] for name in told) not in known]
    return found


async def _last_line(connection: AsyncConnection, org: str) -> int:
    last = await rows.read(
        connection, store.audit, store.audit.c.org_id == org, order=[store.audit.c.number.desc()], limit=1
    )
    return int(last[0]["number"]) if last else 0


async def _has(connection: AsyncConnection, table: Table, org: str) -> bool:
    found = (await connection.execute(select(exists().where(table.c.org_id == org)))).scalar_one()
    return bool(found)
