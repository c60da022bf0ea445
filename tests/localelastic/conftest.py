"""The official client of the node that all tests share."""

from collections.abc import AsyncIterator

import pytest
from elasticsearch import AsyncElasticsearch


@pytest.fixture(scope="session")
async def client(elasticsearch_url: str) -> AsyncIterator[AsyncElasticsearch]:
    """The official client of the shared node."""
    async with AsyncElasticsearch(elasticsearch_url) as client:
        yield client
