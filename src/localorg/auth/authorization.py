"""What an app asks at the authorization endpoint, checked.

Source: Salesforce Help, "OAuth 2.0 Web Server Flow for Web App Integration", "OAuth 2.0 Authorization Errors";
RFC 6749, 4.1.1; RFC 7636 (of which Salesforce takes S256 only, also where no method is named).
"""

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import urlencode

from localorg.auth.apps import Apps, ConnectedApp
from localorg.errors import CallbackError, OAuthError

_CHALLENGE = re.compile(r"[A-Za-z0-9_-]{43}")
_SAME_SCOPE = {"offline_access": "refresh_token"}
_SILENT = "none"


@dataclass(frozen=True, kw_only=True)
class AuthorizationRequest:
    """A request of the web server flow."""

    app: ConnectedApp
    redirect_uri: str
    scopes: tuple[str, ...]
    state: str | None
    nonce: str | None
    #: None: without PKCE.
    challenge: str | None
    prompt: frozenset[str]
    #: The user must not be asked anything.
    immediate: bool

    @property
    def wanted(self) -> frozenset[str]:
        """The scopes, each by one name."""
        return frozenset(_SAME_SCOPE.get(one, one) for one in self.scopes)

    def refused(self, error: str, description: str) -> CallbackError:
        """An error that the app is told."""
        return CallbackError(error, description, redirect_uri=self.redirect_uri, state=self.state)


def read(apps: Apps, sent: Sequence[tuple[str, str]]) -> AuthorizationRequest:
    """The request in a query; OAuthError if the app or its callback is in doubt, otherwise CallbackError."""
    values = dict(sent)
    repeated = [name for name, count in Counter(name for name, _ in sent).items() if count > 1]
    if {"client_id", "redirect_uri"} & set(repeated):
        raise OAuthError("invalid_request", "duplicate parameter")
    app = apps.find(values.get("client_id", ""))
    if app is None:
        raise OAuthError("invalid_client_id", "client identifier invalid")
    redirect_uri = values.get("redirect_uri", "")
    if not redirect_uri:
        raise OAuthError("redirect_uri_missing", "redirect_uri not provided")
    if redirect_uri not in app.redirect_uris:
        raise OAuthError("redirect_uri_mismatch", "redirect_uri must match configuration")

    def refused(error: str, description: str) -> CallbackError:
        return CallbackError(error, description, redirect_uri=redirect_uri, state=values.get("state"))

    if repeated:
        raise refused("invalid_request", "duplicate parameter")
    if values.get("response_type") != "code":
        raise refused("unsupported_response_type", "response type not supported")
    scopes = tuple(dict.fromkeys(values.get("scope", "").split())) or app.scopes
    allowed = {_SAME_SCOPE.get(one, one) for one in app.scopes}
    if not {_SAME_SCOPE.get(one, one) for one in scopes} <= allowed:
        raise refused("invalid_scope", "the requested scope is not allowed")
    challenge = values.get("code_challenge")
    if challenge is None and (app.pkce_required or "code_challenge_method" in values):
        raise refused("invalid_request", "missing required code challenge")
    if challenge is not None:
        if values.get("code_challenge_method", "S256") != "S256":
            raise refused("invalid_request", "invalid code challenge method")
        if not _CHALLENGE.fullmatch(challenge):
            raise refused("invalid_request", "invalid code challenge")
    prompt = frozenset(values.get("prompt", "").split())
    return AuthorizationRequest(
        app=app,
        redirect_uri=redirect_uri,
        scopes=scopes,
        state=values.get("state"),
        nonce=values.get("nonce"),
        challenge=challenge,
        prompt=prompt - {_SILENT},
        immediate=values.get("immediate", "").lower() == "true" or _SILENT in prompt,
    )


def callback(redirect_uri: str, state: str | None, **answer: str) -> str:
    """The callback with an answer; a query that it has stays."""
    if state is not None:
        answer["state"] = state
    return f"{redirect_uri}{'&' if '?' in redirect_uri else '?'}{urlencode(answer)}"
