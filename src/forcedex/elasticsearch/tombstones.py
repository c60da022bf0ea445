"""Tombstones: what is kept of a deleted record, so that no older read brings it back, until they are purged."""

from collections.abc import Mapping
from contextlib import aclosing
from datetime import datetime

import orjson
from elasticsearch import AsyncElasticsearch

from forcedex.domain.errors import SinkUnavailable
from forcedex.domain.version import ordinal_in, seconds_in, version_from_seconds
from forcedex.domain.writing import WriteResult
from forcedex.elasticsearch.bulk import BulkWriter
from forcedex.elasticsearch.client import stored_versions, translated
from forcedex.elasticsearch.document import bulk_line, tombstone
from forcedex.elasticsearch.naming import Names
from forcedex.elasticsearch.outcomes import Outcome, item_outcome
from forcedex.elasticsearch.stored import hits_of

#: Somebody else may write between our look at a version and our write; he cannot for ever.
_TRIES = 4


async def bury(
    client: AsyncElasticsearch,
    writer: BulkWriter,
    sobject: str,
    alias: str,
    records: Mapping[str, int],
    ordinal: int,
    elsewhere: Mapping[str, int],
) -> WriteResult:
    """Tombstones in one index for records, Id to the least stamp in seconds.

    Records that the index does not hold are left out, but for those that `elsewhere` knows a stamp of: an older
    generation, while this one is being filled.
    """
    result = WriteResult()
    todo = dict(records)
    for _ in range(_TRIES):
        stored = await stored_versions(client, alias, list(todo))
        newer = {record_id for record_id, version in stored.items() if ordinal_in(version) > ordinal}
        result += WriteResult(stale=len(newer))
        stamps = {**elsewhere, **{record_id: seconds_in(version) for record_id, version in stored.items()}}
        lines = {
            record_id: _line(sobject, record_id, version_from_seconds(max(stamps[record_id], least), ordinal))
            for record_id, least in todo.items()
            if record_id in stamps and record_id not in newer
        }
        futures = await writer.put(sobject, alias, list(lines), list(lines.values()), ordinal)
        written = sum([await each for each in futures], WriteResult())
        result += WriteResult(written=written.written, stale=written.stale, rejected=written.rejected)
        todo = {record_id: records[record_id] for record_id, _ in written.went_back}
        if not todo:
            return result
    raise SinkUnavailable(f"{len(todo)} records of {sobject} change faster than they can be deleted.", "Try again.")


async def purge(client: AsyncElasticsearch, names: Names, sobject: str, before: datetime) -> int:
    """As `Sink.purge_tombstones`.

    One by one with the sequence number that was seen: a record that comes back meanwhile is not touched. (A bulk
    deletion with an external version would make a missing index anew, without its mapping.)
    """
    limit = version_from_seconds(int(before.timestamp()), 0)
    query = {"bool": {"filter": [{"term": {"forcedex.deleted": True}}, {"range": {"forcedex.version": {"lt": limit}}}]}}
    purged = 0
    alias = names.write_alias(sobject)
    async with aclosing(hits_of(client, alias, query, sort="_shard_doc", seq_no_primary_term=True)) as slices:
        async for hits in slices:
            lines = [
                orjson.dumps(
                    {
                        "delete": {
                            "_id": hit["_id"],
                            "if_seq_no": hit["_seq_no"],
                            "if_primary_term": hit["_primary_term"],
                        }
                    }
                )
                for hit in hits
            ]
            with translated():
                answer = await client.bulk(
                    index=alias,
                    operations=b"\n".join(lines) + b"\n",  # type: ignore[arg-type]  # one ready body
                )
            outcomes = [item_outcome(item) for item in answer["items"]]
            purged += sum(outcome is Outcome.OK for outcome, _ in outcomes)
            for outcome, reason in outcomes:
                if reason and outcome is not Outcome.CONFLICT:
                    raise SinkUnavailable(f"Elasticsearch deletes nothing now: {reason}.", "Try again later.")
    return purged


def _line(sobject: str, record_id: str, version: int) -> bytes:
    return bulk_line(record_id, version, tombstone(sobject, version))
