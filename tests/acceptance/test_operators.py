"""What operators do: the daemon, status, verify, rebuild, dead letters, the plan; as they run it."""

import asyncio
import json
import re
import signal
import time
import urllib.request
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
from elasticsearch import AsyncElasticsearch
from prometheus_client.parser import text_string_to_metric_families

from localorg.fixture import LocalOrg, running_org
from tests.acceptance.product import Product
from tests.faults.proxy import fault_proxy

OBJECTS = ("Account", "Contact", "User")


@pytest_asyncio.fixture
async def org() -> AsyncIterator[LocalOrg]:
    async with running_org(size=0.02) as org:
        org.org.journal.settings.keepalive = 2  # seconds: a stream's first sign of life comes soon
        yield org


@pytest.fixture
def product(org: LocalOrg, elasticsearch_url: str, tmp_path: Path) -> Product:
    return Product(tmp_path, org, elasticsearch_url, objects=OBJECTS)


@asynccontextmanager
async def watching(product: Product, *arguments: str) -> AsyncIterator["Daemon"]:
    """`forcedex sync --watch`, until it watches; SIGTERM at the end."""
    process = await product.start("sync", "--watch", *arguments)
    daemon = Daemon(process)
    reading = asyncio.create_task(daemon.read())
    try:
        await daemon.until(lambda: "Watching for changes" in daemon.said or process.returncode is not None)
        assert process.returncode is None, daemon.said
        yield daemon
    finally:
        if process.returncode is None:
            process.send_signal(signal.SIGTERM)
        await process.wait()
        await reading


class Daemon:
    """A running daemon and what it said."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self.process = process
        self.said = ""

    async def read(self) -> None:
        assert self.process.stderr is not None and self.process.stdout is not None
        draining = asyncio.create_task(self.process.stdout.read())
        async for line in self.process.stderr:
            self.said += line.decode()
        await draining

    @property
    def url(self) -> str:
        found = re.search(r"(http://\S+)/healthz", self.said)
        assert found, self.said
        return found[1]

    async def get(self, path: str) -> tuple[int, str]:
        return await asyncio.to_thread(self._get, path)

    def _get(self, path: str) -> tuple[int, str]:
        try:
            with urllib.request.urlopen(f"{self.url}{path}", timeout=10) as answer:
                return answer.status, answer.read().decode()
        except urllib.error.HTTPError as error:
            return error.code, error.read().decode()

    async def until(self, condition: Callable[[], Any], seconds: float = 60) -> None:
        end = time.monotonic() + seconds
        while not condition():
            assert time.monotonic() < end, self.said
            await asyncio.sleep(0.1)


async def status(product: Product) -> Any:
    code, out, err = await product.run("status", "--json")
    assert code == 0, err
    return json.loads(out)


def _modes(seen: Any) -> dict[str, str]:
    return {each["object"]: each["report"]["mode"] for each in seen["objects"]}


async def found(client: AsyncElasticsearch, product: Product, org: LocalOrg, name: str, query: Any) -> int:
    index = f"{product.prefix}-{org.org.id.lower()}-{name.lower()}"
    answer: Any = await client.search(index=index, query=query)
    return int(answer["hits"]["total"]["value"])


async def searchable(
    client: AsyncElasticsearch, product: Product, org: LocalOrg, name: str, query: Any, seconds: float = 60
) -> None:
    end = time.monotonic() + seconds
    while not await found(client, product, org, name, query):
        assert time.monotonic() < end, query
        await asyncio.sleep(0.1)


@pytest_asyncio.fixture
async def client(elasticsearch_url: str) -> AsyncIterator[AsyncElasticsearch]:
    client = AsyncElasticsearch(elasticsearch_url)
    yield client
    await client.close()


async def test_the_daemon_follows_events_tells_its_health_and_drains_on_sigterm(
    product: Product, org: LocalOrg, client: AsyncElasticsearch
) -> None:
    async with watching(product) as daemon:
        org.insert("Account", Name="Zebra Works")
        await searchable(client, product, org, "Account", {"match": {"Name": "zebra"}})
        code, body = await daemon.get("/healthz")
        assert code == 200, body
        code, body = await daemon.get("/readyz")
        assert code == 200, body
        code, body = await daemon.get("/metrics")
        assert code == 200
        names = {family.name for family in text_string_to_metric_families(body)}
        assert {"forcedex_lag_seconds", "forcedex_own_api_calls"} <= names
        end = time.monotonic() + 60
        while (seen := await status(product)) and _modes(seen)["Account"] != "stream":
            assert time.monotonic() < end, seen
        assert _modes(seen)["User"] == "poll"
        assert str(daemon.process.pid) in seen["running"]
        assert all(each["lag_seconds"] < 60 for each in seen["objects"])
        began = time.monotonic()
        daemon.process.send_signal(signal.SIGTERM)
        assert await daemon.process.wait() == 0
        assert time.monotonic() - began < 12
    assert (await status(product))["running"] == ""


async def test_a_second_daemon_waits_and_takes_over_when_the_first_is_killed(
    product: Product, org: LocalOrg, client: AsyncElasticsearch
) -> None:
    async with watching(product) as first:
        second = await product.start("sync", "--watch")
        assert second.stderr is not None
        said = await asyncio.wait_for(second.stderr.readline(), 60)
        assert b"Another sync of this org is running" in said
        first.process.kill()
        org.insert("Account", Name="Taken over")
        await searchable(client, product, org, "Account", {"match": {"Name": "taken"}})
        second.send_signal(signal.SIGTERM)
        await second.communicate()
        assert second.returncode == 0


async def test_a_sync_beside_a_daemon_is_refused_and_names_it(product: Product) -> None:
    async with watching(product) as daemon:
        code, _, err = await product.run("sync")
        assert code == 1
        assert str(daemon.process.pid) in err


async def test_verify_finds_a_difference_and_repair_puts_it_right(
    product: Product, org: LocalOrg, client: AsyncElasticsearch
) -> None:
    record = str(org.rows("Account")[0]["Id"])  # old enough that no poll reads it again by itself
    org.poke("Account", record, {"Name": "Right"})
    assert (await product.run("sync"))[0] == 0
    index = f"{product.prefix}-{org.org.id.lower()}-account"
    answer: Any = await client.search(index=index, query={"term": {"Id": record}}, version=True)
    (hit,) = answer["hits"]["hits"]
    await client.index(index=f"{index}-write", id=record, document={**hit["_source"], "Name": "Wrong"}, refresh=True)
    code, out, _ = await product.run("verify", "--json")
    assert code == 1
    (account,) = [each for each in json.loads(out)["objects"] if each["object"] == "Account"]
    assert account["different"] == 1
    code, out, _ = await product.run("verify", "--repair")
    assert code == 0 and "put right" in out
    await searchable(client, product, org, "Account", {"match": {"Name": "right"}})
    code, out, _ = await product.run("verify")
    assert code == 0 and "equal to Salesforce" in out


async def test_a_rebuild_by_the_daemon_ends_in_a_new_index_while_searches_go_on(
    product: Product, org: LocalOrg, client: AsyncElasticsearch
) -> None:
    pattern = f"{product.prefix}-{org.org.id.lower()}-account-0*"
    async with watching(product):
        before = set(await client.indices.get(index=pattern))
        live = await found(client, product, org, "Account", {"match_all": {}})
        code, out, err = await product.run("rebuild", "account")
        assert code == 0, err
        assert "builds Account anew" in out
        end = time.monotonic() + 60
        while before & set(await client.indices.get(index=pattern)):
            assert await found(client, product, org, "Account", {"match_all": {}}) == live
            assert time.monotonic() < end
            await asyncio.sleep(0.05)
        assert await found(client, product, org, "Account", {"match_all": {}}) == live


async def test_a_rebuild_keeps_what_is_hidden_from_the_sync_user_until_told_otherwise(
    product: Product, org: LocalOrg, client: AsyncElasticsearch
) -> None:
    org.set_organization_wide_default("Account", "Read")  # or the sync user would see none without View All
    revenue = Decimal("123456789012345.67")
    hidden = [org.insert("Account", Name=name, AnnualRevenue=revenue) for name in ("Veiled", "Masked")]
    org.insert("Account", Name="Unwanted")
    assert (await product.run("sync"))[0] == 0

    async def names() -> dict[str, bool]:
        words = ("Veiled", "Masked", "Unwanted")
        await client.indices.refresh(index=f"{product.prefix}-*")
        return {each: bool(await found(client, product, org, "Account", {"match": {"Name": each}})) for each in words}

    assert await names() == {"Veiled": True, "Masked": True, "Unwanted": True}
    before = await _values(client, product, org, "Account", hidden[0])
    org.hide_records("Account", hidden)
    product.settings["FORCEDEX_OBJECTS"] = '{"Account": {"where": "Name != \'Unwanted\'"}}'
    code, _, err = await product.run("rebuild", "Account")
    assert code == 0, err
    assert await names() == {"Veiled": True, "Masked": True, "Unwanted": False}
    assert await _values(client, product, org, "Account", hidden[0]) == before
    (notice,) = [each for each in (await status(product))["notices"] if each["kind"] == "hidden"]
    assert notice["text"].startswith("2 records of Account") and "--drop-hidden" in notice["text"]
    code, _, err = await product.run("rebuild", "Account", "--drop-hidden")
    assert code == 0, err
    assert await names() == {"Veiled": False, "Masked": False, "Unwanted": False}
    assert not [
        each for each in (await status(product))["notices"] if each["kind"] == "hidden" and not each["cleared_at"]
    ]


async def _values(client: AsyncElasticsearch, product: Product, org: LocalOrg, name: str, record: str) -> Any:
    answer: Any = await client.get(index=f"{product.prefix}-{org.org.id.lower()}-{name.lower()}", id=record)
    answer["_source"]["forcedex"].pop("version")
    return answer["_source"]


async def test_a_refused_record_is_listed_shown_and_replayed(
    product: Product, org: LocalOrg, elasticsearch_url: str, tmp_path: Path
) -> None:
    record = org.insert("Account", Name="Poison", Phone="030 1234567")
    async with fault_proxy(elasticsearch_url) as proxy:
        product.settings["FORCEDEX_ELASTICSEARCH__URL"] = proxy.url
        proxy.arm("items", match="_bulk", which=lambda _, each: each == record, times=None, error="mapping")
        code, _, err = await product.run("sync")
        assert code == 1, err
        assert proxy.fired["items"]
        code, out, _ = await product.run("dead-letters", "list")
        assert record in out and "Account" in out and "Poison" not in out
        code, out, _ = await product.run("dead-letters", "show", record)
        assert "Name: Poison" in out and "Phone: 030 1234567" in out
        assert b"Poison" not in (tmp_path / ".forcedex" / "state.db").read_bytes()
        code, out, _ = await product.run("dead-letters", "replay", record)
        assert code == 0 and "1 are still refused" in out
        proxy.clear()
        code, out, _ = await product.run("dead-letters", "replay")
        assert code == 0 and "1 records are indexed now; 0 are still refused" in out
        assert (await status(product))["dead_letters"] == []


async def test_the_plan_shows_what_a_sync_costs_and_writes_nothing(product: Product, org: LocalOrg) -> None:
    code, out, err = await product.run("sync", "--plan", "--json")
    assert code == 0, err
    planned = json.loads(out)
    assert planned["plan"]["ours"] == planned["plan"]["allowed"] // 2
    streamed = {each["object"]: each["streamed"] for each in planned["objects"]}
    assert streamed == {"Account": True, "Contact": True, "User": False}
    code, out, _ = await product.run("sync", "--plan")
    assert "by events, at once" in out and "asked for every" in out
    assert (await product.run("status"))[0] == 1


async def test_our_share_of_the_calls_is_never_exceeded(product: Product, org: LocalOrg) -> None:
    org.set_daily_limit(200)
    product.settings["FORCEDEX_SYNC__API_SHARE"] = "0.2"
    assert (await product.run("sync"))[0] in (0, 1)
    for _ in range(4):
        code, _, err = await product.run("sync")
    assert code == 1 and "share of the org's API calls is used up" in err
    assert org.requests_used <= 0.2 * 200 + 12  # and what a start asks before it knows the account
