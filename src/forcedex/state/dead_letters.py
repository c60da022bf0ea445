"""Dead letters as rows; what was read of a record is sealed, bound to its org, object and Id."""

import json
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime

from sqlalchemy import ColumnElement, RowMapping, delete
from sqlalchemy.ext.asyncio import AsyncConnection

from forcedex.domain.checkpoint import DeadLetter
from forcedex.domain.errors import ConfigurationError
from forcedex.keys import Keys, Sealed
from forcedex.state import rows
from forcedex.state.tables import dead_letters


async def bury(connection: AsyncConnection, org: str, letters: Sequence[DeadLetter], keys: Keys) -> None:
    """Keep the newest letter of each record, and when it was refused first. ConfigurationError as `Keys.seal`."""
    newest = {(letter.object, letter.record_id): letter for letter in letters}
    known: dict[tuple[str, str], str | None] = {}
    for sobject in {letter.object for letter in letters}:
        for some in rows.parts([record_id for name, record_id in newest if name == sobject]):
            for row in await rows.read(connection, dead_letters, _are(org, sobject, some)):
                known[sobject, row["record_id"]] = row["refused_at"]
    now = datetime.now(UTC)
    await rows.put(
        connection,
        dead_letters,
        [
            {
                "org_id": org,
                "object": letter.object,
                "record_id": letter.record_id,
                "reason": letter.reason,
                "refused_at": known.get(place) or (letter.refused_at or now).isoformat(),
                **_sealed(org, letter, keys),
            }
            for place, letter in newest.items()
        ],
    )


async def exhume(connection: AsyncConnection, org: str, sobject: str, record_ids: Sequence[str]) -> None:
    """Forget the letters of these records."""
    for some in rows.parts(record_ids):
        await connection.execute(delete(dead_letters).where(_are(org, sobject, some)))


async def forget(connection: AsyncConnection, org: str, sobject: str) -> None:
    """Forget all letters of the object."""
    await connection.execute(delete(dead_letters).where(dead_letters.c.org_id == org, dead_letters.c.object == sobject))


async def load(connection: AsyncConnection, org: str, keys: Keys) -> Sequence[DeadLetter]:
    """All of the org's, by object and Id. A payload that cannot be opened says why in `unreadable`."""
    return [_letter(row, keys) for row in await rows.read(connection, dead_letters, dead_letters.c.org_id == org)]


def _letter(row: RowMapping, keys: Keys) -> DeadLetter:
    payload, unreadable = _opened(row, keys)
    return DeadLetter(
        object=row["object"],
        record_id=row["record_id"],
        reason=row["reason"],
        payload=payload,
        unreadable=unreadable,
        refused_at=datetime.fromisoformat(row["refused_at"]) if row["refused_at"] else None,
    )


def _sealed(org: str, letter: DeadLetter, keys: Keys) -> dict[str, object]:
    if not letter.payload:
        return {}
    sealed = keys.seal(json.dumps(dict(letter.payload)).encode(), (org, letter.object, letter.record_id))
    return {"key_id": sealed.key_id, "nonce": sealed.nonce, "payload": sealed.text}


def _opened(row: RowMapping, keys: Keys) -> tuple[Mapping[str, str], str]:
    if row["payload"] is None:
        return {}, ""
    sealed = Sealed(row["key_id"] or "", row["nonce"] or b"", row["payload"])
    try:
        return json.loads(keys.unseal(sealed, (row["org_id"], row["object"], row["record_id"]))), ""
    except ConfigurationError as exc:
        return {}, str(exc)
    except ValueError:
        return {}, "It is damaged. Replay reads the record again from the org."


def _are(org: str, sobject: str, record_ids: Sequence[str]) -> ColumnElement[bool]:
    return (
        (dead_letters.c.org_id == org) & (dead_letters.c.object == sobject) & dead_letters.c.record_id.in_(record_ids)
    )
