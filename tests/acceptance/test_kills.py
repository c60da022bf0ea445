"""The sync is killed at random moments while the org changes; afterwards the index is the org, field by field."""

import asyncio
import contextlib
import random
import secrets
import signal
import sys
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
from elasticsearch import AsyncElasticsearch

from localorg.fixture import LocalOrg, running_org
from tests.acceptance.equality import assert_index_is_org
from tests.acceptance.product import Product

OBJECTS = ("Account", "Contact", "Opportunity", "Case", "Invoice__c")
WORDS = ("Nordlicht", "Quelle", "東京", "Zoë", "O'Hara", 'A "quoted" name', "line\nbreak", "NA", "null")


@pytest_asyncio.fixture
async def org() -> AsyncIterator[LocalOrg]:
    async with running_org(size=0.4) as org:
        yield org


class Changes:
    """Random work of the org's people, as the administrator, straight into the org."""

    def __init__(self, org: LocalOrg, chance: random.Random) -> None:
        self.org = org
        self.chance = chance
        self.done = 0
        self.ids = {name: [str(row["Id"]) for row in org.rows(name)] for name in OBJECTS}
        self.deleted: list[tuple[str, str]] = []

    async def run(self) -> None:
        while True:
            await asyncio.to_thread(self.one)
            await asyncio.sleep(self.chance.uniform(0, 0.02))

    def one(self) -> None:
        name = self.chance.choice(("Account", "Contact", "Opportunity", "Case"))
        word = f"{self.chance.choice(WORDS)} {self.chance.randrange(10**6)}"
        kind = self.chance.random()
        with contextlib.suppress(Exception):  # a record may be gone by a cascade: the org refuses, as it should
            if kind < 0.15:
                self.ids["Account"].append(self.org.insert("Account", Name=word))
            elif kind < 0.25 and len(self.ids[name]) > 10:
                record = self.chance.choice(self.ids[name])
                self.org.delete(name, record)
                # What refers to a record is cleared when it is deleted, without a trace, and stays so when it comes
                # back: unseen if both happen between two polls (found by the sweeps of a later step). Nothing refers
                # to a Case here.
                if name == "Case":
                    self.deleted.append((name, record))
            elif kind < 0.32 and self.deleted:
                self.org.undelete(*self.chance.choice(self.deleted))
            else:
                field = {"Account": "Name", "Contact": "LastName", "Opportunity": "NextStep", "Case": "Subject"}[name]
                self.org.update(name, self.chance.choice(self.ids[name]), **{field: word})
            self.done += 1


async def test_sigkills_during_a_sync_while_the_org_changes_end_in_an_index_equal_to_the_org(
    org: LocalOrg, elasticsearch_url: str, tmp_path: Path, pytestconfig: pytest.Config
) -> None:
    kills = int(pytestconfig.getoption("--kills"))
    seed = pytestconfig.getoption("--seed")
    seed = secrets.randbelow(2**31) if seed is None else int(seed)
    print(f"kill sweep: --kills {kills} --seed {seed}")
    chance = random.Random(seed)
    product = Product(tmp_path, org, elasticsearch_url, objects=OBJECTS)
    changes = Changes(org, random.Random(seed + 1))
    changing = asyncio.create_task(changes.run())
    killed = 0
    while killed < kills:
        arguments = ["sync", "--watch", "--json", *(["--full"] if chance.random() < 0.15 else [])]
        process = await product.start(*arguments)
        # From the import of the program to well into watching.
        await asyncio.sleep(chance.uniform(0.5, 4.5))
        if process.returncode is None:
            process.send_signal(signal.SIGKILL)
            killed += 1
        _, errors = await process.communicate()
        assert process.returncode == -signal.SIGKILL, errors.decode()
    changing.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await changing
    assert changes.done > 10 * kills
    code, _, said = await product.run("sync", "--json")
    assert code == 0, said
    client = AsyncElasticsearch(elasticsearch_url)
    try:
        compared = await assert_index_is_org(org, client, product.prefix, OBJECTS)
    finally:
        await client.close()
    print(f"{killed} kills, {changes.done} changes, {compared} records equal; python {sys.version_info.minor}")


async def test_the_comparison_notices_a_single_wrong_field(elasticsearch_url: str, tmp_path: Path) -> None:
    """The oracle itself: plant one wrong value and one extra document."""
    async with running_org(empty=True) as org:
        record = org.insert("Account", Name="Right")
        product = Product(tmp_path, org, elasticsearch_url, objects=("Account",))
        code, _, errors = await product.run("sync", "--json")
        assert code == 0, errors
        client = AsyncElasticsearch(elasticsearch_url)
        try:
            await assert_index_is_org(org, client, product.prefix, ("Account",))
            index = f"{product.prefix}-{org.org.id.lower()}-account"
            found: Any = await client.search(index=index, query={"term": {"Id": record}}, version=True)
            (hit,) = found["hits"]["hits"]
            wrong = {**hit["_source"], "Name": "Wrong"}
            await client.index(index=f"{index}-write", id=record, document=wrong)
            with pytest.raises(AssertionError, match="Name"):
                await assert_index_is_org(org, client, product.prefix, ("Account",))
            await client.index(index=f"{index}-write", id="extra", document={"forcedex": {"deleted": False}})
            with pytest.raises(AssertionError, match="extra"):
                await assert_index_is_org(org, client, product.prefix, ("Account",))
        finally:
            await client.close()
