"""The OAuth endpoints: token, revoke, introspect, userinfo, identity.

Source: Salesforce Help, "OAuth Endpoints", "OpenID Connect Token Introspection", "Identity URLs".
"""

import asyncio
import base64
import binascii
from collections.abc import Callable
from datetime import datetime
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl, unquote_plus, urlencode

import orjson
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from localorg.auth import grants
from localorg.auth.apps import ConnectedApp
from localorg.auth.sessions import Session
from localorg.errors import OAuthError
from localorg.misbehaviour.login import refuse

if TYPE_CHECKING:
    from localorg.org import Org

_NO_STORE = {"Cache-Control": "no-store", "Pragma": "no-cache"}


def _json(body: Any, status: int = 200) -> Response:
    return Response(orjson.dumps(body), status, {**_NO_STORE, "Content-Type": "application/json;charset=UTF-8"})


async def _form(request: Request) -> dict[str, str]:
    """The request's form, and the app's id and secret from Basic authentication."""
    if request.method == "GET":
        return dict(request.query_params)
    form = dict(parse_qsl((await request.body()).decode("utf-8", "replace"), keep_blank_values=True))
    scheme, _, value = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() == "basic":
        try:
            client, _, secret = base64.b64decode(value).decode().partition(":")
        except (binascii.Error, UnicodeDecodeError):
            raise OAuthError("invalid_client", "invalid client credentials") from None
        # RFC 6749, 2.3.1: both are encoded as in a form. Neither holds anything that this could change.
        form.setdefault("client_id", unquote_plus(client))
        form.setdefault("client_secret", unquote_plus(secret))
    return form


def routes(org: "Org") -> list[Route]:
    """The endpoints, for Starlette."""

    def endpoint(work: Callable[[dict[str, str], Request], Response]) -> Any:
        async def handle(request: Request) -> Response:
            try:
                form = await _form(request)
                loop = asyncio.get_running_loop()
                return await loop.run_in_executor(org.workers, work, form, request)
            except OAuthError as error:
                body = {"error": error.error, "error_description": error.description}
                return _json(body, error.status)

        return handle

    def token(form: dict[str, str], request: Request) -> Response:
        refuse(org, form)
        answer = grants.token(org, form, request.headers.get("host", ""))
        if form.get("format") == "urlencoded":
            return Response(urlencode(answer), 200, {**_NO_STORE, "Content-Type": "application/x-www-form-urlencoded"})
        return _json(answer)

    def revoke(form: dict[str, str], request: Request) -> Response:
        if not grants.revoke(org, form.get("token", "")):
            raise OAuthError("unsupported_token_type", "this token type is not supported")
        return Response(b"", 200)

    def introspect(form: dict[str, str], request: Request) -> Response:
        try:
            app = grants.find_app(org, form, secret_needed=True)
        except OAuthError:
            raise OAuthError("invalid_client", "invalid client credentials", status=401) from None
        kept = grants.refresh_token(org, form.get("token", ""))
        if kept is not None:
            return _json(_refresh_token_state(org, app, kept))
        session = org.sessions.find(form.get("token", ""))
        user = org.user(session.user_id) if session is not None else None
        if session is None or user is None or session.client_id != app.client_id:
            return _json({"active": False})
        return _json(
            {
                "active": True,
                "scope": session.scope,
                "client_id": session.client_id,
                "username": user.username,
                "sub": f"{org.url}/id/{org.id}/{user.id}",
                "token_type": "access_token",
                "exp": int(session.expires.timestamp()),
                "iat": int(session.issued.timestamp()),
                "nbf": int(session.issued.timestamp()),
            }
        )

    def userinfo(form: dict[str, str], request: Request) -> Response:
        session = _bearer(org, request)
        return session if isinstance(session, Response) else _json(_user_info(org, session))

    def identity(form: dict[str, str], request: Request) -> Response:
        session = _bearer(org, request)
        if isinstance(session, Response):
            return session
        if request.path_params["org_id"][:15] != org.id[:15]:
            return PlainTextResponse("Wrong_Org", 403)
        return _json(identity_of(org, session, request.path_params["user_id"], request.query_params.get("version")))

    return [
        Route("/services/oauth2/token", endpoint(token), methods=["POST"]),
        Route("/services/oauth2/revoke", endpoint(revoke), methods=["POST", "GET"]),
        Route("/services/oauth2/introspect", endpoint(introspect), methods=["POST"]),
        Route("/services/oauth2/userinfo", endpoint(userinfo), methods=["GET", "POST"]),
        Route("/id/{org_id}/{user_id}", endpoint(identity), methods=["GET", "POST"]),
    ]


def _refresh_token_state(org: "Org", app: ConnectedApp, kept: grants.RefreshToken) -> dict[str, Any]:
    """What introspection tells of a refresh token; it has no end unless it is revoked."""
    user = org.user(kept.user_id)
    if user is None or kept.client_id != app.client_id:
        return {"active": False}
    return {
        "active": True,
        "scope": kept.scope,
        "client_id": kept.client_id,
        "username": user.username,
        "sub": f"{org.url}/id/{org.id}/{user.id}",
        "token_type": "refresh_token",
        "iat": int(kept.created),
        "nbf": int(kept.created),
    }


def _bearer(org: "Org", request: Request) -> Session | Response:
    """The session, or the plain text refusal that these endpoints give (not the data APIs' 401)."""
    value = request.headers.get("authorization", "")
    token = value.partition(" ")[2].strip() or request.query_params.get("oauth_token", "")
    if not token:
        return PlainTextResponse("Missing_OAuth_Token", 403)
    session = org.sessions.find(token, touch=True)
    if session is None:
        return PlainTextResponse("Bad_OAuth_Token", 403)
    if org.user(session.user_id) is None:
        return PlainTextResponse("Inactive_User", 403)
    return session


_URLS = {
    "enterprise": "/services/Soap/c/{version}/{org}",
    "metadata": "/services/Soap/m/{version}/{org}",
    "partner": "/services/Soap/u/{version}/{org}",
    "rest": "/services/data/v{version}/",
    "sobjects": "/services/data/v{version}/sobjects/",
    "search": "/services/data/v{version}/search/",
    "query": "/services/data/v{version}/query/",
    "recent": "/services/data/v{version}/recent/",
    "tooling_soap": "/services/Soap/T/{version}/{org}",
    "tooling_rest": "/services/data/v{version}/tooling/",
    "profile": "/{user}",
    "custom_domain": "",
}


def _urls(org: "Org", user_id: str, version: str | None) -> dict[str, str]:
    chosen = {"latest": "67.0", None: "{version}"}.get(version, version) or "{version}"
    return {
        name: org.url + path.replace("{version}", chosen).replace("{org}", org.id[:15]).replace("{user}", user_id)
        for name, path in _URLS.items()
    }


def _offset(org: "Org", user_id: str) -> int:
    user = org.user(user_id)
    if user is None:
        return 0
    winter = datetime(org.clock.now().year, 1, 1, tzinfo=user.zone).utcoffset()
    return int(winter.total_seconds() * 1000) if winter is not None else 0


def _user_info(org: "Org", session: Session) -> dict[str, Any]:
    user = org.user(session.user_id)
    assert user is not None
    row = user.row
    return {
        "sub": f"{org.url}/id/{org.id}/{user.id}",
        "user_id": user.id,
        "organization_id": org.id,
        "preferred_username": user.username,
        "nickname": row.get("CommunityNickname"),
        "name": row.get("Name"),
        "email": row.get("Email"),
        "email_verified": True,
        "given_name": row.get("FirstName"),
        "family_name": row.get("LastName"),
        "zoneinfo": row.get("TimeZoneSidKey"),
        "profile": f"{org.url}/{user.id}",
        "picture": f"{org.url}/profilephoto/005/F",
        "urls": _urls(org, user.id, None),
        "active": True,
        "user_type": "STANDARD",
        "language": row.get("LanguageLocaleKey"),
        "locale": row.get("LocaleSidKey"),
        "utcOffset": _offset(org, user.id),
        "updated_at": f"{row.get('LastModifiedDate')}Z",
    }


def identity_of(org: "Org", session: Session, user_id: str, version: str | None) -> dict[str, Any]:
    """The identity of a user, as the identity URL tells it to a session."""
    user = org.user(user_id) or org.user(session.user_id)
    assert user is not None
    row = user.row
    return {
        "id": f"{org.url}/id/{org.id}/{user.id}",
        "asserted_user": user.id == session.user_id,
        "user_id": user.id,
        "organization_id": org.id,
        "username": user.username,
        "nick_name": row.get("CommunityNickname"),
        "display_name": row.get("Name"),
        "email": row.get("Email"),
        "email_verified": True,
        "first_name": row.get("FirstName"),
        "last_name": row.get("LastName"),
        "timezone": row.get("TimeZoneSidKey"),
        "photos": {"picture": f"{org.url}/profilephoto/005/F", "thumbnail": f"{org.url}/profilephoto/005/T"},
        "addr_street": row.get("Street"),
        "addr_city": row.get("City"),
        "addr_state": row.get("State"),
        "addr_country": row.get("Country"),
        "addr_zip": row.get("PostalCode"),
        "mobile_phone": row.get("MobilePhone"),
        "mobile_phone_verified": False,
        "is_lightning_login_user": False,
        "status": {"created_date": None, "body": None},
        "urls": _urls(org, user.id, version),
        "active": True,
        "user_type": "STANDARD",
        "language": row.get("LanguageLocaleKey"),
        "locale": row.get("LocaleSidKey"),
        "utcOffset": _offset(org, user.id),
        "last_modified_date": f"{row.get('LastModifiedDate')}.000+0000",
        "is_app_installed": True,
    }
