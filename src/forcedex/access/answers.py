"""Answers without what may not be shown: fields and marks of each hit, by who is asking."""

from collections.abc import Callable, Mapping
from typing import Any

from forcedex.access.view import View
from forcedex.domain.indexed import IndexedObject

JSON = dict[str, Any]

#: What the index keeps about a record that is not for showing, or shown under its own name.
_OURS = frozenset({"object", "synced_at", "see", "acl", "version", "deleted"})


def cleaned(view: View, objects: Mapping[str, IndexedObject], response: JSON) -> JSON:
    """The response, its hits with allowed values alone; hits of objects that nobody asked about are dropped."""
    hits = response.get("hits", {})
    if "hits" in hits:
        kept = [_hit(view, objects, each) for each in hits["hits"]]
        response = {**response, "hits": {**hits, "hits": [each for each in kept if each is not None]}}
    return response


def _hit(view: View, objects: Mapping[str, IndexedObject], hit: JSON) -> JSON | None:
    source = hit.get("_source")
    if source is None:
        return {key: value for key, value in hit.items() if key != "highlight"}
    about = source.get("forcedex", {})
    indexed = objects.get(about.get("object", ""))
    if indexed is None:
        return None
    see = about.get("see", {})

    def shown(path: str) -> bool:
        terms = view.terms(indexed, path)
        if terms is None:
            return False
        return all(
            not set(view.tokens_for(indexed, each)).isdisjoint(see.get(each, ())) for each in terms.relationships
        )

    clean = {**hit, "_source": _only(source, shown)}
    clean["_source"]["forcedex"] = {
        **{key: about[key] for key in ("object", "synced_at") if key in about},
        **_only({key: value for key, value in about.items() if key not in _OURS}, shown, "forcedex."),
    }
    if "highlight" in hit:
        clean["highlight"] = {path: marks for path, marks in hit["highlight"].items() if shown(path)}
    return clean


def _only(values: JSON, shown: Callable[[str], bool], prefix: str = "") -> JSON:
    """The values whose paths are shown; of objects, their parts."""
    kept: JSON = {}
    for key, value in values.items():
        path = f"{prefix}{key}"
        if path == "forcedex":
            continue
        if shown(path):
            kept[key] = value
        elif isinstance(value, dict):
            inner = _only(value, shown, f"{path}.")
            if inner:
                kept[key] = inner
    return kept
