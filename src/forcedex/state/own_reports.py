"""Reports of one's own as rows."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import delete
from sqlalchemy.ext.asyncio import AsyncConnection

from forcedex.domain.schedules import OwnReport
from forcedex.state import rows
from forcedex.state.tables import own_reports


async def load(connection: AsyncConnection, org: str) -> Sequence[OwnReport]:
    """Everybody's, by owner and name."""
    found = await rows.read(connection, own_reports, own_reports.c.org_id == org)
    return [OwnReport(row["name"], row["owner"], row["text"], datetime.fromisoformat(row["saved_at"])) for row in found]


async def save(connection: AsyncConnection, org: str, report: OwnReport) -> None:
    """Keep it, in place of the one with the same owner and name."""
    row = {
        "org_id": org,
        "owner": report.owner,
        "name": report.name,
        "text": report.text,
        "saved_at": report.saved_at.isoformat(),
    }
    await rows.put(connection, own_reports, [row])


async def remove(connection: AsyncConnection, org: str, owner: str, name: str) -> None:
    """Forget it."""
    where = (own_reports.c.org_id == org) & (own_reports.c.owner == owner) & (own_reports.c.name == name)
    await connection.execute(delete(own_reports).where(where))
