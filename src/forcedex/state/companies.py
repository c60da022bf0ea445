"""What holds for the whole org, as one packed text."""

import zlib
from datetime import UTC, datetime

from pydantic import TypeAdapter
from sqlalchemy.ext.asyncio import AsyncConnection

from forcedex.domain.company import Company
from forcedex.state import rows
from forcedex.state.tables import companies

_COMPANY = TypeAdapter(Company)


async def save(connection: AsyncConnection, org: str, company: Company, read_at: datetime) -> None:
    """Replace what is known of it."""
    content = zlib.compress(_COMPANY.dump_json(company), 1)
    row = {"org_id": org, "read_at": read_at.astimezone(UTC).isoformat(), "content": content}
    await rows.put(connection, companies, [row])


async def load(connection: AsyncConnection, org: str) -> Company | None:
    """As it was read last."""
    found = await rows.read(connection, companies, companies.c.org_id == org)
    return _COMPANY.validate_json(zlib.decompress(found[0]["content"])) if found else None
