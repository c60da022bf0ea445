"""What the sync tells of its own state: kept in the state store, read by `status`, metrics and alerts."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class Mode(StrEnum):
    """How an object's changes reach us."""

    #: By change events; polls only check them.
    STREAM = "stream"
    #: By polls alone.
    POLL = "poll"
    #: The sync user lost sight of the object or of records: nothing is deleted until somebody looks.
    FROZEN = "frozen"


@dataclass(frozen=True, kw_only=True, slots=True)
class ObjectReport:
    """How one object is doing, as the running sync last said. Times are the org's, in UTC."""

    object: str
    mode: Mode
    #: Everything that the org had committed until then is in the index.
    synced_at: datetime | None = None
    #: Seconds between two polls, and what makes it so long (`shortest`, `budget`, `cross-check`).
    poll_seconds: float = 0.0
    poll_limit: str = ""
    #: Stream only: seconds that changes are collected before they are read again, and what limits it.
    window_seconds: float = 0.0
    window_limit: str = ""
    #: Stream only: when it last said anything.
    stream_heard_at: datetime | None = None
    #: Why there is no stream although the object might have one.
    stream_problem: str = ""
    #: Events whose change a read did not show within two minutes; left to the sweep.
    unseen_events: int = 0
    #: Records written since the process began.
    written: int = 0
    #: Why it is frozen or failing; empty: it is not.
    problem: str = ""


class NoticeKind(StrEnum):
    """What a person must know of."""

    FROZEN = "frozen"
    HIDDEN = "hidden"
    STREAM_SILENT = "stream_silent"
    REPLAY_EXPIRED = "replay_expired"
    ALLOCATION = "allocation"
    DEAD_LETTERS = "dead_letters"
    LAG = "lag"
    BUDGET = "budget"
    DRIFT = "drift"
    SWEEP = "sweep"
    BLOCKED = "blocked"
    ACCESS = "access"
    COMPANY = "company"
    #: The cost table that was loaded cannot be opened, or some of it cannot be converted.
    COSTS = "costs"
    REPORTS = "reports"


@dataclass(frozen=True, kw_only=True, slots=True)
class Notice:
    """Something that a person should know of; one per (object, kind), until it is cleared."""

    #: API name; empty for the whole org.
    object: str
    kind: NoticeKind
    text: str
    since: datetime
    #: None while it lasts.
    cleared_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Audited:
    """A line of the audit log."""

    at: datetime
    #: Who asked, in whose name, what.
    who: str
    action: str
    as_whom: str
    what: str


class CheckKind(StrEnum):
    """How the index was compared with the org."""

    #: Ids and stamps of all records.
    SWEEP = "sweep"
    #: All fields of all records.
    COMPARE = "compare"


@dataclass(frozen=True, kw_only=True, slots=True)
class CheckReport:
    """The outcome of a comparison of one object's index with the org."""

    object: str
    kind: CheckKind
    #: The org's time when it began and ended.
    began_at: datetime
    ended_at: datetime
    #: Records compared.
    records: int
    #: In the org but not in the index.
    missing: int
    #: In the index with another stamp, or other values.
    different: int
    #: In the index and deleted in the org.
    extra: int
    #: In the index, not shown to the sync user, and not reported as deleted by the org: kept.
    unexplained: int
    #: How many of all those were put right.
    repaired: int

    @property
    def clean(self) -> bool:
        """Whether nothing was found."""
        return not (self.missing or self.different or self.extra or self.unexplained)


@dataclass(frozen=True, kw_only=True, slots=True)
class Request:
    """Something that a command asked the running sync to do."""

    number: int
    #: `rebuild`, `rebuild visible` (what is hidden from the sync user goes), `verify`, `repair` or `replay`.
    kind: str
    #: The object, or object and record Ids separated by spaces; empty for all.
    argument: str
    asked_at: datetime
    #: JSON once it is done; None before.
    answer: str | None = None
