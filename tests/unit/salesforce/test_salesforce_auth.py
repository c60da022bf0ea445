"""Every login as a conversation, without a server."""

import json
from datetime import UTC, datetime, timedelta
from urllib.parse import urlsplit

import pytest
from joserfc import jwt
from joserfc.jwk import RSAKey

from forcedex.domain.errors import ConfigurationError, ForcedexError, SourceDataError, SourceRefused, SourceUnavailable
from forcedex.domain.record_id import to_18
from forcedex.salesforce import AccessToken, ClientCredentials, Credentials, JwtBearer, Password, RefreshToken
from forcedex.salesforce.assertion import audience_for
from forcedex.salesforce.auth import is_overloaded, login
from forcedex.salesforce.auth_errors import REFUSALS, login_refused
from forcedex.salesforce.hosts import origin_from_setting
from forcedex.salesforce.session import AuthAnswer, AuthFlow, AuthRequest, Session

NOW = datetime(2026, 6, 1, 12, tzinfo=UTC)
MY_DOMAIN = "https://acme.my.salesforce.com"
ORG_ID = to_18("00D000000000001")
USER_ID = to_18("005000000000001")
SESSION = Session(access_token="00D!token", instance_url=MY_DOMAIN, org_id=ORG_ID, user_id=USER_ID)


def answer(value: object, status: int = 200, date: datetime | None = NOW) -> AuthAnswer:
    body = value.encode() if isinstance(value, str) else json.dumps(value).encode()
    return AuthAnswer(status=status, body=body, date=date)


def token(**more: object) -> AuthAnswer:
    identity = f"https://login.salesforce.com/id/{ORG_ID}/{USER_ID}"
    return answer({"access_token": "00D!token", "instance_url": MY_DOMAIN, "id": identity, **more})


def oauth_error(error: str, description: str, date: datetime | None = NOW) -> AuthAnswer:
    return answer({"error": error, "error_description": description}, 400, date)


def converse(flow: AuthFlow, *answers: AuthAnswer) -> tuple[Session, list[AuthRequest]]:
    """Drive a login with prepared answers; the session and what was asked."""
    asked = []
    try:
        asked.append(next(flow))
        for each in answers:
            asked.append(flow.send(each))
    except StopIteration as done:
        return done.value, asked
    raise AssertionError("the login wants more answers than were prepared")


@pytest.mark.parametrize(
    ("credentials", "form"),
    [
        pytest.param(
            ClientCredentials(client_id="app", client_secret="shh"),
            {"grant_type": "client_credentials", "client_id": "app", "client_secret": "shh"},
            id="client credentials",
        ),
        pytest.param(
            RefreshToken(client_id="app", client_secret="shh", refresh_token="5Aep"),
            {"grant_type": "refresh_token", "client_id": "app", "client_secret": "shh", "refresh_token": "5Aep"},
            id="refresh token",
        ),
        pytest.param(
            RefreshToken(client_id="app", refresh_token="5Aep"),
            {"grant_type": "refresh_token", "client_id": "app", "refresh_token": "5Aep"},
            id="refresh token of an app without secret",
        ),
        pytest.param(
            Password(client_id="app", client_secret="shh", username="u@x", password="pw", security_token="TOK"),
            {
                "grant_type": "password",
                "client_id": "app",
                "client_secret": "shh",
                "username": "u@x",
                "password": "pwTOK",
            },
            id="password with security token",
        ),
    ],
)
def test_a_token_request_carries_what_its_flow_asks_for(credentials: Credentials, form: dict[str, str]) -> None:
    session, asked = converse(login(credentials, MY_DOMAIN, NOW), token())

    assert session == SESSION
    assert asked == [AuthRequest(url=f"{MY_DOMAIN}/services/oauth2/token", form=form)]


def test_a_jwt_assertion_names_app_user_audience_and_a_short_life(private_key_pem: str) -> None:
    credentials = JwtBearer(client_id="app", username="u@x", private_key_pem=private_key_pem)

    session, [asked] = converse(login(credentials, MY_DOMAIN, NOW), token())

    assert session == SESSION
    assert asked.form["grant_type"] == "urn:ietf:params:oauth:grant-type:jwt-bearer"
    signed = jwt.decode(asked.form["assertion"], RSAKey.import_key(private_key_pem), algorithms=["RS256"])
    assert signed.header == {"alg": "RS256"}
    assert signed.claims == {
        "iss": "app",
        "sub": "u@x",
        "aud": "https://login.salesforce.com",
        "exp": int(NOW.timestamp()) + 120,
    }


@pytest.mark.parametrize(
    ("login_url", "audience"),
    [
        ("https://login.salesforce.com", "https://login.salesforce.com"),
        ("https://test.salesforce.com/", "https://test.salesforce.com"),
        ("https://acme.my.salesforce.com", "https://login.salesforce.com"),
        ("https://acme-dev-ed.develop.my.salesforce.com", "https://login.salesforce.com"),
        ("https://acme--uat.sandbox.my.salesforce.com", "https://test.salesforce.com"),
        ("https://acme--uat.my.salesforce.com", "https://test.salesforce.com"),
        ("https://acme--uat.cs42.my.salesforce.com", "https://test.salesforce.com"),
        ("https://crazy-otter.scratch.my.salesforce.com", "https://test.salesforce.com"),
        ("http://127.0.0.1:8000", "http://127.0.0.1:8000"),
        ("https://salesforce.corp.example", "https://salesforce.corp.example"),
    ],
)
def test_the_audience_is_the_login_host_of_that_kind_of_org(login_url: str, audience: str) -> None:
    assert audience_for(origin_from_setting(login_url, "login_url")) == audience


def test_an_audience_in_the_settings_wins(private_key_pem: str) -> None:
    credentials = JwtBearer(client_id="a", username="u", private_key_pem=private_key_pem, audience="https://site")

    _, [asked] = converse(login(credentials, MY_DOMAIN, NOW), token())

    signed = jwt.decode(asked.form["assertion"], RSAKey.import_key(private_key_pem), algorithms=["RS256"])
    assert signed.claims["aud"] == "https://site"


def test_with_a_wrong_clock_the_assertion_is_repeated_with_the_time_of_salesforce(private_key_pem: str) -> None:
    credentials = JwtBearer(client_id="app", username="u@x", private_key_pem=private_key_pem)
    late = NOW - timedelta(hours=3)
    refused = oauth_error("invalid_grant", "expired authorization code", date=NOW)

    session, asked = converse(login(credentials, MY_DOMAIN, late), refused, token())

    assert session == SESSION
    signed = jwt.decode(asked[1].form["assertion"], RSAKey.import_key(private_key_pem), algorithms=["RS256"])
    assert signed.claims["exp"] == int(NOW.timestamp()) + 120


def test_with_a_right_clock_a_refused_assertion_is_not_repeated(private_key_pem: str) -> None:
    credentials = JwtBearer(client_id="app", username="u@x", private_key_pem=private_key_pem)

    with pytest.raises(ConfigurationError, match="clock"):
        converse(login(credentials, MY_DOMAIN, NOW), oauth_error("invalid_grant", "expired authorization code"))


@pytest.mark.parametrize(
    ("pem", "cause"),
    [
        ("", "cannot be read"),
        ("not a key", "cannot be read"),
        ("-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n", "cannot be read"),
        ("-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n", "the certificate, not its private key"),
    ],
)
def test_an_unusable_private_key_is_a_wrong_setting_and_is_not_quoted(pem: str, cause: str) -> None:
    credentials = JwtBearer(client_id="app", username="u@x", private_key_pem=pem)

    with pytest.raises(ConfigurationError, match=cause) as caught:
        converse(login(credentials, MY_DOMAIN, NOW))

    assert "AAAA" not in str(caught.value)


def test_a_session_that_is_there_already_needs_no_request() -> None:
    credentials = AccessToken(access_token="00D!token", instance_url="https://acme.my.salesforce.com/")

    session, asked = converse(login(credentials, "https://login.salesforce.com", NOW))

    assert (session.access_token, session.instance_url, asked) == ("00D!token", MY_DOMAIN, [])


def test_a_rotated_refresh_token_is_handed_over() -> None:
    credentials = RefreshToken(client_id="app", refresh_token="old")

    session, _ = converse(login(credentials, MY_DOMAIN, NOW), token(refresh_token="new"))

    assert session.refresh_token == "new"


@pytest.mark.parametrize(
    ("error", "description", "kind", "words"),
    [
        (
            "invalid_grant",
            "user hasn't approved this consumer",
            ConfigurationError,
            ["pre-authorized", "permission set"],
        ),
        ("invalid_grant", "user hasn’t approved this consumer", ConfigurationError, ["pre-authorized"]),
        ("invalid_app_access", "user is not admin approved to access this app", ConfigurationError, ["pre-authorized"]),
        ("invalid_grant", "audience is invalid", ConfigurationError, ["jwt_audience", "test.salesforce.com"]),
        ("invalid_grant", "Audience validation failed", ConfigurationError, ["jwt_audience"]),
        ("invalid_grant", "invalid assertion", ConfigurationError, ["certificate", "private_key_file"]),
        ("invalid_grant", "expired authorization code", ConfigurationError, ["clock"]),
        ("invalid_client_id", "client identifier invalid", ConfigurationError, ["client_id", "consumer key"]),
        ("invalid_client", "invalid client credentials", ConfigurationError, ["client_secret"]),
        ("invalid_grant", "authentication failure", ConfigurationError, ["password", "security_token"]),
        ("invalid_grant", "authentication failure - Invalid Password", ConfigurationError, ["password"]),
        ("inactive_user", "user is inactive", ConfigurationError, ["Activate"]),
        ("inactive_org", "organization is inactive", SourceRefused, ["administrator"]),
        ("invalid_grant", "user is locked", SourceRefused, ["unlock"]),
        ("invalid_grant", "expired access/refresh token", ConfigurationError, ["Authorize the app again"]),
        ("invalid_grant", "request not supported on this domain", ConfigurationError, ["My Domain"]),
        ("invalid_grant", "no client credentials user enabled", ConfigurationError, ["Run As"]),
        ("invalid_grant", "ip restricted", ConfigurationError, ["IP"]),
        ("invalid_grant", "Login Rate Exceeded", SourceUnavailable, ["Wait"]),
        ("unsupported_grant_type", "grant type not supported", ConfigurationError, ["Enable the flow"]),
        ("server_error", "", SourceUnavailable, ["later"]),
        ("brand_new_error", "nobody knows", ConfigurationError, ["brand_new_error", "nobody knows"]),
    ],
)
def test_a_refused_login_names_cause_and_next_step(
    error: str, description: str, kind: type[ForcedexError], words: list[str]
) -> None:
    credentials = ClientCredentials(client_id="app", client_secret="shh")

    with pytest.raises(kind) as caught:
        converse(login(credentials, MY_DOMAIN, NOW), oauth_error(error, description))

    assert caught.value.exit_code == (2 if kind is ConfigurationError else 1)
    for word in words:
        assert word in str(caught.value)


def test_every_row_of_the_table_can_be_reached() -> None:
    for row in REFUSALS:
        error = login_refused(row.code or "invalid_grant", row.fragment)
        assert error.hint and row.message in error.message, row


@pytest.mark.parametrize(
    ("status", "body", "words"),
    [
        (404, "<html>Not found</html>", "no Salesforce login at login_url"),
        (302, "", "redirect"),
        (200, "<html>Welcome</html>", "does not answer like a Salesforce login"),
        (200, "[]", "does not answer like a Salesforce login"),
    ],
)
@pytest.mark.parametrize("client_id", ["app", ""])  # OAuth and SOAP
def test_an_answer_that_is_no_login_points_to_login_url(status: int, body: str, words: str, client_id: str) -> None:
    credentials = Password(client_id=client_id, username="u@x", password="pw")

    with pytest.raises(ConfigurationError, match=words):
        converse(login(credentials, MY_DOMAIN, NOW), answer(body, status))


@pytest.mark.parametrize(
    "broken",
    [
        pytest.param({"access_token": None}, id="no token"),
        pytest.param({"instance_url": None}, id="no instance"),
        pytest.param({"instance_url": "https://evil.example"}, id="instance elsewhere"),
        pytest.param({"instance_url": "http://acme.my.salesforce.com"}, id="instance without https"),
        pytest.param({"instance_url": "http://127.0.0.1:8000"}, id="instance on this machine"),
        pytest.param({"id": "https://evil.example/id/00D000000000001/005000000000001"}, id="identity elsewhere"),
        pytest.param({"id": "https://login.salesforce.com/id/x"}, id="identity without user"),
    ],
)
def test_a_token_response_that_leads_elsewhere_is_not_used(broken: dict[str, object]) -> None:
    credentials = ClientCredentials(client_id="app", client_secret="shh")

    with pytest.raises(SourceDataError):
        converse(login(credentials, MY_DOMAIN, NOW), token(**broken))


SOAP_RESULT = """<?xml version="1.0" encoding="UTF-8"?><soapenv:Envelope
 xmlns:soapenv="http://schemas.xmlsoap.org/soap/envelope/" xmlns="urn:partner.soap.sforce.com"><soapenv:Body>
<loginResponse><result><metadataServerUrl>https://acme.my.salesforce.com/services/Soap/m/64.0/00D000000000001
</metadataServerUrl><passwordExpired>{expired}</passwordExpired><sandbox>false</sandbox>
<serverUrl>{url}</serverUrl><sessionId>00D!token</sessionId><userId>005000000000001</userId>
<userInfo><organizationId>00D000000000001</organizationId><userName>u@x</userName></userInfo>
</result></loginResponse></soapenv:Body></soapenv:Envelope>"""

SOAP_FAULT = """<?xml version="1.0" encoding="UTF-8"?><soapenv:Envelope
 xmlns:soapenv="http://schemas.xmlsoap.org/soap/envelope/" xmlns:sf="urn:fault.partner.soap.sforce.com"
><soapenv:Body><soapenv:Fault><faultcode>sf:{code}</faultcode><faultstring>{code}: {text}</faultstring>
<detail><sf:LoginFault><sf:exceptionCode>{code}</sf:exceptionCode><sf:exceptionMessage>{text}</sf:exceptionMessage>
</sf:LoginFault></detail></soapenv:Fault></soapenv:Body></soapenv:Envelope>"""


def test_soap_login_escapes_what_it_sends_and_takes_the_host_of_the_server_url() -> None:
    credentials = Password(username="u@x", password="<pw&>", security_token="TOK")
    url = "https://acme.my.salesforce.com/services/Soap/u/64.0/00D000000000001"

    session, [asked] = converse(
        login(credentials, "https://login.salesforce.com", NOW), answer(SOAP_RESULT.format(url=url, expired="false"))
    )

    assert session == SESSION
    assert asked.url == "https://login.salesforce.com/services/Soap/u/64.0"
    assert "<username>u@x</username><password>&lt;pw&amp;&gt;TOK</password>" in asked.body


def test_soap_login_follows_no_server_url_elsewhere() -> None:
    credentials = Password(username="u@x", password="pw")

    with pytest.raises(SourceDataError, match="serverUrl"):
        converse(
            login(credentials, MY_DOMAIN, NOW),
            answer(SOAP_RESULT.format(url="https://evil.example/x", expired="false")),
        )


def test_an_expired_password_is_a_wrong_setting() -> None:
    credentials = Password(username="u@x", password="pw")
    url = "https://acme.my.salesforce.com/services/Soap/u/64.0/00D000000000001"

    with pytest.raises(ConfigurationError, match="password has expired"):
        converse(login(credentials, MY_DOMAIN, NOW), answer(SOAP_RESULT.format(url=url, expired="true")))


@pytest.mark.parametrize(
    ("code", "text", "kind", "word"),
    [
        (
            "INVALID_LOGIN",
            "Invalid username, password, security token; or user locked out.",
            ConfigurationError,
            "secu",
        ),
        ("LOGIN_MUST_USE_SECURITY_TOKEN", "Invalid username", ConfigurationError, "security_token"),
        ("INVALID_OPERATION_WITH_EXPIRED_PASSWORD", "expired", ConfigurationError, "expired"),
        ("PASSWORD_LOCKOUT", "locked", SourceRefused, "unlock"),
        ("ORG_LOCKED", "locked", SourceRefused, "administrator"),
        ("LOGIN_DURING_RESTRICTED_DOMAIN", "no", ConfigurationError, "IP"),
        ("LOGIN_DURING_RESTRICTED_TIME", "no", ConfigurationError, "hours"),
        ("UNSUPPORTED_API_VERSION", "no", ConfigurationError, "jwt"),
        ("SERVER_UNAVAILABLE", "later", SourceUnavailable, "later"),
    ],
)
def test_a_soap_fault_names_cause_and_next_step(code: str, text: str, kind: type[ForcedexError], word: str) -> None:
    fault = answer(SOAP_FAULT.format(code=code, text=text), 500)
    assert not is_overloaded(fault)

    with pytest.raises(kind, match=word):
        converse(login(Password(username="u@x", password="pw"), MY_DOMAIN, NOW), fault)


def test_a_soap_answer_with_entities_is_not_parsed() -> None:
    bomb = '<!DOCTYPE x [<!ENTITY a "aaaa">]><x>&a;</x>'

    with pytest.raises(ConfigurationError, match="login_url"):
        converse(login(Password(username="u@x", password="pw"), MY_DOMAIN, NOW), answer(bomb))


@pytest.mark.parametrize(
    "secret",
    [
        JwtBearer(client_id="app", username="u@x", private_key_pem="HUSH"),
        ClientCredentials(client_id="app", client_secret="HUSH"),
        RefreshToken(client_id="app", client_secret="HUSH", refresh_token="HUSH"),
        Password(username="u@x", password="HUSH", security_token="HUSH", client_secret="HUSH"),
        AccessToken(access_token="HUSH", instance_url=MY_DOMAIN),
        Session(access_token="HUSH", instance_url=MY_DOMAIN, refresh_token="HUSH"),
        AuthRequest(url="https://x", form={"assertion": "HUSH"}, body="HUSH", secrets=("HUSH",)),
        AuthAnswer(status=200, body=b"HUSH"),
    ],
)
def test_no_secret_shows_in_a_repr(secret: object) -> None:
    assert "HUSH" not in repr(secret) and "HUSH" not in str(secret)


def test_every_request_goes_to_the_login_host(private_key_pem: str) -> None:
    credentials = JwtBearer(client_id="app", username="u@x", private_key_pem=private_key_pem)

    _, [asked] = converse(login(credentials, MY_DOMAIN, NOW), token())

    assert urlsplit(asked.url).hostname == "acme.my.salesforce.com"
