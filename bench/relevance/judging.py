"""Figures of rankings, per class, by `ir_measures`."""

import warnings
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from bench.relevance.queries import Query

with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    import ir_measures
    from ir_measures import RR, Success, nDCG


@dataclass(frozen=True, slots=True)
class Figures:
    """Means over the queries of a class, each in [0, 1]."""

    ndcg: float
    mrr: float
    success: float
    #: Share of queries without any hit.
    empty: float


def figures(queries: Sequence[Query], rankings: Sequence[Sequence[str]]) -> Mapping[str, Figures]:
    """By class."""
    result = {}
    for kind in dict.fromkeys(each.kind for each in queries):
        some = [(str(n), q, r) for n, (q, r) in enumerate(zip(queries, rankings, strict=True)) if q.kind == kind]
        wanted = {number: dict(query.wanted) for number, query, _ in some}
        found = {
            number: {record_id: float(-place) for place, record_id in enumerate(ranking)} for number, _, ranking in some
        }
        judged = ir_measures.calc_aggregate([nDCG @ 10, RR @ 10, Success @ 1], wanted, found)
        result[kind] = Figures(
            ndcg=judged[nDCG @ 10],
            mrr=judged[RR @ 10],
            success=judged[Success @ 1],
            empty=sum(not ranking for _, _, ranking in some) / len(some),
        )
    return result
