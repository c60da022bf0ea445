"""What the engine tells whoever watches it: a value for each thing that happened."""

from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class SnapshotStarted:
    """A complete read begins or goes on; `total` is the number of records the org counted."""

    object: str
    total: int
    resumed: bool


@dataclass(frozen=True, slots=True)
class JobStarted:
    """Salesforce works on a Bulk API job; nothing can be read until it is done."""

    object: str


@dataclass(frozen=True, slots=True)
class JobCompleted:
    """The result of the Bulk API job can be read."""

    object: str


@dataclass(frozen=True, slots=True)
class RecordsIndexed:
    """Elasticsearch has acknowledged some records; counts are of this step alone."""

    object: str
    written: int
    stale: int
    #: Records whose replication key went back and that were therefore read once more.
    went_back: int
    rejected: int


@dataclass(frozen=True, slots=True)
class SnapshotCompleted:
    """The index of the object is complete up to the time when its snapshot began."""

    object: str


@dataclass(frozen=True, slots=True)
class ChangesCaughtUp:
    """Everything that changed before this pass began is in the index; `changes` is how many records that were."""

    object: str
    changes: int


@dataclass(frozen=True, slots=True)
class ObjectFailed:
    """This object could not be synced; the others go on."""

    object: str
    error: str


@dataclass(frozen=True, slots=True)
class SyncPaused:
    """Salesforce or Elasticsearch cannot answer; the sync goes on by itself after `seconds`."""

    error: str
    seconds: float
    #: Who cannot answer: `salesforce`, `elasticsearch`, or empty.
    side: str = ""


@dataclass(frozen=True, slots=True)
class StreamStands:
    """Changes of this object now come as events."""

    object: str


@dataclass(frozen=True, slots=True)
class EventsFollowed:
    """What events hinted at was read again and is in the index; so many records."""

    object: str
    changes: int


@dataclass(frozen=True, slots=True)
class StreamEnded:
    """No events of this object for now; it is polled until they come again."""

    object: str
    problem: str


@dataclass(frozen=True, slots=True)
class EventUnseen:
    """A read did not show what an event announced, for two minutes; the sweep will look at this record."""

    object: str
    record_id: str


@dataclass(frozen=True, slots=True)
class ObjectFrozen:
    """The sync user lost sight of the object, or of records of it: nothing is deleted."""

    object: str
    problem: str


@dataclass(frozen=True, slots=True)
class SchemaChanged:
    """Salesforce describes the object otherwise than before."""

    object: str
    difference: str


@dataclass(frozen=True, slots=True)
class Checked:
    """The index of the object was compared with the org."""

    object: str
    kind: str
    records: int
    #: What was found: missing, different, extra and unexplained records together.
    found: int
    repaired: int


@dataclass(frozen=True, slots=True)
class RoundEnded:
    """Everything that was due has been polled; the next round is in `seconds` at the latest."""

    seconds: float


Event = (
    SnapshotStarted
    | JobStarted
    | JobCompleted
    | RecordsIndexed
    | SnapshotCompleted
    | ChangesCaughtUp
    | ObjectFailed
    | SyncPaused
    | StreamStands
    | EventsFollowed
    | StreamEnded
    | EventUnseen
    | ObjectFrozen
    | SchemaChanged
    | Checked
    | RoundEnded
)
Listener = Callable[[Event], None]
