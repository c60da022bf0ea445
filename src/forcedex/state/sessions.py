"""Browser sessions as rows."""

from datetime import datetime

from sqlalchemy import delete
from sqlalchemy.ext.asyncio import AsyncConnection

from forcedex.domain.sessions import IDLE, LONGEST, BrowserSession
from forcedex.state import rows
from forcedex.state.tables import sessions


async def save(connection: AsyncConnection, org: str, session: BrowserSession) -> None:
    """Keep it, in place of what was known of it."""
    row = {
        "org_id": org,
        "digest": session.digest,
        "user_id": session.user_id,
        "began_at": session.began_at.isoformat(),
        "used_at": session.used_at.isoformat(),
    }
    await rows.put(connection, sessions, [row])


async def load(connection: AsyncConnection, org: str, digest: str) -> BrowserSession | None:
    """The session with this digest."""
    found = await rows.read(connection, sessions, sessions.c.org_id == org, sessions.c.digest == digest)
    for row in found:
        return BrowserSession(
            digest=row["digest"],
            user_id=row["user_id"],
            began_at=datetime.fromisoformat(row["began_at"]),
            used_at=datetime.fromisoformat(row["used_at"]),
        )
    return None


async def remove(connection: AsyncConnection, org: str, digest: str) -> None:
    """End it."""
    await connection.execute(delete(sessions).where(sessions.c.org_id == org, sessions.c.digest == digest))


async def purge(connection: AsyncConnection, org: str, now: datetime) -> None:
    """Forget those that are over."""
    old = (sessions.c.began_at < (now - LONGEST).isoformat()) | (sessions.c.used_at < (now - IDLE).isoformat())
    await connection.execute(delete(sessions).where(sessions.c.org_id == org, old))
