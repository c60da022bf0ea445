"""Running a node on a data directory until told to stop, or attaching to the one that runs there already."""

import asyncio
import os
import signal
import socket
import threading
from contextlib import suppress
from dataclasses import asdict, dataclass
from functools import partial
from pathlib import Path
from typing import Final, NoReturn

from localelastic.errors import LocalElasticError, PortInUse
from localelastic.events import Failed, Ready, Report, Starting, Stopped, Waiting
from localelastic.health import answers
from localelastic.installation import install
from localelastic.memory import choose_heap, machine_memory
from localelastic.node import Node
from localelastic.ownership import DataLock, RunFile

WAIT_POLL: Final = 0.1  # seconds
WAIT_TIMEOUT: Final = 600.0  # seconds; the other process may be downloading


@dataclass(frozen=True, kw_only=True, slots=True)
class RunOptions:
    """What to run."""

    data: Path
    port: int
    """Wanted; when it is taken a free one is used."""
    heap: str | None
    """Such as `512m` or `1g`; None for what suits the machine."""
    parent_stdin: bool
    """Stop when standard input closes, so as to leave with the process that holds its other end."""


async def run(options: RunOptions, report: Report) -> int:
    """Run until a signal (or the end of standard input) and return the exit code."""
    serving = asyncio.create_task(_serve_or_attach(options, report))
    stop = _stop_requests(options.parent_stdin)
    stopping = asyncio.create_task(stop.wait())
    await asyncio.wait((serving, stopping), return_when=asyncio.FIRST_COMPLETED)
    stopping.cancel()
    serving.cancel()
    try:
        await serving
    except asyncio.CancelledError:
        report(Stopped())
    except LocalElasticError as exc:
        report(Failed(message=exc.message, hint=exc.hint))
        return 1
    return 0


def _stop_requests(parent_stdin: bool) -> asyncio.Event:
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    if parent_stdin:
        _watch_stdin(loop, stop)
    return stop


def _watch_stdin(loop: asyncio.AbstractEventLoop, stop: asyncio.Event) -> None:
    def read_to_end() -> None:
        while os.read(0, 4096):  # not sys.stdin: a thread that waits in its buffer breaks the exit of Python
            pass
        with suppress(RuntimeError):  # the loop is closed already
            loop.call_soon_threadsafe(stop.set)

    threading.Thread(target=read_to_end, daemon=True).start()


async def _serve_or_attach(options: RunOptions, report: Report) -> None:
    """Returns when attached; otherwise serves until cancelled or until the node ends, which is an error."""
    owner = await _lock_or_owner(options.data, report)
    if isinstance(owner, RunFile):
        report(_ready(owner, attached=True))
        return
    try:
        await _serve(options, owner, report)
    finally:
        owner.release()


async def _lock_or_owner(data: Path, report: Report) -> DataLock | RunFile:
    """The lock on the data directory, or who holds it and answers."""
    waited = False
    try:
        async with asyncio.timeout(WAIT_TIMEOUT):
            while True:
                if lock := DataLock.try_acquire(data):
                    return lock
                if (owner := RunFile.read(data)) and await answers(owner.url):
                    return owner
                if not waited:
                    report(Waiting())
                    waited = True
                await asyncio.sleep(WAIT_POLL)
    except TimeoutError as exc:
        raise LocalElasticError(
            f"Another process holds {data} but its node does not answer.",
            f"Find it with `fuser {data / 'lock'}` and stop it.",
        ) from exc


async def _serve(options: RunOptions, lock: DataLock, report: Report) -> NoReturn:
    heap = choose_heap(options.heap, machine_memory())
    RunFile.remove(options.data)  # of an owner that was killed
    installation = await install(report)
    report(Starting())
    start = partial(Node.start, installation, options.data, heap=heap, keep_open=(lock.descriptor,))
    try:
        node = await start(port=options.port if _is_free(options.port) else 0)
    except PortInUse:  # somebody took it while the node was starting
        node = await start(port=0)
    try:
        run_file = RunFile(pid=os.getpid(), port=node.port, url=node.url, version=node.version)
        run_file.write(options.data)
        report(_ready(run_file, attached=False))
        raise await node.ended()
    finally:
        RunFile.remove(options.data)
        await node.stop()


def _is_free(port: int) -> bool:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True


def _ready(run_file: RunFile, *, attached: bool) -> Ready:
    return Ready(**asdict(run_file), attached=attached)
