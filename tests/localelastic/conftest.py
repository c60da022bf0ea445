"""The official client of the node that all tests share, and a way to start others quickly."""

from collections.abc import AsyncIterator, Iterator

import pytest
from elasticsearch import AsyncElasticsearch


@pytest.fixture(scope="module")
def quick_jvm() -> Iterator[None]:
    """Half the work of a start, for modules that start many nodes and ask little of each."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("JDK_JAVA_OPTIONS", "-XX:TieredStopAtLevel=1")
        yield


@pytest.fixture(scope="session")
async def client(elasticsearch_url: str) -> AsyncIterator[AsyncElasticsearch]:
    """The official client of the shared node."""
    async with AsyncElasticsearch(elasticsearch_url) as client:
        yield client
