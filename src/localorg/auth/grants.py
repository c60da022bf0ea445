"""The grants of the token endpoint, one function each; see `GRANTS`.

Source: Salesforce Help, "OAuth Authorization Flows", "OAuth 2.0 Authorization Errors".
"""

import base64
import hashlib
import hmac
import re
import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from localorg.auth import jwt_bearer
from localorg.auth.apps import ConnectedApp
from localorg.auth.codes import Authorization, Replayed
from localorg.auth.credentials import Login
from localorg.auth.identity_keys import half_hash
from localorg.errors import OAuthError
from localorg.misbehaviour.login import altered_id_token, clock_skew
from localorg.users import is_frozen

if TYPE_CHECKING:
    from localorg.org import Org

Form = Mapping[str, str]
Answer = dict[str, str]
#: Active refresh tokens per user and app; one more ends the oldest.
_MOST_GRANTS = 5
_LOGIN_HOSTS = ("login.salesforce.com", "test.salesforce.com")
#: RFC 7636 without the tilde: Salesforce refuses a verifier that holds one, as clients report.
_VERIFIER = re.compile(r"[A-Za-z0-9._-]{43,128}")
#: Seconds that an ID token is valid. Source: Salesforce Help, "Configure ID Tokens" (two minutes unless changed).
_ID_TOKEN_LIFE = 120
_NOT_GRANTED = ("refresh_token", "offline_access", "web", "full")


def token(org: "Org", form: Form, host: str) -> Answer:
    """The answer of the token endpoint."""
    grant = GRANTS.get(form.get("grant_type", ""))
    if grant is None:
        raise OAuthError("unsupported_grant_type", "grant type not supported")
    return grant(org, form, host)


def find_app(org: "Org", form: Form, *, secret_needed: bool) -> ConnectedApp:
    """The app that asks, its secret checked."""
    app = org.apps.find(form.get("client_id", ""))
    if app is None:
        raise OAuthError("invalid_client_id", "client identifier invalid")
    given = form.get("client_secret")
    if (secret_needed or given is not None) and not hmac.compare_digest(
        (given or "").encode(), app.client_secret.encode()
    ):
        raise OAuthError("invalid_client", "invalid client credentials")
    return app


def user_id_of(org: "Org", username: str) -> tuple[str, bool] | None:
    """Id of the user with a username, and whether he may log in: active, and not frozen."""
    rows = org.store.select(org.schema.objects["User"], '"Username" = ? COLLATE NOCASE', (username,))
    if not rows:
        return None
    user = str(rows[0]["Id"])
    return user, bool(rows[0]["IsActive"]) and not is_frozen(org.store, user)


def answer(org: "Org", app: ConnectedApp, user_id: str, scope: str, refresh_token: str | None = None) -> Answer:
    """A new session as a token response."""
    session = org.sessions.open(org.id, user_id, app.client_id, scope, refresh_token)
    identity = f"{org.url}/id/{org.id}/{user_id}"
    issued = str(int(org.clock.precise * 1000))
    signed = hmac.new(app.client_secret.encode(), (identity + issued).encode(), hashlib.sha256).digest()
    return {
        "access_token": session.token,
        "signature": base64.b64encode(signed).decode(),
        "scope": scope,
        "instance_url": org.url,
        "id": identity,
        "token_type": "Bearer",
        "issued_at": issued,
    }


def issue_refresh_token(org: "Org", app: ConnectedApp, user_id: str, scope: str) -> str:
    """A refresh token; the sixth of a user and app ends the first."""
    value = "5Aep861" + secrets.token_urlsafe(60).replace("-", ".")
    with org.store.transaction() as connection:
        connection.execute(
            'INSERT INTO "_refresh_token" VALUES (?, ?, ?, ?, ?)',
            (value, app.client_id, user_id, scope, org.clock.precise),
        )
        old = connection.execute(
            'SELECT token FROM "_refresh_token" WHERE client_id = ? AND user_id = ?'
            " ORDER BY created DESC, rowid DESC LIMIT -1 OFFSET ?",
            (app.client_id, user_id, _MOST_GRANTS),
        ).fetchall()
        connection.executemany('DELETE FROM "_refresh_token" WHERE token = ?', old)
    for (expired,) in old:
        org.sessions.revoke_from(expired)
    return value


@dataclass(frozen=True)
class RefreshToken:
    """A refresh token that holds."""

    client_id: str
    user_id: str
    scope: str
    #: Seconds since 1970.
    created: float


def refresh_token(org: "Org", value: str) -> RefreshToken | None:
    """What a refresh token is for."""
    row = org.store.reader.execute(
        'SELECT client_id, user_id, scope, created FROM "_refresh_token" WHERE token = ?', (value,)
    ).fetchone()
    return None if row is None else RefreshToken(*row)


def revoke(org: "Org", value: str) -> bool:
    """End a session, or a refresh token and the sessions that came from it; whether there was one."""
    if org.sessions.revoke(value):
        return True
    with org.store.transaction() as connection:
        gone = connection.execute('DELETE FROM "_refresh_token" WHERE token = ?', (value,)).rowcount
    org.sessions.revoke_from(value)
    return bool(gone)


def _authorization_code(org: "Org", form: Form, host: str) -> Answer:
    known = org.apps.find(form.get("client_id", ""))
    app = find_app(org, form, secret_needed=known is None or known.secret_required)
    code = form.get("code", "")
    found = org.codes.use(code)
    if isinstance(found, Replayed):
        for token in found.tokens:
            revoke(org, token)
        found = None
    if found is None:
        known_code = org.codes.knows(code)
        raise OAuthError("invalid_grant", "expired authorization code" if known_code else "invalid authorization code")
    _check_code(app, found, form)
    if org.user(found.user_id) is None:
        raise OAuthError("inactive_user", "user is inactive")
    scopes = found.scope.split()
    refresh = None
    if "refresh_token" in scopes or "offline_access" in scopes:
        refresh = issue_refresh_token(org, app, found.user_id, found.scope)
    given = answer(org, app, found.user_id, found.scope, refresh)
    if refresh is not None:
        given["refresh_token"] = refresh
    tokens = [given["access_token"], *([refresh] if refresh is not None else [])]
    if not org.codes.came(code, *tokens):
        for token in tokens:
            revoke(org, token)
        raise OAuthError("invalid_grant", "expired authorization code")
    if "openid" in scopes:
        given["id_token"] = _id_token(org, found, given)
    return given


def _check_code(app: ConnectedApp, found: Authorization, form: Form) -> None:
    """Whether the code comes from whom it was given to, with what it was asked for. It is used up either way."""
    if found.client_id != app.client_id:
        raise OAuthError("invalid_grant", "invalid authorization code")
    if not form.get("redirect_uri"):
        raise OAuthError("redirect_uri_missing", "redirect_uri not provided")
    if form["redirect_uri"] != found.redirect_uri:
        raise OAuthError("redirect_uri_mismatch", "redirect_uri must match configuration")
    verifier = form.get("code_verifier")
    if found.challenge is None:
        if verifier is not None:
            raise OAuthError("invalid_grant", "unexpected code verifier")
        return
    digest = hashlib.sha256((verifier or "").encode()).digest()
    challenge = base64.urlsafe_b64encode(digest).rstrip(b"=").decode()
    if not _VERIFIER.fullmatch(verifier or "") or not hmac.compare_digest(challenge, found.challenge):
        raise OAuthError("invalid_grant", "invalid code verifier")


def _id_token(org: "Org", found: Authorization, given: Answer) -> str:
    """Who logged in, signed. Source: OpenID Connect Core 1.0, 2; Salesforce Help, "OpenID Connect"."""
    now = int(org.clock.precise)
    claims = {
        "at_hash": half_hash(given["access_token"]),
        "sub": given["id"],
        "aud": found.client_id,
        "iss": found.issuer,
        "exp": now + _ID_TOKEN_LIFE,
        "iat": now,
    }
    if found.nonce is not None:
        claims["nonce"] = found.nonce
    changed = altered_id_token(org, claims)
    return org.identity_keys.sign(changed.claims, header=changed.header, foreign=changed.foreign)


def _jwt(org: "Org", form: Form, host: str) -> Answer:
    assertion = jwt_bearer.decode(form.get("assertion", ""))
    app = org.apps.find(assertion.issuer)
    if app is None:
        raise OAuthError("invalid_client_id", "client identifier invalid")
    audiences = {*jwt_bearer.LOGIN_AUDIENCES, org.url, org.url.replace("127.0.0.1", "localhost")}
    jwt_bearer.check(assertion, app.certificate, audiences, org.clock.precise + clock_skew(org))
    found = user_id_of(org, assertion.username)
    if found is None or not app.approves(assertion.username):
        raise OAuthError("invalid_grant", "user hasn't approved this consumer")
    if not found[1]:
        raise OAuthError("inactive_user", "user is inactive")
    return answer(org, app, found[0], " ".join(scope for scope in app.scopes if scope not in _NOT_GRANTED))


def _client_credentials(org: "Org", form: Form, host: str) -> Answer:
    if host.partition(":")[0].lower() in _LOGIN_HOSTS:
        raise OAuthError("invalid_grant", "request not supported on this domain")
    app = find_app(org, form, secret_needed=True)
    if not app.client_credentials:
        raise OAuthError("unsupported_grant_type", "grant type not supported")
    found = user_id_of(org, app.run_as) if app.run_as else None
    if found is None:
        raise OAuthError("invalid_grant", "no client credentials user enabled")
    if not found[1]:
        raise OAuthError("inactive_user", "user is inactive")
    return answer(org, app, found[0], " ".join(scope for scope in app.scopes if scope not in _NOT_GRANTED))


def _refresh(org: "Org", form: Form, host: str) -> Answer:
    app = find_app(org, form, secret_needed=False)
    kept = refresh_token(org, form.get("refresh_token", ""))
    if kept is None or kept.client_id != app.client_id or org.user(kept.user_id) is None:
        raise OAuthError("invalid_grant", "expired access/refresh token")
    return answer(org, app, kept.user_id, kept.scope, form["refresh_token"])


def _password(org: "Org", form: Form, host: str) -> Answer:
    app = find_app(org, form, secret_needed=True)
    failed = OAuthError("invalid_grant", "authentication failure")
    if not app.password_flow:
        raise failed
    found = user_id_of(org, form.get("username", ""))
    if found is None:
        raise failed
    outcome = org.credentials.check(found[0], form.get("password", ""))
    if not found[1]:
        raise OAuthError("inactive_user", "user is inactive")
    if outcome is not Login.OK:
        raise failed
    return answer(org, app, found[0], " ".join(scope for scope in app.scopes if scope not in _NOT_GRANTED))


#: grant_type -> what it does.
GRANTS: dict[str, Callable[["Org", Form, str], Answer]] = {
    "urn:ietf:params:oauth:grant-type:jwt-bearer": _jwt,
    "client_credentials": _client_credentials,
    "refresh_token": _refresh,
    "password": _password,
    "authorization_code": _authorization_code,
}
