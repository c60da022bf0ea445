"""The operations port: `/healthz`, `/readyz` and `/metrics`, for this machine's own eyes unless told otherwise."""

import asyncio
import contextlib
import errno
import socket
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import asynccontextmanager

import structlog
import uvicorn
from prometheus_client import CONTENT_TYPE_LATEST
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from forcedex.domain.errors import ConfigurationError
from forcedex.operations.health import Health
from forcedex.operations.metrics import Metrics

_PORTS_TRIED = 20
_HEADERS: Mapping[str, str] = {"Cache-Control": "no-store", "X-Content-Type-Options": "nosniff"}


class OperationsServer:
    """Serves in the running event loop; `port` is where."""

    def __init__(self, listener: socket.socket, health: Health, metrics: Metrics) -> None:
        self._listener = listener
        host, self.port = listener.getsockname()[:2]
        self.url = f"http://[{host}]:{self.port}" if ":" in host else f"http://{host}:{self.port}"
        self._server = _Uvicorn(
            uvicorn.Config(
                application(health, metrics),
                log_config=None,
                access_log=False,
                lifespan="off",
                limit_concurrency=32,
                timeout_keep_alive=5,
                timeout_graceful_shutdown=1,
                server_header=False,
            )
        )

    async def serve(self) -> None:
        """Until `leave`."""
        await self._server.serve(sockets=[self._listener])

    def leave(self) -> None:
        """Stop serving."""
        self._server.should_exit = True


@asynccontextmanager
async def operations_server(host: str, port: int, health: Health, metrics: Metrics) -> AsyncIterator[OperationsServer]:
    """Serve while inside; the next free port if this one is taken. ConfigurationError if there is no such address.

    Should the server end by itself, that is logged, and the sync goes on without it.
    """
    listener = _listen(host, port)
    server = OperationsServer(listener, health, metrics)
    task = asyncio.create_task(_served(server))
    try:
        yield server
    finally:
        server.leave()
        await task
        listener.close()


async def _served(server: OperationsServer) -> None:
    try:
        await server.serve()
    except Exception:
        structlog.get_logger("forcedex.operations").exception("operations_server_ended")


def application(health: Health, metrics: Metrics) -> Starlette:
    """The three pages."""

    async def healthz(request: Request) -> Response:
        body = {"alive": health.alive, "silent_seconds": round(health.silent_for, 1)}
        return JSONResponse(body, 200 if health.alive else 503, headers=_HEADERS)

    async def readyz(request: Request) -> Response:
        parts = {
            part.value: {"ok": each.ok, "detail": each.detail, "since": each.since.isoformat()}
            for part, each in health.parts.items()
        }
        body = {"ready": health.ready, "alive": health.alive, "parts": parts}
        return JSONResponse(body, 200 if health.ready else 503, headers=_HEADERS)

    async def figures(request: Request) -> Response:
        return Response(metrics.text(), media_type=CONTENT_TYPE_LATEST, headers=_HEADERS)

    return Starlette(
        routes=[Route("/healthz", healthz), Route("/readyz", readyz), Route("/metrics", figures)],
    )


def _listen(host: str, port: int) -> socket.socket:
    """A listening socket on the wanted port, or on the next that is free."""
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
    except (socket.gaierror, UnicodeError) as exc:
        raise _unusable(host, port, "there is no such address") from exc
    for wanted in (*range(port, min(port + _PORTS_TRIED, 65_536)), 0):
        # The protocol is named, or asyncio leaves Nagle on and every answer takes 40 ms longer.
        listener = socket.socket(family, kind, protocol)
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listener.bind((address[0], wanted))
            listener.listen(64)
            return listener
        except OSError as exc:
            listener.close()
            if exc.errno != errno.EADDRINUSE:
                raise _unusable(host, wanted, exc.strerror or "it cannot be used") from exc
    raise _unusable(host, port, "all ports are taken")


def _unusable(host: str, port: int, why: str) -> ConfigurationError:
    return ConfigurationError(
        f"The operations port {host}:{port} cannot be opened: {why}.",
        "Set [server] operations_port to another one.",
    )


class _Uvicorn(uvicorn.Server):
    """Uvicorn that leaves signals to whoever runs the loop."""

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Capture none."""
        yield
