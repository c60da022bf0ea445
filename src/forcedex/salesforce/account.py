"""The account of API requests: whoever keeps the budget is asked before each, and none is sent while all are refused.

Source: Salesforce Developer Limits, "API Request Limits and Allocations": requests of the data APIs count, refused
ones too; the list of versions, logins and the Pub/Sub API do not.
"""

from collections.abc import Awaitable, Callable

from forcedex.domain.errors import SourceUnavailable
from forcedex.domain.ports import Clock
from forcedex.salesforce.retry import Failure, Repeat

#: Seconds of silence after the org said that its daily requests are used up: they come back slowly, over 24 hours.
LIMIT_PAUSE = 600.0

_COUNTED = "/services/data/v"
_LIMIT = "REQUEST_LIMIT_EXCEEDED"

BeforeCall = Callable[[], Awaitable[None]]


async def unlimited() -> None:
    """Nobody keeps a budget."""


class CallAccount:
    """What this client has sent, and whether it may send more."""

    def __init__(self, clock: Clock, before_call: BeforeCall = unlimited) -> None:
        """`before_call` is awaited before each request; it raises BudgetExhausted if there should be none."""
        #: Requests that were sent and count against the org's allowance, repeated ones included.
        self.calls = 0
        self._clock = clock
        self._before_call = before_call
        self._refused_at: float | None = None

    async def before(self, path: str) -> None:
        """Take note of a request to this path. SourceUnavailable or the guard's own error if it may not be sent."""
        if not path.startswith(_COUNTED):
            return
        if self._refused_at is not None and self._clock.monotonic() - self._refused_at < LIMIT_PAUSE:
            raise SourceUnavailable(
                "The org's daily API requests are used up, so nothing is sent for some minutes.",
                "They come back over the next 24 hours; find the other clients in Setup, “API Usage”.",
                code=_LIMIT,
            )
        await self._before_call()
        self.calls += 1

    def learn(self, failure: Failure) -> None:
        """Take note of how a request failed."""
        error = failure.error
        if isinstance(error, SourceUnavailable) and error.code == _LIMIT and failure.repeat is Repeat.NEVER:
            self._refused_at = self._clock.monotonic()
