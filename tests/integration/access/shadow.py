"""A second index that holds only what one user may see, by the org's own slow definition: records, fields, parents.

A search of everything in there must be what the user's search in the whole index is.
"""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from elasticsearch import AsyncElasticsearch

from forcedex.access import tokens
from forcedex.access.view import View
from forcedex.domain.indexed import IndexedObject
from forcedex.elasticsearch.naming import Names
from forcedex.elasticsearch.query import QueryClient
from localorg.fixture import LocalOrg

JSON = dict[str, Any]


class Shadow:
    """Makes shadows of one index."""

    def __init__(
        self, org: LocalOrg, client: AsyncElasticsearch, names: Names, objects: Sequence[IndexedObject]
    ) -> None:
        self._org = org
        self._client = client
        self._names = names
        self._objects = objects

    async def of(self, user: str, number: int) -> QueryClient:
        """The shadow of what the user may see."""
        names = Names(f"{self._names.prefix}s{number}", self._names.org_id)
        await asyncio.gather(*(self._copy(user, indexed, names) for indexed in self._objects))
        await self._client.indices.refresh(index=f"{names.root}*")
        return QueryClient(self._client, names)

    async def _copy(self, user: str, indexed: IndexedObject, names: Names) -> None:
        real = self._names.read_alias(indexed.name)
        ((_, body),) = (await self._client.indices.get(index=real)).items()
        index = names.index(indexed.name, 1)
        settings = {name: body["settings"]["index"][name] for name in ("analysis", "similarity")}
        settings |= {"mapping.total_fields.limit": 2_000}
        settings |= {"number_of_shards": 1, "number_of_replicas": 0}
        aliases: JSON = {names.read_alias(indexed.name): {}}
        await self._client.indices.create(index=index, mappings=body["mappings"], settings=settings, aliases=aliases)
        readable = self._org.readable_ids(user, indexed.name)
        if not readable:
            return
        fields = self._org.readable_fields(user, indexed.name)
        found = await self._client.search(index=real, size=1_000, query={"match_all": {}})
        lines: list[JSON] = []
        for hit in found["hits"]["hits"]:
            if hit["_id"] in readable:
                lines += [{"index": {"_id": hit["_id"]}}, self._shown(user, indexed, hit["_source"], fields)]
        if lines:
            answer = await self._client.bulk(index=index, operations=lines)
            assert not answer["errors"], answer

    def _shown(self, user: str, indexed: IndexedObject, source: JSON, fields: set[str]) -> JSON:
        """The document without what the user may not read."""
        seen = {path for path in indexed.columns if self._readable(user, indexed, source, path, fields)}
        allowed = seen | {name for name, made_of in indexed.derived.items() if set(made_of) <= seen}
        kept: JSON = _kept(source, allowed)
        about = source["forcedex"]
        ours = _kept({key: value for key, value in about.items() if isinstance(value, dict)}, allowed, "forcedex.")
        plain = {key: about[key] for key in about if f"forcedex.{key}" in allowed}
        kept["forcedex"] = {
            **ours,
            **plain,
            **{key: about[key] for key in ("object", "version", "deleted", "synced_at")},
            "acl": [tokens.whole(indexed.name)],
            "see": self._see(indexed, source, seen),
        }
        return kept

    def _readable(self, user: str, indexed: IndexedObject, source: JSON, path: str, fields: set[str]) -> bool:
        relationship, _, _ = path.rpartition(".")
        if not relationship:
            return path in fields
        known = indexed.relationships.get(relationship)
        parent = source.get(known.field) if known else None
        if known is None or parent is None or known.field not in fields:
            return False
        # Groups and queues are open to all.
        return parent.startswith("00G") or bool(self._org.may_read(user, parent))

    def _see(self, indexed: IndexedObject, source: JSON, seen: set[str]) -> JSON:
        """The parents that are shown are open."""
        prefixes = {each.key_prefix: each.name for each in self._objects}
        found = {}
        for relationship, known in indexed.relationships.items():
            parent = source.get(known.field)
            if parent and any(path.rpartition(".")[0] == relationship for path in seen):
                found[relationship] = [tokens.whole(prefixes.get(parent[:3], "Group"))]
        return found


def _kept(values: Mapping[str, Any], allowed: set[str], prefix: str = "") -> JSON:
    kept: JSON = {}
    for key, value in values.items():
        path = f"{prefix}{key}"
        if path in allowed:
            kept[key] = value
        elif isinstance(value, dict) and path not in ("forcedex", "forcedex.see"):
            inner = _kept(value, allowed, f"{path}.")
            if inner:
                kept[key] = inner
    return kept


def seeing_all(view: View) -> View:
    """The same person where every record may be seen; fields as before."""
    held = {token for name in view.objects for token in (tokens.whole(name), tokens.by_permission(name))}
    return replace(view, tokens=tuple(sorted(held)), denials=())
