"""Which org a login led to, so that questions can be asked while Salesforce is away."""

from dataclasses import dataclass
from datetime import UTC, datetime

from sqlalchemy.ext.asyncio import AsyncConnection

from forcedex.domain.ports import OrgIdentity
from forcedex.state import rows
from forcedex.state.tables import orgs


@dataclass(frozen=True, kw_only=True, slots=True)
class KnownOrg:
    """An org that was synced before."""

    org_id: str
    org_name: str
    instance_url: str
    username: str


async def remember(connection: AsyncConnection, login_url: str, identity: OrgIdentity) -> None:
    """Note that this login led to this org."""
    row = {
        "org_id": identity.org_id,
        "login_url": login_url,
        "org_name": identity.org_name,
        "instance_url": identity.instance_url,
        "username": identity.username,
        "seen_at": datetime.now(UTC).isoformat(),
    }
    await rows.put(connection, orgs, [row])


async def known_org(connection: AsyncConnection, login_url: str) -> KnownOrg | None:
    """The org that this login led to last."""
    found = await rows.read(
        connection, orgs, orgs.c.login_url == login_url, order=[orgs.c.seen_at.desc(), orgs.c.org_id], limit=1
    )
    if not found:
        return None
    row = found[0]
    return KnownOrg(
        org_id=row["org_id"], org_name=row["org_name"], instance_url=row["instance_url"], username=row["username"]
    )
