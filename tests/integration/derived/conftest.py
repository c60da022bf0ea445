"""A local org of deals, the engine, and what is derived, over a real Elasticsearch."""

from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any

import pytest_asyncio

from forcedex.elasticsearch.client import ElasticsearchSettings, connect
from localorg.fixture import running_org
from tests.integration.access.conftest import World

OBJECTS = (
    *("User", "Account", "Contact", "Opportunity", "OpportunityHistory", "OpportunityContactRole"),
    *("OpportunityStage", "OpportunityLineItem", "Pricebook2", "PricebookEntry", "Product2"),
)


@pytest_asyncio.fixture
async def world(elasticsearch_url: str, tmp_path: Path) -> AsyncIterator[World]:
    async with AsyncExitStack() as stack:
        org = await stack.enter_async_context(running_org(empty=True))
        made = World(org, tmp_path, elasticsearch_url, OBJECTS)
        yield made
    client = connect(ElasticsearchSettings(url=elasticsearch_url))
    for index in await client.indices.get(index=f"{made.settings.elasticsearch.index_prefix}*"):
        await client.indices.delete(index=index)
    await client.close()


async def documents(world: World, kind: str) -> dict[str, Mapping[str, Any]]:
    """All live documents of a kind, by Id, as people are shown them."""
    client = connect(ElasticsearchSettings(url=world.settings.elasticsearch.url))
    try:
        alias = f"{world.settings.elasticsearch.index_prefix}-*-{kind}"
        await client.indices.refresh(index=alias)
        query = {"term": {"forcedex.deleted": False}}
        answer = await client.search(index=alias, query=query, size=10_000)
        return {hit["_id"]: hit["_source"] for hit in answer["hits"]["hits"]}
    finally:
        await client.close()
