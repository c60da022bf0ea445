"""A real process, stopped by real signals."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import IO

import pytest

PATIENCE = 60  # seconds until a test gives up

ORDERLY = """
with draining(seconds=1000) as stop:
    say("ready")
    await stop.wait()
    await asyncio.sleep(0.1)
    say("drained")
"""
STUCK = """
with draining(seconds=0.3) as stop:
    say("ready")
    await stop.wait()
    say("draining")
    await asyncio.sleep(1000)
"""
HANGING = """
with draining(seconds=0.3) as stop:
    say("ready")
    time.sleep(1000)
"""
PATIENT = """
with draining(seconds=1000) as stop:
    say("ready")
    await stop.wait()
    say("draining")
    await asyncio.sleep(1000)
"""
LEFT = """
with draining(seconds=0.3) as stop:
    say("ready")
    await stop.wait()
await asyncio.sleep(1)
say("drained")
"""
#: As `cli.console.run` does before.
OTHER_HANDLERS = (
    """
for number in (signal.SIGINT, signal.SIGTERM):
    asyncio.get_running_loop().add_signal_handler(number, asyncio.current_task().cancel)
"""
    + ORDERLY
)


@contextmanager
def running(program: str) -> Iterator[subprocess.Popen[str]]:
    """The program in a process of its own, which has said that it is ready."""
    body = "\n".join(f"    {line}" for line in program.strip().splitlines())
    source = (
        "import asyncio, signal, time\n"
        "from forcedex.operations.draining import draining\n"
        "def say(text): print(text, flush=True)\n"
        f"async def main():\n{body}\n"
        "asyncio.run(main())\n"
    )
    with subprocess.Popen([sys.executable, "-c", source], stdout=subprocess.PIPE, text=True) as process:
        try:
            assert line(process) == "ready"
            yield process
        finally:
            process.kill()


def line(process: subprocess.Popen[str]) -> str:
    out: IO[str] | None = process.stdout
    assert out is not None
    return out.readline().strip()


def end(process: subprocess.Popen[str]) -> int:
    return process.wait(PATIENCE)


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
@pytest.mark.parametrize("program", [ORDERLY, OTHER_HANDLERS], ids=["alone", "after other handlers"])
def test_a_signal_lets_it_finish_and_leave(program: str, number: signal.Signals) -> None:
    with running(program) as process:
        os.kill(process.pid, number)
        assert line(process) == "drained"
        assert end(process) == 0


@pytest.mark.parametrize("program", [STUCK, HANGING], ids=["a task that does not end", "a loop that hangs"])
def test_the_deadline_ends_it(program: str) -> None:
    with running(program) as process:
        os.kill(process.pid, signal.SIGTERM)
        assert end(process) == -signal.SIGTERM


@pytest.mark.parametrize("second", [signal.SIGTERM, signal.SIGINT])
def test_a_second_signal_ends_it_at_once(second: signal.Signals) -> None:
    with running(PATIENT) as process:
        os.kill(process.pid, signal.SIGINT)
        assert line(process) == "draining"
        os.kill(process.pid, second)
        assert end(process) == -second


def test_after_leaving_there_is_no_deadline_any_more() -> None:
    with running(LEFT) as process:
        os.kill(process.pid, signal.SIGTERM)
        assert line(process) == "drained"
        assert end(process) == 0
