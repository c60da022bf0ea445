"""The one gate between a question and Elasticsearch.

`gate` puts the filter of who is asking into a question, narrows every clause on a field to the records where the
field may be used, refuses whatever Elasticsearch would answer past the filter, and takes out of the answer what may
not be shown. Only this module can make a `GatedBody`, and the client sends nothing else.

A question is made of the few constructs that are listed here; any other is refused, as a fault of ours.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from forcedex.access.answers import cleaned
from forcedex.access.clauses import GateRefused, for_marks, narrowed, seen_parent
from forcedex.access.view import FREELY, View, readable
from forcedex.domain.indexed import IndexedObject

JSON = dict[str, Any]

__all__ = ["GateRefused", "GatedBody", "gate", "restriction", "tokens_question", "unrestricted"]

_KEY = object()

#: What a question may hold. `suggest`, `knn`, `post_filter`, `runtime_mappings`, `script_fields`, `fields`, `profile`,
#: `collapse`, `explain` … answer past the query's filter, or tell of records outside it.
_ALLOWED = frozenset(
    {
        *("query", "size", "sort", "aggs", "highlight", "rescore", "_source", "track_total_hits", "search_after"),
        *("timeout", "terminate_after", "track_scores"),
    }
)
#: Aggregations that see only the documents of the query, and name their field in `field`.
_AGGREGATIONS = frozenset(
    {
        *("terms", "date_histogram", "histogram", "range", "date_range", "missing", "sum", "min", "max", "avg"),
        *("stats", "extended_stats", "value_count", "cardinality", "percentiles"),
    }
)
_HIGHLIGHT = frozenset({"type", "pre_tags", "post_tags", "fields", "max_analyzed_offset", "order"})
_HIGHLIGHT_FIELD = frozenset({"number_of_fragments", "fragment_size", "no_match_size", "highlight_query"})
#: Terms of one clause: Elasticsearch refuses more than 65,536 (`index.max_terms_count`).
_MOST_TERMS = 60_000
_LIVE: JSON = {"term": {"forcedex.deleted": False}}
_NOTHING: JSON = {"match_none": {}}
#: What every hit tells, for `cleaned`.
_ALWAYS = ("forcedex.object", "forcedex.synced_at")


class GatedBody:
    """A search body that carries the filter of who is asking. Made by `gate` alone."""

    __slots__ = ("_body", "_objects", "_raw", "_view")

    def __init__(
        self, key: object, body: JSON, view: View, objects: Sequence[IndexedObject], *, raw: bool = False
    ) -> None:
        if key is not _KEY:
            raise GateRefused("A search body can only be made by the gate.")
        self._raw = raw
        self._body = body
        self._view = view
        self._objects = {each.name: each for each in objects}

    @property
    def body(self) -> JSON:
        """The body to send, as it is."""
        return self._body

    @property
    def objects(self) -> list[str]:
        """The objects whose indices may be asked."""
        return list(self._objects)

    def cleaned(self, response: JSON) -> JSON:
        """The answer without what may not be shown in a hit."""
        return response if self._raw else cleaned(self._view, self._objects, response)


def gate(view: View, objects: Sequence[IndexedObject], body: Mapping[str, Any]) -> GatedBody:
    """The question to these objects as the view may ask it. GateRefused for anything that could answer past it."""
    unknown = body.keys() - _ALLOWED
    if unknown:
        raise GateRefused(f"A question may not hold {', '.join(sorted(unknown))}.")
    allowed = readable(view, objects)
    gated = dict(body)
    query = narrowed(view, allowed, body.get("query", {"match_all": {}}))
    gated["query"] = {
        "bool": {"must": [query], "filter": [_LIVE, visible_to(view)], "must_not": _denied(view, allowed)}
    }
    if "rescore" in body:
        gated["rescore"] = _rescore(view, allowed, body["rescore"])
    if "highlight" in body:
        gated["highlight"] = _highlight(view, allowed, body["highlight"])
    if "aggs" in body:
        gated["aggs"] = {name: _aggregation(view, allowed, name, each, ()) for name, each in body["aggs"].items()}
    for each in body.get("sort", ()):
        _check_sort(view, allowed, each)
    gated["_source"] = _source(view, allowed, body.get("_source", False), body.get("highlight", {}).get("fields", ()))
    _check_last(view, gated)
    return GatedBody(_KEY, gated, view, allowed)


def tokens_question(view: View, objects: Sequence[IndexedObject], record_id: str) -> GatedBody:
    """Who may see this record: its tokens alone, for explaining. GateRefused for anybody but the operator."""
    if not view.unlimited:
        raise GateRefused("Only the operator may ask who sees a record.")
    query = {"bool": {"filter": [_LIVE, {"term": {"Id": record_id}}]}}
    body = {"query": query, "size": 1, "_source": ["forcedex.object", "forcedex.acl", "forcedex.see", "OwnerId"]}
    return GatedBody(_KEY, body, view, objects, raw=True)


def visible_to(view: View) -> JSON:
    """The filter that matches exactly the records that may be seen, but for denials."""
    if view.unlimited:
        return {"match_all": {}}
    if view.blind or not view.tokens:
        return _NOTHING
    parts = [list(view.tokens[start : start + _MOST_TERMS]) for start in range(0, len(view.tokens), _MOST_TERMS)]
    clauses: list[JSON] = [{"terms": {"forcedex.acl": some}} for some in parts]
    return clauses[0] if len(clauses) == 1 else {"bool": {"should": clauses, "minimum_should_match": 1}}


def restriction(view: View, indexed: IndexedObject, path: str) -> JSON | None:
    """The filter under which an aggregation on a field must stand; None: the field may not be used."""
    terms = view.terms(indexed, path)
    if terms is None:
        return None
    filters: list[JSON] = [{"term": {"forcedex.object": indexed.name}}]
    filters += [seen_parent(view, indexed, each) for each in sorted(terms.relationships)]
    return filters[0] if len(filters) == 1 else {"bool": {"filter": filters}}


def unrestricted(view: View, objects: Sequence[IndexedObject], path: str) -> bool:
    """Whether an aggregation on a field needs no restriction: it may be used wherever these objects have it."""
    return all(view.terms(each, path) == FREELY for each in objects if each.sources(path) is not None)


def _denied(view: View, objects: Sequence[IndexedObject]) -> list[JSON]:
    """What was taken back and is still in the index as it was: these records, or all that carry the token."""
    held = set(view.tokens)
    found: list[JSON] = []
    for each in view.denials:
        for indexed in objects:
            if each.token in held and each.object == indexed.told_of:
                field = "forcedex.root" if indexed.of and each.field == "Id" else each.field
                which = {"terms": {field: list(each.ids)}} if each.ids else _carrying(indexed, each.token)
                found.append({"bool": {"filter": [{"term": {"forcedex.object": indexed.name}}, which]}})
    return found


def _carrying(indexed: IndexedObject, token: str) -> JSON:
    """The records that the token opens, or a parent's name in them: what was written anew does not carry it."""
    paths = ["forcedex.acl", *(f"forcedex.see.{relationship}" for relationship in indexed.relationships)]
    return {"bool": {"should": [{"term": {path: token}} for path in paths], "minimum_should_match": 1}}


def _rescore(view: View, objects: Sequence[IndexedObject], rescore: Any) -> JSON:
    if set(rescore) != {"window_size", "query"} or not rescore["query"].keys() <= {
        *("rescore_query", "query_weight", "rescore_query_weight", "score_mode"),
    }:
        raise GateRefused("A rescore has a window and a query.")
    inner = {**rescore["query"], "rescore_query": narrowed(view, objects, rescore["query"]["rescore_query"])}
    return {"window_size": rescore["window_size"], "query": inner}


def _highlight(view: View, objects: Sequence[IndexedObject], highlight: Mapping[str, Any]) -> JSON:
    """Named fields only, each marked by the matches of its own query. What may not be shown, `cleaned` takes out."""
    if not highlight.keys() <= _HIGHLIGHT:
        raise GateRefused("A highlight holds named fields, each with its own query, and marks.")
    shown: JSON = {}
    for path, options in highlight["fields"].items():
        if "*" in path or not options.keys() <= _HIGHLIGHT_FIELD or "highlight_query" not in options:
            raise GateRefused(f"{path} cannot be highlighted like that.")
        if any(view.terms(each, path) for each in objects):
            query = for_marks(narrowed(view, objects, options["highlight_query"]))
            shown[path] = {**options, "highlight_query": query}
    return {**highlight, "fields": shown, "require_field_match": True}


def _aggregation(
    view: View, objects: Sequence[IndexedObject], name: str, aggregation: Mapping[str, Any], above: tuple[JSON, ...]
) -> JSON:
    """Checked: on fields under the filter of `restriction`, in documents of the query alone."""
    inner = aggregation.get("aggs", {})
    kinds = aggregation.keys() - {"aggs", "meta"}
    if len(kinds) != 1:
        raise GateRefused(f"Aggregation {name} must be of one kind.")
    (kind,) = kinds
    gated = dict(aggregation)
    options = aggregation[kind]
    if kind == "filter":
        known = _is_restriction(view, objects, options)
        gated[kind] = options if known else narrowed(view, objects, options)
        above = (*above, options) if known else above
    elif kind == "filters":
        if not isinstance(options.get("filters"), Mapping) or options.keys() != {"filters"}:
            raise GateRefused(f"Aggregation {name} needs named filters.")
        gated[kind] = {"filters": {key: narrowed(view, objects, each) for key, each in options["filters"].items()}}
    elif kind == "composite":
        for source in options["sources"]:
            for one in source.values():
                for each in one.values():
                    _check_field(view, objects, name, each, above)
    elif kind in _AGGREGATIONS:
        _check_field(view, objects, name, options, above)
    else:
        raise GateRefused(f"Aggregation {name} may not be {kind}.")
    if inner:
        gated["aggs"] = {key: _aggregation(view, objects, key, each, above) for key, each in inner.items()}
    return gated


def _is_restriction(view: View, objects: Sequence[IndexedObject], clause: JSON) -> bool:
    """Whether a filter narrows to one object as `restriction` does."""
    filters = clause.get("bool", {}).get("filter", [clause])
    named = filters[0].get("term", {}).get("forcedex.object") if filters else None
    indexed = next((each for each in objects if each.name == named), None)
    if indexed is None:
        return False
    known = [seen_parent(view, indexed, each) for each in indexed.relationships]
    return all(each in known for each in filters[1:])


def _check_field(
    view: View, objects: Sequence[IndexedObject], name: str, options: Mapping[str, Any], above: tuple[JSON, ...]
) -> None:
    if options.keys() & {"script", "include", "exclude"} or options.get("min_doc_count") == 0:
        raise GateRefused(f"Aggregation {name} may not hold scripts, patterns or empty buckets.")
    if view.unlimited:
        return
    path = options.get("field")
    if not isinstance(path, str):
        raise GateRefused(f"Aggregation {name} names no field.")
    for each in objects:
        if any(_excludes(clause, each) for clause in above) or each.sources(path) is None:
            continue
        wanted = restriction(view, each, path)
        terms = view.terms(each, path)
        if wanted is None or terms is None or (terms.relationships and wanted not in above):
            raise GateRefused(f"Aggregation {name} is on {each.name}.{path} without its restriction.")


def _excludes(clause: JSON, indexed: IndexedObject) -> bool:
    filters = clause.get("bool", {}).get("filter", [clause])
    return bool(filters[0]["term"]["forcedex.object"] != indexed.name)


def _check_sort(view: View, objects: Sequence[IndexedObject], sort: Any) -> None:
    """Sorting shows the order of values: only by what may be used in every record that may be seen."""
    names = [sort] if isinstance(sort, str) else list(sort)
    for path in names:
        if path in ("_score", "_doc"):
            continue
        if path.startswith("_") or (isinstance(sort, Mapping) and "script" in str(sort[path])):
            raise GateRefused(f"Hits cannot be sorted by {path}.")
        for each in objects:
            if not view.may_use(each, path) and (each.sources(path) is not None or path.startswith("forcedex.")):
                raise GateRefused(f"Hits of {each.name} cannot be sorted by {path} for this person.")


def _source(view: View, objects: Sequence[IndexedObject], wanted: Any, highlighted: Iterable[str]) -> list[str] | bool:
    """Named fields only, and what `cleaned` needs to judge them and the highlights."""
    if wanted is False and not highlighted:
        return False
    if not isinstance(wanted, list) or any("*" in path for path in wanted):
        raise GateRefused("The fields of a hit must be named.")
    secret = [path for path in wanted if path.split(".")[:2] in (["forcedex", "acl"], ["forcedex", "see"])]
    if secret or "forcedex" in wanted:
        raise GateRefused("Who may see a record is not for showing.")
    see = {
        f"forcedex.see.{relationship}"
        for each in objects
        for path in (*wanted, *highlighted)
        if (terms := view.terms(each, path)) is not None
        for relationship in terms.relationships
    }
    return sorted({*wanted, *_ALWAYS, *see})


def _check_last(view: View, gated: JSON) -> None:
    """The last look before a body may be sent."""
    query = gated["query"]["bool"]
    if visible_to(view) not in query["filter"] or _LIVE not in query["filter"]:
        raise GateRefused("A question lost the filter of who is asking.")
