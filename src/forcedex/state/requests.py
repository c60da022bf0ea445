"""What commands ask of the running sync, and its answers."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

from sqlalchemy import RowMapping, delete
from sqlalchemy.ext.asyncio import AsyncConnection

from forcedex.domain.upkeep import Request
from forcedex.state import ordinals, rows
from forcedex.state.tables import requests

_ANSWERED_KEPT = timedelta(days=1)


async def ask(connection: AsyncConnection, org: str, kind: str, argument: str) -> int:
    """The number of the new request; answers that nobody can be waiting for any more are forgotten."""
    number = await ordinals.take(connection, ordinals.REQUESTS, 1)
    now = datetime.now(UTC)
    old = (requests.c.org_id == org) & (requests.c.answered_at < (now - _ANSWERED_KEPT).isoformat())
    await connection.execute(delete(requests).where(old))
    row = {"org_id": org, "number": number, "kind": kind, "argument": argument, "asked_at": now.isoformat()}
    await rows.put(connection, requests, [row])
    return number


async def unanswered(connection: AsyncConnection, org: str) -> Sequence[Request]:
    """Oldest first."""
    found = await rows.read(connection, requests, requests.c.org_id == org, requests.c.answered_at.is_(None))
    return [_request(row) for row in found]


async def answer(connection: AsyncConnection, org: str, number: int, text: str) -> None:
    """Keep the answer of a request."""
    for row in await rows.read(connection, requests, requests.c.org_id == org, requests.c.number == number):
        answered = {**row, "answer": text, "answered_at": datetime.now(UTC).isoformat()}
        await rows.put(connection, requests, [answered])


async def answer_of(connection: AsyncConnection, org: str, number: int) -> str | None:
    """The answer, once there is one."""
    found = await rows.read(connection, requests, requests.c.org_id == org, requests.c.number == number)
    return found[0]["answer"] if found else None


def _request(row: RowMapping) -> Request:
    return Request(
        number=row["number"],
        kind=row["kind"],
        argument=row["argument"],
        asked_at=datetime.fromisoformat(row["asked_at"]),
        answer=row["answer"],
    )
