"""The grants of the token endpoint, one function each; see `GRANTS`.

Source: Salesforce Help, "OAuth Authorization Flows", "OAuth 2.0 Authorization Errors".
"""

import base64
import hashlib
import hmac
import secrets
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

from localorg.auth import jwt_bearer
from localorg.auth.apps import ConnectedApp
from localorg.auth.credentials import Login
from localorg.errors import OAuthError
from localorg.misbehaviour.login import clock_skew
from localorg.users import is_frozen

if TYPE_CHECKING:
    from localorg.org import Org

Form = Mapping[str, str]
Answer = dict[str, str]
#: Active refresh tokens per user and app; one more ends the oldest.
_MOST_GRANTS = 5
_LOGIN_HOSTS = ("login.salesforce.com", "test.salesforce.com")
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
    row = org.store.reader.execute(
        'SELECT user_id, scope FROM "_refresh_token" WHERE token = ? AND client_id = ?',
        (form.get("refresh_token", ""), app.client_id),
    ).fetchone()
    if row is None or org.user(row[0]) is None:
        raise OAuthError("invalid_grant", "expired access/refresh token")
    return answer(org, app, row[0], row[1], form["refresh_token"])


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
}
