"""Where streams, sweeps and comparisons go on: replay ids and moments."""

from collections.abc import Mapping

from sqlalchemy import delete
from sqlalchemy.ext.asyncio import AsyncConnection

from forcedex.state import rows
from forcedex.state.tables import moments, replay_ids


async def load_replay_ids(connection: AsyncConnection, org: str) -> Mapping[str, bytes]:
    """By object."""
    found = await rows.read(connection, replay_ids, replay_ids.c.org_id == org)
    return {row["object"]: row["replay_id"] for row in found}


async def save_replay_id(connection: AsyncConnection, org: str, sobject: str, replay_id: bytes | None) -> None:
    """Keep it, or forget it."""
    if replay_id is None:
        own = (replay_ids.c.org_id == org) & (replay_ids.c.object == sobject)
        await connection.execute(delete(replay_ids).where(own))
    else:
        await rows.put(connection, replay_ids, [{"org_id": org, "object": sobject, "replay_id": replay_id}])


async def load_moments(connection: AsyncConnection, org: str, name: str) -> Mapping[str, str]:
    """The texts under this name, by object."""
    found = await rows.read(connection, moments, moments.c.org_id == org, moments.c.name == name)
    return {row["object"]: row["text"] for row in found}


async def save_moment(connection: AsyncConnection, org: str, name: str, sobject: str, text: str) -> None:
    """Keep the object's text under this name."""
    await rows.put(connection, moments, [{"org_id": org, "name": name, "object": sobject, "text": text}])
