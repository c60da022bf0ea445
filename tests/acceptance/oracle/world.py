"""The world of the oracle: an org, proxies that misbehave, a real Elasticsearch, the program; in a loop of its own."""

import asyncio
import signal
import threading
import time
from collections.abc import AsyncIterator, Coroutine, Iterator
from concurrent.futures import Future
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any, TypeVar

from elasticsearch import ApiError, AsyncElasticsearch

from localorg.fixture import LocalOrg, running_org
from tests.acceptance.equality import assert_deals_follow, assert_index_is_org
from tests.acceptance.oracle.faults import Faults
from tests.acceptance.oracle.people import LARGE, OBJECTS, People
from tests.acceptance.oracle.program import Program
from tests.acceptance.oracle.sight import Sight
from tests.acceptance.oracle.tally import Tally
from tests.acceptance.product import Product
from tests.faults.proxy import HttpProxy, RawProxy, fault_proxy, raw_fault_proxy

#: Seconds until everything must be well again: the sweep, the log of deletions and the describes come within them …
_WELL = 90.0
#: … if the org allows so many calls a day that nothing of it is done less often.
_CALLS = 20_000_000

T = TypeVar("T")


class World:
    """One for all scenarios."""

    def __init__(
        self, org: LocalOrg, product: Product, client: AsyncElasticsearch, elasticsearch: HttpProxy, events: RawProxy
    ) -> None:
        self.org = org
        self.program = Program(product)
        self.people = People(org)
        self.faults = Faults(self.people, self.program, elasticsearch, events)
        self.sight = Sight(org, client, product.prefix)
        self.tally = Tally()
        #: What the first scenario that failed said; hypothesis tries it once more, which would mean nothing.
        self.failure: AssertionError | None = None
        self._client = client
        self._prefix = product.prefix
        self._fresh = 0
        self._commands: list[asyncio.Task[None]] = []
        self._loop = asyncio.get_running_loop()

    def run(self, work: Coroutine[Any, Any, T]) -> T:
        """Do something in the world's loop."""
        return asyncio.run_coroutine_threadsafe(work, self._loop).result()

    async def kill(self) -> None:
        """SIGKILL."""
        self.tally.done.append("SIGKILL")
        self.tally.kills += 1
        await self.program.kill()

    async def take_over(self) -> None:
        """SIGSTOP, and another process."""
        self.tally.done.append("SIGSTOP")
        await self.program.take_over()
        self.tally.takeovers += 1

    async def command(self, *arguments: str) -> None:
        """Another process of the program asks for something; it must have ended when the scenario ends."""
        self.tally.done.append(" ".join(arguments))
        self._commands.append(asyncio.create_task(self.program.command(*arguments)))

    async def begin(self) -> None:
        """The next scenario."""
        self.tally.begin()
        await asyncio.to_thread(self.people.look)

    async def end(self) -> None:
        """All faults fire and end, all is shown, and everything is well."""
        for fault in await self.faults.fire():
            self.tally.faults[str(fault)] += 1
        self.tally.changes["commit_late"] += await asyncio.to_thread(self.people.commit_all)
        await self.sight.end()
        while self._commands:
            await self._commands.pop()
        large = any(each.startswith("job:") for each in self.tally.done)
        await self.well((*OBJECTS, LARGE) if large else OBJECTS)

    async def well(self, objects: tuple[str, ...] = (*OBJECTS, LARGE)) -> None:
        """The index is the org, one fresh change passes; AssertionError if that does not come true."""
        self._fresh += 1
        await asyncio.to_thread(self.org.insert, "Account", Name=f"Fresh {self._fresh}")
        end = time.monotonic() + _WELL
        while True:
            await self.program.check_alive()
            try:
                await assert_index_is_org(self.org, self._client, self._prefix, objects)
                await assert_deals_follow(self.org, self._client, self._prefix)
                await self.sight.no_trace()
                return
            except (AssertionError, ApiError) as difference:
                if time.monotonic() > end:
                    raise AssertionError(str(difference)) from None
            await asyncio.sleep(0.3)

    async def close(self) -> int:
        """Everything is shown once more and must be equal; then SIGTERM; the exit code."""
        while self.sight.fields:
            await self.sight.show_field(0)
        await self.well()
        return await self.program.end(signal.SIGTERM)


@asynccontextmanager
async def _opened(elasticsearch_url: str, home: Path, seed: int) -> AsyncIterator[World]:
    async with AsyncExitStack() as stack:
        org = await stack.enter_async_context(running_org(empty=True, daily_requests=_CALLS))
        org.org.journal.settings.keepalive = 1
        elasticsearch = await stack.enter_async_context(fault_proxy(elasticsearch_url, seed=seed))
        events = await stack.enter_async_context(raw_fault_proxy(org.pubsub, seed=seed))
        product = Product(home, org, elasticsearch.url, objects=(*OBJECTS, LARGE))
        product.settings |= {
            "FORCEDEX_SALESFORCE__PUBSUB_URL": events.address.replace("127.0.0.1", "localhost"),
            "FORCEDEX_SYNC__DELETIONS_EVERY": "3s",
            "FORCEDEX_SYNC__DESCRIBE_EVERY": "3s",
            "FORCEDEX_SYNC__SWEEP_EVERY": "12s",
        }
        client = AsyncElasticsearch(elasticsearch_url)
        stack.push_async_callback(client.close)
        world = World(org, product, client, elasticsearch, events)
        await asyncio.to_thread(world.people.settle_in)
        org.clock.advance(timedelta(minutes=30))
        await world.program.start()
        try:
            await world.well()
            yield world
        finally:
            await world.program.end(signal.SIGKILL)


@contextmanager
def opened_world(elasticsearch_url: str, home: Path, seed: int) -> Iterator[World]:
    """The world in a thread: the state machine is no coroutine."""
    found: Future[World] = Future()
    over = threading.Event()

    async def live() -> None:
        try:
            async with _opened(elasticsearch_url, home, seed) as world:
                found.set_result(world)
                await asyncio.to_thread(over.wait)
        except BaseException as exc:
            if found.done():
                raise
            found.set_exception(exc)

    thread = threading.Thread(target=lambda: asyncio.run(live()), name="world")
    thread.start()
    try:
        yield found.result()
    finally:
        over.set()
        thread.join()
