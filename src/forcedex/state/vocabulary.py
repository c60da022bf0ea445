"""The administrator's vocabulary as rows: synonyms, and records that stand on top for a query."""

import json
from collections.abc import Mapping, Sequence

from sqlalchemy import delete
from sqlalchemy.ext.asyncio import AsyncConnection

from forcedex.state import rows
from forcedex.state.tables import vocabulary

SYNONYM, PROMOTION = "synonym", "promotion"


async def load(connection: AsyncConnection, org: str, kind: str) -> Mapping[str, Sequence[str]]:
    """By first word, or by query."""
    found = await rows.read(connection, vocabulary, vocabulary.c.org_id == org, vocabulary.c.kind == kind)
    return {row["name"]: tuple(json.loads(row["content"])) for row in found}


async def save(connection: AsyncConnection, org: str, kind: str, name: str, content: Sequence[str]) -> None:
    """Keep an entry, in place of one with the same name."""
    row = {"org_id": org, "kind": kind, "name": name, "content": json.dumps(list(content))}
    await rows.put(connection, vocabulary, [row])


async def remove(connection: AsyncConnection, org: str, kind: str, name: str) -> bool:
    """Whether there was one."""
    where = (vocabulary.c.org_id == org) & (vocabulary.c.kind == kind) & (vocabulary.c.name == name)
    if not await rows.read(connection, vocabulary, where):
        return False
    await connection.execute(delete(vocabulary).where(where))
    return True
