"""Logging in to Salesforce: one generator per flow, which yields requests and is sent their answers.

No flow does I/O, so the whole conversation is tested without a server; `transport.py` drives it.

Source: Salesforce Help, "OAuth Authorization Flows" and "OAuth 2.0 Token Response".
"""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import assert_never

import orjson

from forcedex.domain.errors import ConfigurationError, SourceDataError
from forcedex.domain.record_id import to_18
from forcedex.salesforce.assertion import signed_assertion
from forcedex.salesforce.auth_errors import login_refused, not_a_login
from forcedex.salesforce.credentials import (
    AccessToken,
    ClientCredentials,
    Credentials,
    JwtBearer,
    Password,
    RefreshToken,
)
from forcedex.salesforce.hosts import Origin, TrustedHosts, origin_from_setting
from forcedex.salesforce.session import AuthAnswer, AuthFlow, AuthRequest, Session
from forcedex.salesforce.shape import text_in
from forcedex.salesforce.soap_login import soap_login

#: A clock that is further off than this may be why Salesforce refused an assertion.
CLOCK_TOLERANCE = timedelta(seconds=60)

_WHAT = "log in"


def login(credentials: Credentials, login_url: str, now: datetime) -> AuthFlow:
    """The flow that fits the credentials. `now` is this machine's time, for the assertion's expiry.

    Raises ConfigurationError where a setting is wrong, SourceRefused where the org refuses for another reason,
    SourceUnavailable where time helps, SourceDataError where the answer is not what OAuth or SOAP says.
    """
    origin = origin_from_setting(login_url, "login_url")
    hosts = trusted_hosts(credentials, login_url)
    match credentials:
        case JwtBearer():
            return jwt_bearer(credentials, origin, hosts, now)
        case ClientCredentials():
            return _token_flow(_client_credentials_form(credentials), origin, hosts)
        case RefreshToken():
            return _token_flow(_refresh_token_form(credentials), origin, hosts)
        case Password() if credentials.client_id:
            return _token_flow(_password_form(credentials), origin, hosts)
        case Password():
            return soap_login(credentials, origin, hosts)
        case AccessToken():
            return access_token(credentials)
        case _:
            assert_never(credentials)


def trusted_hosts(credentials: Credentials, login_url: str) -> TrustedHosts:
    """The hosts that may get a session made with these credentials."""
    origins = [origin_from_setting(login_url, "login_url")]
    if isinstance(credentials, AccessToken):
        origins.append(origin_from_setting(credentials.instance_url, "instance_url"))
    return TrustedHosts(tuple(origins))


def jwt_bearer(credentials: JwtBearer, origin: Origin, hosts: TrustedHosts, now: datetime) -> AuthFlow:
    """JWT bearer. Refused while this machine's clock is wrong, it is repeated once with Salesforce's own time."""
    answer = yield _assertion_request(credentials, origin, now)
    try:
        return _session(answer, hosts)
    except ConfigurationError:
        if answer.date is None or abs(answer.date - now) < CLOCK_TOLERANCE:
            raise
    answer = yield _assertion_request(credentials, origin, answer.date)
    return _session(answer, hosts)


def access_token(credentials: AccessToken) -> AuthFlow:
    """A session that is there already."""
    yield from ()
    if not credentials.access_token:
        raise ConfigurationError("access_token is empty.", "Set it, or choose another auth.")
    return Session(
        access_token=credentials.access_token,
        instance_url=str(origin_from_setting(credentials.instance_url, "instance_url")),
    )


def _token_flow(form: Mapping[str, str], origin: Origin, hosts: TrustedHosts) -> AuthFlow:
    answer = yield AuthRequest(url=_token_url(origin), form=form)
    return _session(answer, hosts)


def _token_url(origin: Origin) -> str:
    return f"{origin}/services/oauth2/token"


def _assertion_request(credentials: JwtBearer, origin: Origin, issued: datetime) -> AuthRequest:
    assertion = signed_assertion(credentials, origin, issued)
    form = {"grant_type": "urn:ietf:params:oauth:grant-type:jwt-bearer", "assertion": assertion}
    return AuthRequest(url=_token_url(origin), form=form, secrets=(assertion,))


def _client_credentials_form(credentials: ClientCredentials) -> dict[str, str]:
    return {
        "grant_type": "client_credentials",
        "client_id": credentials.client_id,
        "client_secret": credentials.client_secret,
    }


def _refresh_token_form(credentials: RefreshToken) -> dict[str, str]:
    form = {
        "grant_type": "refresh_token",
        "client_id": credentials.client_id,
        "refresh_token": credentials.refresh_token,
    }
    if credentials.client_secret:
        form["client_secret"] = credentials.client_secret
    return form


def _password_form(credentials: Password) -> dict[str, str]:
    return {
        "grant_type": "password",
        "client_id": credentials.client_id,
        "client_secret": credentials.client_secret,
        "username": credentials.username,
        "password": credentials.password + credentials.security_token,
    }


def _session(answer: AuthAnswer, hosts: TrustedHosts) -> Session:
    """The session in a token response; the error that the response stands for otherwise."""
    try:
        token = orjson.loads(answer.body)
    except orjson.JSONDecodeError:
        token = None
    if not isinstance(token, dict):
        raise not_a_login(answer.status)
    if "error" in token:
        raise login_refused(str(token["error"]), str(token.get("error_description") or ""))
    if answer.status != 200:
        raise not_a_login(answer.status)
    org_id, user_id = _owner_in(token.get("id"), hosts)
    refresh_token = token.get("refresh_token")
    return Session(
        access_token=text_in(token, "access_token", _WHAT),
        instance_url=str(hosts.origin_of(token.get("instance_url"), "instance_url")),
        org_id=org_id,
        user_id=user_id,
        refresh_token=refresh_token if isinstance(refresh_token, str) and refresh_token else None,
    )


def _owner_in(identity_url: object, hosts: TrustedHosts) -> tuple[str | None, str | None]:
    """Org id and user id in an identity URL such as `https://login.salesforce.com/id/00D…/005…`."""
    if identity_url is None:
        return None, None
    steps = hosts.path_anywhere(identity_url, "identity URL").strip("/").split("/")
    try:
        _, org_id, user_id = steps
        return to_18(org_id), to_18(user_id)
    except ValueError as exc:
        raise SourceDataError(
            "Salesforce's answer to the login holds an identity URL without org and user.",
            "Check that login_url is a Salesforce login host.",
        ) from exc


def is_overloaded(answer: AuthAnswer) -> bool:
    """Whether the login host cannot answer now, so that the same request may be sent again.

    A SOAP fault comes with status 500 too, and is an answer.
    """
    if answer.status in (408, 420, 429, 502, 503, 504):
        return True
    return answer.status >= 500 and b"Fault" not in answer.body
