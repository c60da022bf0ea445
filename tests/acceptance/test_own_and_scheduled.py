"""Reports of one's own and scheduled ones, by the commands that people use."""

import asyncio
import json
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import pytest_asyncio

from forcedex.state.store import open_state
from localorg.fixture import LocalOrg
from tests.acceptance.product import Product

JONAS = "jonas.weidner@tarnholt.example"
MINE = """
name = "big-deals"
title = "Big deals"
by = "size"
[[parts]]
source = "x-deals"
where = ["x.won=1"]
[[measures]]
name = "amount"
function = "sum"
field = "x.amt"
[[measures]]
name = "count"
[[shares]]
name = "part"
measure = "amount"
[[dimensions]]
name = "size"
field = "x.amt"
ranges = [10000, 50000]
none = "(no amount)"
"""


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def synced(
    demo_org: LocalOrg, elasticsearch_url: str, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[Product]:
    product = Product(
        tmp_path_factory.mktemp("home"),
        demo_org,
        elasticsearch_url,
        objects=("User", "Account", "Opportunity", "OpportunityHistory", "OpportunityStage"),
    )
    product.settings["FORCEDEX_REPORTS__FOLDER"] = "reports"
    code, _, err = await product.run("sync")
    assert code == 0, err
    (product.home / "mine.toml").write_text(MINE, encoding="utf-8")
    yield product


async def done(product: Product, *command: str) -> str:
    code, out, err = await product.run(*command)
    assert code == 0, (out, err)
    return out


async def test_a_report_of_ones_own_is_saved_and_run(synced: Product) -> None:
    await done(synced, "reports", "save", "mine.toml")
    found = json.loads(await done(synced, "report", "big-deals", "--json"))
    assert found["by"] == "size" and float(found["total"]) > 0
    assert sum(float(row["part"]) for row in found["rows"]) == pytest.approx(1, abs=1e-5)


async def test_all_that_is_wrong_with_a_file_is_told_with_its_lines(synced: Product) -> None:
    bad = MINE.replace("x.won=1", "x.wonn=1").replace('function = "sum"', 'function = "avg"')
    (synced.home / "bad.toml").write_text(bad, encoding="utf-8")
    code, out, err = await synced.run("reports", "save", "bad.toml")
    assert (code, out) == (2, "")
    assert [line.split(": ")[1] for line in err.splitlines()] == [
        "Line 7, parts 1, where",
        "Line 10, measures 1, function",
    ]
    assert "did you mean x.won" in err


async def test_a_schedule_is_made_by_command_and_sent_by_the_daemon(synced: Product) -> None:
    asked = ("reports", "schedule", "big-deals", "--as", JONAS, "--to", "folder", "--format", "json")
    await done(synced, *asked, "--every", "month", "--on", "31", "--at", "06:30")
    await _make_due(synced)
    file = await _sent_by_the_daemon(synced)
    assert file.parent.name == JONAS and json.loads(file.read_text())["name"] == "big-deals"
    (told,) = json.loads(await done(synced, "reports", "schedules", "--json"))
    assert (told["username"], told["when"]) == (JONAS, "every month on the 31. at 06:30")
    assert told["sent_at"] and not told["problem"]


async def _make_due(product: Product) -> None:
    """The schedule was due an hour ago."""
    async with open_state(f"sqlite:///{product.home}/.forcedex/state.db") as state:
        org = await state.known_org(product.settings["FORCEDEX_SALESFORCE__LOGIN_URL"])
        assert org is not None
        store = state.of(org.org_id)
        (known,) = await store.schedules()
        await store.remove_schedule(known.number)
        await store.add_schedule(replace(known, due=datetime.now(UTC) - timedelta(hours=1)))


async def _sent_by_the_daemon(product: Product) -> Path:
    process = await product.start("sync", "--watch")
    try:
        async with asyncio.timeout(120):
            while not (found := list((product.home / "reports").glob("*/[!.]*"))):
                await asyncio.sleep(0.2)
    finally:
        process.terminate()
        out, err = await process.communicate()
    assert process.returncode == 0, (out, err)
    return found[0]
