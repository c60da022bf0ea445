"""What tests of the sink do again and again: describe, open, write, look."""

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import aiohttp
import pytest
from elasticsearch import AsyncElasticsearch

from forcedex.domain.checkpoint import Checkpoint, Phase
from forcedex.domain.money import Currencies
from forcedex.domain.schema import Field, SObject
from forcedex.domain.selection import Selection
from forcedex.domain.writing import WriteResult
from forcedex.elasticsearch.indices import ElasticsearchSink
from forcedex.elasticsearch.naming import Names
from forcedex.elasticsearch.target import IndexTarget
from tests.factories.pages import page
from tests.factories.schemas import ACCOUNT, selection

#: Requests of more than a mebibyte make aiohttp warn; only single large documents and mappings are.
large_request = pytest.mark.filterwarnings("ignore:Sending a large body:ResourceWarning")
ACCOUNTS = selection(ACCOUNT)
#: When the records of `page` were changed last.
STAMP = datetime(2026, 1, 31, 10, tzinfo=UTC)


def with_fields(*fields: Field, of: SObject = ACCOUNT) -> Selection:
    """The object with these fields besides, or instead of those with the same names."""
    names = {each.name for each in fields}
    kept = tuple(each for each in of.fields if each.name not in names)
    return selection(replace(of, fields=(*kept, *fields)))


def without_fields(*names: str, of: SObject = ACCOUNT) -> Selection:
    """The object without these fields."""
    return selection(replace(of, fields=tuple(each for each in of.fields if each.name not in names)))


async def opened(
    sink: ElasticsearchSink,
    of: Selection = ACCOUNTS,
    known: Checkpoint | None = None,
    currencies: Currencies | None = None,
) -> IndexTarget:
    """The object's index."""
    return await sink.open(of, known=known, currencies=currencies or Currencies())


async def written(
    target: IndexTarget, *rows: dict[str, str], of: Selection = ACCOUNTS, ordinal: int = 1, **more: Any
) -> WriteResult:
    """The outcome of writing these rows."""
    options = {key: more.pop(key) for key in ("at_least", "newest_only") if key in more}
    return await (await target.put(page(of, *rows, **more), ordinal, **options))


def checkpoint(target: IndexTarget) -> Checkpoint:
    """A checkpoint that names this very index."""
    return Checkpoint(
        object="Account",
        generation=target.generation,
        index_uuid=target.index_uuid,
        phase=Phase.INCREMENTAL,
        floor=datetime(2026, 1, 1, tzinfo=UTC),
    )


async def sources(
    client: AsyncElasticsearch, names: Names, generation: int | None = None, name: str = "Account"
) -> dict[str, dict[str, Any]]:
    """Live documents by Id: those that people see, or those of one generation."""
    await client.indices.refresh(index=f"{names.root}*")
    index = names.read_alias(name) if generation is None else names.index(name, generation)
    answer = await client.search(index=index, size=1000, query={"term": {"forcedex.deleted": False}})
    return {hit["_id"]: hit["_source"] for hit in answer["hits"]["hits"]}


async def raw(client: AsyncElasticsearch, names: Names, record_id: str, generation: int = 1) -> dict[str, Any]:
    """A document with its version, tombstone or not."""
    found = await client.options(ignore_status=404).get(index=names.index("Account", generation), id=record_id)
    return dict(found.body)


async def as_text(client: AsyncElasticsearch, names: Names, record_id: str, generation: int = 1) -> str:
    """The text of a document's `_source`, as it was sent."""
    url = next(iter(client.transport.node_pool.all())).base_url
    async with aiohttp.ClientSession() as session:
        async with session.get(f"{url}/{names.index('Account', generation)}/_source/{record_id}") as answer:
            return await answer.text()
