"""A sink with indices of its own for every test, on the session's real node."""

import secrets
from collections.abc import AsyncIterator

import pytest_asyncio
from elasticsearch import AsyncElasticsearch

from forcedex.app import SystemClock
from forcedex.elasticsearch.bulk import BulkLimits, BulkWriter
from forcedex.elasticsearch.client import ElasticsearchSettings, connect
from forcedex.elasticsearch.indices import ElasticsearchSink
from forcedex.elasticsearch.naming import Names
from forcedex.elasticsearch.query import QueryClient
from tests.integration.elasticsearch.proxy import Proxy, running_proxy

#: Seconds; so that nobody waits for long.
IMPATIENT = BulkLimits(patience=1.0, first_pause=0.02, longest_pause=0.3)


@pytest_asyncio.fixture
async def client(elasticsearch_url: str) -> AsyncIterator[AsyncElasticsearch]:
    client = connect(ElasticsearchSettings(url=elasticsearch_url))
    yield client
    await client.close()


@pytest_asyncio.fixture
async def names(client: AsyncElasticsearch) -> AsyncIterator[Names]:
    names = Names(f"t{secrets.token_hex(4)}", "00D000000000001AAA")
    yield names
    for index in await client.indices.get(index=f"{names.root}*", expand_wildcards=["open", "closed"]):
        await client.indices.delete(index=index)


@pytest_asyncio.fixture
async def sink(client: AsyncElasticsearch, names: Names) -> AsyncIterator[ElasticsearchSink]:
    async with ElasticsearchSink(client, names, BulkWriter(client, SystemClock(), IMPATIENT)) as sink:
        yield sink


@pytest_asyncio.fixture
async def queries(client: AsyncElasticsearch, names: Names) -> QueryClient:
    return QueryClient(client, names)


@pytest_asyncio.fixture
async def proxy(elasticsearch_url: str) -> AsyncIterator[Proxy]:
    async with running_proxy(elasticsearch_url) as proxy:
        yield proxy


@pytest_asyncio.fixture
async def proxied(proxy: Proxy, names: Names) -> AsyncIterator[ElasticsearchSink]:
    """A sink that reaches the node through the proxy."""
    client = connect(ElasticsearchSettings(url=proxy.url))
    async with ElasticsearchSink(client, names, BulkWriter(client, SystemClock(), IMPATIENT)) as sink:
        yield sink
    await client.close()
