"""Whether to repeat a request that failed, as a pure decision.

Waiting follows "full jitter" exponential backoff (AWS Architecture Blog, "Exponential Backoff And Jitter"):
a random time below a bound that doubles, so that clients that failed together do not come back together.
"""

from dataclasses import dataclass
from enum import Enum

from forcedex.domain.errors import ForcedexError

#: Upper bound of the first wait, in seconds; it doubles with every attempt.
FIRST_WAIT = 1.0
#: Upper bound of any wait, in seconds, whatever the server asks for.
LONGEST_WAIT = 60.0


class Repeat(Enum):
    """What repeating a failed request would mean."""

    #: It would fail again.
    NEVER = "never"
    #: The request was certainly not carried out.
    SAFE = "safe"
    #: The request may have been carried out: only an idempotent one may be repeated.
    UNCLEAR = "unclear"


@dataclass(frozen=True, kw_only=True, slots=True)
class Failure:
    """How a request failed."""

    #: What to raise when it is not repeated.
    error: ForcedexError
    repeat: Repeat = Repeat.NEVER
    #: Seconds that the server asks to wait (`Retry-After`).
    after: float | None = None
    #: The session is over: log in again.
    session_over: bool = False


@dataclass(frozen=True, slots=True)
class Retry:
    """Repeat the request."""

    #: Seconds to wait before.
    after: float


@dataclass(frozen=True, slots=True)
class GiveUp:
    """Raise the failure's error."""


def decide(
    failure: Failure, attempt: int, *, attempts: int, idempotent: bool = True, chance: float = 1.0
) -> Retry | GiveUp:
    """What to do after attempt number `attempt` (from 1) of at most `attempts`; `chance` from 0 to 1 is the jitter."""
    if attempt >= attempts or failure.repeat is Repeat.NEVER:
        return GiveUp()
    if failure.repeat is Repeat.UNCLEAR and not idempotent:
        return GiveUp()
    bound = min(LONGEST_WAIT, FIRST_WAIT * 2.0 ** (attempt - 1))
    wait = bound * chance
    if failure.after is not None:
        wait += min(max(failure.after, 0.0), LONGEST_WAIT)
    return Retry(after=min(wait, LONGEST_WAIT))
