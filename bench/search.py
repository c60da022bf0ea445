"""`make bench-search`: how fast the search answers four people at once over a million records, and what indexing costs.

Every person holds 200 tokens and sees about half. Milliseconds on the clock grow with whatever else the machine does;
the CPU seconds of the node and of this program hardly do, so both are told. Nothing is merged by force: the product
does not either. `--write` writes the figures into docs/evidence/search-latency.md, above its hand-written notes.
"""

import argparse
import asyncio
import os
import random
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path

import psutil
from elasticsearch import AsyncElasticsearch

from bench.probes import quantile
from bench.relevance.index import ORG, fill, reader, sees
from bench.relevance.queries import PLAIN, queries
from bench.relevance.records import entries
from forcedex.access.view import View, everything
from forcedex.elasticsearch.client import ElasticsearchSettings, connect
from forcedex.elasticsearch.naming import Names
from forcedex.elasticsearch.query import QueryClient
from forcedex.search.asker import Asker
from forcedex.search.request import SearchRequest
from forcedex.search.search import Search
from localelastic.fixture import running_node

EVIDENCE = Path("docs/evidence/search-latency.md")
_USERS = 4
_SAMPLE = 50_000  # records that queries are drawn from
_COSTED = 100_000  # records whose indexing is compared
_ROUNDS = 3  # of each kind of request, taking turns: the first warms the node up and is not counted
_NOTES = "## What was found"


Ask = Callable[[str], Awaitable[float | None]]


@dataclass(kw_only=True)
class Timing:
    """What requests of one kind took; milliseconds, but for `others`."""

    taken: list[float] = field(default_factory=list)
    #: Elasticsearch's `took`, and what is above it; none where it is not told.
    inside: list[float] = field(default_factory=list)
    above: list[float] = field(default_factory=list)
    #: CPU of the node and of this program.
    node: float = 0.0
    own: float = 0.0
    #: CPU of all other programs, and what the machine had; seconds.
    others: float = 0.0
    had: float = 0.0

    def per_request(self, cpu: float) -> float:
        """CPU of one request."""
        return cpu / len(self.taken)


@dataclass(frozen=True, slots=True)
class Work:
    """CPU seconds so far: the node, this program, everything; and the clock."""

    node: float
    own: float
    every: float
    clock: float

    @classmethod
    def now(cls, node: psutil.Process) -> "Work":
        """At this moment."""
        machine = psutil.cpu_times()
        busy = machine.user + machine.system + machine.nice + getattr(machine, "steal", 0.0)
        return cls(_seconds(node), _seconds(psutil.Process()), busy, time.perf_counter())


def _seconds(process: psutil.Process) -> float:
    times = process.cpu_times()
    return times.user + times.system


async def _main() -> None:
    asked = _arguments()
    async with _node(asked.url) as (url, process):
        client = connect(ElasticsearchSettings(url=url))
        names = Names(asked.prefix, ORG)
        if not await client.indices.exists_alias(name=names.read_alias("Account")):
            began = time.monotonic()
            await fill(client, names, entries(asked.records))
            await _settled(client)
            print(f"{asked.records:,} records indexed in {time.monotonic() - began:.0f} s", flush=True)
        costs = await _costs(client, process) if asked.costs else {}
        segments = len(await client.cat.segments(index=f"{names.root}*", format="json"))
        questions = QueryClient(client, names)
        search = Search(questions, await questions.objects(), "https://example.invalid")
        view = reader()
        seen = [each for each in islice(entries(asked.records), _SAMPLE) if sees(view, each)]
        texts = [each.text for each in queries(seen, asked.each, 3) if each.kind in PLAIN]
        random.Random(3).shuffle(texts)
        timings = await _timings(search, view, texts, process)
        await client.close()
    text = _page(asked.records, segments, timings, costs)
    print(text)
    if asked.write:
        _, _, notes = EVIDENCE.read_text(encoding="utf-8").partition(_NOTES) if EVIDENCE.exists() else ("", "", "")
        EVIDENCE.write_text(f"{text}\n{_NOTES}{notes}" if notes else text, encoding="utf-8")


SUGGESTIONS = "suggestions"
FULL = "full search: hits, highlights, facets of a mixed list"
TAB = "full search: a tab with six facets and the counts of all tabs"
FILTERED = "hits and highlights, permission filter"
FREE = "hits and highlights, everything to be seen"


async def _timings(search: Search, view: View, texts: Sequence[str], process: psutil.Process) -> dict[str, Timing]:
    asker = Asker(user_id=view.user_id)

    async def suggest(text: str) -> None:
        await search.suggest(view, asker, text[: max(3, len(text) * 2 // 3)])

    def full(whose: View, *, objects: tuple[str, ...] = (), counts: bool = True) -> Ask:
        async def one(text: str) -> float:
            request = SearchRequest(text=text, size=20, counts=counts, objects=objects)
            return float((await search.ask(whose, asker, request)).elasticsearch_ms)

        return one

    kinds: dict[str, Ask] = {
        SUGGESTIONS: suggest,
        FULL: full(view),
        TAB: full(view, objects=("Opportunity",)),
        FILTERED: full(view, counts=False),
        FREE: full(everything(), counts=False),
    }
    timings = {name: Timing() for name in kinds}
    for turn in range(_ROUNDS):
        for name, ask in kinds.items():
            await _timed(timings[name] if turn else Timing(), ask, texts, process)
    return timings


async def _timed(timing: Timing, ask: Ask, texts: Sequence[str], process: psutil.Process) -> None:
    rest = iter(texts)

    async def user() -> None:
        for text in rest:
            began = time.perf_counter()
            inside = await ask(text)
            timing.taken.append((time.perf_counter() - began) * 1000)
            if inside is not None:
                timing.inside.append(inside)
                timing.above.append(timing.taken[-1] - inside)

    before = Work.now(process)
    await asyncio.gather(*(user() for _ in range(_USERS)))
    after = Work.now(process)
    node, own = after.node - before.node, after.own - before.own
    timing.node += node * 1000
    timing.own += own * 1000
    timing.others += max(0.0, after.every - before.every - node - own)
    timing.had += (after.clock - before.clock) * (psutil.cpu_count() or 1)


async def _costs(client: AsyncElasticsearch, process: psutil.Process) -> dict[str, float]:
    """Seconds of the node's CPU for indexing the same records until all merges are done: plain, ours, ours, plain."""
    some = list(entries(_COSTED))
    seconds = {"plain": 0.0, "ours": 0.0}
    for number, name in enumerate(("warm", "plain", "ours", "ours", "plain")):
        names = Names(f"cost{number}", ORG)
        before = _seconds(process)
        await fill(client, names, some, bare=name == "plain")
        await _settled(client)
        if name in seconds:
            seconds[name] += (_seconds(process) - before) / 2
        for index in await client.indices.get(index=f"{names.root}*"):
            await client.indices.delete(index=index)
    return seconds


async def _settled(client: AsyncElasticsearch) -> None:
    """Wait until nothing is merged any more."""
    quiet = 0
    while quiet < 3:
        stats = await client.indices.stats(metric="merge")
        quiet = 0 if stats["_all"]["total"]["merges"]["current"] else quiet + 1
        await asyncio.sleep(0.5)


def _page(records: int, segments: int, timings: Mapping[str, Timing], costs: Mapping[str, float]) -> str:
    lines = [
        "# How fast the search answers",
        "",
        f"Made by `make bench-search`: {records:,} generated records in an embedded Elasticsearch ({segments} "
        f"segments, merged as it sees fit) on this machine ({psutil.cpu_count()} cores, shared with the program that "
        f"asks), {_USERS} people at once, each with 200 tokens who sees about half. Milliseconds at the caller; “took” "
        "is Elasticsearch's own figure of all its answers, “above” what is not in it: our own work, the wire, and "
        "waiting for the other three. CPU is per request, of the node and of the program that asks; “others” is the "
        "share of the machine that other programs took meanwhile: the larger, the less the times on the clock say.",
        "",
        "| request | p50 | p95 | took p50 | took p95 | above p50 | node CPU | own CPU | others | requests |",
        "| --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: |",
    ]
    for name, each in timings.items():
        told = [(each.inside, 0.5), (each.inside, 0.95), (each.above, 0.5)]
        cells: list[float | str] = [quantile(each.taken, 0.5), quantile(each.taken, 0.95)]
        cells += [quantile(some, share) if some else "" for some, share in told]
        cells += [each.per_request(each.node), each.per_request(each.own)]
        shown = " | ".join(f"{cell:.1f}" if isinstance(cell, float) else "" for cell in cells)
        lines.append(f"| {name} | {shown} | {each.others / each.had:.0%} | {len(each.taken):,} |")
    filtered, free = timings[FILTERED], timings[FREE]
    lines += [
        "",
        f"The permission filter costs {quantile(filtered.taken, 0.5) / quantile(free.taken, 0.5):.2f} times the "
        f"unfiltered search on the clock (p50), {filtered.node / free.node:.2f} times in CPU of the node.",
    ]
    if costs:
        lines.append(
            f"Indexing {_COSTED:,} records until all merges are done costs the node {costs['ours']:.1f} s of CPU, "
            f"{costs['ours'] / costs['plain']:.2f} times the {costs['plain']:.1f} s of a plain mapping."
        )
    return "\n".join([*lines, ""])


@asynccontextmanager
async def _node(url: str | None) -> AsyncIterator[tuple[str, psutil.Process]]:
    if url:
        port = int(url.rpartition(":")[2])
        listening = (each for each in psutil.net_connections() if each.laddr and each.laddr.port == port)
        owner = next((each.pid for each in listening if each.status == psutil.CONN_LISTEN), None)
        if owner is None:
            raise SystemExit(f"No process of this machine listens at {url}.")
        yield url, psutil.Process(owner)
        return
    async with running_node(heap="3g") as node:
        yield node.url, psutil.Process(node.pid)


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--records", type=int, default=1_000_000)
    parser.add_argument("--each", type=int, default=40, help="queries of each class")
    parser.add_argument("--prefix", default="latency", help="of the indices: those that are there are used again")
    parser.add_argument("--url", default=os.environ.get("LOCALELASTIC_URL"), help="a node that runs already")
    parser.add_argument("--costs", action=argparse.BooleanOptionalAction, default=True, help="compare indexing")
    parser.add_argument("--write", action="store_true", help="write docs/evidence/search-latency.md")
    return parser.parse_args()


if __name__ == "__main__":
    asyncio.run(_main())
