"""The one gate between a question and Elasticsearch.

`gate` puts the filter of who is asking into the question and refuses every construct that Elasticsearch answers
past the filter of a query. Only this module can make a `GatedBody`, and the client sends nothing else. A principal
that the gate does not know sees nothing.
"""

from collections.abc import Mapping
from typing import Any

from forcedex.domain.errors import ForcedexError
from forcedex.domain.principal import Operator, Principal

JSON = dict[str, Any]

_KEY = object()

#: What a question may hold. Everything else is refused: `suggest`, `knn`, `post_filter`, `rescore`,
#: `runtime_mappings`, `script_fields`, `fields`, `profile`, `collapse` … answer past the query's filter or tell of it.
_ALLOWED = frozenset(
    {"query", "size", "sort", "aggs", "highlight", "_source", "track_total_hits", "search_after", "timeout"}
)
#: Aggregations that see documents outside the query, or words of them.
_LEAKING_AGGREGATIONS = frozenset({"global", "significant_terms", "significant_text", "rare_terms", "scripted_metric"})
#: Query clauses that run code, fetch other documents, or ask for hidden ones by their terms.
_LEAKING_QUERIES = frozenset({"script", "script_score", "more_like_this", "percolate", "wrapper", "knn", "pinned"})

_NOTHING: JSON = {"match_none": {}}
_LIVE: JSON = {"term": {"forcedex.deleted": False}}


class GateRefused(ForcedexError):
    """A question holds something that the gate does not let through: a fault of ours, never of the person asking."""


class GatedBody:
    """A search body that carries the filter of who is asking. Made by `gate` alone."""

    __slots__ = ("_body",)

    def __init__(self, key: object, body: JSON) -> None:
        if key is not _KEY:
            raise GateRefused("A search body can only be made by the gate.")
        self._body = body

    @property
    def body(self) -> JSON:
        """The body to send, as it is."""
        return self._body


def gate(principal: Principal, body: Mapping[str, Any]) -> GatedBody:
    """The question with the filter of who is asking. GateRefused for anything that could answer past it."""
    unknown = body.keys() - _ALLOWED
    if unknown:
        raise GateRefused(f"A question may not hold {', '.join(sorted(unknown))}.")
    _refuse_clauses(body.get("query", {}))
    _refuse_aggregations(body.get("aggs", {}))
    question = body.get("query", {"match_all": {}})
    filtered = {"bool": {"must": [question], "filter": [_LIVE, _visible_to(principal)]}}
    return GatedBody(_KEY, {**body, "query": filtered})


def _visible_to(principal: Principal) -> JSON:
    """The filter that matches exactly what the principal may see."""
    if isinstance(principal, Operator):
        return {"match_all": {}}
    return _NOTHING


def _refuse_clauses(node: Any) -> None:
    if isinstance(node, Mapping):
        leaking = node.keys() & _LEAKING_QUERIES
        if leaking:
            raise GateRefused(f"A query may not hold {', '.join(sorted(leaking))}.")
        for value in node.values():
            _refuse_clauses(value)
    elif isinstance(node, list):
        for value in node:
            _refuse_clauses(value)


def _refuse_aggregations(aggregations: Mapping[str, Any]) -> None:
    for name, aggregation in aggregations.items():
        leaking = aggregation.keys() & _LEAKING_AGGREGATIONS
        if leaking:
            raise GateRefused(f"Aggregation {name} may not be {', '.join(sorted(leaking))}.")
        for kind, parameters in aggregation.items():
            if kind == "aggs":
                _refuse_aggregations(parameters)
            elif isinstance(parameters, Mapping) and parameters.get("min_doc_count") == 0:
                raise GateRefused(f"Aggregation {name} may not list empty buckets of hidden documents.")
            elif kind in ("filter", "filters"):
                _refuse_clauses(parameters)
