"""The node as a client sees it."""

from pathlib import Path
from urllib.parse import urlsplit

import httpx2
import pytest
from elasticsearch import AsyncElasticsearch, BadRequestError

from localelastic.errors import PortInUse
from localelastic.installation import install
from localelastic.jars import ELASTICSEARCH_VERSION
from localelastic.node import Node


async def test_get_root_introduces_elasticsearch(elasticsearch_url: str) -> None:
    async with httpx2.AsyncClient(trust_env=False) as http:
        response = await http.get(elasticsearch_url)
    answer = response.json()
    assert response.headers["x-elastic-product"] == "Elasticsearch"
    assert list(answer) == ["name", "cluster_name", "cluster_uuid", "version", "tagline"]
    assert answer["version"]["number"] == ELASTICSEARCH_VERSION
    assert len(answer["cluster_uuid"]) == 22
    assert answer["tagline"] == "You Know, for Search"


async def test_head_root_answers_without_a_body(elasticsearch_url: str) -> None:
    async with httpx2.AsyncClient(trust_env=False) as http:
        response = await http.head(elasticsearch_url)
    assert (response.status_code, response.content) == (200, b"")


async def test_the_official_client_accepts_the_node(client: AsyncElasticsearch) -> None:
    assert (await client.info())["version"]["number"] == ELASTICSEARCH_VERSION
    assert await client.ping()


async def test_the_node_listens_on_loopback_only(client: AsyncElasticsearch) -> None:
    (node,) = (await client.nodes.info(metric="http,transport"))["nodes"].values()
    addresses = node["http"]["bound_address"] + node["transport"]["bound_address"]
    assert {address.rpartition(":")[0] for address in addresses} == {"127.0.0.1"}


async def test_documents_are_found_by_folded_words_and_prefixes(client: AsyncElasticsearch) -> None:
    await client.indices.delete(index="localelastic-accounts", ignore_unavailable=True)
    fold = ["lowercase", "asciifolding"]
    analysis = {
        "filter": {"prefixes": {"type": "edge_ngram", "min_gram": 1, "max_gram": 12}},
        "analyzer": {
            "fold": {"type": "custom", "tokenizer": "standard", "filter": fold},
            "prefix": {"type": "custom", "tokenizer": "standard", "filter": [*fold, "prefixes"]},
        },
    }
    prefix = {"type": "text", "analyzer": "prefix", "search_analyzer": "fold"}
    await client.indices.create(
        index="localelastic-accounts",
        settings={"analysis": analysis},
        mappings={"properties": {"Name": {"type": "text", "analyzer": "fold", "fields": {"prefix": prefix}}}},
    )
    await client.index(index="localelastic-accounts", id="1", document={"Name": "Café Münchën"}, refresh=True)
    for field, words in (("Name", "cafe munchen"), ("Name.prefix", "mun")):
        answer = await client.search(
            index="localelastic-accounts",
            query={"match": {field: {"query": words, "operator": "and"}}},
            highlight={"fields": {field: {}}},
        )
        assert [hit["_id"] for hit in answer["hits"]["hits"]] == ["1"]
        assert "<em>" in answer["hits"]["hits"][0]["highlight"][field][0]


async def test_best_compression_is_refused_when_an_index_is_created(client: AsyncElasticsearch) -> None:
    with pytest.raises(BadRequestError, match="no native library for .index.codec: best_compression"):
        await client.indices.create(index="localelastic-compressed", settings={"codec": "best_compression"})
    assert not await client.indices.exists(index="localelastic-compressed")


async def test_a_node_cannot_start_on_a_taken_port(elasticsearch_url: str, tmp_path: Path) -> None:
    taken = urlsplit(elasticsearch_url).port
    assert taken is not None
    with pytest.raises(PortInUse, match=f"Port {taken} is in use"):
        await Node.start(await install(lambda event: None), tmp_path, port=taken, heap=256)
