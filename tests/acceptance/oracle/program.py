"""The real program as a process: started, killed, stopped so that another one takes over, asked by commands."""

import asyncio
import signal
import sqlite3
import time
from pathlib import Path

from tests.acceptance.product import Product

#: Seconds until another process holds the lease, and until the one that lost it has ended.
_TAKEN, _ENDED = 60.0, 30.0
_COMMAND = 180.0  # seconds; it may wait for a fault to end


class Running:
    """One process and what it says."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        assert process.stdout is not None and process.stderr is not None
        self.process = process
        self._draining = [asyncio.create_task(each.read()) for each in (process.stdout, process.stderr)]

    @property
    def over(self) -> bool:
        """Whether it has ended."""
        return self.process.returncode is not None

    async def end(self, number: signal.Signals) -> str:
        """Its standard error, once it has ended by this signal or by itself."""
        if not self.over:
            self.process.send_signal(number)
        return await self.said()

    async def said(self) -> str:
        """Its standard error, once it has ended."""
        await self.process.wait()
        _, said = await asyncio.gather(*self._draining)
        return said.decode()


class Program:
    """`forcedex sync --watch`, one process after another."""

    def __init__(self, product: Product) -> None:
        self._product = product
        self._running: Running | None = None

    async def start(self) -> None:
        """Begin; the one before has ended or is stopped."""
        self._running = Running(await self._product.start("sync", "--watch", "--json"))

    async def end(self, number: signal.Signals) -> int:
        """End it; its exit code."""
        running = self._now
        await asyncio.wait_for(running.end(number), _ENDED)
        assert running.process.returncode is not None
        return running.process.returncode

    async def kill(self) -> None:
        """SIGKILL, and a new one."""
        await self.end(signal.SIGKILL)
        await self.start()

    async def check_alive(self) -> None:
        """AssertionError if it ended by itself."""
        if self._now.over:
            raise AssertionError(f"the sync ended by itself: {(await self._now.said())[-3000:]}")

    async def take_over(self) -> None:
        """SIGSTOP; another process takes the lease; SIGCONT: the first one must notice, write nothing, and end."""
        await self.check_alive()
        first = self._now
        await self._holds(first)
        await self._stop_between_writes(first.process)
        try:
            await self.start()
            await self._holds(self._now)
        finally:
            first.process.send_signal(signal.SIGCONT)
        said = await asyncio.wait_for(first.said(), _ENDED)
        assert first.process.returncode, "the first process did not fail when it had lost the lease"
        assert "Traceback" not in said, said[-3000:]
        assert self._holder() == self._now.process.pid, "the first process took the lease back"

    async def _holds(self, running: Running) -> None:
        """Wait until this process has the lease: one that has just been started waits for it like any other."""
        end = time.monotonic() + _TAKEN
        while self._holder() != running.process.pid:
            await self.check_alive()
            assert time.monotonic() < end, "the lease was not taken, not even from a process that was stopped or killed"
            await asyncio.sleep(0.3)

    async def command(self, *arguments: str) -> None:
        """Another command of the program; what it is refused does not matter here, but it must end and say why."""
        process = await self._product.start(*arguments)
        try:
            _, said = await asyncio.wait_for(process.communicate(), _COMMAND)
        except TimeoutError:
            raise AssertionError(f"{' '.join(arguments)} did not end") from None
        finally:
            if process.returncode is None:
                process.kill()
                await process.wait()
        assert b"Traceback" not in said, said.decode()[-3000:]

    @property
    def _now(self) -> Running:
        assert self._running is not None, "it was never started"
        return self._running

    @property
    def _state(self) -> Path:
        return self._product.home / ".forcedex" / "state.db"

    def _holder(self) -> int | None:
        """The process that holds the lease."""
        connection = sqlite3.connect(self._state, timeout=10)
        try:
            row = connection.execute("SELECT pid FROM leases").fetchone()
            return None if row is None else row[0]
        finally:
            connection.close()

    async def _stop_between_writes(self, process: asyncio.subprocess.Process) -> None:
        """SIGSTOP. In the middle of a transaction it would keep SQLite's lock, and all others would wait for it."""
        while True:
            process.send_signal(signal.SIGSTOP)
            connection = sqlite3.connect(self._state, timeout=0, isolation_level=None)
            try:
                connection.execute("BEGIN IMMEDIATE")
                return
            except sqlite3.OperationalError:
                process.send_signal(signal.SIGCONT)
                await asyncio.sleep(0.01)
            finally:
                connection.close()
