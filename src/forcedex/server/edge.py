"""What holds for every request before anything looks at it: host, size, headers, errors, the log."""

import asyncio
import time
from collections.abc import Collection
from urllib.parse import urlsplit

import structlog
from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import ClientDisconnect
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from forcedex.server.problems import Problem, internal

#: Bytes of a request's body.
LARGEST_BODY = 64 * 1024
_LONGEST_TARGET = 8_192  # characters of path and query
_PATIENCE = 10.0  # seconds for a request to come

#: No other site may frame, script or be asked by what we send.
_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; "
    "connect-src 'self'; manifest-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
)
_HEADERS = {
    "Content-Security-Policy": _POLICY,
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
    "X-Frame-Options": "DENY",
}
_LOOPBACK = frozenset({"127.0.0.1", "localhost", "::1"})


def hosts_of(public_url: str) -> frozenset[str]:
    """The names under which we may be asked: those of the public URL; on this machine any of its own."""
    host = urlsplit(public_url).hostname or ""
    return _LOOPBACK if host in _LOOPBACK else frozenset({host})


class Edge:
    """Wraps the application."""

    def __init__(self, app: ASGIApp, hosts: Collection[str], *, secure: bool) -> None:
        self._app = app
        self._hosts = hosts
        self._more = {"Strict-Transport-Security": "max-age=31536000"} if secure else {}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        began = time.perf_counter()
        status = 0

        async def sending(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                headers = MutableHeaders(scope=message)
                for name, value in {**_HEADERS, **self._more}.items():
                    headers.setdefault(name, value)
            await send(message)

        try:
            self._check(scope)
            await self._app(scope, _again(await _whole(receive), receive), sending)
        except Problem as problem:
            if status == 0:
                await problem.response()(scope, receive, sending)
        except ClientDisconnect:
            pass
        except Exception:
            structlog.get_logger("forcedex.server").exception("request_failed", path=scope["path"][:200])
            if status == 0:
                await internal().response()(scope, receive, sending)
        finally:
            took = (time.perf_counter() - began) * 1000
            log = structlog.get_logger("forcedex.server")
            # Neither the query nor the body: they hold what people search for.
            log.info("request", method=scope["method"], path=scope["path"][:200], status=status, ms=round(took, 1))

    def _check(self, scope: Scope) -> None:
        headers = Headers(scope=scope)
        host = urlsplit(f"//{headers.get('host', '')}").hostname or "" if len(headers.getlist("host")) == 1 else ""
        if host not in self._hosts:
            raise Problem(status=421, code="wrong_host", message="This is not the address of the service.")
        if len(scope["raw_path"] or b"") + len(scope["query_string"]) > _LONGEST_TARGET:
            raise Problem(status=414, code="too_long", message="The address is too long.")
        length = headers.get("content-length", "0")
        if not length.isascii() or not length.isdigit() or int(length[:12]) > LARGEST_BODY:
            raise _too_large()


async def _whole(receive: Receive) -> bytes:
    """The request's body; Problem if it is too large, or drips."""
    found = bytearray()
    more = True
    try:
        async with asyncio.timeout(_PATIENCE):
            while more:
                message = await receive()
                if message["type"] == "http.disconnect":
                    raise ClientDisconnect
                found += message.get("body", b"")
                more = message.get("more_body", False)
                if len(found) > LARGEST_BODY:
                    raise _too_large()
    except TimeoutError:
        raise Problem(status=408, code="too_slow", message="The request did not come to its end.") from None
    return bytes(found)


def _again(body: bytes, receive: Receive) -> Receive:
    """The body in one piece, then what else comes."""
    told = False

    async def receiving() -> Message:
        nonlocal told
        if told:
            return await receive()
        told = True
        return {"type": "http.request", "body": body, "more_body": False}

    return receiving


def _too_large() -> Problem:
    return Problem(
        status=413,
        code="too_large",
        message=f"A request holds at most {LARGEST_BODY // 1024} kB.",
        hint="Ask for less.",
    )
