"""What bad input costs Elasticsearch: `python -m bench.bad_input`. Writes docs/evidence/bad-input.md with `--write`.

Each text is searched for in all objects with facets, in one tab with its facets, and as somebody types it; every
question that Elasticsearch gets for it is timed by its own `took`.
"""

import argparse
import asyncio
import os
import random
from collections.abc import Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import Any

from bench.relevance.index import ORG, fill, reader
from bench.relevance.records import entries
from forcedex.access.gate import GatedBody
from forcedex.domain.errors import Refused
from forcedex.elasticsearch.client import ElasticsearchSettings, connect
from forcedex.elasticsearch.naming import Names
from forcedex.elasticsearch.query import QueryClient
from forcedex.search.asker import Asker
from forcedex.search.request import SearchRequest
from forcedex.search.search import Search
from localelastic.fixture import running_node

_RESULT = Path("docs/evidence/bad-input.md")
_MOST = 100  # milliseconds that Elasticsearch may take
_ROUNDS = 3
_SHOWN = 40  # characters
_WORDS = [str(each) for each in range(1_000, 3_000)]
_LETTERS = "abcdefghijklmnopqrstuvwxyz"


def _long(word: str) -> str:
    return (word * 10_000)[:10_000]


def _random_words() -> str:
    chance = random.Random(5)
    return " ".join("".join(chance.choices(_LETTERS, k=chance.randrange(2, 12))) for _ in range(2_000))[:10_000]


INPUTS: dict[str, tuple[str, ...]] = {
    "empty": ("", " ", "\t\n"),
    "one letter": ("a", "e", "ä", "1"),
    "single letters": (" ".join(_LETTERS), "a a a a a a a a"),
    "10,000 characters": (_long("x"), _long("ab "), _long("1"), _random_words(), _long("müller "), _long("会社 ")),
    "stop words only": ("the", "the and of to a in", "der die das und", "to be or not to be"),
    "punctuation only": ("!", "?.,;:-_()[]{}", "@@@", "&&||!!", "----", "…", "'", "\\", "/"),
    "unbalanced quotes": ('"', '"acme', 'acme"', '"acme "mills', '""""', '"acme corp" "'),
    "wildcard bombs": ("*", "**********", "?*?*?*?*?*", "a*b*c*d*e*f*", "*a*", "a" + "*a" * 200, "%", "_%_%"),
    "regular expressions, fuzzy and boosts": ("/.*/", "(a+)+$", "[a-z]{1,9999}", "aaaaaaaa~9 bbbbbbbb~9", "acme^1e9"),
    "brackets and operators": (
        "(" * 500,
        ")" * 500,
        "AND OR NOT",
        "NOT NOT NOT acme",
        "-" * 400,
        "- - - -",
        "-a -e -i",
    ),
    "unknown fields": ("nosuch:thing", "foo:bar baz:qux", ":", "::::", "a:", ":a", "forcedex.acl:x", "_id:1"),
    "wrong types": ("amount:abc", "amount>banana", "amount>1e999", "created:99/99/9999", "created:soon", "amount:>>5"),
    "many words, negations, filters": (
        " ".join(_WORDS),
        " ".join(f"-{each}" for each in _WORDS),
        " ".join(f"name:{each}" for each in _WORDS),
        " ".join(f'"{each} x"' for each in _WORDS),
    ),
    "control characters and scripts": (
        *("\x00", "\x01\x02", "\u202eacme", "\u200b\u200b", "\u0301" * 400, "\U0001f600" * 200),
        *("\U0001f469\u200d\U0001f469\u200d\U0001f466", "\u05e9\u05dc\u05d5\u05dd"),
    ),
}


class Timed(QueryClient):
    """Keeps what Elasticsearch took for each question."""

    def __init__(self, client: QueryClient) -> None:
        super().__init__(client._client, client._names)
        self.took: list[int] = []

    async def search(self, question: GatedBody, moment: str = "") -> dict[str, Any]:
        """As the client's."""
        answer = await super().search(question, moment)
        self.took.append(answer["took"])
        return answer

    async def search_all(self, questions: Sequence[GatedBody]) -> list[dict[str, Any]]:
        """As the client's."""
        answers = await super().search_all(questions)
        self.took += [each["took"] for each in answers]
        return answers


@dataclass(frozen=True, slots=True)
class Cost:
    """Milliseconds of Elasticsearch for one text, by round: of its most expensive question, and of all of them."""

    text: str
    highest: tuple[int, ...]
    all: tuple[int, ...]


async def _costs(client: Timed, text: str, search: Search) -> Cost:
    view = reader()
    asker = Asker(user_id=view.user_id)
    highest, every = [], []
    for _ in range(_ROUNDS):
        client.took = []
        for objects in ((), ("Opportunity",)):
            try:
                await search.ask(view, asker, SearchRequest(text=text, objects=objects, size=20))
            except Refused:
                pass  # said to the person, and nothing was asked
        await search.suggest(view, asker, text)
        highest.append(max(client.took, default=0))
        every.append(sum(client.took))
    return Cost(text, tuple(highest), tuple(every))


async def _main() -> None:
    asked = _arguments()
    async with AsyncExitStack() as stack:
        url = asked.url or (await stack.enter_async_context(running_node(heap=asked.heap))).url
        raw = connect(ElasticsearchSettings(url=url))
        names = Names(asked.prefix, ORG)
        if not await raw.indices.exists_alias(name=names.read_alias("Account")):
            await fill(raw, names, entries(asked.records))
        client = Timed(QueryClient(raw, names))
        objects = await client.objects()
        search = Search(client, objects, "https://example.invalid")
        for texts in INPUTS.values():
            for text in texts:
                await _costs(client, text, search)  # so that the node has compiled what it runs
        found = {kind: [await _costs(client, text, search) for text in texts] for kind, texts in INPUTS.items()}
        await raw.close()
    text = _page(asked.records, found)
    print(text)
    if asked.write:
        _RESULT.write_text(text, encoding="utf-8")


def _page(records: int, found: dict[str, list[Cost]]) -> str:
    lines = [
        "# What bad input costs",
        "",
        f"{records:,} generated records; {os.cpu_count()} cores shared with whatever else runs. Each text is searched "
        "for in all objects with facets, in one tab with its facets, and as somebody types it, by somebody with 200 "
        f"tokens, {_ROUNDS} times after a round that does not count. `took` of the most expensive question, and of all "
        f"questions for a text together. Aim: no question above {_MOST} ms.",
        "",
        "| input | texts | median | most | all questions of a text, most | the text that cost most |",
        "| --- | ---: | ---: | ---: | ---: | --- |",
    ]
    for kind, costs in found.items():
        worst = max(costs, key=lambda each: median(each.highest))
        lines.append(
            f"| {kind} | {len(costs)} | {median(one for each in costs for one in each.highest):.0f} ms "
            f"| {max(one for each in costs for one in each.highest)} ms "
            f"| {max(one for each in costs for one in each.all)} ms | `{_shown(worst.text)}` |"
        )
    every = [one for costs in found.values() for each in costs for one in each.highest]
    above = sum(each > _MOST for each in every)
    steady = sum(median(each.highest) > _MOST for costs in found.values() for each in costs)
    return "\n".join(
        [
            *lines,
            "",
            f"Above {_MOST} ms: {above} of {len(every)} rounds; {steady} of {sum(map(len, found.values()))} texts by "
            "their median.",
            "",
            "Again: `python -m bench.bad_input --write`.",
            "",
        ]
    )


def _shown(text: str) -> str:
    plain = text.encode("unicode_escape").decode().replace("|", "\\|").replace("`", "'")
    return plain if len(plain) <= _SHOWN else f"{plain[:_SHOWN]}…"


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--records", type=int, default=20_000)
    parser.add_argument("--prefix", default="badinput", help="of the indices: those that are there are used again")
    parser.add_argument("--url", default=os.environ.get("LOCALELASTIC_URL"), help="a node that runs already")
    parser.add_argument("--heap", default="1g")
    parser.add_argument("--write", action="store_true", help="write docs/evidence/bad-input.md")
    return parser.parse_args()


if __name__ == "__main__":
    asyncio.run(_main())
