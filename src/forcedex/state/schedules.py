"""Schedules of reports as rows."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime

from pydantic import TypeAdapter
from sqlalchemy import delete, func, select
from sqlalchemy.ext.asyncio import AsyncConnection

from forcedex.domain.schedules import Schedule
from forcedex.state import rows
from forcedex.state.tables import schedules

_SCHEDULE = TypeAdapter(Schedule)


async def load(connection: AsyncConnection, org: str) -> Sequence[Schedule]:
    """All, by number."""
    found = await rows.read(connection, schedules, schedules.c.org_id == org)
    return [_SCHEDULE.validate_json(row["content"]) for row in found]


async def add(connection: AsyncConnection, org: str, schedule: Schedule) -> Schedule:
    """Keep a new one, under the next number."""
    own = schedules.c.org_id == org
    last = (await connection.execute(select(func.max(schedules.c.number)).where(own))).scalar_one()
    numbered = replace(schedule, number=(last or 0) + 1)
    await rows.put(connection, schedules, [_row(org, numbered)])
    return numbered


async def claim(connection: AsyncConnection, org: str, number: int, now: datetime, until: datetime) -> Schedule | None:
    """It for who may run it now, and nobody else until then; None if it is not due, gone, or another's."""
    where = (schedules.c.org_id == org, schedules.c.number == number)
    found = await rows.read(connection, schedules, *where, lock="update")
    if not found:
        return None
    schedule = _SCHEDULE.validate_json(found[0]["content"])
    claimed = found[0]["claimed_until"]
    if schedule.ready > now or (claimed is not None and datetime.fromisoformat(claimed) > now):
        return None
    await rows.put(connection, schedules, [_row(org, schedule, until)])
    return schedule


async def settle(connection: AsyncConnection, org: str, schedule: Schedule, until: datetime) -> None:
    """Keep how the run that was claimed until then went, and let go of it; what is another's by now stays as it is."""
    where = (schedules.c.org_id == org, schedules.c.number == schedule.number)
    found = await rows.read(connection, schedules, *where, lock="update")
    if found and found[0]["claimed_until"] == until.astimezone(UTC).isoformat():
        await rows.put(connection, schedules, [_row(org, schedule)])


async def remove(connection: AsyncConnection, org: str, number: int) -> None:
    """Forget it."""
    await connection.execute(delete(schedules).where(schedules.c.org_id == org, schedules.c.number == number))


def _row(org: str, schedule: Schedule, claimed_until: datetime | None = None) -> rows.Values:
    return {
        "org_id": org,
        "number": schedule.number,
        "owner": schedule.owner,
        "report": schedule.report,
        "content": _SCHEDULE.dump_json(schedule).decode(),
        "due": schedule.due.astimezone(UTC).isoformat(),
        "claimed_until": claimed_until.astimezone(UTC).isoformat() if claimed_until else None,
    }
