"""`make bench-search`: how fast the search answers four people at once over a million records, and what indexing costs.

Every person holds 200 tokens and sees about half. Writes docs/evidence/search-latency.md; prints the figures last.
"""

import argparse
import asyncio
import os
import random
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
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


@dataclass(frozen=True, slots=True)
class Timing:
    """Milliseconds of one kind of request."""

    name: str
    p50: float
    p95: float
    #: Of what is not Elasticsearch's own time; None where it is not told.
    above: float | None
    number: int


async def _main() -> None:
    asked = _arguments()
    async with _node(asked.url) as (url, process):
        client = connect(ElasticsearchSettings(url=url))
        names = Names(asked.prefix, ORG)
        if not await client.indices.exists_alias(name=names.read_alias("Account")):
            began = time.monotonic()
            await fill(client, names, entries(asked.records))
            print(f"{asked.records:,} records indexed in {time.monotonic() - began:.0f} s")
        costs = await _costs(client, process) if process and asked.costs else []
        questions = QueryClient(client, names)
        objects = await questions.objects()
        search = Search(questions, objects, "https://example.invalid")
        view = reader()
        seen = [each for each in islice(entries(asked.records), _SAMPLE) if sees(view, each)]
        texts = [each.text for each in queries(seen, asked.each, 3) if each.kind in PLAIN]
        random.Random(3).shuffle(texts)
        timings = await _timings(search, view, texts)
        await client.close()
    text = _page(asked.records, timings, costs)
    print(text)
    if asked.write:
        EVIDENCE.write_text(text, encoding="utf-8")


async def _timings(search: Search, view: View, texts: Sequence[str]) -> list[Timing]:
    asker = Asker(user_id=view.user_id)

    async def suggest(text: str) -> float | None:
        await search.suggest(view, asker, text[: max(3, len(text) * 2 // 3)])
        return None

    def full(whose: View, *, objects: tuple[str, ...] = (), counts: bool = True) -> Callable[[str], Awaitable[float]]:
        async def one(text: str) -> float:
            request = SearchRequest(text=text, size=20, counts=counts, objects=objects)
            return float((await search.ask(whose, asker, request)).elasticsearch_ms)

        return one

    kinds: list[tuple[str, Callable[[str], Awaitable[float | None]]]] = [
        ("suggestions", suggest),
        ("full search: hits, highlights, facets of a mixed list", full(view)),
        ("full search: a tab with six facets and the counts of all tabs", full(view, objects=("Opportunity",))),
        ("hits and highlights, permission filter", full(view, counts=False)),
        ("hits and highlights, everything to be seen", full(everything(), counts=False)),
    ]
    for _, ask in kinds:
        await _timed("", ask, texts[: len(texts) // 4])
    return [await _timed(name, ask, texts) for name, ask in kinds]


async def _timed(name: str, ask: Callable[[str], Awaitable[float | None]], texts: Sequence[str]) -> Timing:
    taken: list[float] = []
    above: list[float] = []
    rest = iter(texts)

    async def user() -> None:
        for text in rest:
            began = time.perf_counter()
            inside = await ask(text)
            taken.append((time.perf_counter() - began) * 1000)
            if inside is not None:
                above.append(taken[-1] - inside)

    await asyncio.gather(*(user() for _ in range(_USERS)))
    return Timing(
        name, quantile(taken, 0.5), quantile(taken, 0.95), quantile(above, 0.5) if above else None, len(taken)
    )


async def _costs(client: AsyncElasticsearch, process: psutil.Process) -> list[tuple[str, float]]:
    """Seconds of the node's CPU for indexing the same records, in the order plain, ours, ours, plain."""
    some = list(entries(_COSTED))
    seconds = {"plain": 0.0, "ours": 0.0}
    for number, name in enumerate(("plain", "ours", "ours", "plain")):
        names = Names(f"cost{number}", ORG)
        before = sum(process.cpu_times()[:2])
        await fill(client, names, some, bare=name == "plain")
        await client.indices.forcemerge(index=f"{names.root}*", max_num_segments=5)
        seconds[name] += sum(process.cpu_times()[:2]) - before
        for index in await client.indices.get(index=f"{names.root}*"):
            await client.indices.delete(index=index)
    return [*seconds.items()]


def _page(records: int, timings: Sequence[Timing], costs: Sequence[tuple[str, float]]) -> str:
    lines = [
        "# How fast the search answers",
        "",
        f"Made by `make bench-search`: {records:,} generated records in an embedded Elasticsearch on this machine "
        f"({psutil.cpu_count()} cores, shared with the program that asks), {_USERS} people at once, each with 200 "
        "tokens who sees about half. Milliseconds at the caller; “above” is what is not Elasticsearch's `took`: our "
        "own work, the wire, and waiting for the other three.",
        "",
        "| request | p50 | p95 | above, p50 | requests |",
        "| --- | ---: | ---: | ---: | ---: |",
    ]
    for each in timings:
        above = "" if each.above is None else f"{each.above:.1f}"
        lines.append(f"| {each.name} | {each.p50:.1f} | {each.p95:.1f} | {above} | {each.number:,} |")
    by_name = {each.name: each for each in timings}
    filtered = by_name["hits and highlights, permission filter"]
    free = by_name["hits and highlights, everything to be seen"]
    lines += ["", f"The permission filter costs {filtered.p50 / free.p50:.2f} times the unfiltered search (p50)."]
    if costs:
        known = dict(costs)
        lines.append(
            f"Indexing {_COSTED:,} records costs the node {known['ours'] / 2:.1f} s of CPU, "
            f"{known['ours'] / known['plain']:.2f} times the {known['plain'] / 2:.1f} s of a plain mapping."
        )
    return "\n".join([*lines, ""])


@asynccontextmanager
async def _node(url: str | None) -> AsyncIterator[tuple[str, psutil.Process | None]]:
    if url:
        port = int(url.rpartition(":")[2])
        owner = next((each.pid for each in psutil.net_connections() if each.laddr and each.laddr.port == port), None)
        yield url, psutil.Process(owner) if owner else None
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
