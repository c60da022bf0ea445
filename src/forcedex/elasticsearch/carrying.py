"""Documents that only the older generation has: found, and copied into the newest as far as they fit it."""

from collections.abc import AsyncGenerator, Collection, Mapping, Sequence
from contextlib import aclosing
from decimal import Decimal
from typing import Any

import orjson
from elasticsearch import AsyncElasticsearch

from forcedex.domain.version import seconds_in, version_from_seconds
from forcedex.domain.writing import WriteResult
from forcedex.elasticsearch.bulk import BulkWriter
from forcedex.elasticsearch.client import documents_of, exact_numbers, stored_versions, translated
from forcedex.elasticsearch.document import bulk_line
from forcedex.elasticsearch.naming import LIVE
from forcedex.elasticsearch.stored import hits_of

JSON = dict[str, Any]

_FETCH = 500  # documents of one multi-get
_WIDEST = 2**63  # what orjson takes for an integer


async def left_behind(client: AsyncElasticsearch, older: str, newest: str) -> AsyncGenerator[list[str]]:
    """Ids of live records behind the alias `older` of which the one behind `newest` has nothing, no tombstone either.

    In the order of Ids, at most 5,000 at a time.
    """
    async with aclosing(hits_of(client, older, LIVE, sort="Id")) as slices:
        async for hits in slices:
            ids = [hit["_id"] for hit in hits]
            there = await stored_versions(client, newest, ids)
            missing = [each for each in ids if each not in there]
            if missing:
                yield missing


async def carry(
    client: AsyncElasticsearch,
    writer: BulkWriter,
    sobject: str,
    older: str,
    newest: str,
    ids: Sequence[str],
    more: Collection[str],
) -> WriteResult:
    """Copy these documents, live ones alone: whatever was or will be written to the newest of them counts more.

    `more` are the columns that the newest keeps in `forcedex.more`.
    """
    before, now = [await _properties(client, alias) for alias in (older, newest)]
    result = WriteResult()
    for start in range(0, len(ids), _FETCH):
        with exact_numbers():  # without a source filter: that would round the numbers
            documents = await documents_of(client, older, ids[start : start + _FETCH])
        lines = {
            each["_id"]: _line(each, fitting(each["_source"], before, now, more))
            for each in documents
            if each["_source"]["forcedex"].get("deleted") is False
        }
        # As old as can be: whatever is there already was written by a later read.
        futures = await writer.put(sobject, newest, list(lines), list(lines.values()), 0)
        result = sum([await each for each in futures], result)
    return result


def _line(found: Mapping[str, Any], document: JSON) -> bytes:
    """As of a read before all others: after a lost state store ordinals began again."""
    version = version_from_seconds(seconds_in(int(found["_version"])), 0)
    document["forcedex"]["version"] = version
    return bulk_line(found["_id"], version, document)


def fitting(document: Mapping[str, Any], before: JSON, now: JSON, more: Collection[str]) -> JSON:
    """The parts of a document that are mapped now as they were mapped before; numbers keep all their digits. Pure."""
    found: JSON = {}
    for name, value in document.items():
        old, new = before.get(name, {}), now.get(name)
        if new is None:
            continue
        if "properties" in old and "properties" in new and isinstance(value, dict):
            found[name] = fitting(value, old["properties"], new["properties"], more)
        elif old == new:
            kept = name == "more" and new.get("type") == "flattened" and isinstance(value, dict)
            found[name] = _exact({key: value[key] for key in value.keys() & set(more)} if kept else value)
    return found


async def _properties(client: AsyncElasticsearch, alias: str) -> JSON:
    with translated():
        answer = await client.indices.get_mapping(index=alias)
    (mapping,) = answer.values()
    return dict(mapping["mappings"].get("properties", {}))


def _exact(value: Any) -> Any:
    """The value as orjson writes it digit by digit."""
    if isinstance(value, dict):
        return {key: _exact(each) for key, each in value.items()}
    if isinstance(value, list):
        return [_exact(each) for each in value]
    if isinstance(value, Decimal) or (type(value) is int and not -_WIDEST <= value < _WIDEST):
        return orjson.Fragment(str(value))
    return value
