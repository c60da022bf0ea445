"""Orders of hits, and whether a person may have them."""

from collections.abc import Sequence
from typing import Any

from forcedex.access.view import View
from forcedex.domain.indexed import IndexedObject
from forcedex.search.request import Sort

JSON = dict[str, Any]

_TIE: JSON = {"Id": {"order": "asc"}}
_PATHS: dict[Sort, tuple[str, str, str]] = {
    Sort.MODIFIED: ("LastModifiedDate", "desc", "date"),
    Sort.CREATED: ("CreatedDate", "desc", "date"),
    Sort.AMOUNT: ("Amount", "desc", "double"),
    Sort.CLOSE_DATE: ("CloseDate", "asc", "date"),
}


def order(sort: Sort, reverse: bool, view: View, objects: Sequence[IndexedObject]) -> tuple[list[JSON], str | None]:
    """The sort clauses, always ending in the Id, and a notice where the wanted order cannot be had."""
    relevance: list[JSON] = [{"_score": {"order": "desc"}}, _TIE]
    if sort is Sort.RELEVANCE:
        return relevance, None
    if sort is Sort.NAME:
        path, way, kind = f"{_name(objects)}.keyword", "asc", "keyword"
    else:
        path, way, kind = _PATHS[sort]
    holding = [each for each in objects if each.sources(path) is not None]
    if not holding or not all(view.may_use(each, path) for each in holding):
        said = sort.value.replace("_", " ")
        return relevance, f"These records cannot be sorted by {said}: the best ones come first."
    if reverse:
        way = "asc" if way == "desc" else "desc"
    return [{path: {"order": way, "missing": "_last", "unmapped_type": kind}}, _TIE], None


def by_score(clauses: Sequence[JSON]) -> bool:
    """Whether the best come first: their scores are the first of their sort values."""
    return "_score" in clauses[0]


def _name(objects: Sequence[IndexedObject]) -> str:
    names = {each.name_field for each in objects if each.name_field}
    return next(iter(names)) if len(names) == 1 else "Name"
