"""Every command, run as a person runs it, against a small demo company."""

import asyncio
import json
import signal
import urllib.request
from collections.abc import AsyncIterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import psutil
import pytest
import pytest_asyncio

from localorg.fixture import LocalOrg, running_org
from tests.acceptance.product import Product


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def org() -> AsyncIterator[LocalOrg]:
    async with running_org(size=0.05) as org:
        yield org


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def synced(
    org: LocalOrg, elasticsearch_url: str, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[Product]:
    product = Product(tmp_path_factory.mktemp("home"), org, elasticsearch_url)
    code, _, err = await product.run("sync")
    assert code == 0, err
    yield product


async def said(product: Product, *command: str) -> str:
    code, out, err = await product.run(*command)
    assert code == 0, (out, err)
    return out


async def json_of(product: Product, *command: str) -> Any:
    return json.loads(await said(product, *command, "--json"))


def live(org: LocalOrg, name: str) -> list[dict[str, Any]]:
    return [dict(row) for row in org.rows(name) if not row.get("IsDeleted")]


async def test_a_sync_copies_every_object_of_sales_and_service(synced: Product, org: LocalOrg) -> None:
    status = await json_of(synced, "status")
    counts = {each["object"]: each["records"] for each in status["objects"]}
    assert counts["Contact"] == len(live(org, "Contact")) > 300
    assert counts["OpportunityHistory"] == len(live(org, "OpportunityHistory"))
    assert counts["CampaignMember"] == len(live(org, "CampaignMember"))
    assert {"Account", "Lead", "Case", "Task", "Event", "Invoice__c", "Sales_Cost__c"} <= counts.keys()
    assert {each["phase"] for each in status["objects"]} == {"incremental"}
    assert status["dead_letters"] == []


async def test_a_search_finds_an_account_despite_a_typo_and_explains_its_figure(synced: Product, org: LocalOrg) -> None:
    name = next(str(row["Name"]) for row in live(org, "Account") if str(row["Name"]).endswith("GmbH"))
    word = name.split()[0]
    typo = word[:2] + word[3] + word[2] + word[4:]
    answer = await json_of(synced, "search", typo, "--explain")
    assert answer["hits"][0]["object"] == "Account"
    assert answer["hits"][0]["title"].startswith(word)
    assert answer["relaxed"] is True
    figure = answer["total"] * answer["terms"] / (answer["took_ms"] / 1000)
    assert answer["relevance_figure"] == pytest.approx(figure, rel=0.01)
    out = await said(synced, "search", typo, "--explain")
    assert "R = N × Q / T" in out


async def test_asking_without_as_says_that_the_operator_sees_everything(synced: Product) -> None:
    code, _, err = await synced.run("search", "gmbh")
    assert code == 0
    assert err.splitlines()[0] == "Asked as the operator, who sees everything."


async def test_the_report_names_every_owner_and_adds_up(synced: Product, org: LocalOrg) -> None:
    won = [row for row in live(org, "Opportunity") if row["IsWon"]]
    users = {row["Id"]: row["Name"] for row in org.rows("User")}
    for by in ("month", "owner", "account"):
        report = await json_of(synced, "report", "closed-won", "--by", by)
        assert sum(Decimal(row["amount"]) for row in report["rows"]) == Decimal(report["total"])
        assert Decimal(report["count"]) == len(won)
    owners = await json_of(synced, "report", "closed-won", "--by", "owner")
    assert {row["label"] for row in owners["rows"]} == {users[row["OwnerId"]] for row in won}


async def test_a_change_in_the_org_is_found_after_the_next_sync(synced: Product, org: LocalOrg) -> None:
    record = org.insert("Account", Name="Zebra Testworks")
    assert (await json_of(synced, "search", "zebra testworks"))["total"] == 0
    assert (await synced.run("sync"))[0] == 0
    answer = await json_of(synced, "search", "zebra testworks")
    assert [hit["id"] for hit in answer["hits"]] == [record]
    org.delete("Account", record)
    assert (await synced.run("sync"))[0] == 0
    assert (await json_of(synced, "search", "zebra testworks"))["total"] == 0


async def test_init_writes_a_configuration_that_is_read_back_and_never_overwrites_one(tmp_path: Path) -> None:
    product = Product(tmp_path, None, "embedded")
    assert "forcedex check" in await said(product, "init", "--login-url", "https://acme.my.salesforce.com")
    assert (tmp_path / ".forcedex/key").stat().st_mode & 0o777 == 0o600
    code, _, err = await product.run("init")
    assert (code, "there already" in err) == (2, True)
    code, _, err = await product.run("sync")
    assert (code, "[salesforce] client_id is missing" in err) == (2, True)


async def test_every_command_has_a_help_text() -> None:
    product = Product(Path.cwd(), None, "embedded")
    overview = await said(product, "--help")
    for command in ("demo", "init", "check", "sync", "status", "search", "report", "engine", "local-org"):
        assert command in overview
        assert "Usage" in await said(product, command, "--help")


async def test_the_demo_finds_a_change_within_seconds_and_leaves_nothing_running(tmp_path: Path) -> None:
    product = Product(tmp_path, None, "embedded")
    product.settings.clear()
    process = await product.start("demo", "--size", "0.02", "--port", "8990")
    try:
        out = await _read_until(process, "Ctrl-C stops everything")
        assert out.count("forcedex search") >= 3
        assert "Closed won by month" in out
        children = psutil.Process(process.pid).children(recursive=True)
        assert len(children) >= 3
        org = json.loads((tmp_path / ".forcedex/org/credentials.json").read_text())
        body = json.dumps({"Name": "Zebra Testworks"}).encode()
        with urllib.request.urlopen(f"{org['url']}/__org/records/Account", body) as answer:
            record = json.loads(answer.read())["id"]
        for _ in range(20):
            found = await json_of(product, "search", "zebra testworks")
            if found["total"]:
                break
            await asyncio.sleep(0.5)
        assert [hit["id"] for hit in found["hits"]] == [record]
    finally:
        process.send_signal(signal.SIGINT)
        await process.communicate()
    assert process.returncode == 0
    _, alive = psutil.wait_procs(children, timeout=5)
    assert alive == []


async def _read_until(process: asyncio.subprocess.Process, text: str) -> str:
    assert process.stdout is not None
    said = ""
    async with asyncio.timeout(120):
        while text not in said:
            line = await process.stdout.readline()
            assert line, said
            said += line.decode()
    return said
