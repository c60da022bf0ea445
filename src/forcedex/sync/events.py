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


Event = (
    SnapshotStarted
    | JobStarted
    | JobCompleted
    | RecordsIndexed
    | SnapshotCompleted
    | ChangesCaughtUp
    | ObjectFailed
    | SyncPaused
)
Listener = Callable[[Event], None]
