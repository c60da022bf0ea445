"""The product on an Elasticsearch with security, behind TLS with an authority of one's own: who may do what."""

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
from elasticsearch import ApiError

from localorg.fixture import LocalOrg, running_org
from tests.acceptance.equality import assert_deals_follow, assert_index_is_org
from tests.acceptance.product import Product
from tests.security.secured import VERSION, Secured

OBJECTS = ("User", "Account", "Opportunity", "OpportunityHistory", "OpportunityStage")
PERSON = "jonas.weidner@tarnholt.example"


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def org() -> AsyncIterator[LocalOrg]:
    async with running_org(size=0.01) as org:
        yield org


def product_of(home: Path, org: LocalOrg, node: Secured, **more: str) -> Product:
    home.mkdir()
    product = Product(home, org, node.url, objects=OBJECTS)
    product.settings["FORCEDEX_ELASTICSEARCH__CA_FILE"] = str(node.ca_file)
    product.settings |= {f"FORCEDEX_ELASTICSEARCH__{name.upper()}": value for name, value in more.items()}
    return product


async def keyed(product: Product, node: Secured) -> dict[str, str]:
    """Make the keys that the program asks for, as the documentation says; setting to key."""
    bodies = json.loads(await done(product, "check", "--privileges", "--json"))
    keys = {}
    async with node.client() as client:
        for setting, body in bodies.items():
            keys[setting] = (await client.security.create_api_key(**body))["encoded"]
            file = product.home / setting
            file.write_text(f"{keys[setting]}\n")
            product.settings[f"FORCEDEX_ELASTICSEARCH__{setting.upper()}"] = str(file)
    return keys


async def done(product: Product, *command: str) -> str:
    code, out, err = await product.run(*command)
    assert code == 0, (command, out, err)
    return out


def without(product: Product, *settings: str) -> Product:
    """The same product, but for these settings of [elasticsearch]."""
    other = Product(product.home, None, "")
    gone = {f"FORCEDEX_ELASTICSEARCH__{name.upper()}" for name in settings}
    other.settings = {name: value for name, value in product.settings.items() if name not in gone}
    other.prefix = product.prefix
    return other


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def synced(org: LocalOrg, secured: Secured, tmp_path_factory: pytest.TempPathFactory) -> Product:
    """Synced with the worker's key."""
    product = product_of(tmp_path_factory.mktemp("home") / "worker", org, secured)
    await keyed(product, secured)
    await done(product, "sync")
    return product


def key_of(product: Product, setting: str) -> str:
    return (product.home / setting).read_text().strip()


async def refused(asked: Awaitable[Any]) -> int:
    """The status with which Elasticsearch refuses this."""
    with pytest.raises(ApiError) as caught:
        await asked
    return int(caught.value.meta.status)


async def test_the_workers_key_suffices_for_everything_that_the_sync_does(
    synced: Product, org: LocalOrg, secured: Secured
) -> None:
    accounts = sorted(str(row["Id"]) for row in org.rows("Account") if not row["IsDeleted"])
    org.update("Account", accounts[0], Name="Zebra Testworks")
    org.delete("Opportunity", min(str(row["Id"]) for row in org.rows("Opportunity") if not row["IsDeleted"]))
    await done(synced, "sync")
    await done(synced, "rebuild", "Opportunity")
    async with secured.client() as client:
        assert await assert_index_is_org(org, client, synced.prefix, OBJECTS[:3]) > 50
        await assert_deals_follow(org, client, synced.prefix)


async def test_the_readers_key_suffices_for_everything_that_is_asked(synced: Product, org: LocalOrg) -> None:
    reader = without(synced, "api_key_file")
    account = next(row for row in org.rows("Account") if not row["IsDeleted"])
    found = json.loads(await done(reader, "search", str(account["Name"]), "--json"))
    assert account["Id"] in [hit["id"] for hit in found["hits"]]
    assert "hits" in json.loads(await done(reader, "search", str(account["Name"]), "--as", PERSON, "--json"))
    report = json.loads(await done(reader, "report", "closed-won", "--by", "owner", "--json"))
    assert report["rows"]
    key = report["rows"][0]["key"] if "key" in report["rows"][0] else report["rows"][0]["owner"]
    await done(reader, "report", "closed-won", "--by", "owner", "--records", str(key))  # at one moment of the index
    status = json.loads(await done(reader, "status", "--json"))
    assert status["objects"] and status["elasticsearch"] == VERSION
    serving = await reader.start("serve", "--json")
    try:
        assert serving.stdout is not None
        line = await asyncio.wait_for(serving.stdout.readline(), 60)
        assert json.loads(line)["event"] == "ready"
    finally:
        serving.terminate()
        await serving.communicate()


async def test_the_readers_key_is_used_by_what_asks_and_by_nothing_else(synced: Product) -> None:
    wrong = without(synced)
    wrong.settings["FORCEDEX_ELASTICSEARCH__READ_API_KEY"] = "d3Jvbmc6d3Jvbmc="
    code, _, err = await wrong.run("search", "zebra")
    assert code == 2 and "does not accept the credentials" in " ".join(err.split())
    fallen_back = without(synced, "read_api_key_file")
    await done(fallen_back, "search", "zebra")
    reading = without(synced, "api_key_file", "read_api_key_file")
    reading.settings["FORCEDEX_ELASTICSEARCH__API_KEY"] = key_of(synced, "read_api_key_file")
    code, _, err = await reading.run("rebuild", "Account")
    said = " ".join(err.split())
    assert code == 1 and "Elasticsearch does not permit this" in said and "forcedex check --privileges" in said


async def test_neither_key_can_do_more(synced: Product, org: LocalOrg, secured: Secured) -> None:
    root = f"{synced.prefix}-{org.org.id.lower()}-"
    others = [f"{synced.prefix}-00d000000000009aaa-account", f"{synced.prefix}x-{org.org.id.lower()}-account", "else"]
    async with secured.client() as administrator:
        for name in others:
            await administrator.index(index=name, document={"Name": "secret"}, refresh=True)
    try:
        for setting in ("api_key_file", "read_api_key_file"):
            async with secured.client(api_key=key_of(synced, setting)) as client:
                for name in others:
                    assert await refused(client.search(index=name)) == 403
                    assert await refused(client.indices.get(index=name)) == 403
                    assert await refused(client.index(index=name, document={"a": 1})) == 403
                    assert await refused(client.indices.delete(index=name)) == 403
                seen = await client.search(index="*", size=0, aggs={"i": {"terms": {"field": "_index", "size": 100}}})
                assert {each["key"][: len(root)] for each in seen["aggregations"]["i"]["buckets"]} == {root}
                # One that spans both is not answered in part either.
                assert await refused(client.search(index=[f"{root}account", "else"])) == 403
                assert await refused(client.security.get_user()) == 403
                assert await refused(client.security.create_api_key(name="more")) == 403
                assert await refused(client.cluster.put_settings(persistent={"a": 1})) == 403
                assert await refused(client.cluster.state()) == 403
        async with secured.client(api_key=key_of(synced, "read_api_key_file")) as reader:
            [index] = [name for name in await reader.indices.get(index=f"{root}account")]
            for asked in (
                reader.index(index=index, document={"Name": "mine"}),
                reader.delete(index=index, id="x"),
                reader.delete_by_query(index=index, query={"match_all": {}}),
                reader.update(index=index, id="x", doc={"a": 1}),
                reader.indices.delete(index=index),
                reader.indices.create(index=f"{root}new"),
                reader.indices.put_mapping(index=index, properties={"a": {"type": "keyword"}}),
                reader.indices.put_alias(index=index, name=f"{root}opportunity"),
                reader.indices.close(index=index),
            ):
                assert await refused(asked) in (400, 403)
            written = reader.bulk(operations=[{"index": {"_index": index}}, {"Name": "mine"}])
            assert await refused(written) == 403
    finally:
        async with secured.client() as administrator:
            await administrator.indices.delete(index=others)


async def test_a_user_with_a_password_syncs_and_asks(
    org: LocalOrg, secured: Secured, tmp_path: Path, synced: Product
) -> None:
    product = product_of(tmp_path / "basic", org, secured, username="crm", password_file=str(tmp_path / "password"))
    product.settings["FORCEDEX_SYNC__OBJECTS"] = '["User", "Account"]'
    (tmp_path / "password").write_text("a long enough password\n")
    [role] = json.loads(await done(product, "check", "--privileges", "--json"))["api_key_file"][
        "role_descriptors"
    ].values()
    async with secured.client() as client:
        await client.security.put_role(name="crm", cluster=role["cluster"], indices=role["indices"])
        await client.security.put_user(username="crm", password="a long enough password", roles=["crm"])
    await done(product, "sync")
    assert json.loads(await done(product, "search", "a", "--json"))["total"]
    (tmp_path / "password").write_text("another password\n")
    code, _, err = await product.run("sync")
    assert code == 2 and "does not accept the credentials" in " ".join(err.split())


async def test_a_certificate_that_is_not_trusted_and_a_key_that_is_wrong_are_told(
    synced: Product, stranger: Path, tmp_path: Path
) -> None:
    for ca_file in (str(stranger), ""):
        product = without(synced)
        product.settings["FORCEDEX_ELASTICSEARCH__CA_FILE"] = ca_file
        code, out, err = await product.run("search", "zebra")
        said = " ".join(err.split())
        assert (code, out) == (2, "")
        assert "certificate is not trusted" in said and "Set [elasticsearch] ca_file" in said
    (tmp_path / "key").write_text(key_of(synced, "api_key_file")[:-6] + "AAAA==")
    product = without(synced)
    product.settings["FORCEDEX_ELASTICSEARCH__API_KEY_FILE"] = str(tmp_path / "key")
    code, _, err = await product.run("sync")
    assert code == 2 and "does not accept the credentials. Check the API key" in " ".join(err.split())


async def test_a_check_looks_at_both_keys_and_shows_none(synced: Product) -> None:
    code, out, err = await synced.run("check")
    assert code == 0 and "Read key" in out
    for setting in ("api_key_file", "read_api_key_file"):
        assert key_of(synced, setting) not in out + err
