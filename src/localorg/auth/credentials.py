"""Passwords and security tokens of users. Stored salted and hashed."""

import hashlib
import hmac
import secrets
from dataclasses import dataclass
from enum import Enum, auto

from localorg.store import Store

_ROUNDS = 1_000  # a local org's passwords protect nothing; logins must not cost time
_LOCKED_AFTER = 10


class Login(Enum):
    """How a login attempt ends."""

    OK = auto()
    WRONG = auto()
    NEEDS_TOKEN = auto()
    EXPIRED = auto()
    LOCKED = auto()


@dataclass(frozen=True, kw_only=True)
class Secret:
    """What a user logs in with."""

    password: str
    security_token: str


def _hashed(text: str, salt: str) -> str:
    return salt + "$" + hashlib.pbkdf2_hmac("sha256", text.encode(), salt.encode(), _ROUNDS).hex()


def _fits(text: str, stored: str) -> bool:
    return hmac.compare_digest(_hashed(text, stored.partition("$")[0]), stored)


class Credentials:
    """Who can log in with a password."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def set(self, user_id: str, secret: Secret, *, expired: bool = False) -> None:
        """Give a user a password and a security token."""
        with self._store.transaction() as connection:
            connection.execute(
                'INSERT OR REPLACE INTO "_credential" VALUES (?, ?, ?, ?, 0)',
                (
                    user_id,
                    _hashed(secret.password, secrets.token_hex(8)),
                    _hashed(secret.password + secret.security_token, secrets.token_hex(8)),
                    int(expired),
                ),
            )

    def check(self, user_id: str, given: str, *, trusted_network: bool = False) -> Login:
        """Try `given`, which off trusted networks is the password followed by the security token."""
        row = self._store.reader.execute(
            'SELECT password, security_token, expired, failures FROM "_credential" WHERE user_id = ?', (user_id,)
        ).fetchone()
        if row is None:
            return Login.WRONG
        password, with_token, expired, failures = row
        if failures >= _LOCKED_AFTER:
            return Login.LOCKED
        if _fits(given, with_token) or (trusted_network and _fits(given, password)):
            self._failures(user_id, 0)
            return Login.EXPIRED if expired else Login.OK
        if _fits(given, password):
            return Login.NEEDS_TOKEN
        self._failures(user_id, failures + 1)
        return Login.WRONG

    def state(self, user_id: str) -> Login:
        """What would become of the right password: OK (also for who has none), EXPIRED or LOCKED."""
        row = self._store.reader.execute(
            'SELECT expired, failures FROM "_credential" WHERE user_id = ?', (user_id,)
        ).fetchone()
        if row is not None and row[1] >= _LOCKED_AFTER:
            return Login.LOCKED
        return Login.EXPIRED if row is not None and row[0] else Login.OK

    def _failures(self, user_id: str, count: int) -> None:
        with self._store.transaction() as connection:
            connection.execute('UPDATE "_credential" SET failures = ? WHERE user_id = ?', (count, user_id))
