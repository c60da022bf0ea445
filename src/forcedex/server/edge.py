"""What holds for every request before anything looks at it: host, size, headers, errors, the log."""

import time
from collections.abc import Collection
from urllib.parse import urlsplit

import structlog
from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from forcedex.server.problems import Problem, internal

#: Bytes of a request's body.
LARGEST_BODY = 64 * 1024
_LONGEST_TARGET = 8_192  # characters of path and query

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
        began, seen = time.perf_counter(), 0
        status = 0

        async def sending(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                headers = MutableHeaders(scope=message)
                for name, value in {**_HEADERS, **self._more}.items():
                    headers.setdefault(name, value)
            await send(message)

        async def receiving() -> Message:
            nonlocal seen
            message = await receive()
            seen += len(message.get("body", b""))
            if seen > LARGEST_BODY:
                raise _too_large()
            return message

        try:
            self._check(scope)
            await self._app(scope, receiving, sending)
        except Problem as problem:
            if status == 0:
                await problem.response()(scope, receive, sending)
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


def _too_large() -> Problem:
    return Problem(
        status=413,
        code="too_large",
        message=f"A request holds at most {LARGEST_BODY // 1024} kB.",
        hint="Ask for less.",
    )
