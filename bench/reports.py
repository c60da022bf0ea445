"""`make bench-reports`: how fast the standard reports of deals are, beside DuckDB over Parquet for the same questions.

Deals with histories and lines are derived and written by the product's own parts, into a real node. Every report is
asked with its usual grouping over its usual period, as the operator, as a person with 200 tokens, and of DuckDB; the
cache of Elasticsearch's requests is off. `--write` writes docs/evidence/reports.md above its hand-written notes.
"""

import argparse
import asyncio
import os
import tempfile
import time
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from pathlib import Path

import duckdb
import psutil

from bench.beside_reports import SQL
from bench.deals import SETTING, accounts, deals, fill, set_up
from bench.probes import quantile
from bench.relevance.index import ORG, reader
from forcedex.access.view import View, everything
from forcedex.analytics.engine import Engine
from forcedex.analytics.question import Question
from forcedex.analytics.reports.catalogue import available
from forcedex.app import SystemClock
from forcedex.elasticsearch.bulk import BulkWriter
from forcedex.elasticsearch.client import ElasticsearchSettings, connect
from forcedex.elasticsearch.indices import ElasticsearchSink
from forcedex.elasticsearch.naming import Names
from forcedex.elasticsearch.query import QueryClient
from localelastic.fixture import running_node

EVIDENCE = Path("docs/evidence/reports.md")
_NOTES = "## What was found"
_ASKED = (
    *("closed-won", "deal-size", "new-business", "top-customers", "product-mix", "win-rate", "cohorts", "funnel"),
    *("transitions", "losses", "loss-reasons", "loss-drivers", "sales-cycle", "time-in-stage", "open-pipeline"),
    *("pipeline-created", "slipped", "hygiene", "forecast", "leaderboard", "pipeline-trend", "waterfall"),
    *("waterfall-gross", "push-rate", "forecast-accuracy", "velocity", "stalled"),
)
#: A dashboard of tiles that are asked at once.
_TILES = (
    *("closed-won", "deal-size", "win-rate", "open-pipeline", "forecast", "leaderboard", "funnel", "losses"),
    *("top-customers", "hygiene", "pipeline-created", "velocity", "sales-cycle", "waterfall", "pipeline-trend"),
)
DASHBOARD = f"dashboard of {len(_TILES)} tiles"
Ask = Callable[[], Awaitable[object]]


@dataclass(frozen=True)
class Timing:
    """Milliseconds: at the median, what 95 of 100 stay below, and the CPU of node and caller for one."""

    p50: float
    p95: float
    cpu: float


def _work(*processes: psutil.Process) -> float:
    times = [each.cpu_times() for each in processes]
    return sum(each.user + each.system for each in times) * 1000


async def _main() -> None:
    asked = _arguments()
    async with running_node(heap=asked.heap) as node:
        client = connect(ElasticsearchSettings(url=node.url))
        names = Names("reports", ORG)
        today = datetime.now(UTC).date()
        with tempfile.TemporaryDirectory() as folder:
            began = time.monotonic()
            await set_up(client, names)
            await accounts(client, names, max(1, asked.deals // 15))
            async with ElasticsearchSink(client, names, BulkWriter(client, SystemClock())) as sink:
                counts = await fill(sink, deals(asked.deals, today), Path(folder))
            await client.indices.refresh(index=f"{names.root}*")
            await client.indices.put_settings(index=f"{names.root}*", settings={"index.requests.cache.enable": False})
            took = time.monotonic() - began
            print(f"{counts} in {took:.0f} s", flush=True)
            questions, process = QueryClient(client, names), psutil.Process(node.pid)
            timings = {
                "everything": await _timings(questions, process, everything(), asked.rounds),
                "half": await _timings(questions, process, _half(), asked.rounds),
            }
            beside = await asyncio.to_thread(_duckdb, Path(folder), today, asked.rounds)
        await client.close()
    text = _page(counts, took, timings, beside, asked.heap, asked.rounds)
    print(text)
    if asked.write:
        _, _, notes = EVIDENCE.read_text(encoding="utf-8").partition(_NOTES) if EVIDENCE.exists() else ("", "", "")
        EVIDENCE.write_text(f"{text}\n{_NOTES}{notes}" if notes else text, encoding="utf-8")


async def _timings(client: QueryClient, node: psutil.Process, view: View, rounds: int) -> dict[str, Timing]:
    indexed = await client.indexed()
    calendar = SETTING.company.calendar(datetime.now(UTC))
    engine = Engine(client, indexed, view, SETTING.company, calendar)
    reports = available(None, "Loss_Reason__c")

    def one(name: str) -> Ask:
        return lambda: engine.report(reports[name], Question(top=40))

    async def dashboard() -> None:
        await asyncio.gather(*(one(name)() for name in _TILES))

    # What tells of other people's deals is refused to who does not see them all.
    names = [name for name in _ASKED if view == everything() or name != "new-business"]
    asks: dict[str, Ask] = {**{name: one(name) for name in names}, DASHBOARD: dashboard}
    found = {}
    for name, ask in asks.items():
        await ask()  # warms up
        taken = []
        before = _work(node, psutil.Process())
        for _ in range(rounds):
            began = time.perf_counter()
            await ask()
            taken.append((time.perf_counter() - began) * 1000)
        cpu = (_work(node, psutil.Process()) - before) / rounds
        found[name] = Timing(quantile(taken, 0.5), quantile(taken, 0.95), cpu)
        print(f"{name}: p50 {found[name].p50:.0f} ms, p95 {found[name].p95:.0f} ms, CPU {cpu:.0f} ms", flush=True)
    return found


def _duckdb(folder: Path, today: date, rounds: int) -> dict[str, Timing]:
    duck = duckdb.connect()
    for kind in ("deals", "versions", "lines"):
        source, target = folder / f"x-{kind}.json", folder / f"{kind}.parquet"
        duck.execute(f"COPY (FROM read_json('{source}', format = 'newline_delimited')) TO '{target}'")
        found = duck.execute(f"DESCRIBE FROM '{target}'").fetchall()
        columns = ", ".join(f'"{each[0]}" AS "{each[0].removeprefix("x.")}"' for each in found)
        spans = ', CAST("x.valid".gte AS TIMESTAMPTZ) AS since, CAST("x.valid".lt AS TIMESTAMPTZ) AS until'
        duck.execute(f"CREATE VIEW {kind} AS SELECT {columns}{spans if kind == 'versions' else ''} FROM '{target}'")
    duck.execute(
        "CREATE TABLE points AS SELECT CAST(unnest(generate_series(?::DATE - INTERVAL 12 MONTH, ?::DATE,"
        " INTERVAL 1 MONTH)) AS TIMESTAMPTZ) AS p",
        [today, today],
    )
    timings = {}
    for name, sql in SQL.items():
        duck.execute(sql).fetchall()
        taken = []
        before = _work(psutil.Process())
        for _ in range(rounds):
            began = time.perf_counter()
            duck.execute(sql).fetchall()
            taken.append((time.perf_counter() - began) * 1000)
        cpu = (_work(psutil.Process()) - before) / rounds
        timings[name] = Timing(quantile(taken, 0.5), quantile(taken, 0.95), cpu)
    return timings


def _half() -> View:
    """A person with 200 tokens who may read everything that deals are made of, and sees about half of them."""
    view = reader()
    more = (
        "OpportunityHistory",
        "OpportunityFieldHistory",
        "OpportunityLineItem",
        "OpportunityContactRole",
        "Product2",
    )
    return replace(view, objects={**view.objects, **dict.fromkeys(more)})


def _page(
    counts: Mapping[str, int],
    took: float,
    timings: Mapping[str, Mapping[str, Timing]],
    beside: Mapping[str, Timing],
    heap: str,
    rounds: int,
) -> str:
    sizes = ", ".join(f"{number:,} of `{name}`" for name, number in counts.items())
    machine = f"{psutil.cpu_count()} cores, {psutil.virtual_memory().total / 2**30:.0f} GiB"
    lines = [
        "# How fast the reports are",
        "",
        f"Made by `make bench-reports`: {sizes}, derived and written by the product's parts in {took:.0f} s, in an "
        f"embedded Elasticsearch with {heap} of heap on this machine ({machine}; load {os.getloadavg()[0]:.1f} at the "
        f"end). Each report with its usual grouping and period, {rounds} times; milliseconds at the caller, caches of "
        "requests off. “Half” is a person with 200 tokens who sees about half. CPU is that of the node and of the "
        "caller for one request as the operator. The more the load is above the cores, the less the times on the clock "
        "say; CPU hardly depends on it. DuckDB reads Parquet files of the same derived values.",
        "",
        "| report | all p50 | all p95 | half p50 | half p95 | CPU | DuckDB p50 | its CPU | CPU as a bar, 25 ms each |",
        "| --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: | --- |",
    ]
    for name, own in timings["everything"].items():
        half, duck = timings["half"].get(name), beside.get(name)
        cells = [own.p50, own.p95, half.p50 if half else None, half.p95 if half else None, own.cpu]
        cells += [duck.p50 if duck else None, duck.cpu if duck else None]
        shown = " | ".join("" if each is None else f"{each:,.0f}" for each in cells)
        lines.append(f"| {name} | {shown} | {'█' * min(60, round(own.cpu / 25))} |")
    lines += ["", "Not measured: reports of cases, leads, activities, campaigns, quotas and costs.", ""]
    return "\n".join(lines)


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--deals", type=int, default=1_000_000)
    parser.add_argument("--rounds", type=int, default=20, help="requests of each kind")
    parser.add_argument("--heap", default="3g")
    parser.add_argument("--write", action="store_true", help="write docs/evidence/reports.md")
    return parser.parse_args()


if __name__ == "__main__":
    asyncio.run(_main())
