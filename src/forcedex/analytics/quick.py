"""Whether a report can be answered from totals that are kept, instead of from every document.

It can if who asks may use everything in them, if they have the rows, filters and figures that are asked for, and if
every day that is asked for is there. Figures are the same either way; a note says which it was.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

from forcedex.access.gate import gate
from forcedex.access.view import View
from forcedex.analytics.definition import AllOf, AnyOf, Condition, Definition, Dimension, Filter, filters
from forcedex.analytics.planning import path_of
from forcedex.analytics.question import Question
from forcedex.domain.indexed import IndexedObject
from forcedex.elasticsearch.query import QueryClient


def from_totals(
    definition: Definition, question: Question, indexed: Mapping[str, IndexedObject], view: View
) -> tuple[Definition, Question] | None:
    """The same report and question of totals; None if they do not have it, or not for who asks."""
    kept = definition.quick
    if kept is None or question.compare is not None or question.share is not None:
        return None
    found = indexed.get(kept.definition.parts[0].source)
    names = {each.name for each in kept.definition.dimensions}
    by = question.by if question.by is not None else (definition.by,)
    wanted = [each.name for each in definition.measures]
    measures = tuple(each for each in kept.definition.measures if each.name in wanted)
    asked = [each.field for each in filters(question.more)]
    if found is None or not view.may_read(found.told_of) or not names.issuperset(by) or len(measures) < len(wanted):
        return None
    if not all(each in kept.fields for each in asked):
        return None
    (part,) = kept.definition.parts
    paths = [
        *(each.field for each in filters(part.where)),
        *(kept.fields[each] for each in asked),
        *(path_of(found, each.field) for each in measures),
        *(each.field for each in kept.definition.dimensions if each.name in by),
    ]
    if not all(found.sources(each) is not None and view.may_use(found, each) for each in paths):
        return None
    quick = replace(kept.definition, measures=measures, notes=(*definition.notes, kept.note))
    return quick, replace(question, more=tuple(_moved(question.more, kept.fields)))


def _moved(conditions: Iterable[Condition], to: Mapping[str, str]) -> list[Condition]:
    """The conditions on the fields of the totals."""
    return [_one(each, to) for each in conditions]


def _one(condition: Condition, to: Mapping[str, str]) -> Condition:
    match condition:
        case Filter():
            return replace(condition, field=to[condition.field])
        case AllOf():
            return AllOf(tuple(replace(each, field=to[each.field]) for each in condition.filters))
        case AnyOf():
            inner = (_one(each, to) for each in condition.filters)
            return AnyOf(tuple(each for each in inner if not isinstance(each, AnyOf)))


async def corrected(
    client: QueryClient, view: View, indexed: IndexedObject, dimensions: Sequence[Dimension]
) -> int | None:
    """How many of the days that are asked for were corrected since they ended; None if one of them is not there."""
    days = sorted({bucket.name for each in dimensions if each.points for bucket in each.buckets})
    body = {
        "query": {"bool": {"filter": [{"term": {"x.marker": 1}}, {"terms": {"x.day": days}}]}},
        "size": 0,
        "track_total_hits": True,
        "aggs": {"corrected": {"filter": {"range": {"x.corrected": {"gt": 0}}}}},
    }
    answer = await client.search(gate(view, [indexed], body))
    if not days or answer["hits"]["total"]["value"] < len(days):
        return None
    return int(answer["aggregations"]["corrected"]["doc_count"])
