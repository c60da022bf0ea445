"""`make relevance`: 50,000 records in a real node, labelled queries of 29 classes, judged with a permission filter on.

Tuned on `--seed 1`, reported on `--seed 2`. Writes docs/evidence/relevance.md; prints the closing figure last.
"""

import argparse
import asyncio
import os
import time
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from pathlib import Path

from bench.relevance import engines
from bench.relevance.index import ORG, fill, reader, sees
from bench.relevance.judging import Figures, figures
from bench.relevance.queries import HARD, PLAIN, Query, queries
from bench.relevance.records import entries
from bench.relevance.report import SOSL, closing, page
from bench.relevance.salesforce import sosl
from forcedex.elasticsearch.client import ElasticsearchSettings, connect
from forcedex.elasticsearch.naming import Names
from forcedex.elasticsearch.query import QueryClient
from forcedex.search.search import Search
from localelastic.fixture import running_node

EVIDENCE = Path("docs/evidence/relevance.md")


async def _main() -> None:
    asked = _arguments()
    everything = list(entries(asked.records))
    view = reader()
    seen = [each for each in everything if sees(view, each)]
    made = list(queries(seen, asked.each, asked.seed))
    async with _node(asked.url) as url:
        client = connect(ElasticsearchSettings(url=url))
        began = time.monotonic()
        questions = {}
        for name, bare in (("ours", False), ("multi_match", True)):
            names = Names(f"{asked.prefix}_{'bare' if bare else 'ours'}", ORG)
            if not await client.indices.exists_alias(name=names.read_alias("Account")):
                await fill(client, names, everything, bare=bare)
            questions[name] = QueryClient(client, names)
        print(f"{len(everything):,} records indexed twice in {time.monotonic() - began:.0f} s, {len(seen):,} seen")
        objects = await questions["ours"].objects()
        ranked = {
            "ours": engines.ours(Search(questions["ours"], objects, "https://example.invalid"), view),
            "multi_match": engines.plain(questions["multi_match"], view, objects),
        }
        judged: dict[str, Mapping[str, Figures]] = {}
        async with sosl(seen) as engine:
            for name, each_engine in {**ranked, SOSL: engine}.items():
                rankings = [await each_engine(each.text) for each in made]
                judged[name] = figures(made, rankings)
                if name == asked.engine and asked.misses:
                    _show_misses(made, rankings, asked.misses)
        await client.close()
    text = page(judged, made, records=len(everything), seen=len(seen), seed=asked.seed)
    print(text)
    if asked.write:
        EVIDENCE.write_text(text, encoding="utf-8")
    print(closing(judged["ours"], PLAIN, HARD))


def _show_misses(made: Sequence[Query], rankings: Sequence[Sequence[str]], kind: str) -> None:
    for query, ranking in zip(made, rankings, strict=True):
        if query.kind == kind and (not ranking or ranking[0] not in query.wanted):
            print(query.text, "| wanted", list(query.wanted)[:3], "| found", list(ranking)[:3])


@asynccontextmanager
async def _node(url: str | None) -> AsyncIterator[str]:
    if url:
        yield url
        return
    async with running_node(heap="2g") as node:
        yield node.url


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seed", type=int, default=2, help="of the queries")
    parser.add_argument("--each", type=int, default=60, help="queries of each class")
    parser.add_argument("--records", type=int, default=50_000)
    parser.add_argument("--prefix", default="relevance", help="of the indices: those that are there are used again")
    parser.add_argument("--url", default=os.environ.get("LOCALELASTIC_URL"), help="a node that runs already")
    parser.add_argument("--misses", default="", help="a class whose misses are shown")
    parser.add_argument("--engine", default="ours", help=f"of this one: ours, multi_match or {SOSL}")
    parser.add_argument("--write", action="store_true", help="write docs/evidence/relevance.md")
    return parser.parse_args()


if __name__ == "__main__":
    asyncio.run(_main())
