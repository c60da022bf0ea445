"""The engine between an org in memory and a real Elasticsearch with a real state store."""

import asyncio
import secrets
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest_asyncio
from elasticsearch import AsyncElasticsearch

from forcedex.app import SystemClock
from forcedex.domain.checkpoint import DeadLetter
from forcedex.elasticsearch.bulk import BulkLimits, BulkWriter
from forcedex.elasticsearch.client import ElasticsearchSettings, connect
from forcedex.elasticsearch.indices import ElasticsearchSink
from forcedex.elasticsearch.naming import Names
from forcedex.keys import Keys
from forcedex.state.store import open_state
from forcedex.sync.engine import Engine, SyncOutcome
from forcedex.sync.events import Event
from forcedex.sync.objects import ObjectOptions, SyncOptions
from tests.factories.fake_source import FakeSource
from tests.factories.schemas import ACCOUNT, CONTACT

ORG = "00D000000000001AAA"


class FakeClock:
    """Time that passes only by sleeping, at once."""

    def __init__(self) -> None:
        self.time = 0.0

    def monotonic(self) -> float:
        return self.time

    async def sleep(self, seconds: float) -> None:
        self.time += seconds
        await asyncio.sleep(0)


@dataclass
class World:
    """Everything around an engine; each `sync` is a new process as far as the engine can tell."""

    source: FakeSource
    client: AsyncElasticsearch
    names: Names
    state_url: str
    key_file: Path
    clock: FakeClock = field(default_factory=FakeClock)
    events: list[Event] = field(default_factory=list)
    objects: tuple[str, ...] = ("Account", "Contact")
    per_object: Mapping[str, ObjectOptions] = field(default_factory=dict)

    @asynccontextmanager
    async def engine(self) -> AsyncIterator[Engine]:
        """A fresh engine over the same org, cluster and store."""
        options = SyncOptions(objects=self.objects, per_object=self.per_object)
        async with open_state(self.state_url, Keys((self.key_file,))) as state:
            writer = BulkWriter(self.client, self.clock, BulkLimits(patience=0.5))
            async with state.lease(ORG, clock=SystemClock(), wait=True) as lease:
                store = state.of(ORG, fence=lease.fence)
                async with ElasticsearchSink(self.client, self.names, writer) as sink:
                    yield Engine(self.source, sink, store, self.clock, options, self.events.append)

    async def sync(self, *, full: bool = False) -> SyncOutcome:
        """One `forcedex sync`."""
        async with self.engine() as engine:
            await engine.prepare(full=full)
            return await engine.run_once()

    async def letters(self) -> Sequence[DeadLetter]:
        """What was refused and is kept."""
        async with open_state(self.state_url, Keys((self.key_file,))) as state:
            return await state.of(ORG).dead_letters()

    async def index(self, name: str) -> dict[str, dict[str, Any]]:
        """What a search over the read alias can see, by Id, without what Forcedex adds."""
        await self.client.indices.refresh(index=f"{self.names.root}*")
        answer = await self.client.search(index=self.names.read_alias(name), size=10_000)
        return {
            hit["_id"]: {key: value for key, value in hit["_source"].items() if key != "forcedex"}
            for hit in answer["hits"]["hits"]
        }

    def org(self, name: str) -> dict[str, dict[str, Any]]:
        """What the index should hold."""
        return {
            key: {column: value for column, value in row.items() if value and column != "IsDeleted"}
            | {"IsDeleted": False}
            for key, row in self.source.records[name].items()
            if row["IsDeleted"] == "false"
        }

    async def assert_equal(self) -> None:
        """The index is the org, record by record, field by field, and nothing else is in it."""
        for name in self.objects:
            assert await self.index(name) == self.org(name)


@pytest_asyncio.fixture
async def world(elasticsearch_url: str, tmp_path: Path) -> AsyncIterator[World]:
    client = connect(ElasticsearchSettings(url=elasticsearch_url))
    names = Names(f"t{secrets.token_hex(4)}", ORG)
    source = FakeSource({"Account": ACCOUNT, "Contact": CONTACT})
    yield World(source, client, names, f"sqlite:///{tmp_path}/state.db", tmp_path / "key")
    for index in await client.indices.get(index=f"{names.root}*"):
        await client.indices.delete(index=index)
    await client.close()
