"""Asks for the groups of a report, page by page, through the gate."""

import asyncio
from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from functools import partial
from typing import Any

from forcedex.access.gate import gate
from forcedex.access.view import View
from forcedex.analytics.bodies import GROUPS, PAGE, SYNCED, groups, numbered, split, whole
from forcedex.analytics.definition import Fold
from forcedex.analytics.groups import Group, Stats, exact
from forcedex.analytics.planning import Plan
from forcedex.analytics.quantiles import SHARES, Quantiles
from forcedex.domain.errors import Refused
from forcedex.elasticsearch.query import QueryClient

JSON = dict[str, Any]
Key = tuple[str | None, ...]

#: Rows of one report before it is refused.
_MOST = 65_536


@dataclass(slots=True)
class Answer:
    """What the index says: groups by key, everything as one group, and how fresh it is."""

    groups: dict[Key, Group] = field(default_factory=dict)
    whole: Group = field(default_factory=Group)
    synced_at: str = ""


class Pages:
    """Asks as one person."""

    def __init__(self, client: QueryClient, view: View) -> None:
        self._client = client
        self._view = view

    async def answer(self, plans: Sequence[Plan], moments: Mapping[str, str]) -> Answer:
        """All parts of a report at their moments, by the name of the documents; Refused if there are too many rows."""
        answer = Answer()
        await asyncio.gather(*(self._part(plan, moments[plan.indexed.name], answer) for plan in plans))
        return answer

    async def folded(self, plan: Plan, fold: Fold, moment: str) -> Answer:
        """The rows in which the groups of a fold count."""
        first = await self._search(plan, _first(plan), moment)
        answer = Answer(synced_at=_synced(first))
        async for _, group in self._told(plan, moment, first):
            for name, amount in fold.into(group.stats):
                row = answer.groups.setdefault((name,), Group())
                one = Stats(documents=1, count=1, sum=amount)
                row.stats = {each: row.stats.get(each, Stats()) + one for each in ("count", "amount")}
        return answer

    async def members(self, plan: Plan, fold: Fold, moment: str, row: str) -> list[str]:
        """The groups that count in a row."""
        first = await self._search(plan, _first(plan), moment)
        return [
            key[0] or ""
            async for key, group in self._told(plan, moment, first)
            if any(name == row for name, _ in fold.into(group.stats))
        ]

    async def _part(self, plan: Plan, moment: str, answer: Answer) -> None:
        """What one part says of the measures that are its own."""
        first = await self._search(plan, _first(plan), moment)
        _take(answer.whole, plan, first["aggregations"], first["hits"]["total"]["value"])
        answer.synced_at = max(answer.synced_at, _synced(first))
        if plan.dimensions:
            async for key, bucket in self._groups(plan, moment, first):
                _take(answer.groups.setdefault(key, Group()), plan, bucket, bucket["doc_count"])
                if len(answer.groups) > _MOST:
                    raise Refused(f"There are more than {_MOST:,} rows.", "Narrow it by --period or --where.")
        quantiles = Quantiles(plan, partial(self._search, plan, moment=moment))
        for measure in plan.measures:
            if measure.function in SHARES:
                await quantiles.find(measure, {(): answer.whole}, None)
                for place in plan.places() if plan.dimensions else ():
                    await quantiles.find(measure, answer.groups, place)

    async def _told(self, plan: Plan, moment: str, first: Mapping[str, Any]) -> AsyncIterator[tuple[Key, Group]]:
        async for key, bucket in self._groups(plan, moment, first):
            group = Group()
            _take(group, plan, bucket, bucket["doc_count"])
            yield key, group

    async def _search(self, plan: Plan, body: JSON, moment: str) -> Mapping[str, Any]:
        return await self._client.search(gate(self._view, [plan.indexed], body), moment)

    async def _groups(self, plan: Plan, moment: str, first: Mapping[str, Any]) -> AsyncIterator[tuple[Key, JSON]]:
        """All groups; the first of them came with the answer to the first question."""
        found = first["aggregations"]
        for number, place in enumerate(plan.places()):
            if not plan.composed:
                if found[numbered(number)]["doc_count"]:
                    yield plan.key(place, {}), found[numbered(number)]
                continue
            after: Mapping[str, Any] | None = None
            page = found.get(GROUPS)
            while True:
                if page is None:
                    page = (await self._search(plan, groups(plan, place, after), moment))["aggregations"][GROUPS]
                for bucket in page["buckets"]:
                    yield plan.key(place, bucket["key"]), bucket
                if len(page["buckets"]) < PAGE:
                    break
                after, page = page["after_key"], None


def _first(plan: Plan) -> JSON:
    """The first question: everything as one group, and as many of the groups as one question can have beside it."""
    places = plan.places()
    if not plan.dimensions:
        return whole(plan)
    if not plan.composed:
        return split(plan, places)
    return whole(plan, groups_too=not any(each.clauses for each in places))


def _synced(first: Mapping[str, Any]) -> str:
    return str(first["aggregations"][SYNCED].get("value_as_string", ""))


def _take(group: Group, plan: Plan, found: Mapping[str, Any], documents: int) -> None:
    """What one bucket says of the measures of a part."""
    for measure in plan.measures:
        inner: Mapping[str, Any] = found.get(measure.name, {})
        number = inner["doc_count"] if measure.where else documents
        stats = inner.get("stats", {}) if measure.where else inner
        values = measure.field != "" and bool(stats.get("count"))
        group.stats[measure.name] = Stats(
            documents=number,
            count=stats.get("count", 0) if measure.field else number,
            sum=exact(stats["sum"]) if values else Fraction(0),
            smallest=exact(stats["min"]) if values else None,
            largest=exact(stats["max"]) if values else None,
        )
