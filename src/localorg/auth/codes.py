"""Authorization codes: good for one exchange, for 15 minutes.

Source: Salesforce Help, "OAuth 2.0 Web Server Flow for Web App Integration"; RFC 6749, 4.1.2 (a code that comes twice
takes back what came of it). They live in memory, as sessions do.
"""

import base64
import secrets
import threading
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from localorg.clock import Clock

CODE_LIFE = timedelta(minutes=15)
#: How long a used code is remembered, to notice that it comes again.
_REMEMBERED = timedelta(days=1)


@dataclass(frozen=True, kw_only=True)
class Authorization:
    """What a user allowed an app, and what must come with the code."""

    client_id: str
    redirect_uri: str
    user_id: str
    #: Space-separated.
    scope: str
    #: Who issues: the address that the browser used.
    issuer: str
    nonce: str | None = None
    #: base64url(SHA-256(verifier)); None: no PKCE.
    challenge: str | None = None


@dataclass
class _Issued:
    authorization: Authorization
    at: datetime
    used: bool = False
    #: It came again.
    replayed: bool = False
    #: Access and refresh token that came of it.
    tokens: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class Replayed:
    """A code that was used before: what came of it."""

    tokens: tuple[str, ...]


class Codes:
    """The authorization codes of an org."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self._issued: dict[str, _Issued] = {}

    def issue(self, authorization: Authorization) -> str:
        """A new code."""
        now = self._clock.now()
        # 49 bytes end in "==", which clients must encode in URLs.
        code = "aPrx" + base64.urlsafe_b64encode(secrets.token_bytes(49)).decode()
        with self._lock:
            self._issued = {key: one for key, one in self._issued.items() if now - one.at < _REMEMBERED}
            self._issued[code] = _Issued(authorization, now)
        return code

    def use(self, code: str) -> Authorization | Replayed | None:
        """Use a code up; None: there is none, or it is too old."""
        with self._lock:
            one = self._issued.get(code)
            if one is None:
                return None
            if one.used:
                one.replayed = True
                return Replayed(tuple(one.tokens))
            one.used = True
            if self._clock.now() - one.at > CODE_LIFE:
                return None
            return one.authorization

    def knows(self, code: str) -> bool:
        """Whether there was such a code."""
        with self._lock:
            return code in self._issued

    def came(self, code: str, *tokens: str) -> bool:
        """Note what came of a code; False: it was used again in the meantime, so nothing may come of it."""
        with self._lock:
            one = self._issued[code]
            one.tokens.extend(tokens)
            return not one.replayed
