"""Asks for the groups of a report, page by page, through the gate."""

from collections import defaultdict
from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal
from fractions import Fraction
from math import ceil, floor
from typing import Any

from forcedex.access.gate import gate
from forcedex.access.view import View
from forcedex.analytics.definition import Fold, Function, Measure
from forcedex.analytics.groups import Group, Stats
from forcedex.analytics.planning import MEDIAN, Place, Plan, quantiles
from forcedex.domain.errors import Refused
from forcedex.elasticsearch.query import QueryClient

JSON = dict[str, Any]
Key = tuple[str | None, ...]

_SHARES = {Function.MEDIAN: Fraction(1, 2), Function.UPPER_QUARTILE: Fraction(3, 4)}
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
        for plan in plans:
            moment = moments[plan.indexed.name]
            found = await self._search(plan, plan.whole(), moment)
            _take(answer.whole, plan, found["aggregations"], found["hits"]["total"]["value"])
            newest = found["aggregations"]["synced_at"].get("value_as_string", "")
            answer.synced_at = max(answer.synced_at, newest)
            if plan.dimensions:
                async for key, bucket in self._groups(plan, moment):
                    _take(answer.groups.setdefault(key, Group()), plan, bucket, bucket["doc_count"])
                    if len(answer.groups) > _MOST:
                        raise Refused(f"There are more than {_MOST:,} rows.", "Narrow it by --period or --where.")
            for measure in quantiles(plan):
                await self._quantile(plan, measure, {(): answer.whole}, None, moment)
                for place in plan.places() if plan.dimensions else ():
                    await self._quantile(plan, measure, answer.groups, place, moment)
        return answer

    async def folded(self, plan: Plan, fold: Fold, moment: str) -> Answer:
        """The rows in which the groups of a fold count."""
        answer = Answer(synced_at=await self._newest(plan, moment))
        async for _, group in self._told(plan, moment):
            for name, amount in fold.into(group.stats):
                row = answer.groups.setdefault((name,), Group())
                one = Stats(documents=1, count=1, sum=amount)
                row.stats = {each: row.stats.get(each, Stats()) + one for each in ("count", "amount")}
        return answer

    async def members(self, plan: Plan, fold: Fold, moment: str, row: str) -> list[str]:
        """The groups that count in a row."""
        return [
            key[0] or ""
            async for key, group in self._told(plan, moment)
            if any(name == row for name, _ in fold.into(group.stats))
        ]

    async def _told(self, plan: Plan, moment: str) -> AsyncIterator[tuple[Key, Group]]:
        async for key, bucket in self._groups(plan, moment):
            group = Group()
            _take(group, plan, bucket, bucket["doc_count"])
            yield key, group

    async def _newest(self, plan: Plan, moment: str) -> str:
        found = await self._search(plan, plan.whole(), moment)
        return str(found["aggregations"]["synced_at"].get("value_as_string", ""))

    async def _search(self, plan: Plan, body: JSON, moment: str) -> Mapping[str, Any]:
        return await self._client.search(gate(self._view, [plan.indexed], body), moment)

    async def _groups(self, plan: Plan, moment: str) -> AsyncIterator[tuple[Key, JSON]]:
        places = plan.places()
        if not plan.composed:
            found = (await self._search(plan, plan.split(places), moment))["aggregations"]
            for number, place in enumerate(places):
                if found[str(number)]["doc_count"]:
                    yield plan.key(place, {}), found[str(number)]
            return
        for place in places:
            after: Mapping[str, Any] | None = None
            while True:
                found = (await self._search(plan, plan.page(place, after), moment))["aggregations"]["groups"]
                for bucket in found["buckets"]:
                    yield plan.key(place, bucket["key"]), bucket
                after = found.get("after_key")
                if after is None:
                    break

    async def _quantile(
        self, plan: Plan, measure: Measure, groups: Mapping[Key, Group], place: Place | None, moment: str
    ) -> None:
        """The middle of each group's values, or another place: they come in order, each with how often it is there."""
        after: Mapping[str, Any] | None = None
        passed: dict[Key, int] = {}
        found: dict[Key, dict[int, Fraction]] = defaultdict(dict)
        share = _SHARES[measure.function]
        counts = {key: group.stats[measure.name].count for key, group in groups.items() if measure.name in group.stats}
        places = {key: _around(share, count) for key, count in counts.items()}
        while True:
            page = (await self._search(plan, plan.values(measure, place, after), moment))["aggregations"]["groups"]
            for bucket in page["buckets"]:
                key = plan.key(place, bucket["key"]) if place else ()
                if key not in places:
                    continue
                before = passed.get(key, 0)
                passed[key] = before + bucket["doc_count"]
                for wanted in places[key]:
                    if before <= wanted < passed[key]:
                        found[key][wanted] = _exact(bucket["key"][MEDIAN])
            after = page.get("after_key")
            if after is None:
                break
        for key, values in found.items():
            stats = groups[key].stats
            low, high = _around(share, stats[measure.name].count)
            rest = share * (stats[measure.name].count - 1) - low
            value = values[low] + (values[high] - values[low]) * rest
            stats[measure.name] = replace(stats[measure.name], quantile=value)


def _around(share: Fraction, count: int) -> tuple[int, int]:
    """The places of the two values between which this share of the others lies below."""
    place = share * (count - 1)
    return floor(place), ceil(place)


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
            sum=_exact(stats["sum"]) if values else Fraction(0),
            smallest=_exact(stats["min"]) if values else None,
            largest=_exact(stats["max"]) if values else None,
        )


def _exact(value: Any) -> Fraction:
    """A number of JSON: whole ones below 2^53 are exact, others have the digits that are shown."""
    return Fraction(Decimal(repr(value) if isinstance(value, float) else str(value)))
