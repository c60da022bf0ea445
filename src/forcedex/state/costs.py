"""The administrator's cost table: one sealed text for each org, since salaries may be in it."""

import hashlib
import zlib

from pydantic import TypeAdapter
from sqlalchemy.ext.asyncio import AsyncConnection

from forcedex.domain.costs import CostTable
from forcedex.domain.errors import ConfigurationError
from forcedex.keys import Keys, Sealed
from forcedex.state import rows
from forcedex.state.tables import cost_tables

_TABLE = TypeAdapter(CostTable)
_WHAT = "cost table"


async def save(connection: AsyncConnection, org: str, table: CostTable, keys: Keys) -> None:
    """Keep it, in place of the one before. ConfigurationError as `Keys.seal`."""
    content = _TABLE.dump_json(table)
    sealed = keys.seal(zlib.compress(content, 6), (org, _WHAT))
    row = {
        "org_id": org,
        "digest": hashlib.sha256(content).hexdigest(),
        "key_id": sealed.key_id,
        "nonce": sealed.nonce,
        "content": sealed.text,
    }
    await rows.put(connection, cost_tables, [row])


async def digest(connection: AsyncConnection, org: str) -> str | None:
    """Another one whenever a table is saved; None: none ever was."""
    found = await rows.read(connection, cost_tables, cost_tables.c.org_id == org)
    return str(found[0]["digest"]) if found else None


async def load(connection: AsyncConnection, org: str, keys: Keys) -> CostTable | None:
    """As it was loaded last; None: none ever was. ConfigurationError if it is damaged, or as `Keys.unseal`."""
    found = await rows.read(connection, cost_tables, cost_tables.c.org_id == org)
    if not found:
        return None
    row = found[0]
    try:
        text = keys.unseal(Sealed(row["key_id"], row["nonce"], row["content"]), (org, _WHAT))
    except ValueError as exc:
        raise ConfigurationError("The cost table is damaged.", "Load it again with `forcedex costs load`.") from exc
    return _TABLE.validate_json(zlib.decompress(text))
