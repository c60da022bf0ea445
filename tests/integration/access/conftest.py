"""A local org, the engine and its views, all in one process, over a real Elasticsearch."""

import asyncio
import secrets
import shutil
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from typing import Any

import pytest_asyncio

from forcedex.access.gate import gate
from forcedex.access.view import View
from forcedex.app import opened_asking, opened_sync
from forcedex.asking import Asking
from forcedex.domain.indexed import IndexedObject
from forcedex.domain.principal import OrgUser
from forcedex.elasticsearch.client import ElasticsearchSettings, connect
from forcedex.settings import Settings
from forcedex.sync.engine import Engine
from localorg.fixture import LocalOrg, running_org
from tests.integration.access.orgs import OBJECTS


class World:
    """An org and what is indexed of it."""

    def __init__(self, org: LocalOrg, home: Path, elasticsearch_url: str, objects: Sequence[str] = OBJECTS) -> None:
        self.org = org
        key = home / "integration.key"
        shutil.copy(org.credentials.private_key_file, key)
        self.settings = Settings(
            salesforce={
                "login_url": org.url,
                "client_id": org.credentials.client_id,
                "username": org.credentials.username,
                "private_key_file": str(key),
                "pubsub_url": org.pubsub,
                "ca_file": str(org.ca_file),
            },
            elasticsearch={"url": elasticsearch_url, "index_prefix": f"t{secrets.token_hex(4)}"},
            sync={"objects": list(objects)},
            state={"url": f"sqlite:///{home}/state.db"},
            server={"operations_port": 0, "key_file": str(home / "key")},
            access={"people_every": "1s", "shares_every": "5s"},
        )

    async def sync(self) -> None:
        """One `forcedex sync`."""
        async with opened_sync(self.settings, lambda event: None) as syncing:
            await syncing.engine.prepare()
            outcome = await syncing.engine.run_once()
        assert not outcome.failed, outcome.failed

    @asynccontextmanager
    async def watching(self) -> AsyncIterator[Engine]:
        """`forcedex sync --watch`, meanwhile."""
        stop = asyncio.Event()
        async with opened_sync(self.settings, lambda event: None) as syncing:
            await syncing.engine.prepare()
            await syncing.engine.run_once()
            running = asyncio.create_task(syncing.engine.watch(stop))
            try:
                yield syncing.engine
            finally:
                stop.set()
                await asyncio.wait_for(running, 20)

    @asynccontextmanager
    async def asking(self) -> AsyncIterator[Asking]:
        """Questions."""
        async with opened_asking(self.settings) as asking:
            yield asking


async def view_of(asking: Asking, user: str) -> View:
    """What the user may see now, without the refusal of a blind one."""
    return await asking._views.of(OrgUser(user), asking._objects)


async def seen(asking: Asking, user: str, indexed: IndexedObject) -> set[str]:
    """The Ids of the object's records that the gate lets the user see."""
    return set(await found(asking, await view_of(asking, user), indexed, {"match_all": {}}))


async def found(asking: Asking, view: View, indexed: IndexedObject, query: dict[str, Any]) -> list[str]:
    """The Ids of the records of one object that a query finds for a view."""
    body = {"query": query, "size": 1_000, "sort": [{"Id": "asc"}]}
    hits = (await asking._client.search(gate(view, [indexed], body)))["hits"]["hits"]
    return [hit["_id"] for hit in hits]


async def until(check: Callable[[], Awaitable[bool]], seconds: float = 20) -> None:
    """Wait until it is so."""
    async with asyncio.timeout(seconds):
        while not await check():
            await asyncio.sleep(0.1)


@pytest_asyncio.fixture
async def world(elasticsearch_url: str, tmp_path: Path) -> AsyncIterator[World]:
    async with AsyncExitStack() as stack:
        org = await stack.enter_async_context(running_org(empty=True))
        made = World(org, tmp_path, elasticsearch_url)
        yield made
    client = connect(ElasticsearchSettings(url=elasticsearch_url))
    for index in await client.indices.get(index=f"{made.settings.elasticsearch.index_prefix}*"):
        await client.indices.delete(index=index)
    await client.close()
