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


@pytest_asyncio.fixture
async def client(elasticsearch_url: str) -> AsyncIterator[AsyncElasticsearch]:
    client = connect(ElasticsearchSettings(url=elasticsearch_url))
    yield client
    await client.close()


@pytest_asyncio.fixture
async def names(client: AsyncElasticsearch) -> AsyncIterator[Names]:
    names = Names(f"t{secrets.token_hex(4)}", "00D000000000001AAA")
    yield names
    found = await client.indices.get(index=f"{names.root}*")
    for index in found:
        await client.indices.delete(index=index)


@pytest_asyncio.fixture
async def sink(client: AsyncElasticsearch, names: Names) -> AsyncIterator[ElasticsearchSink]:
    async with ElasticsearchSink(client, names, BulkWriter(client, SystemClock(), BulkLimits(patience=1.0))) as sink:
        yield sink


@pytest_asyncio.fixture
async def queries(client: AsyncElasticsearch, names: Names) -> QueryClient:
    return QueryClient(client, names)
