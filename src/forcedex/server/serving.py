"""`forcedex serve`: the service over its configuration, until told to stop."""

import asyncio
import contextlib
import socket
from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack, asynccontextmanager
from urllib.parse import urlsplit

import structlog
import uvicorn
from starlette.types import ASGIApp

from forcedex.app import nobody, opened_answering, opened_sign_in
from forcedex.domain.errors import ConfigurationError, ForcedexError
from forcedex.keys import Keys
from forcedex.overview import sync_status
from forcedex.processes import Told
from forcedex.reporting import Reporting
from forcedex.server.application import application
from forcedex.server.limits import Limits, Rate
from forcedex.server.services import Services
from forcedex.server.signed import Signatures, certificate_keys
from forcedex.server.standing import Standing
from forcedex.settings import Settings, secret

_REFRESH = 10.0  # seconds: so soon new fields and words are known of
_GRACE = 8  # seconds that requests have to end
_PORTS_TRIED = 20
_LOOPBACK = ("127.0.0.1", "localhost", "::1")


class Serving:
    """A service that listens."""

    def __init__(self, url: str, server: "_Uvicorn", listener: socket.socket) -> None:
        self.url = url
        self._server = server
        self._listener = listener

    async def run(self, stop: asyncio.Event) -> None:
        """Until `stop`: then requests that are being answered are finished."""
        serving = asyncio.create_task(self._server.serve(sockets=[self._listener]))
        stopped = asyncio.create_task(stop.wait())
        await asyncio.wait((serving, stopped), return_when=asyncio.FIRST_COMPLETED)
        self._server.should_exit = True
        stopped.cancel()
        await serving


@asynccontextmanager
async def opened_serving(settings: Settings, told: Told = nobody) -> AsyncIterator[Serving]:
    """Everything wired and the port open; ConfigurationError for settings that would not be safe."""
    listener = _listener(settings.server.host, settings.server.port)
    try:
        public_url = _public_url(settings, listener.getsockname()[1])
        async with opened_services(settings, public_url, told) as on:
            server = _Uvicorn(_config(application(on)))
            yield Serving(public_url, server, listener)
    finally:
        listener.close()


@asynccontextmanager
async def opened_services(settings: Settings, public_url: str, told: Told = nobody) -> AsyncIterator[Services]:
    """What the endpoints work with; Elasticsearch is watched, and what changed in the index is taken over."""
    async with AsyncExitStack() as stack:
        section = settings.server
        answering = await stack.enter_async_context(opened_answering(settings, told))
        org = answering.asking.org
        sign_in = await stack.enter_async_context(opened_sign_in(settings, org, public_url))
        keys = Keys(section.key_files)
        keys.ready()
        standing = Standing(answering.ping)
        await stack.enter_async_context(standing.watched())
        on = Services(
            asking=answering.asking,
            store=answering.store,
            reporting=Reporting(settings, answering.store),
            status=lambda: sync_status(settings),
            settings=settings,
            public_url=public_url,
            keys=keys,
            standing=standing,
            signatures=Signatures(certificate_keys(section.org_certificates), org.org_id, public_url),
            sign_in=sign_in,
            header_search_secret=secret(
                section.header_search_client_secret,
                section.header_search_client_secret_file,
                "[server] header_search_client_secret_file",
            ),
            limits=Limits(Rate(burst=section.points_at_once, per_second=section.points_per_second)),
        )
        refreshing = asyncio.create_task(_refresh_for_ever(on))
        try:
            yield on
        finally:
            refreshing.cancel()
            await asyncio.gather(refreshing, return_exceptions=True)


async def _refresh_for_ever(on: Services) -> None:
    while True:
        await asyncio.sleep(_REFRESH)
        try:
            await on.asking.refresh()
        except ForcedexError as exc:
            structlog.get_logger("forcedex.server").warning("not_refreshed", error=str(exc))


def _config(app: ASGIApp) -> uvicorn.Config:
    return uvicorn.Config(
        app,
        log_config=None,
        access_log=False,
        lifespan="off",
        limit_concurrency=512,
        timeout_keep_alive=30,
        timeout_graceful_shutdown=_GRACE,
        server_header=False,
        date_header=True,
        proxy_headers=False,
        h11_max_incomplete_event_size=32 * 1024,
    )


def _public_url(settings: Settings, port: int) -> str:
    """What browsers and the org call us."""
    section = settings.server
    url = (
        section.public_url.rstrip("/") or f"http://{'127.0.0.1' if section.host in _LOOPBACK else section.host}:{port}"
    )
    parts = urlsplit(url)
    if parts.scheme not in ("http", "https") or not parts.hostname or parts.path or parts.query or parts.username:
        raise ConfigurationError(
            f"[server] public_url {url!r} cannot be used.", "Write it like https://search.example.com."
        )
    if parts.scheme == "http" and parts.hostname not in _LOOPBACK:
        raise ConfigurationError(
            f"[server] public_url {url} is not encrypted: sessions would travel in the clear.",
            "Put a proxy with a certificate before the service, and name its https:// address there.",
        )
    return url


def _listener(host: str, port: int) -> socket.socket:
    """A socket on the wanted port, or on the next that is free."""
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
    except (socket.gaierror, UnicodeError) as exc:
        raise ConfigurationError(f"[server] host {host} is no address.", "Use 127.0.0.1, or 0.0.0.0.") from exc
    for wanted in (*range(port, min(port + _PORTS_TRIED, 65_536)), 0):
        listener = socket.socket(family, kind, protocol)
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listener.bind((address[0], wanted))
            listener.listen(256)
            return listener
        except OSError:
            listener.close()
    raise ConfigurationError(f"No port of {host} is free.", "Set [server] port to another one.")


class _Uvicorn(uvicorn.Server):
    """Uvicorn that leaves signals to whoever runs the loop."""

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Capture none."""
        yield
