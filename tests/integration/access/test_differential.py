"""What a user's search answers is what a search of everything would answer in an index of only what he may see.

Hits and their order, totals, facets, marks, suggestions, corrections, pages, related records: nothing in them depends
on a record or a field that is hidden from the user. Orgs, users and questions are drawn; the records that a user may
see come from the org's own slow definition.

    pytest tests/integration/access/test_differential.py --questions 5000 --seed 7
"""

import asyncio
import random
from collections.abc import Iterator
from dataclasses import dataclass, fields, is_dataclass, replace
from pathlib import Path
from typing import Any

import pytest

from forcedex.access.view import View
from forcedex.domain.errors import Refused
from forcedex.elasticsearch.naming import Names
from forcedex.keys import Keys
from forcedex.search.answer import Answer
from forcedex.search.asker import Asker
from forcedex.search.related import Kind
from forcedex.search.search import Search
from tests.integration.access.batching import Batching
from tests.integration.access.conftest import World, view_of
from tests.integration.access.orgs import OrgMaker
from tests.integration.access.questions import Questions
from tests.integration.access.shadow import Shadow, seeing_all

_EACH = 1_250  # questions of one org
_USERS = 4
_AT_ONCE = 40  # questions


def plain(answer: Answer) -> Answer:
    """An answer as it can be compared: without times, and of a sealed cursor only that there is one."""
    return replace(answer, took_ms=0.0, elasticsearch_ms=0, cursor=answer.cursor and "sealed", as_of=None)


async def answered(search: Search, view: View, asker: Asker, questions: Questions) -> list[Any]:
    """One question of some kind, with what follows from its answer; the same draws give the same question."""
    chance = questions.chance
    kind = chance.random()
    try:
        if kind < 0.25:
            return list(await search.suggest(view, asker, questions.text()))
        described = chance.random() < 0.08
        request = questions.described() if described else questions.request()
        first = await search.ask(view, asker, request, explain=described or chance.random() < 0.05)
        told: list[Any] = [repr(request), plain(first)]
        if first.cursor and kind < 0.6:
            second = await search.ask(view, asker, replace(request, cursor=first.cursor))
            told.append(plain(second))
        if first.hits and kind > 0.9:
            hit = first.hits[0]
            around = await search.related(view, hit.object, hit.id, chance.choice(list(Kind)))
            told.append(replace(around, took_ms=0.0))
        return told
    except Refused as refused:
        return [str(refused)]


def told_apart(mine: list[Any], right: list[Any], where: str) -> str:
    """The question, and the first parts that differ."""
    lines = [where, str(mine[:1])[:400]]
    for ours, theirs in zip(mine, right, strict=False):
        if type(ours) is not type(theirs) or not is_dataclass(ours):
            lines += [f"{ours} != {theirs}"[:800]] if ours != theirs else []
            continue
        for each in fields(ours):
            one, other = getattr(ours, each.name), getattr(theirs, each.name)
            if one != other and each.name == "hits":
                ids = [[hit.id for hit in hits] for hits in (one, other)]
                lines.append(f"hits: {ids}" if ids[0] != ids[1] else f"hits: {one} != {other}"[:1500])
            elif one != other:
                lines.append(f"{each.name}: {one} != {other}"[:1500])
    return "\n".join(lines)


@dataclass(frozen=True, kw_only=True)
class Pair:
    """One person before both indices."""

    asker: Asker
    view: View
    #: Of everything in the other index.
    all: View
    whole: Search
    alone: Search
    questions: Questions
    seed: int

    async def compare_each(self, numbers: Iterator[int]) -> None:
        """Those that nobody else has taken, one after another."""
        for number in numbers:
            await self.compare(number)

    async def compare(self, number: int) -> None:
        """One question to both."""
        drawn = f"{self.seed} {self.asker.user_id} {number}"
        mine, right = await asyncio.gather(
            answered(self.whole, self.view, self.asker, self.questions.drawn(drawn)),
            answered(self.alone, self.all, self.asker, self.questions.drawn(drawn)),
        )
        assert mine == right, told_apart(mine, right, f"seed {self.seed}, user {self.asker.user_id}, question {number}")


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """As many orgs as the questions need."""
    wanted = int(metafunc.config.getoption("--questions"))
    metafunc.parametrize("number", range(-(-wanted // _EACH)))


async def test_nothing_in_an_answer_depends_on_what_is_hidden(
    world: World, number: int, pytestconfig: pytest.Config
) -> None:
    given = pytestconfig.getoption("--seed")
    base = random.randrange(2**31) if given is None else int(given)
    seed = base + number
    wanted = min(_EACH, int(pytestconfig.getoption("--questions")) - number * _EACH)
    print(f"[{number}] --seed {base}: {wanted} questions")
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
        assert seeing
        # One person of every fourth org asks what the sync wrote as it is: a segment more costs each typo its time.
        merged_for = 0 if number % 4 else 1
        for place, (user, view) in enumerate(seeing):
            if place == merged_for:
                await asking._client._client.indices.forcemerge(index=f"{names.root}*", max_num_segments=1)
            shown = Batching(await shadow.of(user, place))
            pair = Pair(
                asker=Asker(user_id=user, team=frozenset(drawn.users[:2])),
                view=view,
                all=seeing_all(view),
                whole=whole,
                alone=Search(shown, objects, "https://acme.example", keys=keys),
                questions=questions,
                seed=seed,
            )
            its = iter(range(place, wanted, len(seeing)))
            async with asyncio.TaskGroup() as asking_at_once:
                for _ in range(_AT_ONCE):
                    asking_at_once.create_task(pair.compare_each(its))
