"""Notes: records about which something is to be done."""

from collections.abc import Mapping, Sequence

from sqlalchemy import ColumnElement, delete, func, select
from sqlalchemy.ext.asyncio import AsyncConnection

from forcedex.state import rows
from forcedex.state.tables import notes

_AT_ONCE = 10_000  # of each object


async def note(connection: AsyncConnection, org: str, kind: str, sobject: str, record_ids: Sequence[str]) -> None:
    """Remember these records, after those that are noted already: one that is noted again is the last of all."""
    last = (await connection.execute(select(func.max(notes.c.number)).where(_of(org, kind, sobject)))).scalar_one()
    first = 1 if last is None else last + 1
    new = [
        {"org_id": org, "kind": kind, "object": sobject, "record_id": record_id, "number": number}
        for number, record_id in enumerate(dict.fromkeys(record_ids), first)
    ]
    await rows.put(connection, notes, new)


async def noted(connection: AsyncConnection, org: str, kind: str) -> Mapping[str, Mapping[str, int]]:
    """The oldest of each object, in order: Id to number."""
    own = (notes.c.org_id == org) & (notes.c.kind == kind)
    objects = await connection.execute(select(notes.c.object).where(own).distinct().order_by(notes.c.object))
    found = {}
    for sobject in objects.scalars().all():
        order = [notes.c.number, notes.c.record_id]
        some = await rows.read(connection, notes, _of(org, kind, sobject), order=order, limit=_AT_ONCE)
        found[sobject] = {row["record_id"]: row["number"] for row in some}
    return found


async def settle(
    connection: AsyncConnection, org: str, kind: str, sobject: str, record_ids: Sequence[str], last: int
) -> None:
    """Forget these, but for those that were noted after the one with the number `last`."""
    for some in rows.parts(record_ids):
        these = (notes.c.record_id.in_(some)) & (notes.c.number <= last)
        await connection.execute(delete(notes).where(_of(org, kind, sobject), these))


def _of(org: str, kind: str, sobject: str) -> ColumnElement[bool]:
    return (notes.c.org_id == org) & (notes.c.kind == kind) & (notes.c.object == sobject)
