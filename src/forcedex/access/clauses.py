"""Clauses of a query, each narrowed to the records where its fields may be used.

A clause on a field that somebody may not read, or on a parent's value where the parent is hidden from him, must not
match: otherwise asking would tell what is in there.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from forcedex.access.view import FREELY, Terms, View
from forcedex.domain.errors import ForcedexError
from forcedex.domain.indexed import IndexedObject

JSON = dict[str, Any]
Footing = tuple[tuple[str, Terms], ...] | None

NOTHING: JSON = {"match_none": {}}
_INNER = frozenset({"must", "should", "filter", "must_not"})
#: Clauses that name one field as their only key.
_ON_A_FIELD = frozenset(
    {*("match", "match_phrase", "match_phrase_prefix", "match_bool_prefix", "term", "prefix", "range", "wildcard")}
)
#: `multi_match` with these types asks each field for itself, so that the fields can be asked apart.
_SEPARABLE = frozenset({"best_fields", "phrase", "phrase_prefix", "bool_prefix"})


class GateRefused(ForcedexError):
    """A question holds something that the gate does not let through: a fault of ours, never of the person asking."""


def narrowed(view: View, objects: Sequence[IndexedObject], clause: Mapping[str, Any]) -> JSON:
    """The clause as the view may ask it. GateRefused for kinds that are not listed here."""
    if len(clause) != 1:
        raise GateRefused("A clause has one kind.")
    ((kind, body),) = clause.items()
    match kind:
        case "match_all" | "match_none":
            return dict(clause)
        case "bool":
            return {"bool": _bool(view, objects, body)}
        case "dis_max":
            queries = [narrowed(view, objects, each) for each in body["queries"]]
            return {"dis_max": {**body, "queries": queries if body.get("tie_breaker") else _together(queries)}}
        case "constant_score":
            return _constant(body, narrowed(view, objects, body["filter"]))
        case "multi_match":
            return _multi_match(view, objects, body)
        case "exists" | "distance_feature":
            return _on(view, objects, body["field"], dict(clause))
        case "terms":
            return _terms(view, objects, body)
        case _ if kind in _ON_A_FIELD:
            if len(body) != 1:
                raise GateRefused(f"A {kind} clause is on one field.")
            (path,) = body
            return _on(view, objects, path, dict(clause))
        case _:
            raise GateRefused(f"A query may not hold {kind}.")


def _restricted(clause: JSON) -> tuple[JSON, JSON] | None:
    """What a clause asks and where alone, if it is one that `_within` made."""
    inner = clause.get("bool", {})
    if inner.keys() == {"must", "filter"} and len(inner["must"]) == len(inner["filter"]) == 1:
        return inner["must"][0], inner["filter"][0]
    return None


def _alternatives(clause: JSON) -> list[JSON] | None:
    """The clauses of which the best one counts, if the clause is nothing but that."""
    inner = clause.get("dis_max", {})
    return list(inner["queries"]) if inner.keys() == {"queries"} else None


def for_marks(clause: JSON) -> JSON:
    """A narrowed clause without its restrictions, for the highlighter: from each hit is taken what may not be shown."""
    parts = _restricted(clause)
    if parts is not None:
        return for_marks(parts[0])
    ((kind, body),) = clause.items()
    if kind == "dis_max":
        return {kind: {**body, "queries": [for_marks(each) for each in body["queries"]]}}
    if kind == "bool":
        return {kind: {key: [for_marks(each) for each in body[key]] if key in _INNER else body[key] for key in body}}
    return clause


def _constant(body: Mapping[str, Any], clause: JSON) -> JSON:
    """The constant score of a clause; a restriction stands outside of it, where it can be joined with others.

    Not if it has a name: Elasticsearch tells of a named clause alone whether it matched, whatever stands around it.
    """
    if "_name" in body:
        return {"constant_score": {**body, "filter": clause}}
    ways = _alternatives(clause)
    if ways is not None:
        return {"dis_max": {"queries": [_constant(body, each) for each in ways]}}
    parts = _restricted(clause)
    if parts is None:
        return {"constant_score": {**body, "filter": clause}}
    asked, where = parts
    return {"bool": {"must": [{"constant_score": {**body, "filter": asked}}], "filter": [where]}}


def _together(clauses: list[JSON]) -> list[JSON]:
    """Alternatives under the same restriction as one: the restriction, with all its tokens, is sent once."""
    alike: dict[int, tuple[JSON, list[JSON]]] = {}  # `_where` gives the same one for the same footing
    free: list[JSON] = []
    for clause in (inner for each in clauses for inner in _alternatives(each) or [each]):
        parts = _restricted(clause)
        if parts is None:
            free.append(clause)
        else:
            alike.setdefault(id(parts[1]), (parts[1], []))[1].append(parts[0])
    for where, asked in alike.values():
        best = asked[0] if len(asked) == 1 else {"dis_max": {"queries": asked}}
        free.append({"bool": {"must": [best], "filter": [where]}})
    return free


def _bool(view: View, objects: Sequence[IndexedObject], body: Mapping[str, Any]) -> JSON:
    unknown = body.keys() - _INNER - {"minimum_should_match", "boost"}
    if unknown:
        raise GateRefused(f"A bool clause may not hold {', '.join(sorted(unknown))}.")
    inner: JSON = dict(body)
    for key in _INNER & body.keys():
        clauses = body[key] if isinstance(body[key], list) else [body[key]]
        inner[key] = [narrowed(view, objects, each) for each in clauses]
    return inner


def _terms(view: View, objects: Sequence[IndexedObject], body: Mapping[str, Any]) -> JSON:
    paths = body.keys() - {"boost"}
    if len(paths) != 1:
        raise GateRefused("A terms clause is on one field.")
    (path,) = paths
    if not isinstance(body[path], list):
        raise GateRefused("A terms clause lists its terms: it fetches none from other documents.")
    return _on(view, objects, path, {"terms": dict(body)})


def _multi_match(view: View, objects: Sequence[IndexedObject], body: Mapping[str, Any]) -> JSON:
    kind = body.get("type", "best_fields")
    groups: dict[tuple[tuple[str, Terms], ...] | None, list[str]] = {}
    for each in body["fields"]:
        path = each.partition("^")[0]
        footing = _footing(view, objects, path)
        if footing != ():
            groups.setdefault(footing, []).append(each)
    if not groups:
        return NOTHING
    if len(groups) > 1 and kind not in _SEPARABLE:
        raise GateRefused(f"The fields of a {kind} clause must be open in the same records.")
    boost = {"boost": body["boost"]} if "boost" in body else {}
    plain = {key: value for key, value in body.items() if key != "boost"}
    clauses = [
        _within(view, objects, footing, {"multi_match": {**plain, "fields": fields}})
        for footing, fields in groups.items()
    ]
    if len(clauses) == 1:
        ((only),) = clauses
        return only if not boost else _boosted(only, body["boost"])
    return {
        "dis_max": {
            "queries": clauses,
            **({"tie_breaker": body["tie_breaker"]} if "tie_breaker" in body else {}),
            **boost,
        }
    }


def _boosted(clause: JSON, boost: float) -> JSON:
    if "multi_match" in clause:
        return {"multi_match": {**clause["multi_match"], "boost": boost}}
    return {"bool": {**clause["bool"], "boost": boost}}


def same_footing(view: View, objects: Sequence[IndexedObject], paths: Sequence[str]) -> bool:
    """Whether fields are open in the same records, so that one clause may ask them together."""
    return len({_footing(view, objects, path.partition("^")[0]) for path in paths} - {()}) <= 1


def _on(view: View, objects: Sequence[IndexedObject], path: str, clause: JSON) -> JSON:
    footing = _footing(view, objects, path)
    return NOTHING if footing == () else _within(view, objects, footing, clause)


def _footing(view: View, objects: Sequence[IndexedObject], path: str) -> Footing:
    """The objects and terms on which a field can be used; (): nowhere; None: wherever it is.

    A question names the same fields over and over, so the view remembers.
    """
    known = _remembered(view, objects)
    if path not in known:
        known[path] = _found_footing(view, objects, path)
    footing: Footing = known[path]
    return footing


def _remembered(view: View, objects: Sequence[IndexedObject]) -> dict[Any, Any]:
    """What the view remembers about these objects: footings by path, restrictions by footing."""
    _, known = view.remembered.setdefault(tuple(map(id, objects)), (tuple(objects), {}))
    return known


def _found_footing(view: View, objects: Sequence[IndexedObject], path: str) -> Footing:
    if view.unlimited:
        if path.startswith(("forcedex.acl", "forcedex.see")):
            raise GateRefused("Who may see a record is no question.")
        return None
    found = tuple((each.name, terms) for each in objects if (terms := view.terms(each, path)) is not None)
    known = [each for each in objects if each.sources(path) is not None or view.terms(each, path) is not None]
    if len(found) == len(known) and all(terms == FREELY for _, terms in found):
        return None if found else ()
    return found


def _within(view: View, objects: Sequence[IndexedObject], footing: Footing, clause: JSON) -> JSON:
    """The clause in the records alone that the footing names."""
    if footing is None:
        return clause
    known = _remembered(view, objects)
    if footing not in known:
        known[footing] = _where(view, objects, footing)
    return {"bool": {"must": [clause], "filter": [known[footing]]}}


def _where(view: View, objects: Sequence[IndexedObject], footing: tuple[tuple[str, Terms], ...]) -> JSON:
    """The filter for the records that a footing names."""
    ways: list[JSON] = []
    alike: dict[tuple[str, ...], tuple[list[str], list[JSON]]] = {}
    known = {each.name: each for each in objects}
    for name, terms in footing:
        parents = [seen_parent(view, known[name], each) for each in sorted(terms.relationships)]
        alike.setdefault(tuple(map(repr, parents)), ([], parents))[0].append(name)
    for names, parents in alike.values():
        ways.append({"bool": {"filter": [{"terms": {"forcedex.object": names}}, *parents]}})
    return ways[0] if len(ways) == 1 else {"bool": {"should": ways}}


def seen_parent(view: View, indexed: IndexedObject, relationship: str) -> JSON:
    """The filter for records whose parent may be seen."""
    return {"terms": {f"forcedex.see.{relationship}": view.tokens_for(indexed, relationship)}}
