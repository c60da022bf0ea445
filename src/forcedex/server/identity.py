"""Who asks: by the session of a browser, or by a token that the org has signed. Never by what a request claims."""

import hashlib
import hmac
import secrets
from collections.abc import Awaitable, Callable
from dataclasses import replace
from typing import Annotated

from fastapi import Depends
from starlette.requests import Request

from forcedex.domain.sessions import NOTED_EVERY, BrowserSession
from forcedex.server.caller import Caller, Way
from forcedex.server.problems import Problem, forbidden, unauthorized
from forcedex.server.services import Services, services

CSRF_HEADER = "x-csrf-token"
_CHANGING = frozenset({"POST", "PUT", "PATCH", "DELETE"})
_SECRET = 43  # characters of a session's secret


def digest_of(secret: str) -> str:
    """Under which a session is kept."""
    return hashlib.sha256(secret.encode()).hexdigest()


def csrf_of(secret: str) -> str:
    """What a page must send along with every change; whoever has only this has no session."""
    return hmac.new(secret.encode(), b"forcedex csrf", hashlib.sha256).hexdigest()


async def begin_session(on: Services, user_id: str) -> str:
    """Keep a new session; the secret for the browser."""
    secret = secrets.token_urlsafe(32)
    now = on.now()
    await on.store.purge_sessions(now)
    await on.store.save_session(BrowserSession(digest=digest_of(secret), user_id=user_id, began_at=now, used_at=now))
    return secret


async def caller(request: Request, on: Annotated[Services, Depends(services)]) -> Caller:
    """Who asks; Problem 401 if nobody knows, 403 for a change that the page did not make itself."""
    authorization = request.headers.get("authorization")
    if authorization is not None:
        return await _signed(request, on, authorization)
    secret = request.cookies.get(on.cookie, "")
    session = await _session(on, secret)
    if session is None:
        raise unauthorized("You are not logged in.")
    csrf = csrf_of(secret)
    if request.method in _CHANGING:
        check_origin(request, on)
        sent = request.headers.get(CSRF_HEADER, "")
        if not hmac.compare_digest(sent.encode(), csrf.encode()):
            raise forbidden("The request does not come from the page.", f"Send {CSRF_HEADER} as /api/v1/me tells it.")
    person, sets = await on.asking.holder(session.user_id)
    return Caller(person=person, way=Way.SESSION, admin=on.settings.server.admin_permission_set in sets, csrf=csrf)


def check_origin(request: Request, on: Services) -> None:
    """Problem 403 for a request that another site's page makes."""
    origin = request.headers.get("origin")
    site = request.headers.get("sec-fetch-site", "same-origin")
    if (origin is not None and origin != on.public_url and not _same(request, origin)) or site == "cross-site":
        raise forbidden("The request comes from another site.", f"Open {on.public_url}.")


def _same(request: Request, origin: str) -> bool:
    """Whether the origin is the host that was asked, which was found to be one of ours."""
    return origin == f"{request.url.scheme}://{request.headers.get('host', '')}"


async def _session(on: Services, secret: str) -> BrowserSession | None:
    if len(secret) != _SECRET:
        return None
    found = await on.store.session(digest_of(secret))
    now = on.now()
    if found is None or found.over(now):
        return None
    if now - found.used_at >= NOTED_EVERY:
        found = replace(found, used_at=now)
        await on.store.save_session(found)
    return found


async def _signed(request: Request, on: Services, authorization: str) -> Caller:
    kind, _, token = authorization.partition(" ")
    if kind.lower() != "bearer" or not token.strip():
        raise unauthorized("The Authorization header is not a Bearer token.")
    target = request.url.path + (f"?{request.url.query}" if request.url.query else "")
    user = on.signatures.user(token.strip(), request.method, target, await request.body(), on.now())
    person, sets = await on.asking.holder(user)
    return Caller(person=person, way=Way.SIGNED, admin=on.settings.server.admin_permission_set in sets)


def asks(cost: float) -> Callable[..., Awaitable[Caller]]:
    """Who asks for something that costs so many points."""

    async def charged(found: Annotated[Caller, Depends(caller)], on: Annotated[Services, Depends(services)]) -> Caller:
        on.spend(found.person.user_id, cost)
        return found

    return charged


async def administrator(
    found: Annotated[Caller, Depends(caller)], on: Annotated[Services, Depends(services)]
) -> Caller:
    """Who asks, if he holds the administrators' permission set; Problem 403 otherwise."""
    if not found.admin:
        raise Problem(
            status=403,
            code="not_an_administrator",
            message="This is for administrators.",
            hint=f"They hold the permission set {on.settings.server.admin_permission_set} in Salesforce.",
        )
    on.spend(found.person.user_id, 0.5)
    return found


On = Annotated[Services, Depends(services)]
Anyone = Annotated[Caller, Depends(caller)]
Administrator = Annotated[Caller, Depends(administrator)]
