import asyncio
import os
import signal
import sqlite3
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy.engine import make_url
from sqlalchemy.ext.asyncio import AsyncConnection

from forcedex.domain.errors import LeaseLost, StateRefused
from forcedex.domain.lease import LeaseHolder
from forcedex.state import positions, rows
from forcedex.state.lease import LeaseTerms, check_fence
from forcedex.state.process import this_process
from forcedex.state.store import State, open_state
from forcedex.state.tables import leases
from tests.integration.state.clock import QuickClock, RealClock
from tests.integration.state.conftest import ORG, OTHER_ORG, underhand

CLOCK = RealClock()
DAY = timedelta(days=1)


async def plant(url: str, *, fence: int = 7, expires: timedelta, **named: Any) -> None:
    """A lease of another process as its row."""
    now, me = datetime.now(UTC), this_process()
    process = {"host": me.host, "boot_id": me.boot_id, "pid": me.pid, "started": me.started} | named
    times = {"taken_at": (now - DAY).isoformat(), "expires_at": (now + expires).isoformat()}
    row = {"org_id": ORG, "fence": fence} | process | times
    await underhand(url, lambda connection: rows.put(connection, leases, [row]))


@asynccontextmanager
async def holder(url: str, lasts: float) -> AsyncIterator[asyncio.subprocess.Process]:
    """Another process that holds the lease."""
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "tests.integration.state.holder", url, str(lasts), stdout=asyncio.subprocess.PIPE
    )
    try:
        yield process
    finally:
        if process.returncode is None:
            process.kill()
        await process.wait()


async def line(process: asyncio.subprocess.Process) -> list[str]:
    assert process.stdout is not None
    async with asyncio.timeout(60):
        return (await process.stdout.readline()).decode().split()


async def test_one_process_at_a_time_holds_the_lease_of_an_org_and_each_taking_raises_the_fence(url: str) -> None:
    async with open_state(url) as one, open_state(url) as other:
        async with one.lease(ORG, clock=CLOCK) as first:
            with pytest.raises(StateRefused, match=rf"process {os.getpid()} on .*, since \d+-.* UTC\. Stop it first"):
                async with other.lease(ORG, clock=CLOCK):
                    pytest.fail("two hold it")
            found = await other.holder(ORG)
            assert found is not None and found.pid == os.getpid()
            async with other.lease(OTHER_ORG, clock=CLOCK):
                pass
        assert await other.holder(ORG) is None
        async with other.lease(ORG, clock=CLOCK) as second:
            assert second.fence > first.fence


async def test_of_many_that_want_it_at_once_one_gets_it(url: str) -> None:
    release = asyncio.Event()
    fences: list[int] = []

    async def want() -> bool:
        async with open_state(url) as state:
            try:
                async with state.lease(ORG, clock=CLOCK) as lease:
                    fences.append(lease.fence)
                    await release.wait()
                return True
            except StateRefused:
                return False

    for number in range(3):
        tasks = [asyncio.create_task(want()) for _ in range(4)]
        async with asyncio.timeout(60):
            while sum(task.done() for task in tasks) < 3:
                await asyncio.sleep(0.01)
        release.set()
        assert sorted(await asyncio.gather(*tasks)) == [False, False, False, True], f"round {number}"
        release.clear()
    assert fences == sorted(set(fences))


async def test_one_who_waits_is_told_for_whom_and_gets_it_when_it_is_given_back(url: str) -> None:
    told: list[LeaseHolder] = []
    async with open_state(url) as state:

        async def wait() -> int:
            async with state.lease(ORG, clock=QuickClock(), wait=True, told=told.append) as lease:
                return lease.fence

        async with state.lease(ORG, clock=CLOCK) as first:
            waiting = asyncio.create_task(wait())
            while not told:
                await asyncio.sleep(0.01)
            assert not waiting.done()
        assert await waiting > first.fence
    assert [each.pid for each in told] == [os.getpid()]


async def test_the_lease_of_a_killed_process_is_taken_at_once(url: str) -> None:
    async with open_state(url) as state, holder(url, 3600) as process:
        [_, fence] = await line(process)
        process.kill()
        # Nobody has asked for its exit status yet: a process that ended but is still listed is dead too.
        async with asyncio.timeout(60):
            while await state.holder(ORG) is not None:
                await asyncio.sleep(0.01)
        async with state.lease(ORG, clock=CLOCK) as lease:
            assert lease.fence > int(fence)


@pytest.mark.parametrize(
    "named",
    [
        pytest.param({"started": "1"}, id="its pid is another process's now"),
        pytest.param({"pid": 2**22 + 1}, id="no process has its pid"),
    ],
)
async def test_a_holder_that_is_dead_on_this_machine_is_known_as_such(url: str, named: dict[str, Any]) -> None:
    async with open_state(url) as state:
        await plant(url, expires=timedelta(seconds=14), **named)
        async with state.lease(ORG, clock=CLOCK) as lease:
            assert lease.fence == 8


@pytest.mark.parametrize(
    "named",
    [
        pytest.param({"host": "elsewhere", "started": "1"}, id="on another machine"),
        pytest.param({"boot_id": "before", "started": "1"}, id="before a restart, or in another container"),
    ],
)
async def test_a_holder_of_which_nothing_can_be_known_is_waited_for(url: str, named: dict[str, Any]) -> None:
    async with open_state(url) as state:
        await plant(url, expires=timedelta(seconds=14), **named)
        with pytest.raises(StateRefused, match=r"process \d+ on .*try again in \d+ s"):
            async with state.lease(ORG, clock=CLOCK):
                pytest.fail("taken")
        await plant(url, expires=timedelta(seconds=-1), **named)
        async with state.lease(ORG, clock=CLOCK) as lease:
            assert lease.fence == 8


async def test_after_a_clock_went_back_a_lease_is_taken_if_nobody_renews_it(url: str) -> None:
    async with open_state(url) as state:
        await plant(url, expires=DAY, host="elsewhere")
        async with asyncio.timeout(60), state.lease(ORG, clock=QuickClock()) as lease:
            assert lease.fence == 8


async def test_after_a_clock_went_back_a_lease_that_is_renewed_is_not_taken(url: str) -> None:
    async with open_state(url) as state:
        await plant(url, expires=DAY, host="elsewhere")

        async def want() -> None:
            async with state.lease(ORG, clock=QuickClock(), wait=True):
                pass

        wanting = asyncio.create_task(want())
        for number in range(10):
            await asyncio.sleep(0.05)
            await plant(url, expires=DAY + timedelta(seconds=number), host="elsewhere")
            assert not wanting.done()
        await plant(url, expires=timedelta(seconds=-1), host="elsewhere")
        await wanting


async def test_a_lease_is_renewed_for_as_long_as_it_is_held(url: str) -> None:
    async with open_state(url) as state, state.lease(ORG, clock=QuickClock()) as lease:
        seen: set[str] = set()
        async with asyncio.timeout(60):
            while len(seen) < 4:
                seen.add(await _expiry(url))
                await asyncio.sleep(0.01)
        assert lease.lost is None


async def _expiry(url: str) -> str:
    [row] = await underhand(url, lambda connection: rows.read(connection, leases))
    found: str = row["expires_at"]
    return found


async def test_whoever_loses_the_lease_is_stopped_and_told(url: str) -> None:
    stopped = []
    async with open_state(url) as state:
        with pytest.raises(LeaseLost, match="Another process has taken over"):
            async with state.lease(ORG, clock=QuickClock()):
                await plant(url, expires=DAY, fence=99, host="elsewhere")
                try:
                    await asyncio.sleep(60)
                finally:
                    stopped.append(True)
        assert stopped
        with pytest.raises(StateRefused, match="on elsewhere"):
            async with state.lease(ORG, clock=QuickClock(), terms=LeaseTerms(lasts=2 * DAY.total_seconds())):
                pytest.fail("giving back what was lost took it from its new holder")


async def test_a_process_that_could_not_renew_in_time_has_lost_the_lease(url: str) -> None:
    clock = QuickClock()
    async with open_state(url) as state:
        with pytest.raises(LeaseLost, match="not renewed in time"):
            async with state.lease(ORG, clock=clock):
                clock.ahead = 20
                await asyncio.sleep(60)


async def test_a_cancellation_by_somebody_else_stays_one_and_the_lease_is_given_back(url: str) -> None:
    async with open_state(url) as state:
        held = asyncio.Event()

        async def hold() -> None:
            async with state.lease(ORG, clock=CLOCK):
                held.set()
                await asyncio.sleep(60)

        task = asyncio.create_task(hold())
        await held.wait()
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        assert await state.holder(ORG) is None


async def test_a_leader_that_was_stopped_and_wakes_can_write_nothing(url: str) -> None:
    async with open_state(url) as state, holder(url, 1) as process:
        [word, fence] = await line(process)
        assert word == "held"
        await _written(state)
        await _stop_between_writes(process, url)
        async with state.lease(ORG, clock=CLOCK, wait=True) as lease:
            assert lease.fence > int(fence)
            before = await state.of(ORG).moments("written")
            process.send_signal(signal.SIGCONT)
            # PostgreSQL may have ended its connection: it was stopped in the middle of a transaction.
            assert await line(process) in (["lost"], ["refused"])
            assert await state.of(ORG).moments("written") == before
            await state.of(ORG, fence=lease.fence).save_moment("written", "Contact", "ours")


async def _written(state: State) -> None:
    """Wait until the other process has written."""
    async with asyncio.timeout(60):
        while not await state.of(ORG).moments("written"):
            await asyncio.sleep(0.01)


async def _stop_between_writes(process: asyncio.subprocess.Process, url: str) -> None:
    """SIGSTOP. In the middle of a transaction it would keep SQLite's lock, and all others would wait for it."""
    path = make_url(url).database if url.startswith("sqlite") else None
    while True:
        process.send_signal(signal.SIGSTOP)
        if path is None:
            return
        connection = sqlite3.connect(path, timeout=0, isolation_level=None)
        try:
            connection.execute("BEGIN IMMEDIATE")
            return
        except sqlite3.OperationalError:
            process.send_signal(signal.SIGCONT)
            await asyncio.sleep(0.01)
        finally:
            connection.close()


async def test_nobody_takes_over_while_a_write_that_saw_the_fence_is_not_done(url: str) -> None:
    seen, go_on = asyncio.Event(), asyncio.Event()

    async with open_state(url) as state, open_state(url) as other:
        async with state.lease(ORG, clock=CLOCK) as lease:

            async def write_slowly(connection: AsyncConnection) -> None:
                await check_fence(connection, ORG, lease.fence)
                seen.set()
                await go_on.wait()
                await positions.save_moment(connection, ORG, "written", "Contact", "late")

            writing = asyncio.create_task(underhand(url, write_slowly))
            await seen.wait()
            # As after a stop: it has run out, and another process takes it.
            taking = asyncio.create_task(underhand(url, _raise_fence))
            await asyncio.sleep(0.2)
            assert not taking.done() and not await other.of(ORG).moments("written")
            go_on.set()
            await asyncio.gather(writing, taking)
            assert await other.of(ORG).moments("written") == {"Contact": "late"}
            with pytest.raises(LeaseLost):
                await state.of(ORG, fence=lease.fence).save_moment("written", "Contact", "too late")


async def _raise_fence(connection: AsyncConnection) -> None:
    [row] = await rows.read(connection, leases, lock="update")
    await rows.put(connection, leases, [{**row, "fence": row["fence"] + 1}])
