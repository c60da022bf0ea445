"""Reading back what the newest generation of an object holds: upkeep of the index, no person sees the answers."""

from collections.abc import AsyncGenerator, AsyncIterator, Mapping, Sequence
from contextlib import aclosing, suppress
from typing import Any

from elasticsearch import AsyncElasticsearch

from forcedex.domain.errors import ForcedexError
from forcedex.domain.ports import StoredRecord
from forcedex.elasticsearch.client import documents_of, translated
from forcedex.elasticsearch.layout import more_name
from forcedex.elasticsearch.naming import LIVE, Names

JSON = dict[str, Any]

_SLICE = 5_000  # records of one answer of a scan
#: How long Elasticsearch keeps a moment for us after each answer.
_KEEP_ALIVE = "5m"
_HIT = ("_id", "_version", "_seq_no", "_primary_term", "sort", "fields")
_OF_HITS = "pit_id," + ",".join(f"hits.hits.{each}" for each in _HIT)


class StoredRecords:
    """What is in the indices of one org."""

    def __init__(self, client: AsyncElasticsearch, names: Names) -> None:
        self._client = client
        self._names = names

    async def scan(self, sobject: str, stamp: str, after: str = "") -> AsyncIterator[list[StoredRecord]]:
        """As `Sink.scan`; 5,000 records at a time."""
        query: JSON = {"bool": {"filter": [LIVE, {"range": {"Id": {"gt": after}}}]}}
        stamps = [{"field": stamp, "format": "epoch_second"}]
        alias = self._names.write_alias(sobject)
        async with aclosing(hits_of(self._client, alias, query, sort="Id", docvalue_fields=stamps)) as slices:
            async for hits in slices:
                yield [StoredRecord(hit["_id"], _seconds(hit, stamp)) for hit in hits]

    async def referring(self, sobject: str, fields: Sequence[str], ids: Sequence[str]) -> list[str]:
        """As `Sink.referring`."""
        if not fields or not ids:
            return []
        places = [place for field in fields for place in (field, more_name(field))]
        query = {"bool": {"should": [{"terms": {place: list(ids)}} for place in places]}}
        async with aclosing(hits_of(self._client, self._names.write_alias(sobject), query, sort="Id")) as slices:
            return [hit["_id"] async for hits in slices for hit in hits]

    async def stored(self, sobject: str, ids: Sequence[str], paths: Sequence[str]) -> dict[str, dict[str, object]]:
        """As `Sink.stored`; numbers with more digits than a double come rounded."""
        places = {path: (path.split("."), ["forcedex", "more", path]) for path in paths}
        wanted = ["forcedex.deleted", *paths, *map(more_name, paths)]
        alias = self._names.write_alias(sobject)
        found: dict[str, dict[str, object]] = {}
        for document in await documents_of(self._client, alias, ids, source_includes=wanted):
            source = document["_source"]
            if source.get("forcedex", {}).get("deleted") is False:
                values = {path: _value(source, place) for path, place in places.items()}
                found[document["_id"]] = {path: value for path, value in values.items() if value is not None}
        return found

    async def count(self, sobject: str) -> int:
        """As `Sink.count`."""
        alias = self._names.write_alias(sobject)
        with translated():
            await self._client.indices.refresh(index=alias)
            answer = await self._client.count(index=alias, query=LIVE)
        return int(answer["count"])


async def hits_of(
    client: AsyncElasticsearch, alias: str, query: JSON, *, sort: str, **more: Any
) -> AsyncGenerator[list[JSON]]:
    """All matching documents as they are at one moment, which includes everything acknowledged so far."""
    after: list[Any] | None = None
    with translated():
        await client.indices.refresh(index=alias)
        moment = (await client.open_point_in_time(index=alias, keep_alive=_KEEP_ALIVE))["id"]
    try:
        while True:
            with translated():
                answer = await client.search(
                    pit={"id": moment, "keep_alive": _KEEP_ALIVE},
                    query=query,
                    size=_SLICE,
                    sort=[{sort: "asc"}],
                    search_after=after,
                    source=False,
                    track_total_hits=False,
                    allow_partial_search_results=False,
                    filter_path=_OF_HITS,
                    **more,
                )
            moment = answer["pit_id"]
            hits = answer.get("hits", {}).get("hits", [])
            if hits:
                yield hits
            if len(hits) < _SLICE:
                return
            after = hits[-1]["sort"]
    finally:
        with suppress(ForcedexError), translated():  # what cannot be closed ends by itself
            await client.close_point_in_time(id=moment)


def _seconds(hit: JSON, stamp: str) -> int:
    """The stamp of a hit in seconds; 0 if it has none."""
    found = hit.get("fields", {}).get(stamp)
    return int(float(found[0])) if found else 0


def _value(source: Mapping[str, Any], places: Sequence[Sequence[str]]) -> object:
    """What stands at the first of these places that is there."""
    for place in places:
        value: Any = source
        for name in place:
            value = value.get(name) if isinstance(value, dict) else None
        if value is not None:
            return value
    return None
