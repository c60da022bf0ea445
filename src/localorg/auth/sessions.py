"""Sessions: access tokens and how long they live.

Source: Salesforce Help, "Modify Session Security Settings": two hours without a request end a session; every
request starts the two hours again. They live in memory: after a restart clients log in again.
"""

import secrets
import threading
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from localorg.clock import Clock

SESSION_LIFE = timedelta(hours=2)


@dataclass(frozen=True, kw_only=True)
class Session:
    """Someone logged in through an app (or by SOAP)."""

    token: str
    user_id: str
    #: None: SOAP login.
    client_id: str | None
    scope: str
    issued: datetime
    expires: datetime
    #: The refresh token it came from; revoking that ends it.
    refresh_token: str | None = None


class Sessions:
    """The sessions of an org."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self._open: dict[str, Session] = {}

    def open(
        self, org_id: str, user_id: str, client_id: str | None, scope: str, refresh_token: str | None = None
    ) -> Session:
        """A new session."""
        now = self._clock.now()
        token = f"{org_id[:15]}!AQ{secrets.token_urlsafe(70).replace('-', '.')}"
        session = Session(
            token=token,
            user_id=user_id,
            client_id=client_id,
            scope=scope,
            issued=now,
            expires=now + SESSION_LIFE,
            refresh_token=refresh_token,
        )
        with self._lock:
            self._open = {key: one for key, one in self._open.items() if one.expires > now}
            self._open[token] = session
        return session

    def find(self, token: str, *, touch: bool = False) -> Session | None:
        """The session of a token, if it lives; a request (touch) makes it live two hours more."""
        now = self._clock.now()
        with self._lock:
            session = self._open.get(token)
            if session is None or session.expires <= now:
                self._open.pop(token, None)
                return None
            if touch and session.expires != now + SESSION_LIFE:
                session = self._open[token] = replace(session, expires=now + SESSION_LIFE)
            return session

    def revoke(self, token: str) -> bool:
        """End a session; whether there was one."""
        with self._lock:
            return self._open.pop(token, None) is not None

    def revoke_from(self, refresh_token: str) -> None:
        """End all sessions that came from a refresh token."""
        with self._lock:
            self._open = {token: one for token, one in self._open.items() if one.refresh_token != refresh_token}

    def expire_all(self) -> None:
        """End every session."""
        with self._lock:
            self._open.clear()
