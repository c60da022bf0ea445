"""The search: understand the text, ask strictly, ask again with typos allowed if nothing was found."""

import time
from collections.abc import Sequence
from typing import Any

from forcedex.access.gate import gate
from forcedex.access.view import View
from forcedex.domain.indexed import IndexedObject
from forcedex.elasticsearch.query import QueryClient
from forcedex.search.answer import Answer, Hit, Segment
from forcedex.search.asker import Asker
from forcedex.search.fields import SearchFields, search_fields
from forcedex.search.ranking import Leaning, Question, highlighting
from forcedex.search.understanding import Understood, understand

JSON = dict[str, Any]

#: Marks of the highlighter; characters that no text should hold, and that never reach a person.
_BEGIN, _END = "\ue000", "\ue001"
#: Shown beside the title, where an object has them.
_TELLING = (
    "Account.Name",
    "Company",
    "Title",
    "StageName",
    "Amount",
    "CurrencyIsoCode",
    "CloseDate",
    "Status",
    "Subject",
    "Email",
    "Phone",
    "Industry",
    "BillingCity",
    "BillingCountry",
    "City",
    "Country",
    "Type",
    "Priority",
    "ProductCode",
    "Opportunity.Name",
    "Owner.Name",
)


class Search:
    """Answers searches over the objects of one org."""

    def __init__(self, client: QueryClient, objects: Sequence[IndexedObject], instance_url: str) -> None:
        self._client = client
        self._objects = {each.name: each for each in objects}
        self._fields = search_fields(objects)
        self._instance_url = instance_url

    async def run(self, view: View, text: str, *, size: int = 10) -> Answer:
        """The best `size` hits; no words, no hits."""
        began = time.perf_counter()
        query = understand(text)
        response: JSON = {"took": 0, "hits": {"total": {"value": 0}, "hits": []}}
        typos = False
        took = 0
        if query.words:
            for typos in (False, True):
                response = await self._ask(view, query, size, typos)
                took += response["took"]
                if response["hits"]["total"]["value"]:
                    break
        hits = tuple(self._hit(each) for each in response["hits"]["hits"])
        return Answer(
            total=response["hits"]["total"]["value"],
            hits=hits,
            took_ms=(time.perf_counter() - began) * 1000,
            elasticsearch_ms=took,
            terms=query.terms,
            relaxed=typos and bool(hits),
        )

    async def _ask(self, view: View, query: Understood, size: int, typos: bool) -> JSON:
        asked = Question(query=query, fields=self._fields, leaning=Leaning(asker=Asker()))
        question = asked.relaxed() if typos else asked.strict()
        body = {
            "query": question,
            "size": size,
            "track_total_hits": True,
            "sort": ["_score", {"Id": "asc"}],
            "_source": [*self._names(), *_TELLING],
            "highlight": _highlight(highlighting(query, self._fields, typos=typos), self._fields),
        }
        return await self._client.search(gate(view, list(self._objects.values()), body))

    def _names(self) -> list[str]:
        return sorted({each.name_field for each in self._objects.values() if each.name_field})

    def _hit(self, found: JSON) -> Hit:
        source = found["_source"]
        name = source["forcedex"]["object"]
        sobject = self._objects[name]
        values = {path: value for path in _TELLING if (value := _at(source, path)) is not None}
        title = source.get(sobject.name_field or "") or values.get("Subject")
        values.pop(sobject.name_field or "", None)
        return Hit(
            id=found["_id"],
            object=name,
            title=str(title or f"{sobject.label} {found['_id']}"),
            fields=values,
            highlights={
                path.removesuffix(".parts"): _segments(fragments[0])
                for path, fragments in found.get("highlight", {}).items()
            },
            url=f"{self._instance_url}/lightning/r/{name}/{found['_id']}/view",
            synced_at=source["forcedex"]["synced_at"],
            score=found["_score"] or 0.0,
        )


def _highlight(query: JSON, fields: SearchFields) -> JSON:
    whole: JSON = {"number_of_fragments": 0}
    piece: JSON = {"number_of_fragments": 1, "fragment_size": 120}
    short = [*fields.names, *fields.titles, *fields.texts, *fields.addresses]
    return {
        "type": "unified",
        "pre_tags": [_BEGIN],
        "post_tags": [_END],
        "highlight_query": query,
        "fields": {**dict.fromkeys(short, whole), **dict.fromkeys(fields.long_texts, piece)},
    }


def _segments(marked: str) -> tuple[Segment, ...]:
    """A marked text in pieces; marks that do not pair (they were in the data) are dropped."""
    segments = []
    for index, piece in enumerate(marked.split(_BEGIN)):
        hit, end, rest = piece.partition(_END)
        if index and end:
            segments += [Segment(hit, True), Segment(rest, False)]
        else:
            segments.append(Segment(piece.replace(_END, ""), False))
    return tuple(each for each in segments if each.text)


def _at(source: JSON, path: str) -> Any:
    value: Any = source
    for part in path.split("."):
        value = value.get(part) if isinstance(value, dict) else None
    return value
