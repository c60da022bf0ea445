"""The people of the demo company whom one can log in as, and what they log in with."""

import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.util import find_spec

from localorg.auth.credentials import Secret
from localorg.org import Org


def new_secret() -> Secret:
    """A password and a security token."""
    return Secret(password="Local-" + secrets.token_hex(6), security_token=secrets.token_hex(12))


def log_ins(org: Org, known: Mapping[str, Secret]) -> dict[str, dict[str, str]]:
    """Give passwords to those who are there, by key; `known`: who has one, by username."""
    if find_spec("localorg.company") is None:
        return {}
    from localorg.company.sharing import PERSONAS  # only where the company is installed

    found = {}
    for one in PERSONAS:
        user = org.store.scalar('SELECT "Id" FROM "User" WHERE "Username" = ?', (one.username,))
        if user is not None:
            secret = known.get(one.username) or new_secret()
            org.credentials.set(str(user), secret)
            log_in = {"username": one.username, "password": secret.password, "security_token": secret.security_token}
            found[one.key] = {**log_in, "user_id": str(user), "sees": one.sees}
    return found


@dataclass(frozen=True, kw_only=True)
class Person:
    """Somebody whom the login page offers."""

    user_id: str
    username: str
    name: str
    #: Title, and role if that says something else.
    position: str
    #: What a persona sees, in a sentence; empty: no persona.
    sees: str = ""


def people(org: Org) -> tuple[list[Person], list[Person]]:
    """Whom one can log in as with a click: the personas, and who else there is; without a demo company administrators.

    Personas are shown even if they may not log in, so that one sees how they are refused.
    """
    rows = org.store.reader.execute(
        'SELECT u."Id", u."Username", u."Name", u."Title", r."Name", p."Name", u."IsActive" FROM "User" u'
        ' LEFT JOIN "UserRole" r ON r."Id" = u."UserRoleId" LEFT JOIN "Profile" p ON p."Id" = u."ProfileId"'
        ' WHERE u."UserType" = \'Standard\' ORDER BY r."Id", u."Id"'
    ).fetchall()
    sees = _sees()
    chosen, others = {}, []
    for user_id, username, name, title, role, profile, active in rows:
        position = " · ".join(dict.fromkeys(one for one in (title, role or profile) if one))
        text = sees.get(str(username).lower(), "")
        person = Person(user_id=user_id, username=username, name=name, position=position, sees=text)
        if text or (not sees and active and profile == "System Administrator"):
            chosen[str(username).lower()] = person
        elif active and profile != "Integration":
            others.append(person)
    first = [chosen.pop(username) for username in sees if username in chosen]
    return [*first, *chosen.values()], others


def _sees() -> dict[str, str]:
    """What the personas see, by username, in their order."""
    if find_spec("localorg.company") is None:
        return {}
    from localorg.company.sharing import PERSONAS  # only where the company is installed

    return {one.username: one.sees for one in PERSONAS}
