"""Hits as people see them, from what Elasticsearch gives back."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from forcedex.domain.indexed import IndexedObject
from forcedex.search.answer import Hit, Segment
from forcedex.search.fields import SearchFields
from forcedex.search.marking import nearly

JSON = dict[str, Any]

#: Marks of the highlighter; characters that no text should hold, and that never reach a person.
BEGIN, END = "\ue000", "\ue001"
#: Shown beside the title, where an object has them.
TELLING = (
    *("Account.Name", "Company", "Title", "StageName", "Amount", "CurrencyIsoCode", "CloseDate", "Status", "Subject"),
    *("Email", "Phone", "Industry", "BillingCity", "BillingCountry", "City", "Country", "Type", "Priority"),
    *("ProductCode", "Opportunity.Name", "Owner.Name"),
)
_COMPANIES = ("Account.Name", "Company")
STAMPS = ("LastModifiedDate", "SystemModstamp")


def shown_paths(objects: Iterable[IndexedObject]) -> list[str]:
    """The values that are fetched of hits: names and telling ones, as far as the objects have them."""
    every = list(objects)
    names = {each.name_field for each in every if each.name_field}
    telling = [path for path in (*TELLING, *STAMPS) if any(path in each.columns for each in every)]
    return [*sorted(names), *telling]


def hit(
    found: JSON,
    objects: Mapping[str, IndexedObject],
    instance_url: str,
    *,
    score: bool,
    typed: Sequence[str] = (),
) -> Hit:
    """One hit; its score only for who may know it. `typed` are folded words that may be in it with typos."""
    source = found["_source"]
    name = source["forcedex"]["object"]
    sobject = objects[name]
    values = {path: value for path in TELLING if (value := at(source, path)) is not None}
    title = source.get(sobject.name_field or "") or values.get("Subject")
    values.pop(sobject.name_field or "", None)
    highlights = {
        path.removesuffix(".parts"): segments(fragments[0]) for path, fragments in found.get("highlight", {}).items()
    }
    if typed:
        for path, text in ((sobject.name_field or "", title), *((path, values.get(path)) for path in _COMPANIES)):
            near = nearly(text, typed) if isinstance(text, str) and path not in highlights else None
            if near is not None:
                highlights[path] = near
    return Hit(
        id=found["_id"],
        object=name,
        title=str(title or f"{sobject.label} {found['_id']}"),
        fields=values,
        highlights=highlights,
        url=f"{instance_url}/lightning/r/{name}/{found['_id']}/view",
        synced_at=source["forcedex"]["synced_at"],
        score=_score(found) if score else None,
    )


def _score(found: JSON) -> float:
    """The score, which is the first sort value where the best come first."""
    known = found.get("_score")
    return float(found["sort"][0] if known is None else known)


def highlight(queries: Mapping[str, JSON], fields: SearchFields) -> JSON:
    """The part of a body that asks for marks, each field by its own query."""
    whole: JSON = {"number_of_fragments": 0}
    piece: JSON = {"number_of_fragments": 1, "fragment_size": 120}
    return {
        "type": "unified",
        "pre_tags": [BEGIN],
        "post_tags": [END],
        "fields": {
            path: {**(piece if path in fields.long_texts else whole), "highlight_query": query}
            for path, query in queries.items()
        },
    }


def segments(marked: str) -> tuple[Segment, ...]:
    """A marked text in pieces; marks that do not pair (they were in the data) are dropped."""
    found = []
    for index, piece in enumerate(marked.split(BEGIN)):
        inner, end, rest = piece.partition(END)
        if index and end:
            found += [Segment(inner, True), Segment(rest.replace(END, ""), False)]
        else:
            found.append(Segment(piece.replace(END, ""), False))
    return tuple(each for each in found if each.text)


def at(source: JSON, path: str) -> Any:
    """The value at a path."""
    value: Any = source
    for part in path.split("."):
        value = value.get(part) if isinstance(value, dict) else None
    return value
