"""The org as a web application, and a server for it on loopback."""

import asyncio
import contextlib
import socket
from typing import Any

import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp

from localorg.admin import AdminEndpoint
from localorg.auth import discovery, web_server
from localorg.auth import routes as oauth
from localorg.auth.soap import SoapEndpoint
from localorg.misbehaviour.edge import Edge
from localorg.org import Org
from localorg.pubsub.server import PubSubServer
from localorg.rest.endpoint import DataEndpoint
from localorg.tls import ServerCertificate, server_certificate

HOST = "127.0.0.1"


async def _not_found(request: Request, error: Exception) -> Response:
    body = b'[{"errorCode":"NOT_FOUND","message":"The requested resource does not exist"}]'
    return Response(body, 404, media_type="application/json")


async def _unexpected(request: Request, error: Exception) -> Response:
    body = (
        b'[{"message":"An unexpected error occurred. Please include this ErrorId if you contact support: '
        b'0-0 (0)","errorCode":"UNKNOWN_EXCEPTION"}]'
    )
    return Response(body, 500, media_type="application/json")


def application(org: Org) -> Starlette:
    """All protocols of an org."""
    return Starlette(
        routes=[
            *DataEndpoint(org).routes,
            *oauth.routes(org),
            *web_server.routes(org),
            *discovery.routes(org),
            *SoapEndpoint(org).routes,
            *AdminEndpoint(org).routes,
        ],
        exception_handlers={404: _not_found, 500: _unexpected},
    )


def listen(port: int) -> socket.socket:
    """A listening socket on the wanted port, or on a free one if that is taken (or 0)."""
    for wanted in (port, 0):
        # The protocol is named, or asyncio leaves Nagle on and every answer takes 40 ms longer.
        listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listener.bind((HOST, wanted))
        except OSError:
            listener.close()
            if wanted == 0:
                raise
            continue
        listener.listen(512)
        return listener
    raise AssertionError("unreachable")


class Server:
    """Serves an org in the running event loop: HTTP, HTTPS, and the Pub/Sub API."""

    def __init__(self, org: Org, port: int = 0, *, https_port: int = 0, pubsub_port: int = 0) -> None:
        self._org = org
        self._wanted_pubsub_port = pubsub_port
        self._listener = listen(port)
        self._https_listener = listen(https_port)
        self.port: int = self._listener.getsockname()[1]
        org.url = f"http://{HOST}:{self.port}"
        org.https_url = f"https://localhost:{self._https_listener.getsockname()[1]}"
        self._certificate = server_certificate(org.data)
        edge = Edge(application(org), org, self._connections)
        self._http = _Uvicorn(_config(edge))
        self._https = _Uvicorn(_config(edge, self._certificate))
        self._pubsub = PubSubServer(org)
        self._tasks: list[asyncio.Task[None]] = []

    def _connections(self) -> list[Any]:
        """What both web servers hold now."""
        return [one for server in (self._http, self._https) for one in server.server_state.connections]

    async def start(self) -> None:
        """Serve until `stop`."""
        for server, listener in ((self._http, self._listener), (self._https, self._https_listener)):
            task = asyncio.create_task(server.serve(sockets=[listener]))
            self._tasks.append(task)
            while not server.started:
                if task.done():
                    task.result()
                await asyncio.sleep(0.001)
        port = await self._pubsub.start(HOST, self._wanted_pubsub_port, self._certificate)
        self._org.pubsub = f"localhost:{port}"

    async def stop(self) -> None:
        """Finish what is being answered, then stop."""
        # No request hangs any longer.
        self._org.faults.clear()
        await self._pubsub.stop()
        self._http.leave()
        self._https.leave()
        await asyncio.gather(*self._tasks)
        self._listener.close()
        self._https_listener.close()


def _config(app: ASGIApp, certificate: ServerCertificate | None = None) -> uvicorn.Config:
    return uvicorn.Config(
        app,
        log_config=None,  # whoever runs it decides what is logged, and where
        access_log=False,
        lifespan="off",
        timeout_graceful_shutdown=5,
        timeout_keep_alive=60,
        server_header=False,
        # Edge writes it.
        date_header=False,
        ssl_certfile=certificate.chain_file if certificate else None,
        ssl_keyfile=certificate.key_file if certificate else None,
    )


class _Uvicorn(uvicorn.Server):
    """Uvicorn that leaves signals to whoever runs the loop, and stops at once when told."""

    def __init__(self, config: uvicorn.Config) -> None:
        super().__init__(config)
        self._leaving = asyncio.Event()

    def leave(self) -> None:
        """Stop serving."""
        self.should_exit = True
        self._leaving.set()

    async def serve(self, sockets: list[socket.socket] | None = None) -> None:
        """Serve without capturing signals."""
        await self._serve(sockets)

    async def main_loop(self) -> None:
        """Uvicorn's loop, ten times a second, without sleeping through the end."""
        counter = 0
        while not await self.on_tick(counter):
            counter = (counter + 1) % 864_000
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._leaving.wait(), 0.1)
