"""A process that writes until it is stopped: `python -m tests.integration.state.writer URL COUNT`.

Tells `taken N` for an ordinal and `saved N` for a checkpoint with this ordinal, and `refused WHY` or `done` at the end.
"""

import asyncio
import sys

from forcedex.domain.errors import StateRefused
from tests.integration.state.conftest import opened
from tests.integration.state.contents import checkpoint


async def write(url: str, count: int) -> None:
    """Write so many checkpoints, or until refused."""
    try:
        async with opened(url) as store:
            for number in range(count):
                if number % 100 == 0:
                    tell("taken", str(await store.next_ordinal()))
                await store.note("deleted", "Contact", [f"{number}-{each}" for each in range(20)])
                await store.save_checkpoint(checkpoint(ordinal=number))
                tell("saved", str(number))
        tell("done")
    except StateRefused as exc:
        tell("refused", str(exc))


def tell(*words: str) -> None:
    """One line."""
    sys.stdout.write(" ".join(words) + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    asyncio.run(write(sys.argv[1], int(sys.argv[2])))
