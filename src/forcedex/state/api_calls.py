"""API calls, counted by the hour."""

from sqlalchemy import delete
from sqlalchemy.ext.asyncio import AsyncConnection

from forcedex.state import rows
from forcedex.state.tables import calls

_HOURS_KEPT = 72  # Salesforce counts the last 24


async def reserve(connection: AsyncConnection, org: str, hour: int, count: int) -> None:
    """Add calls to an hour; hours long past are forgotten."""
    # There must be a row to lock: two processes may count at once.
    await rows.add(connection, calls, [{"org_id": org, "hour": hour, "calls": 0}])
    known = await rows.read(connection, calls, calls.c.org_id == org, calls.c.hour == hour, lock="update")
    await rows.put(connection, calls, [{"org_id": org, "hour": hour, "calls": known[0]["calls"] + count}])
    await connection.execute(delete(calls).where(calls.c.org_id == org, calls.c.hour < hour - _HOURS_KEPT))


async def since(connection: AsyncConnection, org: str, hour: int) -> int:
    """Calls since the beginning of this hour."""
    found = await rows.read(connection, calls, calls.c.org_id == org, calls.c.hour >= hour)
    return sum(row["calls"] for row in found)
