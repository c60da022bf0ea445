"""`make analytics-oracle`: every report, every grouping, in random orgs, changed and read again in several ways.

The last line is how many figures were equal; exit code 1 if not all were.
"""

import argparse
import asyncio
import os
import sys
import tempfile
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from random import Random

from localelastic.fixture import running_node
from tests.analytics_oracle.asked_worlds import World, world
from tests.analytics_oracle.comparing_figures import Score
from tests.analytics_oracle.random_changes import set_up, storm, touched

_PEOPLE = ("sales_vp", "sales_manager", "sales_rep")
#: Shards, and the zone of the JVM.
_NODES = ((1, "UTC"), (5, "Asia/Kolkata"), (1, "America/St_Johns"), (5, "Pacific/Auckland"))


async def _main() -> int:
    asked = _arguments()
    whole = Score()
    for number in range(asked.worlds):
        seed = asked.seed + number
        shards, zone = _NODES[(number + asked.variant) % len(_NODES)]
        print(f"org {number + 1} of {asked.worlds}: --seed {seed}, {shards} shards, JVM in {zone}", flush=True)
        async with _node(zone) as url:
            with tempfile.TemporaryDirectory() as folder:
                async with world(url, Path(folder), size=asked.size, seed=seed, shards=shards) as one:
                    whole.add(await _through(one, Random(seed), asked.share))
    print(
        f"seeds {asked.seed} to {asked.seed + asked.worlds - 1}; {whole.refused:,} questions refused for what is hidden"
    )
    print(f"{whole.equal:,} of {whole.equal + whole.different:,} figures equal")
    return int(bool(whole.different) or not whole.equal)


async def _through(one: World, random: Random, share: float) -> Score:
    whole = Score()

    async def step(name: str, share: float, username: str = "") -> None:
        began = time.monotonic()
        asks = one.asks(random)
        score = await one.score(random.sample(asks, int(len(asks) * share)), username)
        print(f"  {name}: {score}, {time.monotonic() - began:.0f} s", flush=True)
        for each in score.seen:
            print(f"    {each[:400]}", flush=True)
        whole.add(score)

    await one.sync()
    await step("as generated", share)
    changed = storm(one.org, random, 400)
    print(f"  {changed} changes; {set_up(one.org, random)}", flush=True)
    await one.sync()
    await step("after a storm", share)
    touched(one.org, random, 300)
    await one.sync()
    await step("read again in another order", share / 3)
    # Building an object anew lists its shares; otherwise that is done once an hour.
    for name in ("Account", "Opportunity", "Case", "Lead"):
        await one.sync("rebuild", name)
    await step("built anew", share / 3)
    for person in _PEOPLE:
        await step(person, share / 3, one.org.credentials.personas[person]["username"])
    return whole


@asynccontextmanager
async def _node(zone: str) -> AsyncIterator[str]:
    os.environ["JAVA_TOOL_OPTIONS"] = f"-Duser.timezone={zone}"
    try:
        async with running_node(heap="512m") as node:
            yield node.url
    finally:
        del os.environ["JAVA_TOOL_OPTIONS"]


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seed", type=int, default=int(time.time()) % 100_000, help="of the first org")
    parser.add_argument("--worlds", type=int, default=len(_NODES), help="orgs")
    parser.add_argument("--variant", type=int, default=0, help="shards and zone of the first org, 0 to 3")
    parser.add_argument("--size", type=float, default=0.03, help="of an org; 1 is the demo company")
    parser.add_argument("--share", type=float, default=1.0, help="of all questions")
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(asyncio.run(_main()))
