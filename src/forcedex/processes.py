"""Local helpers as processes of their own: started, listened to, and gone when we are.

Such a process prints one JSON object per line on its standard output (`{"event": …}`) and leaves when its standard
input closes, so that it goes even if we are killed.
"""

import asyncio
import contextlib
import json
import os
import socket
import sys
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from forcedex.domain.errors import ForcedexError

Told = Callable[[Mapping[str, Any]], None]
_STOP_TIMEOUT = 20.0  # seconds
_LINE = 2**20  # bytes; longest event line


class ProcessFailed(ForcedexError):
    """A local process did not start, or said why it cannot run."""


def already_running(folder: Path) -> str | None:
    """The URL in the folder's `run.json` if the process that wrote it is alive and listens; None otherwise.

    Saves starting a process that would find out the same.
    """
    try:
        told = json.loads((folder / "run.json").read_text(encoding="utf-8"))
        pid, port, url = int(told["pid"]), int(told["port"]), str(told["url"])
        os.kill(pid, 0)
        with socket.create_connection(("127.0.0.1", port), timeout=1):
            return url
    except (OSError, ValueError, KeyError, TypeError):
        return None


@asynccontextmanager
async def local_process(module: str, arguments: Sequence[str], told: Told) -> AsyncIterator[Mapping[str, Any]]:
    """Run `python -m module arguments`, and hand out its `ready` event; ProcessFailed if it does not come to that.

    `told` hears every event before it. A process that attached to one already running may end; others are stopped
    at the end.
    """
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        module,
        *arguments,
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
        limit=_LINE,
        start_new_session=True,  # Ctrl-C is for us; the process is stopped in order
    )
    assert process.stdout is not None and process.stderr is not None
    errors = asyncio.ensure_future(_last_lines(process.stderr))
    rest: asyncio.Future[None] | None = None
    try:
        ready = await _ready(process, errors, module, told)
        rest = asyncio.ensure_future(_drain(process.stdout))
        yield ready
    finally:
        await _stop(process)
        for task in (errors, rest):
            if task is not None:
                task.cancel()
                with contextlib.suppress(asyncio.CancelledError):
                    await task


async def _ready(
    process: asyncio.subprocess.Process, errors: "asyncio.Future[str]", module: str, told: Told
) -> Mapping[str, Any]:
    assert process.stdout is not None
    async for line in process.stdout:
        try:
            event = json.loads(line)
        except ValueError:
            continue
        if event.get("event") == "ready":
            return dict(event)
        if event.get("event") == "error":
            raise ProcessFailed(str(event.get("message", "")), str(event.get("hint", "")))
        told(event)
    last = await errors
    raise ProcessFailed(f"{module} ended before it was ready{': ' + last if last else ''}.")


async def _last_lines(stream: asyncio.StreamReader) -> str:
    """Read to the end, so that the process never waits for us; the last line that says something."""
    last = ""
    async for line in stream:
        last = line.decode(errors="replace").strip() or last
    return last[-300:]


async def _drain(stream: asyncio.StreamReader) -> None:
    while await stream.read(65_536):
        pass


async def _stop(process: asyncio.subprocess.Process) -> None:
    if process.stdin is not None:
        process.stdin.close()
    with contextlib.suppress(ProcessLookupError):
        process.terminate()
    try:
        await asyncio.wait_for(process.wait(), _STOP_TIMEOUT)
    except TimeoutError:
        with contextlib.suppress(ProcessLookupError):
            process.kill()
        await process.wait()
