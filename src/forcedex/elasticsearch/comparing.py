"""Does the index hold what the org holds? Documents as they would be written, against those that are stored."""

import json
from decimal import Decimal
from typing import Any

from elasticsearch import AsyncElasticsearch

from forcedex.domain.version import ordinal_in
from forcedex.elasticsearch.bulk import cuts
from forcedex.elasticsearch.client import documents_of, exact_numbers
from forcedex.elasticsearch.document import Batch

JSON = dict[str, Any]

#: Documents and bytes (of ours; the stored ones are about as large) of one multi-get.
_FETCH = 500
_FETCH_BYTES = 2_000_000
#: What differs between two writes of the same record.
_OF_THE_WRITE = ("version", "synced_at")


async def differing(client: AsyncElasticsearch, alias: str, batch: Batch, ordinal: int) -> list[str]:
    """The Ids of documents of a batch that are missing or other in the index; those that cannot be made differ, too.

    Documents that a later read than `ordinal` has written are not looked at. Numbers are compared digit by digit.
    """
    found = [letter.record_id for letter in batch.rejected]
    for start, end in cuts(batch.lines, _FETCH, _FETCH_BYTES):
        ids, lines = batch.ids[start:end], batch.lines[start:end]
        with exact_numbers():  # without a source filter: that would round the numbers
            documents = await documents_of(client, alias, ids)
        stored = {each["_id"]: each for each in documents}
        for record_id, line in zip(ids, lines, strict=True):
            there = stored.get(record_id)
            if there is not None and ordinal_in(int(there["_version"])) > ordinal:
                continue
            ours = _comparable(json.loads(line.split(b"\n", 2)[1], parse_float=Decimal))
            theirs = _comparable(there["_source"]) if there is not None else _NOTHING
            if ours != theirs and not (_is_gone(ours) and _is_gone(theirs)):
                found.append(record_id)
    return found


_NOTHING: JSON = {"forcedex": {"deleted": True}}


def _is_gone(document: JSON) -> bool:
    return document["forcedex"].get("deleted") is True


def _comparable(document: JSON) -> JSON:
    ours = {key: value for key, value in document.get("forcedex", {}).items() if key not in _OF_THE_WRITE}
    return {**document, "forcedex": ours}
