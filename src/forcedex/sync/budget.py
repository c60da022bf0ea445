"""Our share of the org's API calls: counted before each call, planned by purpose, never exceeded.

Source: Salesforce Developer Limits, "API Request Limits and Allocations": calls of the last 24 hours count.
"""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import datetime

from forcedex.domain.errors import BudgetExhausted
from forcedex.domain.ports import ApiUsage, StateStore

_DAY = 86_400.0  # seconds
_HOURS = 24
#: The moment that holds what the org told of its calls.
_USAGE = "api_usage"
#: Never ask more often than this, however large the allowance: both sides should be idle when nothing happens.
SHORTEST = 2.0  # seconds
#: Of the calls that are left to everybody, this part is never used by us: other programs live in the org too.
_RESERVE = 0.1
#: Our share by purpose. What access reads need stays free for them.
_ACCESS, _POLLS, _REREADS, _UPKEEP = 0.1, 0.5, 0.25, 0.15
#: Calls that are counted in the store at once; a crash loses at most as many of our share.
_BLOCK = 20
_FOR_ACCESS: ContextVar[bool] = ContextVar("for_access", default=False)
#: Calls that ask whether a Bulk job is done, on average.
_JOB_POLLS = 8


@dataclass(frozen=True, kw_only=True, slots=True)
class Plan:
    """How our share of a day's calls is spent."""

    #: Calls a day: the org's, ours, and of ours by purpose.
    allowed: int
    ours: int
    access: int
    polls: int
    rereads: int
    upkeep: int
    #: Seconds between two rounds of polls, and what makes it so long: `shortest` or `budget`.
    poll_seconds: float
    poll_limit: str
    #: Objects that are polled each round, and those that only check their stream.
    polled: int
    streamed: int
    #: Calls a day that one stream may spend on reading again.
    rereads_each: int


def plan(usage: ApiUsage, share: float, *, polled: int, streamed: int, cross_check: float) -> Plan:
    """Spread `share` (0 to 1] of the daily calls over `polled` and `streamed` objects.

    A round is a call for each polled object and one for the org's clock, which costs nothing; a streamed object is
    polled every `cross_check` seconds. When little is left for everybody, rounds become rarer.
    """
    left = usage.allowed * (1 - _RESERVE) - usage.used
    ours = int(max(min(usage.allowed * share, left), 0))
    rereads = int(ours * _REREADS) if streamed else 0
    upkeep = int(ours * _UPKEEP)
    access = int(ours * _ACCESS)
    polls = ours - rereads - upkeep - access
    checks = streamed * _DAY / cross_check
    spendable = max(polls - checks, 0.0)
    if not polled:
        seconds = cross_check
    elif spendable < polled:
        seconds = _DAY
    else:
        seconds = max(SHORTEST, _DAY * polled / spendable)
    return Plan(
        allowed=usage.allowed,
        ours=ours,
        access=access,
        polls=polls,
        rereads=rereads,
        upkeep=upkeep,
        poll_seconds=seconds,
        poll_limit="budget" if seconds > SHORTEST else "shortest",
        polled=polled,
        streamed=streamed,
        rereads_each=rereads // max(streamed, 1),
    )


def first_read_calls(records: int) -> int:
    """API calls of a first complete read: a count, then REST pages of 2,000, or a Bulk job with its pages."""
    if records <= 2_000:
        return 2 + records // 2_000
    pages = -(-records // 50_000)
    return 2 + _JOB_POLLS + pages


class CallMeter:
    """Counts our calls before they are made and refuses those that our share does not cover."""

    def __init__(self, store: StateStore, share: float, wall: Callable[[], datetime]) -> None:
        """`wall`: the machine's time. It only sorts calls into hours; a jump makes us count more, never less."""
        self._store = store
        self._share = share
        self._wall = wall
        #: Calls of everybody and what the org allows, as it last told; None until it did.
        self.usage: ApiUsage | None = None
        self._spent = 0
        self._reserved = 0
        self._hour = -1

    @contextmanager
    def for_access(self) -> Iterator[None]:
        """What is asked within is access data: the part of our share that is kept for it may be used."""
        token = _FOR_ACCESS.set(True)
        try:
            yield
        finally:
            _FOR_ACCESS.reset(token)

    @property
    def spent(self) -> int:
        """Our calls of the last 24 hours, at most a block too many."""
        return self._spent

    async def count(self, calls: int) -> None:
        """Calls that were made before the store was known."""
        hour = int(self._wall().timestamp() // 3600)
        await self._store.reserve_calls(hour, calls)

    def hear(self, usage: ApiUsage) -> None:
        """The org told how many calls it allows and how many were made."""
        self.usage = usage

    async def before_call(self) -> None:
        """Count a call; BudgetExhausted if it is not ours to make."""
        hour = int(self._wall().timestamp() // 3600)
        if hour != self._hour:
            self._spent = await self._store.calls_since(hour - _HOURS + 1)
            self._hour, self._reserved = hour, 0
        if self._reserved == 0:
            self._check()
            await self._store.reserve_calls(hour, _BLOCK)
            self._reserved = _BLOCK
            self._spent += _BLOCK
        self._reserved -= 1

    def _check(self) -> None:
        if self.usage is None:
            return
        allowed, used = self.usage.allowed, self.usage.used
        # What access reads need is kept free for them.
        ours = int(allowed * self._share * (1 if _FOR_ACCESS.get() else 1 - _ACCESS))
        if self._spent + _BLOCK > max(ours, _BLOCK):
            raise BudgetExhausted(
                f"Our share of the org's API calls is used up: {self._spent:,} of {ours:,} in 24 hours.",
                "Raise [sync] api_share, stream more objects, or wait: calls older than 24 hours no longer count.",
            )
        if used >= allowed * (1 - _RESERVE / 2):
            raise BudgetExhausted(
                f"The org has used {used:,} of its {allowed:,} API calls: the rest is left to others.",
                "Wait, or find out in Setup which program uses so many.",
            )


async def remember_usage(store: StateStore, usage: ApiUsage) -> None:
    """Keep what the org told, for who asks how the sync does."""
    await store.save_moment(_USAGE, "", f"{usage.used}/{usage.allowed}")


async def last_usage(store: StateStore) -> ApiUsage | None:
    """What the org told last; None if it never did."""
    text = (await store.moments(_USAGE)).get("")
    if text is None:
        return None
    used, allowed = text.split("/")
    return ApiUsage(used=int(used), allowed=int(allowed))


def purposes(planned: Plan) -> Sequence[tuple[str, int]]:
    """The parts of our share for a table: name and calls a day."""
    return (
        ("polls", planned.polls),
        ("re-reads of streamed changes", planned.rereads),
        ("describes, deletions, sweeps", planned.upkeep),
        ("access data (reserved)", planned.access),
    )
