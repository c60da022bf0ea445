"""The bodies of a report's questions: everything as one group, pages of groups, values in order, counts of steps."""

from collections.abc import Mapping, Sequence
from typing import Any

from forcedex.analytics.definition import Dimension, Measure
from forcedex.analytics.planning import Place, Plan
from forcedex.domain.days import Unit

JSON = dict[str, Any]
After = Mapping[str, Any] | None

#: Groups of one question.
PAGE = 5_000
#: Steps of one question, all groups together; those at the edges of a range come on top.
STEPS = 8_192
#: The key of a value in pages of values.
VALUE = "value"
#: The aggregations of groups and of how fresh the documents are: no measure is called so.
GROUPS, SYNCED = "#groups", "#synced"

_FORMATS = {
    Unit.DAY: "uuuu-MM-dd",
    Unit.WEEK: "uuuu-MM-dd",
    Unit.MONTH: "uuuu-MM",
    Unit.QUARTER: "uuuu-MM",  # of its first month: Elasticsearch reads no quarters back
    Unit.YEAR: "uuuu",
}


def whole(plan: Plan, *, groups_too: bool = False) -> JSON:
    """Everything as one group, and the first page of groups beside it if wanted."""
    newest: JSON = {SYNCED: {"max": {"field": "forcedex.synced_at"}}}
    aggs = {**_inner(plan), **newest, **({GROUPS: _grouped(plan, None)} if groups_too else {})}
    return {"query": plan.query(), "size": 0, "track_total_hits": True, "aggs": aggs}


def split(plan: Plan, places: Sequence[Place]) -> JSON:
    """Everything as one group, and each place as one."""
    inner = _inner(plan)
    found = {
        numbered(number): {"filter": {"bool": {"filter": [*each.clauses]}}, **({"aggs": inner} if inner else {})}
        for number, each in enumerate(places)
    }
    body = whole(plan)
    return {**body, "aggs": {**body["aggs"], **found}}


def numbered(place: int) -> str:
    """The aggregation of a place: no measure is called so."""
    return f"#{place}"


def groups(plan: Plan, place: Place, after: After) -> JSON:
    """One page of the groups of a place."""
    return _body(plan.query(place.clauses), _grouped(plan, after))


def values(plan: Plan, measure: Measure, place: Place | None, after: After) -> JSON:
    """One page of the values of a measure, each with how often it comes, in order; `place` None: as one group."""
    of_value = {"terms": {"field": plan.path(measure.field)}}
    return _body(plan.query(_about(plan, measure, place)), _of_values(plan, place, of_value, PAGE, after))


def counts(
    plan: Plan,
    measure: Measure,
    place: Place | None,
    width: int,
    ranges: Sequence[tuple[Sequence[str | None], int, int]],
    after: After,
) -> JSON:
    """How many values lie in each step of a width, in order.

    `ranges`: only those of the groups with these keys from a value up to another; empty: all.
    """
    path = plan.path(measure.field)
    about = _about(plan, measure, place)
    if ranges:
        each_of = [
            {"bool": {"filter": [*(plan.of_row(key) if key else ()), {"range": {path: {"gte": low, "lt": high}}}]}}
            for key, low, high in ranges
        ]
        about.append({"bool": {"should": each_of, "minimum_should_match": 1}})
    of_step = {"histogram": {"field": path, "interval": width}}
    return _body(plan.query(about), _of_values(plan, place, of_step, 2 * STEPS, after))


def _grouped(plan: Plan, after: After) -> JSON:
    inner = _inner(plan)
    return {**_composite(_sources(plan), PAGE, after), **({"aggs": inner} if inner else {})}


def _body(query: JSON, groups: JSON) -> JSON:
    return {"query": query, "size": 0, "aggs": {GROUPS: groups}}


def _composite(sources: list[JSON], size: int, after: After) -> JSON:
    return {"composite": {"size": size, "sources": sources, **({"after": dict(after)} if after else {})}}


def _of_values(plan: Plan, place: Place | None, source: JSON, size: int, after: After) -> JSON:
    return _composite([*(_sources(plan) if place else ()), {VALUE: source}], size, after)


def _about(plan: Plan, measure: Measure, place: Place | None) -> list[JSON]:
    return [*map(plan.clause, measure.where), *(place.clauses if place else ())]


def _inner(plan: Plan) -> JSON:
    return {each.name: agg for each in plan.measures if (agg := _measure(plan, each)) is not None}


def _measure(plan: Plan, measure: Measure) -> JSON | None:
    inner: JSON = {"stats": {"field": plan.path(measure.field)}} if measure.field else {}
    if not measure.where:
        return inner or None
    narrowed: JSON = {"filter": {"bool": {"filter": [plan.clause(each) for each in measure.where]}}}
    return {**narrowed, "aggs": {"stats": inner}} if inner else narrowed


def _sources(plan: Plan) -> list[JSON]:
    return [{each.name: _source(plan, each)} for each in plan.composed]


def _source(plan: Plan, dimension: Dimension) -> JSON:
    path = dimension.of(plan.part.name)
    if dimension.unit is None:
        return {"terms": {"field": path, "missing_bucket": True}}
    histogram: JSON = {"field": path, "calendar_interval": str(dimension.unit), "format": _FORMATS[dimension.unit]}
    if dimension.unit is Unit.WEEK and plan.week_start:
        histogram["offset"] = f"{plan.week_start - 7}d"
    return {"date_histogram": {**histogram, "missing_bucket": True, **plan.zone_of(path)}}
