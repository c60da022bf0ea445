"""The people of the demo company whom one can log in as, and what they log in with."""

import secrets
from collections.abc import Mapping
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
