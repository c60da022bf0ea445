"""How far an object's sync has come, as the state store keeps it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from forcedex.domain.record import Mark


class Phase(StrEnum):
    """What the sync of an object is doing."""

    #: The first complete read; the index is not complete before it ends.
    SNAPSHOT = "snapshot"
    #: Changes since the mark.
    INCREMENTAL = "incremental"


@dataclass(frozen=True, kw_only=True, slots=True)
class Checkpoint:
    """A durable position, moved only after Elasticsearch has acknowledged everything before it."""

    object: str
    #: The concrete index that it speaks of, and that index's own id: another index means another checkpoint.
    generation: int
    index_uuid: str
    phase: Phase
    #: The org's time when the snapshot began: changes from then on are read again afterwards.
    floor: datetime
    #: Snapshot by Bulk API: the job, the ordinal of its read, and where its next page starts (None: at the first).
    job_id: str | None = None
    ordinal: int | None = None
    locator: str | None = None
    #: Snapshot by REST and incremental: the last record that was acknowledged.
    mark: Mark | None = None
    #: When a pass last ended without an error, by the org's clock.
    synced_at: datetime | None = None
    #: Columns that were added to the index after it was filled and are not in all its documents yet.
    backfill: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class DeadLetter:
    """A record that Elasticsearch or the document builder refused, with the reason."""

    object: str
    record_id: str
    reason: str
    #: What was read of it, column to text; encrypted at rest, never printed unless asked for.
    payload: Mapping[str, str] = field(default_factory=dict, repr=False)
    #: Why the payload that is kept cannot be decrypted; empty: it can, or there is none.
    unreadable: str = ""
    #: When it was refused first; None before it is kept.
    refused_at: datetime | None = None
