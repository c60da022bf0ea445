"""Records that Salesforce did not show a person although we did, as rows."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from sqlalchemy import delete
from sqlalchemy.ext.asyncio import AsyncConnection

from forcedex.domain.shares import MOST_REPORTED, Reported
from forcedex.state import rows
from forcedex.state.tables import reported


async def add(connection: AsyncConnection, org: str, user_id: str, records: Mapping[str, str], now: datetime) -> None:
    """Keep what a person reports (Id to object), or that he reports it once more; at most MOST_REPORTED of his."""
    own = (reported.c.org_id == org) & (reported.c.user_id == user_id)
    known = {row["record_id"] for row in await rows.read(connection, reported, own)}
    new = [each for each in records if each not in known][: max(MOST_REPORTED - len(known), 0)]
    await rows.put(
        connection,
        reported,
        [
            {
                "org_id": org,
                "user_id": user_id,
                "record_id": record_id,
                "object": records[record_id],
                "reported_at": now.isoformat(),
            }
            for record_id in records
            if record_id in known or record_id in new
        ],
    )


async def load(connection: AsyncConnection, org: str, user_id: str = "") -> Sequence[Reported]:
    """What a person has reported; without one, what all have."""
    own = reported.c.org_id == org
    found = await rows.read(connection, reported, own & (reported.c.user_id == user_id) if user_id else own)
    return [
        Reported(
            user_id=row["user_id"],
            object=row["object"],
            record_id=row["record_id"],
            reported_at=datetime.fromisoformat(row["reported_at"]),
        )
        for row in found
    ]


async def forget(connection: AsyncConnection, org: str, some: Sequence[Reported]) -> None:
    """Their access was read again, after they were reported; what was reported once more since then stays."""
    for each in some:
        await connection.execute(
            delete(reported).where(
                reported.c.org_id == org,
                reported.c.user_id == each.user_id,
                reported.c.record_id == each.record_id,
                reported.c.reported_at == each.reported_at.isoformat(),
            )
        )
