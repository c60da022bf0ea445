"""A process that holds the lease and writes: `python -m tests.integration.state.holder URL SECONDS`.

Tells its steps as words on lines: `held FENCE`, then `lost` when it has found out, or `refused` if somebody else holds
it. Its writes are counted in the moment `written` of the object `Contact`.
"""

import asyncio
import itertools
import sys

from forcedex.domain.errors import LeaseLost, StateRefused
from forcedex.state.lease import LeaseTerms
from forcedex.state.store import open_state
from tests.integration.state.clock import RealClock

ORG = "00D000000000001AAA"


async def hold(url: str, lasts: float) -> None:
    """Write until the lease is lost."""
    terms = LeaseTerms(lasts=lasts, renewed_every=lasts / 3, looked_every=lasts / 10)
    async with open_state(url) as state:
        try:
            async with state.lease(ORG, clock=RealClock(), terms=terms) as lease:
                tell("held", str(lease.fence))
                store = state.of(ORG, fence=lease.fence)
                for number in itertools.count():
                    await store.save_moment("written", "Contact", str(number))
                    await asyncio.sleep(0.05)
        except LeaseLost:
            tell("lost")
        except StateRefused:
            tell("refused")


def tell(*words: str) -> None:
    """One line."""
    sys.stdout.write(" ".join(words) + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    asyncio.run(hold(sys.argv[1], float(sys.argv[2])))
