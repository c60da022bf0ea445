"""Running an org as a process: one per folder, events on standard output, a clean end.

{"event": "seeding", "done": n, "total": m}
{"event": "ready", "url": …, "https_url": …, "pubsub": "localhost:7443", "ca_file": …, "pid": …, "attached": false,
 "org_id": …, "client_id": …, …}
{"event": "stopped"}
{"event": "error", "message": …, "hint": …}
"""

import asyncio
import contextlib
import fcntl
import os
import signal
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

import orjson

from localorg.creation import CompanySettings, credentials, database
from localorg.files import write_private
from localorg.org import DAILY_REQUESTS, Org
from localorg.server import Server

Emit = Callable[[dict[str, Any]], None]
_ATTACH_WAIT = 300.0  # seconds for the other process to seed and listen


@dataclass(frozen=True, kw_only=True)
class RunSettings:
    """How to run."""

    data: Path
    port: int = 8000
    https_port: int = 8443
    pubsub_port: int = 7443
    company: CompanySettings | None = None
    daily_requests: int = DAILY_REQUESTS
    parent_stdin: bool = False


@contextlib.contextmanager
def _locked(data: Path) -> Iterator[IO[str] | None]:
    """The folder's lock, held while the org runs; None: another process holds it."""
    with (data / "lock").open("w") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            yield None
            return
        yield file


async def run(settings: RunSettings, emit: Emit) -> int:
    """Run the org until it is told to stop; or tell where it runs already. The exit code."""
    settings.data.mkdir(parents=True, exist_ok=True)
    with _locked(settings.data) as lock:
        if lock is None:
            return await _attach(settings.data, emit)
        # A file of an earlier run would send others to a dead address.
        (settings.data / "run.json").unlink(missing_ok=True)
        return await _serve(settings, emit)


async def _attach(data: Path, emit: Emit) -> int:
    """Tell where the org runs, once it does."""
    loop = asyncio.get_running_loop()
    until = loop.time() + _ATTACH_WAIT
    while loop.time() < until:
        with contextlib.suppress(FileNotFoundError, orjson.JSONDecodeError):
            running = orjson.loads((data / "run.json").read_bytes())
            emit({**running, "event": "ready", "attached": True})
            return 0
        await asyncio.sleep(0.1)
    emit(
        {
            "event": "error",
            "message": f"Another process holds {data} but does not get ready.",
            "hint": "Stop that process, or use another folder with --data.",
        }
    )
    return 1


async def _serve(settings: RunSettings, emit: Emit) -> int:
    data = settings.data
    if not (data / "org.db").exists():
        loop = asyncio.get_running_loop()

        def progress(done: int, total: int) -> None:
            loop.call_soon_threadsafe(emit, {"event": "seeding", "done": done, "total": total})

        try:
            await asyncio.to_thread(database, data, settings.company, progress)
        except BaseException:
            for rest in data.glob("org.db*"):
                rest.unlink(missing_ok=True)
            raise
    org = Org(data, daily_requests=settings.daily_requests)
    stop = _stop_event(settings.parent_stdin)
    server = Server(org, settings.port, https_port=settings.https_port, pubsub_port=settings.pubsub_port)
    await server.start()
    try:
        ready = {
            "event": "ready",
            "pid": os.getpid(),
            "attached": False,
            **credentials(org).event(),
        }
        for name in ("client_secret", "login_client_secret", "refresh_token"):
            ready.pop(name)
        path = data / "run.json"
        part = path.with_suffix(".part")
        write_private(part, orjson.dumps(ready))
        part.replace(path)
        emit(ready)
        await stop.wait()
    finally:
        (data / "run.json").unlink(missing_ok=True)
        await server.stop()
        await asyncio.to_thread(org.close)
    emit({"event": "stopped"})
    return 0


def _stop_event(parent_stdin: bool) -> asyncio.Event:
    """Set by SIGTERM, SIGINT, or the end of standard input."""
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    if parent_stdin:

        def read() -> None:
            if not os.read(sys.stdin.fileno(), 4096):
                loop.remove_reader(sys.stdin.fileno())
                stop.set()

        loop.add_reader(sys.stdin.fileno(), read)
    return stop
