"""Several orgs in one Elasticsearch: a prefix, keys, a state store, a worker and a server process each."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack

import pytest
import pytest_asyncio
from elasticsearch import ApiError

from localorg.fixture import LocalOrg, running_org
from tests.acceptance.product import Product
from tests.security.secured import Secured
from tests.security.test_elasticsearch_security import done, key_of, keyed, product_of

Place = tuple[LocalOrg, Product]
NAMES = ("Zebra Testworks", "Okapi Testworks")


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def places(secured: Secured, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[list[Place]]:
    """Two orgs of one company, made from different seeds, synced at the same time."""
    home = tmp_path_factory.mktemp("orgs")
    async with AsyncExitStack() as stack:
        made: list[Place] = []
        for seed, name in zip((7, 8), NAMES, strict=True):
            org = await stack.enter_async_context(running_org(size=0.01, seed=seed))
            org.insert("Account", Name=name)
            product = product_of(home / str(seed), org, secured)
            await keyed(product, secured)
            made.append((org, product))
        assert len({product.prefix for _, product in made}) == 2
        await asyncio.gather(*(done(product, "sync") for _, product in made))
        yield made


async def found(product: Product, text: str) -> list[str]:
    return [each["title"] for each in json.loads(await done(product, "search", text, "--json"))["hits"]]


async def test_nobody_finds_or_counts_what_is_the_others(places: list[Place]) -> None:
    for (org, product), mine, others in zip(places, NAMES, reversed(NAMES), strict=True):
        assert await found(product, f'"{mine}"') == [mine]
        assert others not in await found(product, others)
        status = json.loads(await done(product, "status", "--json"))
        accounts = sum(not row["IsDeleted"] for row in org.rows("Account"))
        assert {each["object"]: each["records"] for each in status["objects"]}["Account"] == accounts


async def test_no_key_of_one_reads_or_writes_the_others(places: list[Place], secured: Secured) -> None:
    for (_, product), (org, other) in zip(places, reversed(places), strict=True):
        alias = f"{other.prefix}-{org.org.id.lower()}-account"
        for setting in ("api_key_file", "read_api_key_file"):
            async with secured.client(api_key=key_of(product, setting)) as client:
                for asked in (
                    client.search(index=alias),
                    client.count(index=alias),
                    client.open_point_in_time(index=alias, keep_alive="1m"),
                    client.index(index=f"{alias}-write", document={"a": 1}),
                    client.indices.delete(index=f"{alias}-000001"),
                ):
                    with pytest.raises(ApiError) as caught:
                        await asked
                    assert caught.value.meta.status == 403


async def test_with_the_others_prefix_a_service_is_refused(places: list[Place]) -> None:
    (_, first), (_, second) = places
    confused = Product(first.home, None, "")
    confused.settings = {**first.settings, "FORCEDEX_ELASTICSEARCH__INDEX_PREFIX": second.prefix}
    code, out, err = await confused.run("search", NAMES[1])
    assert (code, out) == (1, "")
    assert "does not permit this" in err or "The index is empty" in err
