"""Backup, changes, a restore into the same store and into a new one, a sync: the index is the org again."""

import json
import os
import stat
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio
from elasticsearch import AsyncElasticsearch

from localorg.fixture import LocalOrg, running_org
from tests.acceptance.equality import assert_deals_follow, assert_index_is_org
from tests.acceptance.product import Product

OBJECTS = ("User", "Account", "Opportunity")
SYNCED = (*OBJECTS, "OpportunityHistory", "OpportunityStage")


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def org() -> AsyncIterator[LocalOrg]:
    async with running_org(size=0.01) as org:
        yield org


async def done(product: Product, *command: str) -> str:
    code, out, err = await product.run(*command)
    assert code == 0, (command, out, err)
    return out


async def synonyms(product: Product) -> list[list[str]]:
    found: list[list[str]] = json.loads(await done(product, "synonyms", "list", "--json"))
    return found


def change(org: LocalOrg, name: str) -> None:
    """Something of each kind: a record that changes, one that comes, one that goes, one that changes hands."""
    accounts = sorted(str(row["Id"]) for row in org.rows("Account") if not row["IsDeleted"])
    deals = sorted(str(row["Id"]) for row in org.rows("Opportunity") if not row["IsDeleted"])
    org.update("Account", accounts[0], Name=f"{name} and Sons")
    org.insert("Account", Name=f"{name} Ltd")
    org.delete("Opportunity", deals[0])
    org.update("Opportunity", deals[1], Amount=4711)


@pytest.mark.parametrize("place", ["a new store", "the same store"])
async def test_after_a_restore_and_a_sync_the_index_is_the_org(
    org: LocalOrg, elasticsearch_url: str, tmp_path: Path, place: str
) -> None:
    product = Product(tmp_path, org, elasticsearch_url, objects=SYNCED)
    await done(product, "sync")
    await done(product, "synonyms", "add", "car", "auto")
    backup = tmp_path / "forcedex.backup"
    told = json.loads(await done(product, "backup", str(backup), "--json"))
    assert told["rows"]["vocabulary"] == 1 and stat.S_IMODE(backup.stat().st_mode) == 0o600

    change(org, place)
    await done(product, "sync")  # the index is newer than the backup from here on
    change(org, f"later {place}")
    await done(product, "synonyms", "remove", "car")
    if place == "a new store":
        os.rename(tmp_path / ".forcedex" / "state.db", tmp_path / "lost.db")
        answer = await done(product, "restore", str(backup))
        assert "every index is built anew" in answer
    else:
        code, _, err = await product.run("restore", str(backup))
        assert code == 1 and "With --replace" in " ".join(err.split())
        assert "goes on from where the index is" in await done(product, "restore", str(backup), "--replace")
    assert await synonyms(product) == [["car", "auto"]]
    await done(product, "sync")
    async with AsyncElasticsearch(elasticsearch_url) as client:
        assert await assert_index_is_org(org, client, product.prefix, OBJECTS) > 50
        await assert_deals_follow(org, client, product.prefix)
        if place == "a new store":
            # And it goes on: no document of the index before has a higher ordinal than the store gives now.
            change(org, f"at last {place}")
            await done(product, "sync")
            await assert_index_is_org(org, client, product.prefix, OBJECTS)


async def test_a_backup_is_taken_while_the_sync_runs_and_a_restore_waits_for_its_end(
    org: LocalOrg, elasticsearch_url: str, tmp_path: Path
) -> None:
    product = Product(tmp_path, org, elasticsearch_url, objects=("User", "Account"))
    await done(product, "sync")
    running = await product.start("sync", "--watch")
    try:
        await done(product, "backup", "one")
        for _ in range(60):
            code, _, err = await product.run("restore", "one", "--replace")
            if code:  # until then it has not taken the lease yet
                break
        assert code == 1 and "Another process syncs this org" in " ".join(err.split())
        await done(product, "backup", "two")
    finally:
        running.terminate()
        await running.communicate()
    await done(product, "restore", "two", "--replace")
    code, _, err = await product.run("backup", "one")
    assert code == 1 and "is there already" in " ".join(err.split())
