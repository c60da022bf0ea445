"""Who is it that sits at a browser? Salesforce says so: authorization code with PKCE, and an ID token.

Nothing else is asked for (scope `openid`), and nothing that Salesforce gives is kept: the access token that comes
along is dropped, the ID token is checked and forgotten.

Sources: Salesforce Help, "OAuth 2.0 Web Server Flow for Web App Integration", "OpenID Connect Token Introspection";
RFC 6749 4.1, RFC 7636 (PKCE), RFC 9207 (mix-up), OpenID Connect Core 3.1.3.7 (checks of the ID token).
"""

import base64
import hashlib
import secrets
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from types import TracebackType
from typing import Self
from urllib.parse import urlencode

import httpx2
import orjson
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet

from forcedex.domain.errors import Refused, SourceDataError, SourceUnavailable
from forcedex.domain.record_id import to_18
from forcedex.salesforce.hosts import origin_from_setting
from forcedex.salesforce.network import CallFailed, network_errors
from forcedex.salesforce.trust import tls_context

_WHAT = "log a person in"
_TIMEOUT = 10.0  # seconds; a person waits
_LARGEST = 256 * 1024  # bytes of an answer
_LEEWAY = 60  # seconds that clocks may differ
_AGAIN = "Log in again."


class SignInRefused(Refused):
    """This is not a login that we began, or Salesforce says no."""


@dataclass(frozen=True, kw_only=True, slots=True)
class SignInSettings:
    """The app that asks, and where."""

    #: The org's own origin (My Domain): nobody of another org can come back from there.
    instance_url: str
    org_id: str
    client_id: str
    client_secret: str = field(default="", repr=False)
    #: Registered with the app, exactly so.
    redirect_uri: str
    ca_file: Path | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Pending:
    """A login that was begun: what only this browser and we know."""

    state: str
    nonce: str = field(repr=False)
    verifier: str = field(repr=False)


def begun() -> Pending:
    """Fresh secrets for one login."""
    return Pending(state=secrets.token_urlsafe(24), nonce=secrets.token_urlsafe(24), verifier=secrets.token_urlsafe(48))


class SignIn:
    """Logs people of one org in. A context manager; SourceUnavailable where Salesforce does not answer."""

    def __init__(self, settings: SignInSettings) -> None:
        self._settings = settings
        self._origin = origin_from_setting(settings.instance_url, "instance_url")
        ca_file = str(settings.ca_file) if settings.ca_file else None
        self._http = httpx2.AsyncClient(
            verify=tls_context(ca_file),
            follow_redirects=False,
            timeout=_TIMEOUT,
            trust_env=not self._origin.loopback,
            headers={"Accept": "application/json"},
        )
        self._keys: KeySet | None = None

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._http.aclose()

    def address(self, pending: Pending) -> str:
        """Where the browser is sent."""
        digest = hashlib.sha256(pending.verifier.encode()).digest()
        asked = {
            "response_type": "code",
            "client_id": self._settings.client_id,
            "redirect_uri": self._settings.redirect_uri,
            "scope": "openid",
            "state": pending.state,
            "nonce": pending.nonce,
            "code_challenge": base64.urlsafe_b64encode(digest).rstrip(b"=").decode(),
            "code_challenge_method": "S256",
        }
        return f"{self._origin}/services/oauth2/authorize?{urlencode(asked)}"

    async def person(self, code: str, pending: Pending, now: datetime) -> str:
        """The 18-character Id of the user whom the code stands for; SignInRefused if it does not hold."""
        form = {
            "grant_type": "authorization_code",
            "code": code,
            "client_id": self._settings.client_id,
            "redirect_uri": self._settings.redirect_uri,
            "code_verifier": pending.verifier,
        }
        if self._settings.client_secret:
            form["client_secret"] = self._settings.client_secret
        answer = await self._asked("POST", "/services/oauth2/token", form)
        token = answer.get("id_token")
        if not isinstance(token, str):
            raise SourceDataError(
                "Salesforce sent no ID token.", "Add the scope “openid” to the app in [server] login_client_id."
            )
        return self._user(await self._claims(token, now), pending)

    async def _claims(self, token: str, now: datetime) -> dict[str, object]:
        keys, fresh = self._keys, False
        if keys is None:
            keys, fresh = await self._read_keys(), True
        while True:
            try:
                found = jwt.decode(token, keys, algorithms=["RS256"])
                break
            except (JoseError, ValueError) as exc:
                if fresh:  # Salesforce changes its keys from time to time: they are read anew once
                    raise SignInRefused("The ID token is not one of this org.", _AGAIN) from exc
                keys, fresh = await self._read_keys(), True
        claims = jwt.JWTClaimsRegistry(
            now=int(now.timestamp()),
            leeway=_LEEWAY,
            iss={"essential": True, "value": str(self._origin)},
            aud={"essential": True, "value": self._settings.client_id},
            exp={"essential": True},
            sub={"essential": True},
            nonce={"essential": True},
        )
        try:
            claims.validate(found.claims)
        except JoseError as exc:
            raise SignInRefused("The ID token does not hold.", _AGAIN) from exc
        return found.claims

    def _user(self, claims: dict[str, object], pending: Pending) -> str:
        if not secrets.compare_digest(str(claims["nonce"]).encode(), pending.nonce.encode()):
            raise SignInRefused("This answer belongs to another login.", _AGAIN)
        # `sub` is the identity URL: https://login.salesforce.com/id/00D…/005…
        parts = str(claims["sub"]).rsplit("/", 2)
        try:
            org_id, user_id = to_18(parts[-2]), to_18(parts[-1])
        except (IndexError, ValueError) as exc:
            raise SignInRefused("The ID token names no user.", _AGAIN) from exc
        if org_id != self._settings.org_id or not user_id.startswith("005"):
            raise SignInRefused("This user is not one of the org that is indexed here.", _AGAIN)
        return user_id

    async def _read_keys(self) -> KeySet:
        answer = await self._asked("GET", "/id/keys", None)
        try:
            self._keys = KeySet.import_key_set(answer)  # type: ignore[arg-type]  # checked by the library
        except (JoseError, ValueError, TypeError, KeyError) as exc:
            raise SourceDataError("Salesforce's keys for ID tokens cannot be read.", "Try again.") from exc
        return self._keys

    async def _asked(self, method: str, path: str, form: dict[str, str] | None) -> dict[str, object]:
        try:
            with network_errors(self._origin.host):
                answer = await self._http.request(method, f"{self._origin}{path}", data=form)
        except CallFailed as exc:
            raise exc.failure.error from None  # the request held a code
        if answer.status_code >= 500:
            raise SourceUnavailable(f"Salesforce cannot {_WHAT} now (status {answer.status_code}).", "Try again.")
        try:
            found = orjson.loads(answer.content[:_LARGEST])
        except orjson.JSONDecodeError:
            found = None
        if not isinstance(found, dict):
            raise SourceDataError(f"Salesforce's answer to “{_WHAT}” is not as documented.", "Try again.")
        if answer.status_code >= 400:
            error = str(found.get("error", ""))[:60]
            if error in ("invalid_client", "invalid_client_id", "redirect_uri_mismatch", "unauthorized_client"):
                raise SignInRefused(
                    f"Salesforce does not accept the app: {error}.",
                    "Check [server] login_client_id, its secret, and the callback URL of the app.",
                )
            raise SignInRefused(f"Salesforce refused the login: {error or answer.status_code}.", _AGAIN)
        return found
