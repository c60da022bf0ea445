"""Who is logged in with which browser: sessions of the org's own pages, kept by a cookie.

They are no API sessions: what the cookie holds is no access token. Two hours without a request end them, as
Salesforce's ("Modify Session Security Settings"). A browser has one before anybody logs in too, to which the token
in the forms is bound, so that no other site can send them; logging in begins a new one.
"""

import hmac
import secrets
import threading
from dataclasses import dataclass, replace
from datetime import datetime

from localorg.auth.sessions import SESSION_LIFE
from localorg.clock import Clock


@dataclass(frozen=True, kw_only=True)
class Visit:
    """One browser."""

    #: What the cookie holds.
    key: str
    #: What the forms hold.
    form_token: str
    expires: datetime
    #: None: nobody has logged in.
    user_id: str | None = None

    def sent(self, token: str) -> bool:
        """Whether a form with this token came from a page that this browser was shown."""
        return hmac.compare_digest(token.encode(), self.form_token.encode())


class Visits:
    """The browsers that the org knows, and which apps their users have approved."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self._open: dict[str, Visit] = {}
        #: (user, app) -> scopes.
        self._approved: dict[tuple[str, str], frozenset[str]] = {}

    def begin(self, user_id: str | None = None) -> Visit:
        """A new one."""
        now = self._clock.now()
        visit = Visit(
            key=secrets.token_urlsafe(32),
            form_token=secrets.token_urlsafe(32),
            expires=now + SESSION_LIFE,
            user_id=user_id,
        )
        with self._lock:
            self._open = {key: one for key, one in self._open.items() if one.expires > now}
            self._open[visit.key] = visit
        return visit

    def find(self, key: str) -> Visit | None:
        """The one of a cookie, if it lives; it lives two hours more."""
        now = self._clock.now()
        with self._lock:
            visit = self._open.get(key)
            if visit is None or visit.expires <= now:
                self._open.pop(key, None)
                return None
            visit = self._open[key] = replace(visit, expires=now + SESSION_LIFE)
            return visit

    def end(self, key: str) -> None:
        """Log out."""
        with self._lock:
            self._open.pop(key, None)

    def end_all(self) -> None:
        """Log everybody out."""
        with self._lock:
            self._open.clear()

    def approve(self, user_id: str, client_id: str, scopes: frozenset[str]) -> None:
        """A user lets an app have these scopes from now on."""
        with self._lock:
            self._approved[user_id, client_id] = self._approved.get((user_id, client_id), frozenset()) | scopes

    def approved(self, user_id: str, client_id: str, scopes: frozenset[str]) -> bool:
        """Whether he has."""
        with self._lock:
            return scopes <= self._approved.get((user_id, client_id), frozenset())
