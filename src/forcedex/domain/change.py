"""Change events as the engine sees them: hints that records have changed, never their values.

Source: Change Data Capture Developer Guide, "Change Event Header Fields", "Gap Events", "Overflow Events".
"""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class ChangeKind(StrEnum):
    """What an event says has happened."""

    CREATE = "create"
    UPDATE = "update"
    DELETE = "delete"
    UNDELETE = "undelete"
    #: More changed than the event can name (overflow, a wildcard instead of Ids, an event that cannot be decoded).
    UNKNOWN = "unknown"


@dataclass(frozen=True, kw_only=True, slots=True)
class ChangeEvent:
    """One change event of one object."""

    object: str
    kind: ChangeKind
    #: 18-character Ids of all records that it speaks of; empty for UNKNOWN.
    record_ids: tuple[str, ...]
    #: When the org committed the change; UTC. None where the event could not be decoded.
    committed_at: datetime | None
    #: The LastModifiedDate in the event: a read that shows an older one does not show the event yet.
    modified_at: datetime | None = None
    #: The event names Ids but carries no values.
    gap: bool = False
    #: Opaque; reading goes on after it.
    replay_id: bytes
    #: For UNKNOWN: why, in words.
    reason: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class EventBatch:
    """What one answer of the stream brought: events in their order, or none (a keep-alive)."""

    events: tuple[ChangeEvent, ...]
    #: Everything up to here was delivered; may be later than the last event, and comes with keep-alives too.
    replay_id: bytes


@dataclass(frozen=True, kw_only=True, slots=True)
class DeletedRecords:
    """What getDeleted says of a span of time."""

    #: 18-character Id and the org's time of the deletion.
    records: tuple[tuple[str, datetime], ...]
    #: Deletions before this were forgotten by the org.
    earliest: datetime
    #: Until here the answer is complete: the next span begins here.
    covered: datetime
