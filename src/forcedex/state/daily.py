"""Totals of days, and in which combinations each record was: both change in one transaction, so they always agree."""

import json
import zlib
from collections.abc import Collection, Mapping, Sequence
from dataclasses import astuple
from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, delete, select
from sqlalchemy.ext.asyncio import AsyncConnection

from forcedex.domain.daily import DAYS, Held, Place, Total, Totals, added, differences, totals
from forcedex.state import notes, rows
from forcedex.state.tables import days, held

_NO_END = "9999-12-31"
_AT_ONCE = 2_000  # records
_PLACE = 5


async def hold(
    connection: AsyncConnection,
    org: str,
    name: str,
    now: Mapping[str, Sequence[Held]],
    ordinal: int,
    today: date | None,
) -> None:
    """These records are in these combinations by now; with `today` the totals of days follow."""
    before = await _held(connection, org, name, sorted(now)) if today else {}
    for some in rows.parts(sorted(each for each, spans in now.items() if not spans)):
        await connection.execute(delete(held).where(_own(org, name), held.c.record_id.in_(some)))
    await rows.put(connection, held, [_row(org, name, key, spans, ordinal) for key, spans in now.items() if spans])
    if today is None:
        return
    changed: dict[date, dict[Place, Total]] = {}
    known: list[date] | None = None
    for key, spans in now.items():
        if list(spans) != before.get(key, []):
            known = await all_days(connection, org, name) if known is None else known
            for day, more in differences(before.get(key, ()), spans, known).items():
                changed[day] = added(changed.get(day, {}), more)
    for day, more in changed.items():
        changed[day] = added((await read_day(connection, org, name, day))[0], more)
    await keep(connection, org, name, changed, today)


async def forget_older(connection: AsyncConnection, org: str, name: str, ordinal: int) -> None:
    """Records that were looked at before this number only are gone."""
    await connection.execute(delete(held).where(_own(org, name), held.c.ordinal < ordinal))


async def summed_up(
    connection: AsyncConnection, org: str, name: str, some: Sequence[date]
) -> dict[date, dict[Place, Total]]:
    """The totals of these days, which are in order, each from nothing."""
    found: dict[date, dict[Place, Total]] = {day: {} for day in some}
    overlapping = (held.c.first <= str(some[-1])) & (held.c.end > str(some[0]))
    after = ""
    while True:
        where = (_own(org, name), overlapping, held.c.record_id > after)
        batch = await rows.read(connection, held, *where, order=[held.c.record_id], limit=_AT_ONCE)
        if not batch:
            return found
        spans = [each for row in batch for each in _spans(row["content"])]
        for day, more in totals(spans, some).items():
            found[day] = added(found[day], more)
        after = batch[-1]["record_id"]


async def all_days(connection: AsyncConnection, org: str, name: str) -> list[date]:
    """The days that there are, in order."""
    own = (days.c.org_id == org) & (days.c.name == name)
    found = await connection.execute(select(days.c.day).where(own).order_by(days.c.day))
    return [date.fromisoformat(each) for each in found.scalars()]


async def read_day(connection: AsyncConnection, org: str, name: str, day: date) -> tuple[dict[Place, Total], int]:
    """The totals of a day, and how often it was corrected since it ended; empty for one that is not there."""
    own = (days.c.org_id == org) & (days.c.name == name) & (days.c.day == str(day))
    found = await rows.read(connection, days, own)
    return (_unpacked(found[0]["content"]), found[0]["corrected"]) if found else ({}, 0)


async def keep(connection: AsyncConnection, org: str, name: str, found: Mapping[date, Totals], today: date) -> None:
    """What these days are now; one that had ended keeps what it ended with. Those that differ are noted."""
    changed = []
    for day, content in sorted(found.items()):
        own = (days.c.org_id == org) & (days.c.name == name) & (days.c.day == str(day))
        before = await rows.read(connection, days, own)
        if before and _unpacked(before[0]["content"]) == content:
            continue
        ended_with, corrected = (before[0]["ended_with"], before[0]["corrected"]) if before else (None, 0)
        if before and day < today:
            ended_with, corrected = ended_with or before[0]["content"], corrected + 1
        row = {"org_id": org, "name": name, "day": str(day), "content": _packed(content)}
        await rows.put(connection, days, [{**row, "ended_with": ended_with, "corrected": corrected}])
        changed.append(str(day))
    await notes.note(connection, org, DAYS, name, changed)


async def _held(connection: AsyncConnection, org: str, name: str, record_ids: Collection[str]) -> dict[str, list[Held]]:
    found = {}
    for some in rows.parts(list(record_ids)):
        for row in await rows.read(connection, held, _own(org, name), held.c.record_id.in_(some)):
            found[row["record_id"]] = _spans(row["content"])
    return found


def _own(org: str, name: str) -> ColumnElement[bool]:
    return (held.c.org_id == org) & (held.c.object == name)


def _row(org: str, name: str, record_id: str, spans: Sequence[Held], ordinal: int) -> rows.Values:
    plain = [
        [str(each.first), str(each.end) if each.end else None, *astuple(each.place), each.amount, each.weighted]
        for each in spans
    ]
    return {
        "org_id": org,
        "object": name,
        "record_id": record_id,
        "first": min(str(each.first) for each in spans),
        "end": max(str(each.end) if each.end else _NO_END for each in spans),
        "ordinal": ordinal,
        "content": json.dumps(plain),
    }


def _spans(content: str) -> list[Held]:
    return [_span(each) for each in json.loads(content)]


def _span(plain: Sequence[Any]) -> Held:
    first, end, *place, amount, weighted = plain
    return Held(date.fromisoformat(first), date.fromisoformat(end) if end else None, Place(*place), amount, weighted)


def _packed(content: Totals) -> bytes:
    plain = [[*astuple(place), *astuple(total)] for place, total in sorted(content.items())]
    return zlib.compress(json.dumps(plain).encode())


def _unpacked(content: bytes) -> dict[Place, Total]:
    plain = json.loads(zlib.decompress(content))
    return {Place(*each[:_PLACE]): Total(*each[_PLACE:]) for each in plain}
