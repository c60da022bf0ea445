"""The org as a process: `python -m localorg run`."""

import asyncio
import json
import os
import signal
import socket
import stat
import sys
from asyncio.subprocess import PIPE, Process
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import httpx2

RUN = [sys.executable, "-m", "localorg", "run", "--json"]


async def event(process: Process) -> dict[str, Any]:
    assert process.stdout is not None
    line = await asyncio.wait_for(process.stdout.readline(), 30)
    found: dict[str, Any] = json.loads(line)
    return found


async def ready(process: Process) -> dict[str, Any]:
    while (found := await event(process))["event"] == "seeding":
        assert 0 <= found["done"] <= found["total"]
    return found


@asynccontextmanager
async def started(data: Path, *options: str, **environment: str) -> AsyncIterator[Process]:
    process = await asyncio.create_subprocess_exec(
        *RUN, "--data", str(data), "--port", "0", *options, stdin=PIPE, stdout=PIPE, env={**os.environ, **environment}
    )
    try:
        yield process
    finally:
        if process.returncode is None:
            process.kill()
        await process.communicate()


async def test_an_org_starts_attaches_stops_and_keeps_its_records(tmp_path: Path) -> None:
    data = tmp_path / "org"
    async with started(data, "--empty") as first:
        one = await ready(first)
        assert (one["event"], one["attached"], one["pid"]) == ("ready", False, first.pid)
        assert set(one) >= {"url", "org_id", "client_id", "username", "private_key_file", "admin"}
        assert set(one["admin"]) == {"username", "password", "security_token"}
        for name in ("run.json", "credentials.json", "integration.key"):
            assert stat.S_IMODE((data / name).stat().st_mode) == 0o600
        async with httpx2.AsyncClient(base_url=one["url"]) as http:
            created = await http.post("/__org/records/Account", json={"Name": "kept"})
            assert created.status_code == 200
        async with started(data, "--empty") as second:
            two = await ready(second)
            assert (two["attached"], two["url"], two["pid"]) == (True, one["url"], first.pid)
            assert await second.wait() == 0
        first.send_signal(signal.SIGTERM)
        assert await event(first) == {"event": "stopped"}
        assert await first.wait() == 0
    assert not (data / "run.json").exists()
    async with started(data, "--parent-stdin") as third:
        three = await ready(third)
        assert three["client_id"] == one["client_id"]
        async with httpx2.AsyncClient(base_url=three["url"]) as http:
            rows = await http.get("/__org/rows/Account")
            assert [json.loads(line)["Name"] for line in rows.text.splitlines()] == ["kept"]
        assert third.stdin is not None
        third.stdin.close()
        assert await event(third) == {"event": "stopped"}
        assert await third.wait() == 0


async def test_a_killed_org_comes_back(tmp_path: Path) -> None:
    async with started(tmp_path, "--empty") as first:
        one = await ready(first)
        first.kill()
        await first.wait()
    async with started(tmp_path, "--empty") as second:
        two = await ready(second)
        assert (two["attached"], two["org_id"]) == (False, one["org_id"])
        second.send_signal(signal.SIGINT)
        assert await event(second) == {"event": "stopped"}
        assert await second.wait() == 0


async def test_a_taken_port_is_replaced(tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        async with started(tmp_path, "--empty", "--port", str(port)) as process:
            found = await ready(process)
            assert found["url"] != f"http://127.0.0.1:{port}"


async def test_the_demo_company_is_made_once_and_copied_then(tmp_path: Path) -> None:
    cache = tmp_path / "cache"
    counts = []
    for name in ("a", "b"):
        async with started(tmp_path / name, "--size", "0.02", LOCALORG_CACHE=str(cache)) as process:
            events = [await event(process)]
            while events[-1]["event"] == "seeding":
                events.append(await event(process))
            counts.append(len(events))
            assert "@" in events[-1]["username"]
            async with httpx2.AsyncClient(base_url=events[-1]["url"]) as http:
                rows = (await http.get("/__org/rows/Account")).text.splitlines()
            assert len(rows) > 10
    assert counts[0] > 1
    assert counts[1] == 1
    assert len(list(cache.iterdir())) == 1


async def test_wrong_usage_ends_with_two(tmp_path: Path) -> None:
    process = await asyncio.create_subprocess_exec(*RUN, stdout=PIPE, stderr=PIPE)
    await process.communicate()
    assert process.returncode == 2
    (tmp_path / "file").write_text("")
    async with started(tmp_path / "file", "--empty") as failing:
        found = await event(failing)
        assert (found["event"], bool(found["hint"])) == ("error", True)
        assert await failing.wait() == 1
