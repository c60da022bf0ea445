"""The real program: its events, its exit codes, and what is left when it or its parent dies."""

import asyncio
import json
import os
import signal
import socket
import sys
import threading
from asyncio.subprocess import DEVNULL, PIPE
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import psutil
import pytest
from elasticsearch import AsyncElasticsearch

from localelastic.cache import cache_directory
from localelastic.jars import ELASTICSEARCH_VERSION, JARS

pytestmark = pytest.mark.usefixtures("quick_jvm")

Event = dict[str, Any]
PATIENCE = 60.0  # seconds that an event or an end may take on a busy machine


@dataclass
class Run:
    """One running `python -m localelastic run --json`."""

    process: asyncio.subprocess.Process
    events: list[Event] = field(default_factory=list)

    async def until(self, name: str) -> Event:
        """The next event of this name; every event on the way is kept in `events`."""
        async with asyncio.timeout(PATIENCE):
            async for event in self._next_events():
                if event["event"] == name:
                    return event
            raise AssertionError(f"ended with {await self.process.wait()} after {self.events}, without {name}")

    async def exit_code(self) -> int:
        """Reads the events to the end and waits."""
        async with asyncio.timeout(PATIENCE):
            async for _ in self._next_events():
                pass
            return await self.process.wait()

    async def _next_events(self) -> AsyncIterator[Event]:
        assert self.process.stdout is not None
        async for line in self.process.stdout:
            self.events.append(json.loads(line))
            yield self.events[-1]

    @property
    def event_names(self) -> list[str]:
        """The names of all events so far."""
        return [event["event"] for event in self.events]


@asynccontextmanager
async def running(data: Path, *options: str, **environment: str) -> AsyncIterator[Run]:
    """The program on a data directory; stopped at the end if it still runs."""
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "localelastic", "run", "--json", "--data", str(data), "--heap", "512m", *options,
        stdin=DEVNULL, stdout=PIPE, env={**os.environ, **environment},
    )  # fmt: skip
    run = Run(process)
    try:
        yield run
    finally:
        if process.returncode is None:
            process.terminate()
        await run.exit_code()


def java_processes(process: int) -> list[psutil.Process]:
    """The JVMs that this process has started."""
    return [child for child in psutil.Process(process).children(recursive=True) if child.name() == "java"]


async def gone(processes: list[psutil.Process]) -> bool:
    """Whether all of them end within ten seconds."""
    _, alive = await asyncio.to_thread(psutil.wait_procs, processes, timeout=10)
    return not alive


async def put(url: str) -> None:
    async with AsyncElasticsearch(url) as client:
        await client.index(index="kept", id="1", document={"Name": "Acme"})


async def kept(url: str) -> bool:
    async with AsyncElasticsearch(url) as client:
        answer = await client.get(index="kept", id="1")
    return bool(answer["_source"] == {"Name": "Acme"})


@pytest.fixture(scope="module")
async def shared(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[tuple[Run, Path]]:
    """A run whose wanted port was taken, and its data directory."""
    data = tmp_path_factory.mktemp("shared")
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        async with running(data, "--port", str(taken.getsockname()[1])) as run:
            await run.until("ready")
            yield run, data


async def test_warm_start_tells_that_it_starts_and_where_it_answers(shared: tuple[Run, Path]) -> None:
    run, _ = shared
    assert run.event_names == ["starting", "ready"]
    port = run.events[-1]["port"]
    assert run.events[-1] == {
        "event": "ready",
        "url": f"http://127.0.0.1:{port}",
        "port": port,
        "pid": run.process.pid,
        "version": ELASTICSEARCH_VERSION,
        "attached": False,
    }


async def test_taken_port_is_replaced_by_a_free_one(shared: tuple[Run, Path]) -> None:
    run, _ = shared
    async with AsyncElasticsearch(run.events[-1]["url"]) as client:
        assert await client.ping()


async def test_second_start_on_the_same_data_attaches(shared: tuple[Run, Path]) -> None:
    run, data = shared
    async with running(data) as second:
        assert await second.exit_code() == 0
    assert second.events == [{**run.events[-1], "attached": True}]


async def test_run_file_says_where_the_node_answers(shared: tuple[Run, Path]) -> None:
    run, data = shared
    ready = run.events[-1]
    assert json.loads((data / "run.json").read_text()) == {key: ready[key] for key in ("pid", "port", "url", "version")}


async def test_log_is_in_the_data_directory_and_not_on_the_terminal(shared: tuple[Run, Path]) -> None:
    _, data = shared
    assert " started {local}" in (data / "logs" / "elasticsearch.log").read_text()


async def test_sigterm_stops_cleanly_and_the_next_start_has_the_data(tmp_path: Path) -> None:
    async with running(tmp_path, "--port", "0") as run:
        await put((await run.until("ready"))["url"])
        node = java_processes(run.process.pid)
        run.process.send_signal(signal.SIGTERM)
        assert await run.exit_code() == 0
        assert run.event_names[-1] == "stopped"
        assert len(node) == 1 and not node[0].is_running()
    assert not (tmp_path / "run.json").exists()
    assert (tmp_path / "logs" / "elasticsearch.log").read_text().rstrip().endswith("closed")
    async with running(tmp_path, "--port", "0") as run:
        assert await kept((await run.until("ready"))["url"])
        run.process.send_signal(signal.SIGINT)
        assert await run.exit_code() == 0


async def test_killed_run_takes_its_node_along_and_the_next_start_has_the_data(tmp_path: Path) -> None:
    async with running(tmp_path, "--port", "0") as run:
        await put((await run.until("ready"))["url"])
        (node,) = java_processes(run.process.pid)
        node.suspend()  # a node that takes its time to close
        run.process.kill()
        async with running(tmp_path, "--port", "0") as second:
            try:
                await second.until("waiting")
                assert node.is_running()
            finally:
                node.resume()
            ready = await second.until("ready")
            assert not node.is_running()
            assert (ready["attached"], ready["pid"]) == (False, second.process.pid)
            assert await kept(ready["url"])


async def test_node_leaves_with_the_program_that_started_it(tmp_path: Path) -> None:
    program = (
        "import subprocess, sys, time\n"
        "command = [sys.executable, '-m', 'localelastic', 'run', '--json', '--parent-stdin', '--port', '0', '--data']\n"
        "subprocess.Popen([*command, sys.argv[1]], stdin=subprocess.PIPE)\n"
        "time.sleep(600)\n"
    )
    process = await asyncio.create_subprocess_exec(sys.executable, "-c", program, str(tmp_path), stdout=PIPE)
    run = Run(process)
    await run.until("ready")
    family = psutil.Process(process.pid).children(recursive=True)
    assert {child.name() for child in family} >= {"java"}
    process.kill()
    assert await gone(family)
    assert await run.exit_code() == -signal.SIGKILL
    assert not (tmp_path / "run.json").exists()


async def test_sigterm_during_the_start_leaves_nothing(tmp_path: Path) -> None:
    async with running(tmp_path, "--port", "0") as run:
        await run.until("starting")
        while not (node := java_processes(run.process.pid)):
            await asyncio.sleep(0.01)
        run.process.terminate()
        assert await run.exit_code() == 0
    assert run.event_names == ["starting", "stopped"]
    assert not node[0].is_running()


async def test_node_that_dies_is_an_error(tmp_path: Path) -> None:
    async with running(tmp_path, "--port", "0") as run:
        await run.until("ready")
        java_processes(run.process.pid)[0].kill()
        assert await run.exit_code() == 1
    assert (run.events[-1]["event"], run.events[-1]["message"]) == ("error", "Elasticsearch was killed.")
    assert not (tmp_path / "run.json").exists()


class QuietHandler(SimpleHTTPRequestHandler):
    """Serves files and prints nothing."""

    def log_message(self, format: str, *arguments: object) -> None:
        pass


@pytest.fixture
def mirror(tmp_path: Path) -> Iterator[str]:
    """The URL of a Maven repository on loopback that has all jars."""
    for jar in JARS:
        file = tmp_path / "mirror" / jar.path
        file.parent.mkdir(parents=True)
        file.symlink_to(cache_directory() / "jars" / jar.file_name)
    handler = partial(QuietHandler, directory=tmp_path / "mirror")
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()
        thread.join()


async def test_first_start_downloads_compiles_and_starts(mirror: str, tmp_path: Path) -> None:
    environment = {"LOCALELASTIC_CACHE": str(tmp_path / "cache"), "LOCALELASTIC_REPOSITORY": mirror}
    async with running(tmp_path / "data", "--port", "0", **environment) as run:
        await run.until("ready")
    expected = ["fetching"] * (len(JARS) + 1) + ["compiling", "starting", "ready", "stopped"]
    assert run.event_names == expected
    assert "Elastic License 2.0, AGPLv3 or SSPL" in run.events[0]["licence"]
    assert run.events[len(JARS)] == {"event": "fetching", "done": len(JARS), "total": len(JARS)}


async def test_start_without_jars_and_without_network_fails_with_a_hint(tmp_path: Path) -> None:
    environment = {"LOCALELASTIC_CACHE": str(tmp_path / "cache"), "LOCALELASTIC_REPOSITORY": "http://127.0.0.1:9"}
    async with running(tmp_path / "data", **environment) as run:
        assert await run.exit_code() == 1
    assert "could not be downloaded" in run.events[-1]["message"]
    assert "LOCALELASTIC_REPOSITORY" in run.events[-1]["hint"]


async def test_heap_larger_than_the_machine_fails_with_a_hint(tmp_path: Path) -> None:
    async with running(tmp_path, "--heap", "90000g") as run:
        assert await run.exit_code() == 1
    assert [event["event"] for event in run.events] == ["error"]
    assert "does not fit" in run.events[0]["message"]


async def test_data_directory_below_a_file_fails_with_a_hint(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    async with running(tmp_path / "file" / "data") as run:
        assert await run.exit_code() == 1
    assert "cannot be written: Not a directory" in run.events[0]["message"]


@pytest.mark.parametrize("options", [["--heap", "lots"], ["--port", "70000"], ["--unknown"]], ids=str)
async def test_wrong_usage_is_exit_code_2(tmp_path: Path, options: list[str]) -> None:
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "localelastic", "run", "--data", str(tmp_path), *options, stdout=PIPE, stderr=PIPE
    )
    _, complaint = await process.communicate()
    assert process.returncode == 2
    assert options[0].encode() in complaint


async def test_without_json_it_speaks_in_sentences(tmp_path: Path) -> None:
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "localelastic", "run", "--data", str(tmp_path), "--heap", "90000g", stdout=PIPE
    )
    output, _ = await process.communicate()
    assert process.returncode == 1
    assert output.decode().startswith("A heap of 90000g does not fit: this machine has")
