"""Standard reports against SQL over the org's raw records: a sample; `make analytics-oracle` asks everything."""

import os
from pathlib import Path
from random import Random

import pytest

from tests.analytics_oracle.asked_worlds import World, world
from tests.analytics_oracle.duckdb_oracle import Ask
from tests.analytics_oracle.groupings import REPORTS
from tests.analytics_oracle.random_changes import set_up, storm

_SAMPLE = 60


async def test_a_sample_of_all_reports_and_groupings_has_the_figures_of_the_raw_records(
    elasticsearch_url: str, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    seed = request.config.getoption("--seed")
    seed = int.from_bytes(os.urandom(2)) if seed is None else int(seed)
    print(f"analytics oracle: --seed {seed}")
    random = Random(seed)
    async with world(elasticsearch_url, tmp_path, size=0.01, seed=seed) as found:
        storm(found.org, random, 60)
        chosen = set_up(found.org, random)
        await found.sync()
        score = await found.score(_sampled(found, random))
        manager = found.org.credentials.personas["sales_manager"]["username"]
        score.add(await found.score(random.sample(found.asks(random), 15), manager))
    assert not score.different, f"--seed {seed}, {chosen}: {score}\n" + "\n".join(score.seen)
    assert score.equal > 500


def _sampled(found: World, random: Random) -> list[Ask]:
    asks = found.asks(random)
    each = [random.choice([one for one in asks if one.report == name.partition("@")[0]]) for name in REPORTS]
    return [*each, *random.sample(asks, _SAMPLE - len(each))]
