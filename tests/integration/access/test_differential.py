"""What a user's search answers is what a search of everything would answer in an index of only what he may see.

Hits and their order, totals, facets, marks, suggestions, corrections, pages, related records: nothing in them depends
on a record or a field that is hidden from the user. Orgs, users and questions are drawn; the records that a user may
see come from the org's own slow definition.

    pytest tests/integration/access/test_differential.py --questions 5000 --seed 7
"""

import asyncio
import json
import random
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

import pytest

from forcedex.access.view import View
from forcedex.domain.errors import Refused
from forcedex.elasticsearch.naming import Names
from forcedex.keys import Keys
from forcedex.search.asker import Asker
from forcedex.search.related import Kind
from forcedex.search.search import Search
from tests.integration.access.batching import Batching
from tests.integration.access.conftest import World, view_of
from tests.integration.access.orgs import OrgMaker
from tests.integration.access.questions import Questions
from tests.integration.access.shadow import Shadow, seeing_all

_WORLDS = 4
_USERS = 4
_AT_ONCE = 50  # questions
#: What differs between two answers that are the same, and what is sealed.
_APART = ("took_ms", "elasticsearch_ms", "cursor", "as_of")


def plain(answer: Any) -> Any:
    """An answer as it can be compared."""
    whole = asdict(answer)
    return {key: value for key, value in json.loads(json.dumps(whole, default=str)).items() if key not in _APART}


async def answered(search: Search, view: View, asker: Asker, questions: Questions) -> list[Any]:
    """One question of some kind, with what follows from its answer; the same draws give the same question."""
    chance = questions.chance
    kind = chance.random()
    try:
        if kind < 0.25:
            return [asdict(each) for each in await search.suggest(view, asker, questions.text())]
        request = questions.request()
        first = await search.ask(view, asker, request, explain=chance.random() < 0.05)
        told: list[Any] = [repr(request), plain(first)]
        if first.cursor and kind < 0.6:
            second = await search.ask(view, asker, request_after(request, first.cursor))
            told.append(plain(second))
        if first.hits and kind > 0.9:
            hit = first.hits[0]
            told.append(plain(await search.related(view, hit.object, hit.id, chance.choice(list(Kind)))))
        return told
    except Refused as refused:
        return [str(refused)]


def told_apart(mine: list[Any], right: list[Any], where: str) -> str:
    """The question, and the first parts that differ."""
    lines = [where, str(mine[:1])[:400]]
    for ours, theirs in zip(mine, right, strict=False):
        if isinstance(ours, dict) and isinstance(theirs, dict):
            for key in ours:
                if ours[key] != theirs.get(key):
                    if key == "hits":
                        ids = [[hit["id"] for hit in each] for each in (ours[key], theirs[key])]
                        lines.append(
                            f"hits: {ids}" if ids[0] != ids[1] else f"hits: {ours[key]} != {theirs[key]}"[:1500]
                        )
                    else:
                        lines.append(f"{key}: {ours[key]} != {theirs.get(key)}"[:500])
        elif ours != theirs:
            lines.append(f"{ours} != {theirs}"[:800])
    return "\n".join(lines)


def request_after(request: Any, cursor: str) -> Any:
    """The next page."""
    return replace(request, cursor=cursor)


@dataclass(frozen=True, kw_only=True)
class Pair:
    """One person before both indices."""

    asker: Asker
    view: View
    whole: Search
    alone: Search
    questions: Questions
    seed: int

    async def compare(self, number: int) -> None:
        """One question to both."""
        drawn = f"{self.seed} {self.asker.user_id} {number}"
        mine, right = await asyncio.gather(
            answered(self.whole, self.view, self.asker, self.questions.drawn(drawn)),
            answered(self.alone, seeing_all(self.view), self.asker, self.questions.drawn(drawn)),
        )
        assert mine == right, told_apart(mine, right, f"seed {self.seed}, user {self.asker.user_id}, question {number}")


@pytest.mark.parametrize("number", range(_WORLDS))
async def test_nothing_in_an_answer_depends_on_what_is_hidden(
    world: World, number: int, pytestconfig: pytest.Config
) -> None:
    given = pytestconfig.getoption("--seed")
    seed = (random.randrange(2**31) if given is None else int(given)) + number
    wanted = int(pytestconfig.getoption("--questions")) // _WORLDS
    print(f"--seed {seed} --questions {wanted * _WORLDS}")
    drawn = OrgMaker(world.org, seed).make()
    await world.sync()
    keys = Keys((Path(str(world.settings.server.key_file)),))
    async with world.asking() as asking:
        objects = asking._objects
        names = Names(world.settings.elasticsearch.index_prefix, asking.org.org_id)
        shadow = Shadow(world.org, asking._client._client, names, objects)
        whole = Search(Batching(asking._client), objects, "https://acme.example", keys=keys)
        questions = Questions(world.org, objects)
        seeing = [(user, view) for user in drawn.users if not (view := await view_of(asking, user)).blind][:_USERS]
        for place, (user, view) in enumerate(seeing):
            shown = Batching(await shadow.of(user, place))
            pair = Pair(
                asker=Asker(user_id=user, team=frozenset(drawn.users[:2])),
                view=view,
                whole=whole,
                alone=Search(shown, objects, "https://acme.example", keys=keys),
                questions=questions,
                seed=seed,
            )
            its = range(place, wanted, len(seeing))
            for start in range(0, len(its), _AT_ONCE):
                await asyncio.gather(*map(pair.compare, its[start : start + _AT_ONCE]))
