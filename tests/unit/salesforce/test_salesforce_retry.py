"""When a failed request is repeated."""

import pytest

from forcedex.domain.errors import SourceUnavailable
from forcedex.salesforce.retry import Failure, GiveUp, Repeat, Retry, decide

ERROR = SourceUnavailable("busy")


@pytest.mark.parametrize(
    ("repeat", "after", "attempt", "idempotent", "decision"),
    [
        (Repeat.SAFE, None, 1, True, Retry(1.0)),
        (Repeat.SAFE, None, 2, True, Retry(2.0)),
        (Repeat.SAFE, None, 4, True, Retry(8.0)),
        (Repeat.SAFE, None, 5, True, GiveUp()),  # the last of five tries
        (Repeat.SAFE, None, 1, False, Retry(1.0)),  # it was not carried out, so it may be sent again
        (Repeat.UNCLEAR, None, 1, True, Retry(1.0)),
        (Repeat.UNCLEAR, None, 1, False, GiveUp()),  # it may have been carried out
        (Repeat.NEVER, None, 1, True, GiveUp()),
        (Repeat.NEVER, 3.0, 1, True, GiveUp()),
        (Repeat.SAFE, 3.0, 1, True, Retry(4.0)),  # as long as the server asks, and some jitter
        (Repeat.SAFE, 1e9, 1, True, Retry(60.0)),  # nobody waits for thirty years
        (Repeat.SAFE, -5.0, 1, True, Retry(1.0)),
    ],
)
def test_decision(repeat: Repeat, after: float | None, attempt: int, idempotent: bool, decision: object) -> None:
    failure = Failure(error=ERROR, repeat=repeat, after=after)

    assert decide(failure, attempt, attempts=5, idempotent=idempotent) == decision


def test_the_wait_is_jittered_and_bounded() -> None:
    failure = Failure(error=ERROR, repeat=Repeat.SAFE)

    assert decide(failure, 3, attempts=9, chance=0.25) == Retry(1.0)
    assert decide(failure, 20, attempts=99) == Retry(60.0)
