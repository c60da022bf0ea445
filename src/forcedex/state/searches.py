"""The search log as rows: what was searched for, and which hits were opened."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

from sqlalchemy import delete, func, select
from sqlalchemy.ext.asyncio import AsyncConnection

from forcedex.domain.searches import Click, SearchEntry
from forcedex.state import rows
from forcedex.state.tables import clicks, searches

_LONGEST = 500  # characters of a query that are kept
_LOOKED_AT = 200  # newest rows among which one's recent ones are found


async def add(
    connection: AsyncConnection,
    org: str,
    *,
    person: str,
    text: str,
    results: int,
    terms: int,
    seconds: float,
    relaxed: bool,
) -> int:
    """The number of the new entry, by which clicks refer to it."""
    last = (await connection.execute(select(func.max(searches.c.number)).where(searches.c.org_id == org))).scalar_one()
    number = int(last or 0) + 1
    row = {
        "org_id": org,
        "number": number,
        "asked_at": datetime.now(UTC).isoformat(),
        "person": person,
        "text": text[:_LONGEST],
        "results": results,
        "terms": terms,
        "microseconds": round(seconds * 1_000_000),
        "relaxed": int(relaxed),
    }
    await rows.put(connection, searches, [row])
    return number


async def click(connection: AsyncConnection, org: str, number: int, person: str, record_id: str, rank: int) -> bool:
    """Keep that this person opened a hit of his own search; False if there is no such search of his."""
    own = (searches.c.org_id == org, searches.c.number == number, searches.c.person == person)
    if not await rows.read(connection, searches, *own):
        return False
    row = {
        "org_id": org,
        "search": number,
        "record_id": record_id,
        "rank": rank,
        "clicked_at": datetime.now(UTC).isoformat(),
    }
    await rows.add(connection, clicks, [row])
    return True


async def load(connection: AsyncConnection, org: str, since: datetime) -> tuple[Sequence[SearchEntry], Sequence[Click]]:
    """Searches since a time, oldest first, and their clicks."""
    found = await rows.read(connection, searches, searches.c.org_id == org, searches.c.asked_at >= since.isoformat())
    first = min((row["number"] for row in found), default=0)
    opened = await rows.read(connection, clicks, clicks.c.org_id == org, clicks.c.search >= first)
    entries = [
        SearchEntry(
            number=row["number"],
            asked_at=datetime.fromisoformat(row["asked_at"]),
            person=row["person"],
            text=row["text"],
            results=row["results"],
            terms=row["terms"],
            seconds=row["microseconds"] / 1_000_000,
            relaxed=bool(row["relaxed"]),
        )
        for row in found
    ]
    return entries, [
        Click(
            search=row["search"],
            rank=row["rank"],
            record_id=row["record_id"],
            clicked_at=datetime.fromisoformat(row["clicked_at"]),
        )
        for row in opened
    ]


async def recent(connection: AsyncConnection, org: str, person: str, most: int) -> tuple[Sequence[str], Sequence[str]]:
    """The texts that somebody searched for last, and the records that he opened last, each once, newest first."""
    own = (searches.c.org_id == org, searches.c.person == person)
    last = await rows.read(connection, searches, *own, order=[searches.c.number.desc()], limit=_LOOKED_AT)
    his = clicks.c.search.in_(select(searches.c.number).where(*own))
    opened = await rows.read(
        connection, clicks, clicks.c.org_id == org, his, order=[clicks.c.clicked_at.desc()], limit=_LOOKED_AT
    )
    texts = dict.fromkeys(row["text"] for row in last if row["results"])
    ids = dict.fromkeys(row["record_id"] for row in opened)
    return list(texts)[:most], list(ids)[:most]


async def purge(connection: AsyncConnection, org: str, kept: timedelta) -> None:
    """Forget older searches and their clicks; the newest one stays, so that no number comes again."""
    before = (datetime.now(UTC) - kept).isoformat()
    newest = select(func.max(searches.c.number)).where(searches.c.org_id == org).scalar_subquery()
    old = (searches.c.org_id == org) & (searches.c.asked_at < before) & (searches.c.number < newest)
    numbers = select(searches.c.number).where(old)
    await connection.execute(delete(clicks).where(clicks.c.org_id == org, clicks.c.search.in_(numbers)))
    await connection.execute(delete(searches).where(old))
