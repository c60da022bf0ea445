"""The web server flow up to the code: who is logged in lets an app act for him.

    GET  /services/oauth2/authorize
    POST /setup/secur/RemoteAccessAuthorizationPage.apexp     the answer of the page that asks

Source: Salesforce Help, "OAuth 2.0 Web Server Flow for Web App Integration", "Manage OAuth Access Policies",
"OAuth 2.0 Authorization Errors". Errors about app or callback are shown as a page, since nobody may be sent to an
address that the app has not registered; all others go to the callback.
"""

import asyncio
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl, quote, urlsplit

import orjson
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from localorg.auth.authorization import AuthorizationRequest, callback, read
from localorg.auth.codes import Authorization
from localorg.auth.login import PAGES, STALE, Asked, Work, login_url, redirect
from localorg.errors import CallbackError, OAuthError
from localorg.users import OrgUser

if TYPE_CHECKING:
    from localorg.org import Org

_FORBIDDEN = (
    "We can't authorize you because of an OAuth error. For more information, contact your Salesforce administrator."
)
#: Scope -> what the page that asks says of it. Source: Salesforce Help, "OAuth Tokens and Scopes".
_MEANINGS = {
    "api": "Manage user data via APIs",
    "refresh_token": "Perform requests at any time",
    "offline_access": "Perform requests at any time",
    "openid": "Access unique user identifiers",
    "id": "Access the identity URL service",
    "profile": "Access the identity URL service",
    "email": "Access the identity URL service",
    "web": "Manage user data via Web browsers",
    "full": "Full access",
}


def routes(org: "Org") -> list[Route]:
    """The endpoints, for Starlette."""

    def endpoint(work: Work) -> Any:
        async def handle(request: Request) -> Response:
            sent = await request.body() if request.method == "POST" else request.scope["query_string"]
            form = dict(parse_qsl(sent.decode("utf-8", "replace"), keep_blank_values=True))
            asked = Asked(org, request, form)
            loop = asyncio.get_running_loop()
            return await loop.run_in_executor(org.workers, _answer, work, asked)

        return handle

    table = PAGES | {
        ("GET", "/services/oauth2/authorize"): authorize,
        ("POST", "/setup/secur/RemoteAccessAuthorizationPage.apexp"): decide,
    }
    return [Route(path, endpoint(work), methods=[method]) for (method, path), work in table.items()]


def _answer(work: Work, asked: Asked) -> Response:
    if not asked.is_local:
        return Response(b"The org's pages are for browsers on this machine.", 403, media_type="text/plain")
    try:
        return work(asked)
    except CallbackError as error:
        told = {"error": error.error, "error_description": error.description}
        return redirect(callback(error.redirect_uri, error.state, **told))
    except OAuthError as error:
        return _error_page(asked, error)


def _error_page(asked: Asked, error: OAuthError) -> Response:
    if "text/html" not in asked.request.headers.get("accept", "text/html").replace("*/*", "text/html"):
        body = {"error": error.error, "error_description": error.description}
        return Response(orjson.dumps(body), 400, media_type="application/json;charset=UTF-8")
    detail = f"error={error.error}&error_description={quote(error.description)}"
    return asked.show("message", 400, title="OAuth Error", text=_FORBIDDEN, detail=detail, link=None)


def authorize(asked: Asked) -> Response:
    """GET /services/oauth2/authorize."""
    query = parse_qsl(asked.request.scope["query_string"].decode("utf-8", "replace"), keep_blank_values=True)
    wanted = read(asked.org.apps, query)
    user = asked.user
    if wanted.immediate:
        if user is None or wanted.prompt or not _approved(asked.org, wanted, user):
            raise wanted.refused("immediate_unsuccessful", "immediate unsuccessful")
        return _code(asked, wanted, user)
    if user is None or wanted.prompt & {"login", "select_account"}:
        return redirect(login_url(query))
    _check_permitted(wanted, user)
    if "consent" in wanted.prompt or not _approved(asked.org, wanted, user):
        return _ask(asked, wanted, user)
    return _code(asked, wanted, user)


def decide(asked: Asked) -> Response:
    """The user allows or denies."""
    user = asked.user
    if not asked.is_ours or user is None or not asked.start_url:
        return asked.show("message", 403, title="Not allowed", text=STALE, detail="", link=("/login", "Log in"))
    wanted = read(asked.org.apps, parse_qsl(urlsplit(asked.start_url).query, keep_blank_values=True))
    _check_permitted(wanted, user)
    if asked.form.get("decision") != "allow":
        raise wanted.refused("access_denied", "end-user denied authorization")
    asked.org.visits.approve(user.id, wanted.app.client_id, wanted.wanted)
    return _code(asked, wanted, user)


def _check_permitted(wanted: AuthorizationRequest, user: OrgUser) -> None:
    if not (wanted.app.self_authorize or wanted.app.approves(user.username)):
        raise wanted.refused("OAUTH_APP_ACCESS_DENIED", "user is not admin approved to access this app")


def _approved(org: "Org", wanted: AuthorizationRequest, user: OrgUser) -> bool:
    """Whether the user, or an administrator for him, has allowed all of it before."""
    app = wanted.app
    return app.approves(user.username) or (
        app.self_authorize and org.visits.approved(user.id, app.client_id, wanted.wanted)
    )


def _ask(asked: Asked, wanted: AuthorizationRequest, user: OrgUser) -> Response:
    """The page that asks the user."""
    visit = asked.visit
    assert visit is not None
    query = asked.request.scope["query_string"].decode("ascii", "replace")
    return asked.show(
        "approval",
        app=wanted.app.name,
        scopes=list(dict.fromkeys(_MEANINGS.get(one, one) for one in wanted.scopes)),
        user=f"{user.row['Name']} ({user.username})",
        form_token=visit.form_token,
        start_url=f"/services/oauth2/authorize?{query}",
    )


def _code(asked: Asked, wanted: AuthorizationRequest, user: OrgUser) -> Response:
    """Back to the app, with a code."""
    code = asked.org.codes.issue(
        Authorization(
            client_id=wanted.app.client_id,
            redirect_uri=wanted.redirect_uri,
            user_id=user.id,
            scope=" ".join(wanted.scopes),
            issuer=asked.issuer,
            nonce=wanted.nonce,
            challenge=wanted.challenge,
        )
    )
    return redirect(callback(wanted.redirect_uri, wanted.state, code=code))
