"""Who may see what: people and rights, grants on records, and what is hidden until it was written anew."""

import zlib
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime

from pydantic import TypeAdapter
from sqlalchemy import delete
from sqlalchemy.ext.asyncio import AsyncConnection

from forcedex.domain.rights import Directory
from forcedex.domain.shares import Denied
from forcedex.state import rows
from forcedex.state.tables import denials, directories, grants

_DIRECTORY = TypeAdapter(Directory)
_AT_ONCE = 5_000


async def save_directory(connection: AsyncConnection, org: str, directory: Directory, read_at: datetime) -> None:
    """Replace what is known of people and rights."""
    content = zlib.compress(_DIRECTORY.dump_json(directory), 1)
    row = {"org_id": org, "read_at": read_at.astimezone(UTC).isoformat(), "content": content}
    await rows.put(connection, directories, [row])


async def load_directory(connection: AsyncConnection, org: str) -> tuple[Directory, datetime] | None:
    """People and rights, and when they were read."""
    found = await rows.read(connection, directories, directories.c.org_id == org)
    if not found:
        return None
    content = _DIRECTORY.validate_json(zlib.decompress(found[0]["content"]))
    return content, datetime.fromisoformat(found[0]["read_at"])


async def read_at(connection: AsyncConnection, org: str) -> datetime | None:
    """When people and rights were read last."""
    statement = directories.select().with_only_columns(directories.c.read_at).where(directories.c.org_id == org)
    text = (await connection.execute(statement)).scalar_one_or_none()
    return datetime.fromisoformat(text) if text else None


async def load_grants(
    connection: AsyncConnection, org: str, sobject: str, record_ids: Sequence[str]
) -> Mapping[str, str]:
    """By record, as far as they are known."""
    own = (grants.c.org_id == org) & (grants.c.object == sobject)
    found: dict[str, str] = {}
    for some in rows.parts(record_ids):
        these = await rows.read(connection, grants, own, grants.c.record_id.in_(some))
        found |= {row["record_id"]: row["grants"] for row in these}
    return found


async def next_grants(connection: AsyncConnection, org: str, sobject: str, after: str) -> list[tuple[str, str]]:
    """The next 5,000 records after this Id, in the order of Ids."""
    own = (grants.c.org_id == org) & (grants.c.object == sobject) & (grants.c.record_id > after)
    found = await rows.read(connection, grants, own, order=[grants.c.record_id], limit=_AT_ONCE)
    return [(row["record_id"], row["grants"]) for row in found]


async def keep_grants(
    connection: AsyncConnection, org: str, sobject: str, told: Mapping[str, str], ordinal: int
) -> None:
    """Keep them, but for records about which a later read told."""
    new = [
        {"org_id": org, "object": sobject, "record_id": record_id, "grants": text, "ordinal": ordinal}
        for record_id, text in told.items()
    ]
    await rows.put(connection, grants, new, unless_higher="ordinal")


async def forget_grants(connection: AsyncConnection, org: str, sobject: str, record_ids: Sequence[str]) -> None:
    """These records are gone."""
    own = (grants.c.org_id == org) & (grants.c.object == sobject)
    for some in rows.parts(record_ids):
        await connection.execute(delete(grants).where(own, grants.c.record_id.in_(some)))


async def deny(connection: AsyncConnection, org: str, denied: Sequence[Denied]) -> None:
    """Hide these records from holders of these tokens."""
    await rows.put(
        connection,
        denials,
        [
            {
                "org_id": org,
                "object": each.object,
                "record_id": each.record_id,
                "token": each.token,
                "root": each.root,
            }
            for each in denied
        ],
    )


async def lift(connection: AsyncConnection, org: str, roots: Sequence[str] | None) -> None:
    """What followed from these changes has been written; None: from all."""
    if roots is None:
        await connection.execute(delete(denials).where(denials.c.org_id == org))
        return
    for some in rows.parts(roots):
        await connection.execute(delete(denials).where(denials.c.org_id == org, denials.c.root.in_(some)))


async def load_denied(connection: AsyncConnection, org: str) -> Sequence[Denied]:
    """Everything that is hidden from somebody."""
    found = await rows.read(connection, denials, denials.c.org_id == org)
    return [
        Denied(object=row["object"], record_id=row["record_id"], token=row["token"], root=row["root"]) for row in found
    ]
