"""Which org is it, and as whom do we read?

Sources: Salesforce Help, "The UserInfo Endpoint"; Object Reference, "Organization" and "User".
"""

from forcedex.domain.errors import SourceRefused
from forcedex.domain.ports import OrgIdentity
from forcedex.domain.record_id import to_18
from forcedex.salesforce.query import Record, records
from forcedex.salesforce.shape import broken, object_of, text_in
from forcedex.salesforce.soql import id_literal
from forcedex.salesforce.transport import Call, Transport

_WHAT = "ask who we are"


async def identity(transport: Transport) -> OrgIdentity:
    """The org and the user of the session, whatever kind of login made it."""
    session = await transport.session()
    user_id, username = await _user(transport, session.user_id)
    statement = "SELECT Id, Name, IsSandbox, TimeZoneSidKey FROM Organization LIMIT 1"
    org = await _only(transport, statement, "read the org's name")
    time_zone = org.get("TimeZoneSidKey")
    return OrgIdentity(
        org_id=_id_in(org, "Id"),
        org_name=text_in(org, "Name", _WHAT),
        instance_url=session.instance_url,
        user_id=user_id,
        username=username,
        sandbox=org.get("IsSandbox") is True,
        time_zone=time_zone if isinstance(time_zone, str) and time_zone else "UTC",
    )


async def organization_id(transport: Transport) -> str:
    """The org's Id, 18 characters, asked of the org itself."""
    statement = "SELECT Id FROM Organization LIMIT 1"
    return _id_in(await _only(transport, statement, "read the org's id"), "Id")


async def _user(transport: Transport, known: str | None) -> tuple[str, str]:
    """User id and user name, from the user info service; from the User object where that is closed to the app.

    No id where neither can be asked.
    """
    try:
        answer = await transport.json(Call(purpose=_WHAT, path="/services/oauth2/userinfo"))
    except SourceRefused:
        if known is None:
            # A ready access token whose app has not the scope: reading works all the same.
            return "", "an unnamed user"
        statement = f"SELECT Id, Username FROM User WHERE Id = {id_literal(known)}"
        user = await _only(transport, statement, _WHAT)
        return _id_in(user, "Id"), text_in(user, "Username", _WHAT)
    info = object_of(answer.value, _WHAT)
    return _id_in(info, "user_id"), text_in(info, "preferred_username", _WHAT)


async def _only(transport: Transport, statement: str, purpose: str) -> Record:
    found = [each async for answer in records(transport, statement, purpose) for each in answer.records]
    if len(found) != 1:
        raise broken(purpose, f"it has {len(found)} records")
    return found[0]


def _id_in(answer: Record, key: str) -> str:
    try:
        return to_18(text_in(answer, key, _WHAT))
    except ValueError as exc:
        raise broken(_WHAT, f"“{key}” is not a record Id") from exc
