"""The lease of an org: one process at a time syncs it.

A row names the holder and when its lease runs out; the holder renews it every five seconds. Each taking and each giving
back raises the row's fence, and a store made with a fence checks, in every transaction that writes, that it is still
the current one. So the fence alone decides who may write; the times only decide how soon another process may try:

- PostgreSQL: expiry is written and compared by the server's clock, which all hosts share. SQLite: by this machine's.
- A clock that jumps ahead lets another process take the lease too early: the former holder finds its fence old, and
  stops. A clock that jumps back would keep a dead holder's lease for long: so a lease whose expiry is further away
  than any lease lasts is not believed but watched, and taken if it is not renewed for as long as a lease lasts, by the
  watcher's own monotonic clock.
- A holder that was stopped and goes on (SIGSTOP, a suspended machine) may still believe in its lease. Its writes fail,
  and its renewal finds that it is too late.
"""

import asyncio
from collections.abc import Callable
from contextlib import suppress
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from functools import partial
from types import TracebackType
from typing import Self

from sqlalchemy.ext.asyncio import AsyncConnection

from forcedex.domain.errors import LeaseLost, StateRefused
from forcedex.domain.lease import LeaseHolder
from forcedex.domain.ports import Clock
from forcedex.state import rows
from forcedex.state.database import Database, now
from forcedex.state.process import Process, is_dead, this_process
from forcedex.state.refusals import Busy
from forcedex.state.tables import leases

Told = Callable[[LeaseHolder], None]

_TAKEN = "Another process has taken over the sync of this org."
_LATE = "The lease of this org was not renewed in time: this process was stopped, or the state store did not answer."
_STOPPED = "This one has stopped; start it again unless another one is to go on."


@dataclass(frozen=True, kw_only=True, slots=True)
class LeaseTerms:
    """How a lease is kept, in seconds."""

    lasts: float = 15.0
    renewed_every: float = 5.0
    #: How often one who waits looks, and how soon a renewal that failed is tried again.
    looked_every: float = 1.0


TERMS = LeaseTerms()


@dataclass(frozen=True, slots=True)
class _Row:
    """An org's lease as it was seen."""

    fence: int = 0
    #: None: nobody holds it.
    holder: LeaseHolder | None = None
    expires_at: datetime | None = None


class Lease:
    """An org's lease, held within `async with`; see `State.lease`.

    When it is lost the block is cancelled, and leaving it raises LeaseLost.
    """

    def __init__(
        self, database: Database, org: str, clock: Clock, *, wait: bool, told: Told | None, terms: LeaseTerms
    ) -> None:
        self._database = database
        self._org = org
        self._clock = clock
        self._wait = wait
        self._told = told
        self._terms = terms
        self._runs_out = 0.0
        #: For `State.of`; 0 before it is held.
        self.fence = 0
        #: Why it is not held any more; None while it is.
        self.lost: str | None = None

    async def __aenter__(self) -> Self:
        await self._take()
        self._owner = _this_task()
        self._cancelled_before = self._owner.cancelling()
        self._renewing = asyncio.create_task(self._keep())
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._renewing.cancel()
        await asyncio.wait([self._renewing])
        with suppress(StateRefused, TimeoutError):  # then it runs out by itself
            async with asyncio.timeout(self._terms.renewed_every):
                await self._database.write(self._give_back)
        # As asyncio.timeout does it: the cancellation was ours unless somebody else asked for one too.
        if self.lost is not None and self._owner.uncancel() <= self._cancelled_before:
            if kind is None or issubclass(kind, asyncio.CancelledError):
                raise LeaseLost(self.lost, _STOPPED) from None

    async def _take(self) -> None:
        watched, since = _Row(), self._clock.monotonic()
        announced: LeaseHolder | None = None
        while True:
            row, time = await self._database.read(self._look)
            began = self._clock.monotonic()
            if row != watched:
                watched, since = row, began
            if _may_be_taken(row, time) or began - since >= self._terms.lasts:
                try:
                    taken = await self._database.write(partial(self._claim, row=row))
                except Busy:
                    if not self._wait:
                        raise
                    continue
                if taken:
                    self._runs_out = began + self._terms.lasts
                    return
                continue  # somebody was faster
            assert row.holder is not None and row.expires_at is not None
            left = (row.expires_at - time).total_seconds()
            if not self._wait and left <= self._terms.lasts:
                raise StateRefused(
                    f"Another process syncs this org: {row.holder}.",
                    f"Stop it first. If its machine is gone, try again in {left:.0f} s.",
                )
            if self._told is not None and row.holder != announced:
                self._told(row.holder)
                announced = row.holder
            await self._clock.sleep(self._terms.looked_every)

    async def _keep(self) -> None:
        """Renew until cancelled, or lost."""
        pause = self._terms.renewed_every
        while True:
            await self._clock.sleep(pause)
            began = self._clock.monotonic()
            if began >= self._runs_out:
                return self._lose(_LATE)
            try:
                async with asyncio.timeout(self._runs_out - began):
                    renewed = await self._database.write(self._renew)
            except (StateRefused, TimeoutError):
                pause = self._terms.looked_every
                continue
            if not renewed:
                return self._lose(_TAKEN)
            pause, self._runs_out = self._terms.renewed_every, began + self._terms.lasts

    def _lose(self, why: str) -> None:
        self.lost = why
        self._owner.cancel()

    async def _look(self, connection: AsyncConnection) -> tuple[_Row, datetime]:
        return await _seen(connection, self._org), await now(connection)

    async def _claim(self, connection: AsyncConnection, row: _Row) -> bool:
        """Take it, if it is still as it was seen."""
        # There must be a row to lock: two inserts at once would both believe to be the first.
        await rows.add(connection, leases, [{"org_id": self._org, "fence": 0}])
        if await _seen(connection, self._org, locked=True) != row:
            return False
        time, me = await now(connection), this_process()
        holder = LeaseHolder(host=me.host, boot_id=me.boot_id, pid=me.pid, started=me.started, since=time)
        await self._save(connection, _Row(row.fence + 1, holder, time + timedelta(seconds=self._terms.lasts)))
        self.fence = row.fence + 1
        return True

    async def _renew(self, connection: AsyncConnection) -> bool:
        """Whether it is still ours."""
        row = await _seen(connection, self._org, locked=True)
        if row.fence == self.fence:
            expires_at = await now(connection) + timedelta(seconds=self._terms.lasts)
            await self._save(connection, _Row(row.fence, row.holder, expires_at))
        return row.fence == self.fence

    async def _give_back(self, connection: AsyncConnection) -> None:
        """Nobody holds it now; what is left of our own work can write nothing either."""
        if (await _seen(connection, self._org, locked=True)).fence == self.fence:
            await self._save(connection, _Row(self.fence + 1))

    async def _save(self, connection: AsyncConnection, row: _Row) -> None:
        values: dict[str, object] = {"org_id": self._org, "fence": row.fence}
        if row.holder is not None and row.expires_at is not None:
            named = asdict(row.holder)
            times = {"taken_at": named.pop("since").isoformat(), "expires_at": row.expires_at.isoformat()}
            values |= named | times
        await rows.put(connection, leases, [values])


async def check_fence(connection: AsyncConnection, org: str, fence: int) -> None:
    """LeaseLost unless this fence is the current one; it stays so until the transaction has ended."""
    found = await rows.read(connection, leases, leases.c.org_id == org, lock="share")
    if not found or found[0]["fence"] != fence:
        raise LeaseLost(_TAKEN, _STOPPED)


async def current_holder(connection: AsyncConnection, org: str) -> LeaseHolder | None:
    """Who holds the org's lease now."""
    row = await _seen(connection, org)
    return None if _may_be_taken(row, await now(connection)) else row.holder


def _may_be_taken(row: _Row, time: datetime) -> bool:
    """Whether it is free, has run out, or its process is dead."""
    if row.holder is None or row.expires_at is None or row.expires_at <= time:
        return True
    return is_dead(Process(row.holder.host, row.holder.boot_id, row.holder.pid, row.holder.started))


async def _seen(connection: AsyncConnection, org: str, *, locked: bool = False) -> _Row:
    found = await rows.read(connection, leases, leases.c.org_id == org, lock="update" if locked else None)
    if not found:
        return _Row()
    row = found[0]
    if row["host"] is None:
        return _Row(row["fence"])
    holder = LeaseHolder(
        host=row["host"],
        boot_id=row["boot_id"],
        pid=row["pid"],
        started=row["started"],
        since=datetime.fromisoformat(row["taken_at"]),
    )
    return _Row(row["fence"], holder, datetime.fromisoformat(row["expires_at"]))


def _this_task() -> "asyncio.Task[object]":
    task = asyncio.current_task()
    assert task is not None
    return task
