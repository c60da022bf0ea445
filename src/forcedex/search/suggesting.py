"""Suggestions while somebody types: records whose words begin like that, the best five."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from typing import Any

from forcedex.access.gate import gate
from forcedex.access.view import View, readable
from forcedex.domain.indexed import IndexedObject
from forcedex.elasticsearch.query import QueryClient
from forcedex.search import ways, weights
from forcedex.search.answer import Suggestion
from forcedex.search.asker import Asker
from forcedex.search.fields import SearchFields, search_fields
from forcedex.search.filters import any_of
from forcedex.search.hits import at
from forcedex.search.marking import begun
from forcedex.search.ranking import Leaning, Question
from forcedex.search.understanding import Understood, understand
from forcedex.search.vocabulary import Vocabulary
from forcedex.search.words import Word

JSON = dict[str, Any]

#: From so many letters on: one letter costs the node most and says least.
SHORTEST = 2
_WINDOW = 100  # hits that are looked at once more
_DETAILS = ("Account.Name", "Company", "Subject", "Email", "Industry", "StageName")
_NAME, _TITLE, _ADDRESS = 2.0, 1.0, 1.0
_ALL_IN_NAME, _EXACT, _ACCOUNT = 40.0, 10.0, 6.0


class Suggesting:
    """Suggests over the objects of one org."""

    def __init__(
        self, client: QueryClient, objects: Mapping[str, IndexedObject], instance_url: str, vocabulary: Vocabulary
    ) -> None:
        self._client = client
        self._objects = objects
        self._instance_url = instance_url
        self._vocabulary = vocabulary
        self._fields: dict[tuple[str, ...], SearchFields] = {}

    async def suggest(
        self, view: View, asker: Asker, text: str, *, objects: Collection[str], size: int
    ) -> tuple[Suggestion, ...]:
        """At most `size` records; none below two letters."""
        query = understand(text)
        if len(query.text.strip()) < SHORTEST or not query.words:
            return ()
        asked = [each for each in readable(view, list(self._objects.values())) if not objects or each.name in objects]
        names = tuple(each.name for each in asked)
        fields = self._fields.get(names) or self._fields.setdefault(names, search_fields(asked))
        shown = [path for path in _DETAILS if any(path in each.columns for each in asked)]
        titles = sorted({each.name_field for each in asked if each.name_field})
        source = [*titles, *shown]
        response = await self._client.search(gate(view, asked, _body(query, fields, source, size)))
        if not response["hits"]["hits"] and _forgivable(query):
            question = Question(query=query, fields=_named(fields), leaning=Leaning(asker=asker))
            body = {"query": question.relaxed(), "size": size, "_source": source, "track_total_hits": False}
            response = await self._client.search(gate(view, asked, body))
        return tuple(self._suggestion(each, query.words) for each in response["hits"]["hits"])

    def _suggestion(self, found: JSON, words: Sequence[Word]) -> Suggestion:
        source = found["_source"]
        name = source["forcedex"]["object"]
        title = str(source.get(self._objects[name].name_field or "") or found["_id"])
        details = (at(source, path) for path in _DETAILS)
        return Suggestion(
            id=found["_id"],
            object=name,
            title=begun(title, [word.folded for word in words]),
            detail=str(next((each for each in details if each and each != title), "")),
            url=f"{self._instance_url}/lightning/r/{name}/{found['_id']}/view",
        )


def _named(fields: SearchFields) -> SearchFields:
    """Only what a suggestion shows or what names a record: typos are dear, and a word of a text explains no title."""
    return replace(fields, texts=(), long_texts=(), labels=(), addresses=())


def _body(query: Understood, fields: SearchFields, source: list[str], size: int) -> JSON:
    wholes = _wholes(query, fields)
    question: JSON = {"bool": {"must": [_word(word, fields) for word in query.words if word.needed]}}
    again: list[JSON] = [ways.constant(_ACCOUNT, {"term": {"forcedex.object": "Account"}})]
    if fields.names:
        edges = [f"{path}.edge" for path in fields.names]
        begins: JSON = {"query": query.text, "operator": "and", "fields": edges}
        again.append(ways.constant(_ALL_IN_NAME, {"multi_match": begins}))
        again.append(ways.constant(_EXACT, {"multi_match": {"query": query.text, "fields": list(fields.names)}}))
    return {
        "query": {"dis_max": {"queries": [question, *wholes]}} if wholes else question,
        "size": size,
        "track_total_hits": False,
        "_source": source,
        "rescore": {"window_size": _WINDOW, "query": {"rescore_query": {"bool": {"should": again}}}},
    }


def _word(word: Word, fields: SearchFields) -> JSON:
    """Where a word may begin another; numbers, codes and addresses where they look like one."""
    if word.cjk or word.phrase:
        both = [*fields.names, *fields.titles]
        return {"multi_match": {"query": word.text, "type": "phrase", "fields": both}}
    names = [f"{path}.edge^{_NAME}" for path in fields.names]
    titles = [f"{path}.edge^{_TITLE}" for path in fields.titles]
    asked: list[JSON] = [{"multi_match": {"query": word.text, "operator": "and", "fields": [*names, *titles]}}]
    if fields.addresses and ("@" in word.text or "." in word.text):
        parts: JSON = {"query": word.text, "operator": "and", "fields": list(fields.addresses)}
        asked.append(ways.constant(_ADDRESS, {"multi_match": parts}))
    if word.digits and fields.phones:
        asked.append(ways.constant(_ADDRESS, ways.ends_phone(word.digits)(fields.phones)))
    found = word.code
    if found and fields.codes:
        asked.append(ways.constant(_NAME, any_of([{"term": {path: found}} for path in fields.codes])))
    return asked[0] if len(asked) == 1 else {"dis_max": {"queries": asked}}


def _wholes(query: Understood, fields: SearchFields) -> list[JSON]:
    """The whole text being an Id, a phone number or a code."""
    shape = query.shape
    found: list[JSON] = []
    if shape.record_id:
        found.append(ways.constant(weights.RECORD_ID.points, {"term": {"Id": shape.record_id}}))
    if shape.phone and fields.phones:
        found.append(ways.constant(weights.WHOLE_PHONE.points, ways.ends_phone(shape.phone)(fields.phones)))
    if shape.code and fields.codes:
        codes = [{"term": {path: shape.code}} for path in fields.codes]
        found.append(ways.constant(weights.WHOLE_CODE.points, any_of(codes)))
    return found


def _forgivable(query: Understood) -> bool:
    return any(ways.may_hold_typo(word) for word in query.words)
