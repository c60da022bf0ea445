"""A proxy in front of the real node that does to requests and answers what a test says."""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

import aiohttp
from aiohttp import web


@dataclass
class Passing:
    """A request on its way; `forward` sends it to the node."""

    path: str
    body: bytes
    forward: Callable[[], Awaitable[web.Response]] = field(repr=False)
    #: Ends the connection without an answer.
    cut: Callable[[], None] = field(repr=False)

    @property
    def documents(self) -> int:
        """Lines of documents in a bulk request."""
        return self.body.count(b"\n") // 2


@dataclass
class Proxy:
    """Counts bulk requests; `on_bulk` answers them, by default as the node does."""

    url: str = ""
    #: The bulk requests so far: documents in each.
    bulks: list[int] = field(default_factory=list)
    on_bulk: Callable[[Passing], Awaitable[web.Response]] = lambda passing: passing.forward()


@asynccontextmanager
async def running_proxy(node: str) -> AsyncIterator[Proxy]:
    """A proxy on a free port of the loopback interface."""
    proxy = Proxy()
    async with aiohttp.ClientSession(skip_auto_headers=["Accept-Encoding"]) as session:

        async def pass_on(request: web.Request) -> web.Response:
            body = await request.read()

            async def forward() -> web.Response:
                headers = {key: request.headers[key] for key in ("Accept", "Content-Type") if key in request.headers}
                url = f"{node}{request.path_qs}"
                async with session.request(request.method, url, data=body, headers=headers) as answer:
                    kept = {
                        key: answer.headers[key]
                        for key in ("Content-Type", "X-Elastic-Product")
                        if key in answer.headers
                    }
                    return web.Response(body=await answer.read(), status=answer.status, headers=kept)

            if not request.path.endswith("/_bulk"):
                return await forward()
            assert request.transport is not None
            passing = Passing(request.path, body, forward, request.transport.abort)
            proxy.bulks.append(passing.documents)
            return await proxy.on_bulk(passing)

        app = web.Application(client_max_size=200 * 2**20)
        app.router.add_route("*", "/{path:.*}", pass_on)
        runner = web.AppRunner(app, shutdown_timeout=1)
        await runner.setup()
        site = web.TCPSite(runner, "127.0.0.1", 0)
        await site.start()
        host, port = runner.addresses[0][:2]
        proxy.url = f"http://{host}:{port}"
        try:
            yield proxy
        finally:
            await runner.cleanup()


def answer(body: object, status: int = 200) -> web.Response:
    """An answer that looks like Elasticsearch's own."""
    return web.json_response(body, status=status, headers={"X-Elastic-Product": "Elasticsearch"})
