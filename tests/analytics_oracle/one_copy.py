"""Asks the product that is imported here, whichever copy that is, some reports; exit code 1 if a figure differs."""

import asyncio
import json
import sys
from datetime import date
from pathlib import Path
from random import Random
from typing import Any

from tests.analytics_oracle.asked_questions import questions
from tests.analytics_oracle.asked_worlds import scored, settings_of
from tests.analytics_oracle.duckdb_oracle import Oracle


async def _main(given: dict[str, Any]) -> int:
    today = date.fromisoformat(given["today"])
    oracle = await Oracle(today).load(given["url"], given["token"])
    every = list(questions(Random(given["seed"]), today, given["month"], custom_years=given["custom"]))
    names = {each.partition("@")[0] for each in given["reports"]}
    asks = [
        each for each in every if each.report in names and not ("day" in each.by and each.period == "last-12-months")
    ]
    score = await scored(oracle, settings_of(given["settings"]), asks, "")
    print("\n".join([*score.seen, str(score)]))
    return int(bool(score.different))


if __name__ == "__main__":
    sys.exit(asyncio.run(_main(json.loads(Path(sys.argv[1]).read_text(encoding="utf-8")))))
