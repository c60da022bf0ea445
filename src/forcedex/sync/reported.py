"""All deletions of an object that the org still remembers: what vanished without being among them may be hidden.

Source: SOAP API Developer Guide, "getDeleted()": 15 days, 600,000 Ids at once.
"""

from datetime import datetime, timedelta

from forcedex.domain.errors import SourceRefused
from forcedex.domain.ports import Source
from forcedex.domain.schema import SObject

_REMEMBERED = timedelta(days=15) - timedelta(minutes=5)
#: No shorter span is asked for.
_SHORTEST = timedelta(minutes=4)


async def reported_deletions(source: Source, sobject: SObject, now: datetime) -> dict[str, datetime]:
    """Id to the time of deletion; empty for an object of which the org keeps no such list."""
    if not sobject.replicateable:
        return {}
    records: dict[str, datetime] = {}
    spans = [(now - _REMEMBERED, now + timedelta(minutes=1))]
    while spans:
        first, last = spans.pop()
        try:
            found = await source.deleted(sobject, first, last)
        except SourceRefused as exc:
            if exc.code == "EXCEEDED_ID_LIMIT" and last - first > _SHORTEST:
                middle = first + (last - first) / 2
                spans += [(first, middle), (middle, last)]
                continue
            if exc.code == "INVALID_REPLICATION_DATE":
                continue
            raise
        records |= dict(found.records)
    return records
