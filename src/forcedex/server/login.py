"""Logging in with Salesforce: `/auth/login`, `/auth/callback`, `/auth/logout`.

What was begun travels in a cookie that only we can open, so any process can finish it, and only in the browser that
began it. Salesforce's answer is good for one login: its state, nonce and verifier are those of the cookie.
"""

import hmac
from datetime import timedelta
from typing import Annotated
from urllib.parse import urlsplit

import orjson
from fastapi import APIRouter, Query
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from forcedex.domain.errors import Blind, ConfigurationError, ForcedexError
from forcedex.salesforce.sign_in import Pending, SignIn, SignInRefused, begun
from forcedex.server.identity import Anyone, On, begin_session, digest_of
from forcedex.server.problems import Problem, of_error, unavailable
from forcedex.server.services import Services

router = APIRouter(prefix="/auth", tags=["login"])

_PENDING = "forcedex_login"
_MINUTES = 10  # that a person may take at Salesforce's page
_LONGEST = 2_000  # characters


def _problem(message: str, hint: str = "Log in again.") -> Problem:
    return Problem(status=400, code="login_failed", message=message, hint=hint)


def local_path(text: str) -> str:
    """A path of ours to go on to; the first page for anything else."""
    parts = urlsplit(text)
    ours = text.startswith("/") and not text.startswith(("//", "/\\", "/auth/")) and text.isprintable()
    return text if ours and not parts.netloc and len(text) <= _LONGEST else "/"


@router.get("/login", status_code=302, response_class=Response, summary="Go to Salesforce and log in")
async def login(on: On, go: Annotated[str, Query(alias="next", max_length=_LONGEST)] = "/") -> Response:
    """Sends the browser to the org's login page; afterwards it comes back to `next`, a path of this service."""
    sign_in = _sign_in(on)
    pending = begun()
    answer = RedirectResponse(sign_in.address(pending), 302, headers={"Cache-Control": "no-store"})
    answer.set_cookie(
        _PENDING,
        _sealed(on, pending, local_path(go)),
        max_age=_MINUTES * 60,
        path="/auth",
        secure=on.secure,
        httponly=True,
        samesite="lax",
    )
    return answer


@router.get("/callback", status_code=303, response_class=Response, summary="Where Salesforce sends the browser back")
async def callback(
    request: Request,
    on: On,
    code: Annotated[str, Query(max_length=_LONGEST)] = "",
    state: Annotated[str, Query(max_length=200)] = "",
    error: Annotated[str, Query(max_length=200)] = "",
) -> Response:
    """Begins a session for who has logged in."""
    sign_in = _sign_in(on)
    pending, go = _opened(on, request.cookies.get(_PENDING, ""))
    if not hmac.compare_digest(pending.state.encode(), state.encode()):
        raise _problem("This answer belongs to another login.")
    if error or not code:
        raise _problem("The login was not finished.", "Log in again, and allow the app.")
    try:
        user_id = await sign_in.person(code, pending, on.now())
        await on.asking.holder(user_id)
    except SignInRefused as exc:
        raise _problem(exc.message, exc.hint or "Log in again.") from exc
    except Blind as exc:
        raise of_error(exc) from exc
    except ForcedexError as exc:
        if isinstance(exc, ConfigurationError):
            raise of_error(exc) from exc
        raise unavailable("Salesforce does not answer.", "Log in again in a moment.") from exc
    secret = await begin_session(on, user_id)
    answer = RedirectResponse(go, 303, headers={"Cache-Control": "no-store"})
    answer.set_cookie(on.cookie, secret, path="/", secure=on.secure, httponly=True, samesite="lax")
    answer.delete_cookie(_PENDING, path="/auth")
    return answer


@router.post("/logout", status_code=204, response_class=Response, summary="End the session")
async def logout(request: Request, who: Anyone, on: On) -> Response:
    """Here; the session at Salesforce goes on."""
    await on.store.end_session(digest_of(request.cookies.get(on.cookie, "")))
    answer = Response(status_code=204)
    answer.delete_cookie(on.cookie, path="/", secure=on.secure, httponly=True, samesite="lax")
    return answer


def _sign_in(on: Services) -> SignIn:
    if on.sign_in is None:
        raise Problem(
            status=404,
            code="no_login",
            message="Logging in with a browser is not set up here.",
            hint="The administrator names an app in [server] login_client_id.",
        )
    return on.sign_in


def _sealed(on: Services, pending: Pending, go: str) -> str:
    until = (on.now() + timedelta(minutes=_MINUTES)).timestamp()
    text = orjson.dumps([pending.state, pending.nonce, pending.verifier, go, until])
    return on.keys.seal_text(text, ("login", on.public_url))


def _opened(on: Services, cookie: str) -> tuple[Pending, str]:
    try:
        opened = on.keys.unseal_text(cookie, ("login", on.public_url))
        state, once, verifier, go, until = orjson.loads(opened)
    except ValueError:
        raise _problem("This browser began no login.", "Log in again; cookies must be allowed.") from None
    if on.now().timestamp() > until:
        raise _problem("The login took too long.")
    return Pending(state=state, nonce=once, verifier=verifier), go
