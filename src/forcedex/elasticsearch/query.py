"""Questions to Elasticsearch: gated bodies only, over the read aliases of the org."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from elasticsearch import AsyncElasticsearch

from forcedex.access.gate import GatedBody
from forcedex.domain.roles import Role
from forcedex.elasticsearch.client import translated
from forcedex.elasticsearch.mapping import MAPPING_VERSION
from forcedex.elasticsearch.naming import Names

JSON = dict[str, Any]


@dataclass(frozen=True, kw_only=True, slots=True)
class IndexedField:
    """A field as the index knows it."""

    type: str
    role: Role
    label: str


@dataclass(frozen=True, kw_only=True, slots=True)
class IndexedObject:
    """An object that can be asked about."""

    name: str
    label: str
    label_plural: str
    #: Field that people take for the record's name.
    name_field: str | None
    #: By path, such as `Name` or `Account.Name`.
    fields: dict[str, IndexedField]
    #: ISO code of the org's corporate currency (empty: the org has a single one) and its digits after the point.
    currency: str
    decimal_places: int
    #: Columns that have no field of their own: their texts are in `forcedex.more` under these paths.
    overflow: dict[str, IndexedField] = field(default_factory=dict)


class QueryClient:
    """Sends what the gate let through."""

    def __init__(self, client: AsyncElasticsearch, names: Names) -> None:
        self._client = client
        self._names = names

    async def objects(self) -> list[IndexedObject]:
        """The objects that have a readable index, by name."""
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
                objects.append(_indexed(meta))
        return sorted(objects, key=lambda each: each.name)

    async def count(self, sobject: str) -> int:
        """Live records in the index of an object: how full it is, not what somebody may see."""
        with translated():
            response = await self._client.count(index=self._names.read_alias(sobject))
        return int(response["count"])

    async def search(self, objects: Sequence[str], question: GatedBody) -> JSON:
        """Elasticsearch's answer to a gated question over these objects; no objects, no hits."""
        if not objects:
            return {"took": 0, "hits": {"total": {"value": 0, "relation": "eq"}, "hits": []}, "aggregations": {}}
        aliases = [self._names.read_alias(each) for each in objects]
        with translated():
            response = await self._client.search(
                index=aliases, ignore_unavailable=True, allow_partial_search_results=False, **_python(question.body)
            )
        return dict(response.body)


def _python(body: JSON) -> JSON:
    """The body's keys as the client's arguments."""
    return {"source" if key == "_source" else key: value for key, value in body.items()}


def _indexed(meta: JSON) -> IndexedObject:
    return IndexedObject(
        name=meta["object"],
        label=meta["label"],
        label_plural=meta["label_plural"],
        name_field=meta["name_field"],
        fields=_fields(meta["fields"]),
        overflow=_fields(meta.get("overflow", {})),
        currency=meta["currency"]["code"],
        decimal_places=meta["currency"]["decimal_places"],
    )


def _fields(described: JSON) -> dict[str, IndexedField]:
    return {
        path: IndexedField(type=each["type"], role=Role(each["role"]), label=each["label"])
        for path, each in described.items()
    }
