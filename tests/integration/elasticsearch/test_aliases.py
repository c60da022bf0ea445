"""Aliases and indices in other people's hands: said plainly, and never made anew by a write."""

import pytest
from elasticsearch import AsyncElasticsearch

from forcedex.domain.errors import SinkRefused
from forcedex.elasticsearch.indices import ElasticsearchSink
from forcedex.elasticsearch.naming import Names
from tests.integration.elasticsearch.writing import checkpoint, opened, sources, written


@pytest.mark.parametrize("alias", ["read", "write", "generation"])
async def test_an_index_that_is_named_like_an_alias_is_refused(
    alias: str, sink: ElasticsearchSink, client: AsyncElasticsearch, names: Names
) -> None:
    taken = {
        "read": names.read_alias("Account"),
        "write": names.write_alias("Account"),
        "generation": names.generation_alias("Account", 1),
    }[alias]
    await client.indices.create(index=taken)
    with pytest.raises(SinkRefused, match="An index stands where Forcedex needs an alias") as caught:
        await opened(sink)
    assert "Delete that index" in caught.value.hint
    await client.indices.delete(index=taken)
    assert (await written(await opened(sink), {"Name": "Acme"})).written == 1


async def test_an_alias_that_points_to_somebody_elses_index_too_is_refused(
    sink: ElasticsearchSink, client: AsyncElasticsearch, names: Names
) -> None:
    target = await opened(sink)
    await client.indices.create(index=f"{names.root}other", aliases={names.generation_alias("Account", 1): {}})
    with pytest.raises(SinkRefused, match="not the only one"):
        await written(target, {"Name": "Acme"})
    with pytest.raises(SinkRefused, match="no index of Forcedex") as caught:
        await opened(sink, known=checkpoint(target))
    assert "Remove the alias" in caught.value.hint


async def test_a_write_without_its_alias_is_refused_and_makes_no_index(
    sink: ElasticsearchSink, client: AsyncElasticsearch, names: Names
) -> None:
    target = await opened(sink)
    alias = names.generation_alias("Account", 1)
    await client.indices.delete_alias(index=names.index("Account", 1), name=alias)
    with pytest.raises(SinkRefused, match="gone"):
        await written(target, {"Name": "Acme"})
    with pytest.raises(SinkRefused, match="gone"):
        await target.bury({"001000000000001AAA": None}, 2)
    assert list(await client.indices.get(index=f"{names.root}*")) == [names.index("Account", 1)]


async def test_lost_aliases_are_set_again_when_the_index_is_opened(
    sink: ElasticsearchSink, client: AsyncElasticsearch, names: Names
) -> None:
    target = await opened(sink)
    await client.indices.delete_alias(index=names.index("Account", 1), name="*")
    again = await opened(sink, known=checkpoint(target))
    assert again.generation == 1
    assert (await written(again, {"Name": "Acme"})).written == 1
    assert len(await sources(client, names)) == 1
    assert await sink.count("Account") == 1


async def test_a_closed_index_is_named_and_not_replaced(
    sink: ElasticsearchSink, client: AsyncElasticsearch, names: Names
) -> None:
    target = await opened(sink)
    index = names.index("Account", 1)
    await client.indices.close(index=index)
    with pytest.raises(SinkRefused, match="closed"):
        await written(target, {"Name": "Acme"})
    with pytest.raises(SinkRefused, match=f"{index} is closed"):
        await opened(sink, known=checkpoint(target))
    with pytest.raises(SinkRefused, match="closed"):
        await sink.count("Account")
    await client.indices.open(index=index)
    assert (await opened(sink, known=checkpoint(target))).generation == 1


async def test_indices_that_only_look_like_generations_are_left_alone(
    sink: ElasticsearchSink, client: AsyncElasticsearch, names: Names
) -> None:
    other = f"{names.read_alias('Account')}-0copy"
    await client.indices.create(index=other)
    target = await opened(sink)
    await target.publish()
    assert target.generation == 1
    assert await client.indices.exists(index=other)
