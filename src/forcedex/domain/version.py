"""The version of a document: version = S·2^31 + n.

S is the record's replication key in seconds since 1970 and n the ordinal of the read that saw it. Elasticsearch
keeps the higher version (`external_gte`), so a slow old read never overwrites a newer one.
"""

from datetime import datetime

_ORDINAL_BITS = 31
MAX_ORDINAL: int = 2**_ORDINAL_BITS - 1
#: Later stamps (Salesforce allows the year 4000 in CreatedDate) count as this second: versions must fit 63 bits.
_MAX_SECONDS: int = 2**32 - 1


def version_of(stamp: datetime, ordinal: int) -> int:
    """The version of a record with this replication key, seen by the read with this ordinal."""
    return version_from_seconds(int(stamp.timestamp()), ordinal)


def version_from_seconds(seconds: int, ordinal: int) -> int:
    """As `version_of`, from seconds since 1970; ValueError for an ordinal outside 31 bits."""
    if not 0 <= ordinal <= MAX_ORDINAL:
        raise ValueError(f"ordinal {ordinal} is outside 0 to {MAX_ORDINAL}")
    clamped: int = min(max(seconds, 0), _MAX_SECONDS)
    return (clamped << _ORDINAL_BITS) + ordinal


def seconds_in(version: int) -> int:
    """S of a version."""
    return version >> _ORDINAL_BITS


def ordinal_in(version: int) -> int:
    """n of a version."""
    return version & MAX_ORDINAL
