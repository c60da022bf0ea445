"""Medians and quartiles, exact: values are counted in steps, and the steps that matter in smaller ones, to the value.

Elasticsearch's own percentiles are estimates, but its counts are exact: they tell in which step a place lies. Steps
are as wide as a power of two, so each lies within one of the wider ones. Few values, values of many groups, and those
that are no whole numbers are paged through instead.
"""

from collections import defaultdict
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from functools import partial
from math import ceil, floor
from typing import Any

from forcedex.analytics.bodies import GROUPS, PAGE, STEPS, VALUE, counts, values
from forcedex.analytics.definition import Function, Measure
from forcedex.analytics.groups import Group, Stats, exact
from forcedex.analytics.planning import Place, Plan

JSON = dict[str, Any]
Key = tuple[str | None, ...]

#: How much of the other values lies below each.
SHARES = {Function.MEDIAN: Fraction(1, 2), Function.UPPER_QUARTILE: Fraction(3, 4)}
#: No more values than this are paged through: in a question or two.
_FEW = 2 * PAGE
#: Those of more groups are paged through: each would have too few steps.
_MANY = 200


@dataclass(frozen=True, order=True, slots=True)
class Step:
    """Values from one up to another, without it; so many of the group's are smaller."""

    first: int
    end: int
    below: int = 0


class Quantiles:
    """Finds the quantiles of one part of a report."""

    def __init__(self, plan: Plan, ask: Callable[[JSON], Awaitable[Mapping[str, Any]]]) -> None:
        self._plan = plan
        self._ask = ask

    async def find(self, measure: Measure, groups: Mapping[Key, Group], place: Place | None) -> None:
        """Puts the measure's quantile into each group of a place; None: into one group of all, without keys."""
        share = SHARES[measure.function]
        stats = {
            key: found
            for key, group in groups.items()
            if (place is None or self._plan.is_in(key, place))
            and (found := group.stats.get(measure.name, Stats())).count
        }
        wanted = {key: sorted(set(_around(share, found.count))) for key, found in stats.items()}
        many = sum(found.count for found in stats.values())
        if many <= _FEW or len(wanted) > _MANY or not self._plan.is_whole(measure.field):
            found_at = await self._paged(measure, place, wanted)
        else:
            found_at = await self._narrowed(measure, place, wanted, _span(stats.values()))
        for key, at in found_at.items():
            low, high = _around(share, stats[key].count)
            rest = share * (stats[key].count - 1) - low
            groups[key].stats[measure.name] = replace(stats[key], quantile=at[low] + (at[high] - at[low]) * rest)

    async def _paged(
        self, measure: Measure, place: Place | None, wanted: Mapping[Key, Sequence[int]]
    ) -> Mapping[Key, Mapping[int, Fraction]]:
        """The values at the wanted places; all come by, in order, each with how often it is there."""
        passed: dict[Key, int] = defaultdict(int)
        found: dict[Key, dict[int, Fraction]] = defaultdict(dict)
        async for key, value, count in self._values(place, partial(values, self._plan, measure, place)):
            for each in wanted.get(key, ()):
                if passed[key] <= each < passed[key] + count:
                    found[key][each] = value
            passed[key] += count
        return found

    async def _narrowed(
        self, measure: Measure, place: Place | None, wanted: Mapping[Key, Sequence[int]], span: Step
    ) -> Mapping[Key, Mapping[int, Fraction]]:
        """The values at the wanted places, by counts in ever smaller steps around them."""
        held = {key: dict.fromkeys(places, span) for key, places in wanted.items()}
        ranges: list[tuple[Key, int, int]] = []
        bits = (span.end - span.first).bit_length()
        while bits:
            bits = max(0, bits - max(1, (STEPS // (len(ranges) or len(held))).bit_length() - 1))
            width = 1 << bits
            found: dict[Key, list[tuple[int, int]]] = defaultdict(list)
            async for key, value, count in self._values(
                place, partial(counts, self._plan, measure, place, width, ranges)
            ):
                found[key].append((int(value), count))
            held = {
                key: {each: narrower(each, step, found[key], width) for each, step in steps.items()}
                for key, steps in held.items()
            }
            ranges = [
                (key, low, end)
                for key, steps in held.items()
                for low, end in {(one.first, one.end) for one in steps.values()}
            ]
        return {key: {each: Fraction(step.first) for each, step in steps.items()} for key, steps in held.items()}

    async def _values(
        self, place: Place | None, body: Callable[[Mapping[str, Any] | None], JSON]
    ) -> AsyncIterator[tuple[Key, Fraction, int]]:
        """Group, value or first value of a step, and how many there are; in order."""
        after: Mapping[str, Any] | None = None
        while True:
            asked = body(after)
            page = (await self._ask(asked))["aggregations"][GROUPS]
            for bucket in page["buckets"]:
                key = self._plan.key(place, bucket["key"]) if place else ()
                yield key, exact(bucket["key"][VALUE]), bucket["doc_count"]
            after = page.get("after_key")
            if after is None or len(page["buckets"]) < asked["aggs"][GROUPS]["composite"]["size"]:
                break


def narrower(place: int, step: Step, counts: Sequence[tuple[int, int]], width: int) -> Step:
    """The smaller step that holds the value at a place: counts by first value, in order, of steps of one width."""
    below = step.below
    for first, count in counts:
        if first + width <= step.first or first >= step.end:
            continue
        if below <= place < below + count:
            return Step(first, first + width, below)
        below += count
    raise AssertionError(f"The counts end at {below} before place {place}: this is a bug, please report it.")


def _around(share: Fraction, count: int) -> tuple[int, int]:
    """The places of the two values between which this share of the others lies below."""
    place = share * (count - 1)
    return floor(place), ceil(place)


def _span(stats: Iterable[Stats]) -> Step:
    """Where all values of some groups lie."""
    found = list(stats)
    lowest = min(each.smallest for each in found if each.smallest is not None)
    highest = max(each.largest for each in found if each.largest is not None)
    return Step(floor(lowest), floor(highest) + 1)
