"""Questions to Elasticsearch: gated bodies only, over the read aliases of the org."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from typing import Any

from elasticsearch import AsyncElasticsearch

from forcedex.access.gate import GatedBody
from forcedex.domain.errors import SinkRefused
from forcedex.domain.indexed import IndexedField, IndexedObject, Relationship
from forcedex.domain.roles import Role
from forcedex.elasticsearch.client import translated
from forcedex.elasticsearch.mapping import MAPPING_VERSION
from forcedex.elasticsearch.naming import Names

JSON = dict[str, Any]

#: How long a moment is kept between two questions.
_KEPT = "2m"
_NOTHING: JSON = {"took": 0, "hits": {"total": {"value": 0, "relation": "eq"}, "hits": []}, "aggregations": {}}


class QueryClient:
    """Sends what the gate let through."""

    def __init__(self, client: AsyncElasticsearch, names: Names) -> None:
        self._client = client
        self._names = names

    @property
    def names(self) -> Names:
        """How the org's indices are called."""
        return self._names

    async def objects(self) -> list[IndexedObject]:
        """The objects of the org that have a readable index, by name."""
        return [each for each in await self.indexed() if not each.of]

    async def indexed(self) -> list[IndexedObject]:
        """All that can be asked about, derived documents too, by name."""
        pattern = f"{self._names.root}*"
        with translated():
            found = await self._client.indices.get(
                index=pattern, allow_no_indices=True, features=["aliases", "mappings"]
            )
        objects = []
        for body in found.values():
            meta = body["mappings"].get("_meta", {})
            name = meta.get("object")
            if name and self._names.read_alias(name) in body["aliases"] and meta["mapping_version"] <= MAPPING_VERSION:
                objects.append(indexed_object(meta))
        return sorted(objects, key=lambda each: each.name)

    async def count(self, sobject: str) -> int:
        """Live records in the index of an object: how full it is, not what somebody may see."""
        with translated():
            response = await self._client.count(index=self._names.read_alias(sobject))
        return int(response["count"])

    async def search(self, question: GatedBody, moment: str = "") -> JSON:
        """Elasticsearch's answer to a gated question, its hits cleaned; no objects, no hits.

        `moment` is one of `moment()`: the index as it was then, as far as the question's objects are in it.
        """
        if not question.objects:
            return dict(_NOTHING)
        where: JSON
        if moment:
            where = {"pit": {"id": moment, "keep_alive": _KEPT}}
        else:
            aliases = [self._names.read_alias(each) for each in question.objects]
            where = {"index": aliases, "ignore_unavailable": True}
        with translated():
            response = await self._client.search(**where, allow_partial_search_results=False, **_python(question.body))
        return question.cleaned(dict(response.body))

    @asynccontextmanager
    async def moment(self, indexed: IndexedObject) -> AsyncIterator[str]:
        """One moment of an index, for as long as questions to it go on."""
        with translated():
            opened = await self._client.open_point_in_time(index=self._names.read_alias(indexed.name), keep_alive=_KEPT)
        try:
            yield opened["id"]
        finally:
            with translated():
                await self._client.close_point_in_time(id=opened["id"])

    async def search_all(self, questions: Sequence[GatedBody]) -> list[JSON]:
        """The answers to several gated questions, asked at once, in their order."""
        asked = [each for each in questions if each.objects]
        answers: list[JSON] = []
        if asked:
            lines: list[JSON] = []
            for each in asked:
                aliases = [self._names.read_alias(name) for name in each.objects]
                lines += [{"index": aliases, "ignore_unavailable": True, "allow_partial_search_results": False}]
                lines += [each.body]
            with translated():
                answers = (await self._client.msearch(searches=lines))["responses"]
        for answer in answers:
            if "error" in answer:
                why = answer["error"].get("type")
                raise SinkRefused(f"Elasticsearch refused the request ({answer['status']}): {why}.")
        found = iter(answers)
        return [each.cleaned(dict(next(found))) if each.objects else dict(_NOTHING) for each in questions]


def _python(body: JSON) -> JSON:
    """The body's keys as the client's arguments."""
    return {"source" if key == "_source" else key: value for key, value in body.items()}


def indexed_object(meta: JSON) -> IndexedObject:
    """What a mapping's `_meta` says of its object."""
    return IndexedObject(
        name=meta["object"],
        label=meta["label"],
        label_plural=meta["label_plural"],
        name_field=meta["name_field"],
        fields=_fields(meta["fields"]),
        overflow=_fields(meta.get("overflow", {})),
        currency=meta["currency"]["code"],
        decimal_places=meta["currency"]["decimal_places"],
        derived={name: tuple(sources) for name, sources in meta["derived"].items()},
        relationships={
            name: Relationship(field=each["field"], objects=tuple(each["objects"]))
            for name, each in meta["relationships"].items()
        },
        key_prefix=meta["key_prefix"],
        master=meta["master"],
        of=meta.get("of", ""),
        tells_of={path: tuple(each) for path, each in meta.get("tells_of", {}).items()},
    )


def _fields(described: JSON) -> dict[str, IndexedField]:
    return {
        path: IndexedField(
            type=each["type"],
            role=Role(each["role"]),
            label=each["label"],
            permissionable=each.get("permissionable", True),
            compound=each.get("compound"),
            values=each.get("values", {}),
            object=each.get("object"),
        )
        for path, each in described.items()
    }
