"""Checkpoints as rows."""

import json
from collections.abc import Mapping
from datetime import datetime

from sqlalchemy import RowMapping
from sqlalchemy.ext.asyncio import AsyncConnection

from forcedex.domain.checkpoint import Checkpoint, Phase
from forcedex.domain.record import Mark
from forcedex.state import rows
from forcedex.state.tables import checkpoints


async def save(connection: AsyncConnection, org: str, checkpoint: Checkpoint, fence: int) -> None:
    """Keep the object's checkpoint, with the fence of the lease that allowed it."""
    row = {
        "org_id": org,
        "object": checkpoint.object,
        "generation": checkpoint.generation,
        "index_uuid": checkpoint.index_uuid,
        "phase": checkpoint.phase.value,
        "floor": checkpoint.floor.isoformat(),
        "job_id": checkpoint.job_id,
        "ordinal": checkpoint.ordinal,
        "locator": checkpoint.locator,
        "mark_stamp": checkpoint.mark.stamp.isoformat() if checkpoint.mark else None,
        "mark_id": checkpoint.mark.record_id if checkpoint.mark else None,
        "synced_at": checkpoint.synced_at.isoformat() if checkpoint.synced_at else None,
        "backfill": json.dumps(checkpoint.backfill),
        "fence": fence,
    }
    await rows.put(connection, checkpoints, [row])


async def load(connection: AsyncConnection, org: str) -> Mapping[str, Checkpoint]:
    """All of the org's, by object."""
    found = await rows.read(connection, checkpoints, checkpoints.c.org_id == org)
    return {row["object"]: _checkpoint(row) for row in found}


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
        backfill=tuple(json.loads(row["backfill"])),
    )
