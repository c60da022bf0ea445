"""Changes that reads showed, and the records as they were seen last."""

import json
from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime

from sqlalchemy import ColumnElement, delete, func, select
from sqlalchemy.ext.asyncio import AsyncConnection

from forcedex.domain.observed import Observed, Seen, changes, joined, later, together
from forcedex.state import rows
from forcedex.state.tables import observed, seen

_AT_ONCE = 5_000


async def observe(connection: AsyncConnection, org: str, sobject: str, shown: Sequence[Seen]) -> int:
    """Keep what a read showed and how it differs from what was known; how many changes there were.

    What an earlier read showed is left out.
    """
    known = await _seen(connection, org, sobject, [each.record_id for each in shown])
    new = [each for each in shown if later(known.get(each.record_id), each)]
    found = [
        change for each in new if (before := known.get(each.record_id)) is not None for change in changes(before, each)
    ]
    at_once = await load(connection, org, sobject, sorted({each.record_id for each in found}))
    same = {(each.record_id, each.field, each.at): each for some in at_once.values() for each in some}
    kept_rows = []
    for each in found:
        before_it = same.get((each.record_id, each.field, each.at))
        kept = joined(before_it, each)
        if kept is not None:
            kept_rows.append(_change_row(org, sobject, kept))
        elif before_it is not None:
            row = (observed.c.at == _text(each.at)) & (observed.c.field == each.field)
            await connection.execute(
                delete(observed).where(_own(org, sobject), row, observed.c.record_id == each.record_id)
            )
    await rows.put(connection, observed, kept_rows)
    await rows.put(
        connection, seen, [_seen_row(org, sobject, together(known.get(each.record_id), each)) for each in new]
    )
    return len(found)


async def load(
    connection: AsyncConnection, org: str, sobject: str, record_ids: Sequence[str]
) -> Mapping[str, Sequence[Observed]]:
    """All changes of these records, by record, the oldest first."""
    found: dict[str, list[Observed]] = defaultdict(list)
    for some in rows.parts(record_ids):
        for row in await rows.read(connection, observed, _own(org, sobject), observed.c.record_id.in_(some)):
            before, after = json.loads(row["content"])
            at = datetime.fromisoformat(row["at"])
            found[row["record_id"]].append(Observed(row["record_id"], row["field"], at, before, after))
    return found


async def forget(connection: AsyncConnection, org: str, sobject: str, record_ids: Sequence[str]) -> None:
    """These records are gone."""
    for some in rows.parts(record_ids):
        await connection.execute(delete(observed).where(_own(org, sobject), observed.c.record_id.in_(some)))
        own = (seen.c.org_id == org) & (seen.c.object == sobject)
        await connection.execute(delete(seen).where(own, seen.c.record_id.in_(some)))


async def next_seen(connection: AsyncConnection, org: str, sobject: str, after: str) -> list[str]:
    """The Ids of the next 5,000 records after this Id that were seen, in order."""
    own = (seen.c.org_id == org) & (seen.c.object == sobject) & (seen.c.record_id > after)
    found = await connection.execute(select(seen.c.record_id).where(own).order_by(seen.c.record_id).limit(_AT_ONCE))
    return list(found.scalars())


async def thin(connection: AsyncConnection, org: str, sobject: str, most: int) -> None:
    """Keep so many of the newest changes of a field of a record."""
    own = _own(org, sobject)
    key = (observed.c.record_id, observed.c.field)
    many = select(*key).where(own).group_by(*key).having(func.count() > most)
    for record_id, field in (await connection.execute(many)).all():
        one = own & (observed.c.record_id == record_id) & (observed.c.field == field)
        newest = select(observed.c.at).where(one).order_by(observed.c.at.desc()).offset(most - 1).limit(1)
        oldest = (await connection.execute(newest)).scalar_one()
        await connection.execute(delete(observed).where(one, observed.c.at < oldest))


async def _seen(connection: AsyncConnection, org: str, sobject: str, record_ids: Sequence[str]) -> dict[str, Seen]:
    found = {}
    own = (seen.c.org_id == org) & (seen.c.object == sobject)
    for some in rows.parts(record_ids):
        for row in await rows.read(connection, seen, own, seen.c.record_id.in_(some), lock="update"):
            saved, values = json.loads(row["content"])
            stamp = datetime.fromisoformat(row["stamp"])
            at = datetime.fromisoformat(saved)
            found[row["record_id"]] = Seen(row["record_id"], stamp, row["ordinal"], at, values)
    return found


def _own(org: str, sobject: str) -> ColumnElement[bool]:
    return (observed.c.org_id == org) & (observed.c.object == sobject)


def _text(at: datetime) -> str:
    return at.astimezone(UTC).isoformat(timespec="seconds")


def _change_row(org: str, sobject: str, change: Observed) -> rows.Values:
    return {
        "org_id": org,
        "object": sobject,
        "record_id": change.record_id,
        "at": _text(change.at),
        "field": change.field,
        "content": json.dumps([change.before, change.after]),
    }


def _seen_row(org: str, sobject: str, each: Seen) -> rows.Values:
    return {
        "org_id": org,
        "object": sobject,
        "record_id": each.record_id,
        "stamp": _text(each.stamp),
        "ordinal": each.ordinal,
        "content": json.dumps([_text(each.saved), each.values]),
    }
