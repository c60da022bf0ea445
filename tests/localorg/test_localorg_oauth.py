"""OAuth and sessions: Salesforce Help, "OAuth Authorization Flows", "OAuth 2.0 Authorization Errors"."""

import base64
import hashlib
import hmac
import time
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx2
import pytest
from joserfc import jwt
from joserfc.jwk import RSAKey

from localorg.auth.grants import issue_refresh_token
from localorg.creation import make_certificate
from localorg.fixture import LocalOrg
from tests.localorg.api import Api

JWT = "urn:ietf:params:oauth:grant-type:jwt-bearer"


def assertion(org: LocalOrg, *, key: bytes | None = None, alg: str = "RS256", **changes: Any) -> str:
    """A JWT as the integration would send it, with changes; None leaves a claim out."""
    claims = {
        "iss": org.credentials.client_id,
        "sub": org.credentials.username,
        "aud": "https://login.salesforce.com",
        "exp": int(org.clock.precise) + 120,
    } | changes
    claims = {name: value for name, value in claims.items() if value is not None}
    pem = key or Path(org.credentials.private_key_file).read_bytes()
    return jwt.encode({"alg": alg}, claims, RSAKey.import_key(pem), algorithms=[alg])


async def ask(org: LocalOrg, headers: dict[str, str] | None = None, /, **form: str) -> httpx2.Response:
    async with httpx2.AsyncClient(base_url=org.url) as http:
        return await http.post("/services/oauth2/token", data=form, headers=headers)


async def refusal(org: LocalOrg, headers: dict[str, str] | None = None, /, **form: str) -> tuple[str, str]:
    answer = await ask(org, headers, **form)
    assert answer.status_code == 400
    body = answer.json()
    assert list(body) == ["error", "error_description"]
    return body["error"], body["error_description"]


async def test_a_jwt_is_exchanged_for_a_session(org: LocalOrg) -> None:
    answer = await ask(org, grant_type=JWT, assertion=assertion(org))
    token = answer.json()
    assert answer.status_code == 200
    assert answer.headers["cache-control"] == "no-store"
    assert set(token) == {"access_token", "signature", "scope", "instance_url", "id", "token_type", "issued_at"}
    assert token["access_token"].startswith(org.credentials.org_id[:15] + "!AQ")
    assert (token["instance_url"], token["token_type"]) == (org.url, "Bearer")
    assert len(token["issued_at"]) == 13
    signed = hmac.new(
        org.credentials.client_secret.encode(), (token["id"] + token["issued_at"]).encode(), hashlib.sha256
    )
    assert token["signature"] == base64.b64encode(signed.digest()).decode()
    api = Api(org, token["access_token"])
    assert (await api.query("SELECT COUNT() FROM User"))["totalSize"] == 2
    await api.close()


@pytest.mark.parametrize("audience", ["https://test.salesforce.com", "https://login.salesforce.com/", "own"])
async def test_audiences_are_the_login_hosts_and_the_org(org: LocalOrg, audience: str) -> None:
    given = assertion(org, aud=org.url if audience == "own" else audience)
    assert (await ask(org, grant_type=JWT, assertion=given)).status_code == 200


async def test_expiry_may_be_text_and_the_user_in_prn(org: LocalOrg) -> None:
    given = assertion(org, exp=str(int(org.clock.precise) + 60), sub=None, prn=org.credentials.username)
    assert (await ask(org, grant_type=JWT, assertion=given)).status_code == 200


async def test_wrong_assertions_are_refused(org: LocalOrg) -> None:
    now = int(org.clock.precise)
    other_key, _ = make_certificate()
    cases = {
        assertion(org, key=other_key): ("invalid_grant", "invalid assertion"),
        assertion(org, alg="RS512"): ("invalid_grant", "invalid assertion"),
        assertion(org)[:-4] + "AAAA": ("invalid_grant", "invalid assertion"),
        "abc": ("invalid_grant", "invalid assertion"),
        assertion(org, aud="https://example.com"): ("invalid_grant", "audience is invalid"),
        assertion(org, exp=now - 200): ("invalid_grant", "expired authorization code"),
        assertion(org, exp=now + 3_600): ("invalid_grant", "expired authorization code"),
        assertion(org, exp=None): ("invalid_grant", "invalid assertion"),
        assertion(org, iss="unknown"): ("invalid_client_id", "client identifier invalid"),
        assertion(org, sub="nobody@x.example"): ("invalid_grant", "user hasn't approved this consumer"),
    }
    for given, expected in cases.items():
        assert await refusal(org, grant_type=JWT, assertion=given) == expected


async def test_users_who_are_inactive_or_not_authorized_are_refused(org: LocalOrg) -> None:
    user = org.insert(
        "User",
        LastName="U",
        Username="u@x.example",
        Email="u@x.example",
        Alias="u",
        CommunityNickname="u",
        ProfileId=str(org.rows("Profile")[2]["Id"]),
        TimeZoneSidKey="GMT",
        LocaleSidKey="en_US",
        LanguageLocaleKey="en_US",
        EmailEncodingKey="UTF-8",
        IsActive=True,
    )
    given = assertion(org, sub="u@x.example")
    assert await refusal(org, grant_type=JWT, assertion=given) == (
        "invalid_grant",
        "user hasn't approved this consumer",
    )
    app = org.org.apps.find(org.credentials.client_id)
    assert app is not None
    org.org.apps.put(app.with_policies({"preauthorized": ["*"]}))
    assert (await ask(org, grant_type=JWT, assertion=given)).status_code == 200
    org.update("User", user, IsActive=False)
    assert await refusal(org, grant_type=JWT, assertion=given) == ("inactive_user", "user is inactive")


async def test_client_credentials_run_as_the_apps_user(org: LocalOrg) -> None:
    client = {"client_id": org.credentials.client_id, "client_secret": org.credentials.client_secret}
    answer = await ask(org, grant_type="client_credentials", **client)
    token = answer.json()
    assert "refresh_token" not in token
    basic = base64.b64encode(":".join(client.values()).encode()).decode()
    assert (await ask(org, {"Authorization": f"Basic {basic}"}, grant_type="client_credentials")).status_code == 200
    async with httpx2.AsyncClient() as http:
        identity = (await http.get(token["id"], headers={"Authorization": f"Bearer {token['access_token']}"})).json()
    assert identity["username"] == org.credentials.username
    assert await refusal(org, {"Host": "login.salesforce.com"}, grant_type="client_credentials", **client) == (
        "invalid_grant",
        "request not supported on this domain",
    )
    wrong = {**client, "client_secret": "x"}
    assert await refusal(org, grant_type="client_credentials", **wrong) == (
        "invalid_client",
        "invalid client credentials",
    )
    app = org.org.apps.find(org.credentials.client_id)
    assert app is not None
    org.org.apps.put(app.with_policies({"run_as": ""}))
    assert await refusal(org, grant_type="client_credentials", **client) == (
        "invalid_grant",
        "no client credentials user enabled",
    )


async def test_passwords_need_the_security_token(org: LocalOrg) -> None:
    own = org.credentials
    client = {"client_id": own.client_id, "client_secret": own.client_secret, "username": own.admin_username}
    password = own.admin_password + own.admin_security_token
    assert (await ask(org, grant_type="password", password=password, **client)).status_code == 200
    failed = ("invalid_grant", "authentication failure")
    assert await refusal(org, grant_type="password", password=own.admin_password, **client) == failed
    assert await refusal(org, grant_type="password", password="x", **client) == failed
    app = org.org.apps.find(own.client_id)
    assert app is not None
    org.org.apps.put(app.with_policies({"password_flow": False}))
    assert await refusal(org, grant_type="password", password=password, **client) == failed


async def test_refresh_tokens_give_sessions_until_revoked(org: LocalOrg) -> None:
    own = org.credentials
    form = {"grant_type": "refresh_token", "client_id": own.client_id, "refresh_token": own.refresh_token}
    token = (await ask(org, **form)).json()
    assert "refresh_token" not in token
    api = Api(org, token["access_token"])
    assert (await api.query("SELECT COUNT() FROM Account"))["totalSize"] == 0
    revoked = await api.http.post("/services/oauth2/revoke", data={"token": own.refresh_token})
    assert (revoked.status_code, revoked.content) == (200, b"")
    assert (await api.send("GET", "limits")).status_code == 401
    assert await refusal(org, **form) == ("invalid_grant", "expired access/refresh token")
    again = await api.http.post("/services/oauth2/revoke", data={"token": own.refresh_token})
    assert (again.status_code, "error" in again.json()) == (400, True)
    await api.close()


async def test_a_sixth_grant_ends_the_first(org: LocalOrg) -> None:
    app = org.org.apps.find(org.credentials.client_id)
    assert app is not None
    user = str(org.rows("User")[0]["Id"])
    tokens = [org.credentials.refresh_token]
    for _ in range(5):
        org.clock.advance(timedelta(seconds=1))
        tokens.append(issue_refresh_token(org.org, app, user, "api refresh_token"))
    form = {"grant_type": "refresh_token", "client_id": app.client_id}
    assert await refusal(org, refresh_token=tokens[0], **form) == ("invalid_grant", "expired access/refresh token")
    for token in tokens[1:]:
        assert (await ask(org, refresh_token=token, **form)).status_code == 200


async def test_unknown_grants_are_refused(org: LocalOrg) -> None:
    assert await refusal(org, grant_type="magic") == ("unsupported_grant_type", "grant type not supported")


async def test_a_session_ends_two_hours_after_its_last_request(api: Api) -> None:
    org = api.org
    for _ in range(3):
        org.clock.advance(timedelta(hours=1, minutes=59))
        assert (await api.send("GET", "limits")).status_code == 200
    org.clock.advance(timedelta(hours=2, seconds=1))
    answer = await api.send("GET", "limits")
    assert answer.status_code == 401
    assert answer.headers["content-type"] == "application/json;charset=UTF-8"
    assert answer.content == b'[{"message":"Session expired or invalid","errorCode":"INVALID_SESSION_ID"}]'


async def test_every_session_can_be_ended(api: Api) -> None:
    api.org.expire_sessions()
    assert (await api.error("GET", "query?q=SELECT+Id+FROM+Account", status=401))[0] == "INVALID_SESSION_ID"


async def test_a_deactivated_users_session_ends(api: Api) -> None:
    org = api.org
    token = org.session()
    other = Api(org, token)
    assert (await other.send("GET", "limits")).status_code == 200
    org.poke("User", str(org.rows("User")[1]["Id"]), {"IsActive": False})
    assert (await other.error("GET", "limits", status=401))[0] == "INVALID_SESSION_ID"
    await other.close()


async def test_tokens_are_introspected(org: LocalOrg) -> None:
    own = org.credentials
    token = (await ask(org, grant_type=JWT, assertion=assertion(org))).json()["access_token"]
    client = {"client_id": own.client_id, "client_secret": own.client_secret}
    async with httpx2.AsyncClient(base_url=org.url) as http:
        answer = (await http.post("/services/oauth2/introspect", data={"token": token, **client})).json()
        assert (answer["active"], answer["username"], answer["token_type"]) == (True, own.username, "access_token")
        assert abs(answer["exp"] - time.time() - 7_200) < 10
        unknown = await http.post("/services/oauth2/introspect", data={"token": "x", **client})
        assert (unknown.status_code, unknown.json()) == (200, {"active": False})
        anonymous = await http.post("/services/oauth2/introspect", data={"token": token})
        assert (anonymous.status_code, anonymous.json()["error"]) == (401, "invalid_client")


async def test_identity_and_userinfo_refuse_in_plain_text(api: Api) -> None:
    info = await api.get("/services/oauth2/userinfo")
    assert info["preferred_username"] == api.org.credentials.admin_username
    identity = await api.get(info["sub"].removeprefix(api.org.url) + "?version=latest")
    assert identity["organization_id"] == api.org.credentials.org_id
    assert identity["urls"]["query"] == f"{api.org.url}/services/data/v67.0/query/"
    bad = await api.http.get("/services/oauth2/userinfo", headers={"Authorization": "Bearer x"})
    assert (bad.status_code, bad.text) == (403, "Bad_OAuth_Token")
    none = await api.http.get("/services/oauth2/userinfo")
    assert (none.status_code, none.text) == (403, "Missing_OAuth_Token")


async def test_secrets_and_keys_are_private(org: LocalOrg) -> None:
    folder = Path(org.credentials.private_key_file).parent
    for name in ("integration.key", "credentials.json"):
        assert (folder / name).stat().st_mode & 0o777 == 0o600
