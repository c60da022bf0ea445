"""The audit log: who asked what in whose name."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

from sqlalchemy import delete, func, select
from sqlalchemy.ext.asyncio import AsyncConnection

from forcedex.domain.upkeep import Audited
from forcedex.state import rows
from forcedex.state.tables import audit


async def add(connection: AsyncConnection, org: str, who: str, action: str, as_whom: str, what: str) -> None:
    """Keep one line."""
    last = (await connection.execute(select(func.max(audit.c.number)).where(audit.c.org_id == org))).scalar_one()
    row = {
        "org_id": org,
        "number": (last or 0) + 1,
        "at": datetime.now(UTC).isoformat(),
        "who": who[:255],
        "action": action,
        "as_whom": as_whom[:255],
        "what": what,
    }
    await rows.put(connection, audit, [row])


async def load(connection: AsyncConnection, org: str, limit: int) -> Sequence[Audited]:
    """The newest lines, newest first."""
    found = await rows.read(connection, audit, audit.c.org_id == org, order=[audit.c.number.desc()], limit=limit)
    return [
        Audited(datetime.fromisoformat(row["at"]), row["who"], row["action"], row["as_whom"], row["what"])
        for row in found
    ]


async def purge(connection: AsyncConnection, org: str, kept: timedelta) -> None:
    """Forget what is older."""
    before = (datetime.now(UTC) - kept).isoformat()
    await connection.execute(delete(audit).where(audit.c.org_id == org, audit.c.at < before))
