"""`make analytics-mutants`: a bug is planted in each formula, and the oracle must see it.

The product's source is copied, one text in it is replaced, and a process of its own asks the copy. A mutant of what is
derived is synced anew into indices of its own.
"""

import asyncio
import json
import os
import shutil
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path
from random import Random

from localelastic.fixture import running_node
from tests.analytics_oracle.asked_worlds import World, world
from tests.analytics_oracle.random_changes import set_up, storm

ROOT = Path(__file__).parents[2]
_SEED = 100
#: Processes at a time.
_AT_ONCE = 2


@dataclass(frozen=True)
class Bug:
    """What is replaced in which file, and the report that must show it; none: any of them, after a sync."""

    report: str
    file: str
    old: str
    new: str


def _report(name: str, file: str, old: str, new: str) -> Bug:
    return Bug(name, f"analytics/reports/{file}.py", old, new)


BUGS = (
    _report("closed-won", "closed_won", 'day="CloseDate"', 'day="x.created_d"'),
    _report("deal-size", "deal_size", "Function.MEDIAN", "Function.UPPER_QUARTILE"),
    _report("new-business", "new_business", "where=(WON,)", "where=()"),
    _report("top-customers", "top_customers", "so_far += own", "so_far = own"),
    _report("product-mix", "product_mix", '"x.list_amt"', '"x.line_amt"'),
    _report("win-rate", "win_rate", 'under="closed", why', 'under="lost", why'),
    _report("cohorts", "cohorts", 'day="x.created_d"', 'day="CloseDate"'),
    _report("funnel", "funnel", "round(own / before, 6)", "round(before / own, 6)"),
    _report("transitions", "transitions", 'field="x.b_stage"', 'field="x.stage"'),
    _report("losses", "losses", '"x.lost_from_stage"', '"StageName"'),
    _report("loss-reasons", "losses", 'amount", measure="amount"', 'amount", measure="count"'),
    _report("loss-drivers", "losses", "lost * others)", "lost * closed)"),
    _report("lead-conversion", "leads", '"x.days_to_convert"', '"x.first_touch_min"'),
    _report("sales-cycle", "speed", "Function.MEDIAN, LOST", "Function.MEDIAN, WON"),
    _report("time-in-stage", "speed", "_A_DAY = 86_400", "_A_DAY = 86_040"),
    _report("open-pipeline", "pipeline", '"x.wamt"', '"x.amt"'),
    _report("open-pipeline@then", "past", '("@asof",)', '("@asof-1",)'),
    _report("pipeline-created", "pipeline", '"x.first", Op.IS, (1,)', '"x.first", Op.IS, (0,)'),
    _report("slipped", "hygiene", 'day="x.b_close_d"', 'day="x.close_d"'),
    _report("hygiene", "hygiene", '_PAST = Filter("CloseDate", Op.LESS', '_PAST = Filter("CloseDate", Op.MORE'),
    _report("forecast", "forecast", '"Closed", "Forecast", "MostLikely"', '"Forecast", "Closed", "MostLikely"'),
    _report("forecast@then", "past", "AnyOf((OPEN, WON))), day", "OPEN), day"),
    _report("leaderboard", "leaderboard", "where=_CLOSED, day", "day"),
    _report("activity", "activity", "where=_DONE, ", ""),
    _report("case-volume", "service", '_is("x.closed_at_once")', '_is("x.closed")'),
    _report("first-response", "service", "Function.LARGEST", "Function.SMALLEST"),
    _report("time-to-close", "service", 'Function.MEAN, "x.ttc_min"', 'Function.MEAN, "x.ttc_bh_min"'),
    _report("backlog", "service", '("@today-90",)', '("@today-30",)'),
    _report("service-quality", "service", '_is("x.sla_met"))', '_is("x.sla_met", 0))'),
    _report("customer-health", "health", "where=(OPEN,)", "where=()"),
    _report("campaign-return", "campaign_return", '"ActualCost"', '"BudgetedCost"'),
    _report("pipeline-trend", "past", "where=(OPEN, NOT_OMITTED)),)", "where=(NOT_OMITTED,)),)"),
    _report("waterfall", "waterfall", '"decreased"), after - before', '"decreased"), after'),
    _report("waterfall-gross", "waterfall", "came + changed - left", "came + changed + left"),
    _report("push-rate", "waterfall", 'if stats["then"].documents:', 'if stats["now"].documents:'),
    _report("forecast-accuracy", "past", '("Forecast", "Closed")', '("Forecast",)'),
    _report("velocity", "velocity", "opened * rate * size / cycle", "opened * size / cycle"),
    _report("stalled", "velocity", '"x.stage_since", Op.LESS', '"x.stage_since", Op.MORE'),
    _report("quota", "quota", 'over="won", under="quota"', 'over="quota", under="won"'),
    _report("coverage", "quota", "missing, opened = quota - won,", "missing, opened = quota,"),
    _report("pacing", "quota", "projected = won + (", "projected = won - ("),
    _report("efficiency", "efficiency", "name=part, day=costs.day", "name=part"),
    Bug("sales-cycle", "analytics/pages.py", 'passed[key] = before + bucket["doc_count"]', "passed[key] = before + 1"),
    Bug("stalled", "analytics/pages.py", "Fraction(3, 4)", "Fraction(1, 2)"),
    Bug("activity", "analytics/planning.py", "self.week_start - 7", "self.week_start - 6"),
    Bug("deal-size", "analytics/groups.py", "stats.sum / stats.count if", "stats.sum / stats.documents if"),
    Bug("pipeline-trend", "domain/days.py", "ONE_DAY).moments(zone)[1]", "ONE_DAY).moments(zone)[0]"),
    Bug("", "domain/money.py", "to_integral_value(ROUND_HALF_EVEN)", 'to_integral_value("ROUND_DOWN")'),
    Bug("", "domain/derived/deals.py", 'setting.local_day(record', "as_day(record"),
    Bug("", "domain/derived/deal_versions.py", "            entered = version.at\n", ""),
    Bug("", "domain/derived/history.py", "if change.at <= parts[-1][0]:", "if change.at < parts[-1][0]:"),
    Bug("", "domain/derived/cases.py", 'if not each.get("Incoming") and', 'if each.get("Incoming") and'),
    Bug("", "domain/derived/leads.py", "is not None and each >= began]", "is not None]"),
)  # fmt: skip


async def _main() -> int:
    async with running_node(heap="512m") as node:
        with tempfile.TemporaryDirectory() as folder:
            async with world(node.url, Path(folder), size=0.03, seed=_SEED) as one:
                random = Random(_SEED)
                storm(one.org, random, 300)
                set_up(one.org, random)
                await one.sync()
                everything = sorted({bug.report for bug in BUGS if bug.report})
                untouched, said = await _asked(one, Path(folder) / "untouched", None, everything)
                if untouched:
                    print(f"The oracle differs without a planted bug:\n{said}")
                    return 1
                slots = asyncio.Semaphore(_AT_ONCE)

                async def plant(number: int, bug: Bug) -> bool:
                    async with slots:
                        code, said = await _asked(one, Path(folder) / f"bug{number}", bug, [bug.report])
                    caught = code == 1
                    what = f"{bug.report or 'what is derived'}: {bug.old.strip()} -> {bug.new.strip() or 'nothing'}"
                    print(f"{'caught' if caught else 'MISSED'}  {what}", flush=True)
                    if not caught:
                        print(said[-2_000:], flush=True)
                    return caught

                found = await asyncio.gather(*(plant(number, bug) for number, bug in enumerate(BUGS)))
    print(f"{sum(found)} of {len(found)} planted bugs caught")
    return int(not all(found))


async def _asked(one: World, home: Path, bug: Bug | None, reports: list[str]) -> tuple[int, str]:
    """The exit code of `one_copy`, and what it said: 1 if a figure differs."""
    shutil.copytree(ROOT / "src", home / "src", ignore=shutil.ignore_patterns("__pycache__", "node_modules"))
    if bug is not None:
        path = home / "src" / "forcedex" / bug.file
        source = path.read_text(encoding="utf-8")
        assert source.count(bug.old) == 1, f"{bug.file} has changed: tell the bug what to spoil there now: {bug.old}"
        path.write_text(source.replace(bug.old, bug.new), encoding="utf-8")
    settings = dict(one.product.settings)
    environment = {**os.environ, "PYTHONPATH": f"{home / 'src'}{os.pathsep}{ROOT}"}
    if reports == [""]:
        settings |= {
            "FORCEDEX_ELASTICSEARCH__INDEX_PREFIX": f"m{home.name}",
            "FORCEDEX_STATE__URL": f"sqlite:///{home / 'state.db'}",
        }
        code, said = await _run(home, {**environment, **settings}, "-m", "forcedex", "sync")
        if code:  # the index or the sync itself did not take it
            return 1, said
        reports = ["deal-size", "sales-cycle", "time-in-stage", "first-response", "lead-conversion", "waterfall-gross"]
    given = {
        "settings": settings,
        "url": one.org.url,
        "token": one.org.session(),
        "today": str(one.today),
        "month": int(str(one.org.rows("Organization")[0]["FiscalYearStartMonth"])),
        "custom": any(not row["IsStandardYear"] for row in one.org.rows("FiscalYearSettings")),
        "reports": reports,
        "seed": _SEED,
    }
    (home / "given.json").write_text(json.dumps(given), encoding="utf-8")
    code, said = await _run(home, environment, "-m", "tests.analytics_oracle.one_copy", str(home / "given.json"))
    assert code in (0, 1) and "figures equal" in said, said
    return code, said


async def _run(home: Path, environment: dict[str, str], *arguments: str) -> tuple[int, str]:
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        *arguments,
        cwd=home,
        env=environment,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    out, _ = await process.communicate()
    return process.returncode or 0, out.decode()


if __name__ == "__main__":
    sys.exit(asyncio.run(_main()))
