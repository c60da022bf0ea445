"""Numbers that are never given twice, whatever crashes."""

from sqlalchemy.ext.asyncio import AsyncConnection

from forcedex.state import rows
from forcedex.state.tables import ordinals

#: Ids of the counters.
READS, REQUESTS = 1, 2


async def take(connection: AsyncConnection, counter: int, count: int) -> int:
    """The first of so many numbers that are ours from now on. The transaction must be one that writes."""
    found = await rows.read(connection, ordinals, ordinals.c.id == counter, lock="update")
    if not found:
        raise rows.Damaged("a counter is missing")
    first: int = found[0]["next"]
    await rows.put(connection, ordinals, [{"id": counter, "next": first + count}])
    return first
