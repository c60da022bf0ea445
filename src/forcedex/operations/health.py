"""Whether the process is alive and whether it can do its work."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from forcedex.domain.errors import (
    ForcedexError,
    LeaseLost,
    SinkRefused,
    SinkUnavailable,
    SourceDataError,
    SourceRefused,
    SourceUnavailable,
    StateRefused,
)
from forcedex.domain.ports import Clock
from forcedex.operations.clock import utc_now
from forcedex.operations.redaction import Redactor, visible

#: Without a sign of life for so long, the engine counts as stuck.
LONGEST_SILENCE = 60.0  # seconds
_LONGEST_JOB = 6 * 3600.0  # seconds that a Bulk API job is waited for
_LONGEST_DETAIL = 500  # characters


class Part(StrEnum):
    """What must work before the process is ready."""

    SALESFORCE = "salesforce"
    ELASTICSEARCH = "elasticsearch"
    STATE = "state"
    #: We are the one process that writes for this org.
    LEASE = "lease"
    #: The engine goes on, and is not waiting for a side to come back.
    SYNC = "sync"


@dataclass(frozen=True, kw_only=True, slots=True)
class PartStatus:
    """How a part is."""

    ok: bool
    #: What is wrong, in words, without secrets; or what is waited for.
    detail: str
    #: Since when it is so, by this machine's clock; UTC.
    since: datetime


#: Most specific first.
_BLAMED: tuple[tuple[type[ForcedexError], Part], ...] = (
    (LeaseLost, Part.LEASE),
    (StateRefused, Part.STATE),
    (SinkRefused, Part.ELASTICSEARCH),
    (SinkUnavailable, Part.ELASTICSEARCH),
    (SourceRefused, Part.SALESFORCE),
    (SourceUnavailable, Part.SALESFORCE),
    (SourceDataError, Part.SALESFORCE),
)
#: What worked when the engine tells of this, by the name of the event's type.
PROVED: Mapping[str, tuple[Part, ...]] = {
    "SnapshotStarted": (Part.SALESFORCE,),
    "JobCompleted": (Part.SALESFORCE,),
    "StreamStands": (Part.SALESFORCE,),
    "RecordsIndexed": (Part.ELASTICSEARCH,),
    "ChangesCaughtUp": (Part.SALESFORCE, Part.ELASTICSEARCH, Part.STATE, Part.SYNC),
    "SnapshotCompleted": (Part.ELASTICSEARCH, Part.STATE),
    "EventsFollowed": (Part.SALESFORCE, Part.ELASTICSEARCH),
    "Checked": (Part.SALESFORCE, Part.ELASTICSEARCH),
    "RoundEnded": (Part.SYNC,),
}
#: Events after which the engine waits, for as long as their `seconds` say.
WAITS = frozenset({"SyncPaused", "RoundEnded"})


class Health:
    """What is known of the process's health; the engine's listener keeps it up to date."""

    def __init__(self, clock: Clock, redactor: Redactor, wall_clock: Callable[[], datetime] = utc_now) -> None:
        self._clock = clock
        self._redactor = redactor
        self._wall_clock = wall_clock
        self._heard = clock.monotonic()
        #: When the next sign of life is due; never earlier than what was announced, for others may be heard meanwhile.
        self._due = self._heard + LONGEST_SILENCE
        #: Objects whose Bulk API job Salesforce works on, and since when; nothing is heard of them until it is done.
        self._jobs: dict[str, float] = {}
        self._parts = {part: PartStatus(ok=False, detail="starting", since=wall_clock()) for part in Part}

    def beat(self, silence: float = 0.0) -> None:
        """The engine lives. To be called at each turn of its loops; `silence`: it will now wait for so many seconds."""
        self._heard = self._clock.monotonic()
        self._due = max(self._due, self._heard + silence + LONGEST_SILENCE)

    @property
    def silent_for(self) -> float:
        """Seconds since the engine's last sign of life."""
        return self._clock.monotonic() - self._heard

    @property
    def alive(self) -> bool:
        """Whether the engine has shown life within the last 60 s, or since the end of a wait that it announced."""
        now = self._clock.monotonic()
        if any(now - began <= _LONGEST_JOB for began in self._jobs.values()):
            return True
        return now <= self._due

    @property
    def ready(self) -> bool:
        """Whether it is alive and every part works."""
        return self.alive and all(each.ok for each in self._parts.values())

    @property
    def parts(self) -> Mapping[Part, PartStatus]:
        """How each part is."""
        return dict(self._parts)

    def works(self, *parts: Part) -> None:
        """These parts work."""
        for part in parts:
            self._set(part, True, "")

    def fails(self, part: Part, detail: str) -> None:
        """This part does not work, for this reason."""
        self._set(part, False, visible(self._redactor.text(detail))[:_LONGEST_DETAIL])

    def failed(self, error: ForcedexError) -> None:
        """The part to blame for this error does not work."""
        part = next((part for kind, part in _BLAMED if isinstance(error, kind)), Part.SYNC)
        self.fails(part, str(error))

    def hear(self, event: object) -> None:
        """An event of the engine: a sign of life, and perhaps a proof that something works or does not."""
        name = type(event).__name__
        about = str(getattr(event, "object", ""))
        self._jobs.pop(about, None)
        if name == "JobStarted":
            self._jobs[about] = self._clock.monotonic()
        self.beat(float(getattr(event, "seconds", 0.0)) if name in WAITS else 0.0)
        self.works(*PROVED.get(name, ()))
        if name == "SyncPaused":
            self._jobs.clear()
            error = str(getattr(event, "error", "paused"))
            self.fails(Part.SYNC, error)
            side = str(getattr(event, "side", ""))
            if side in {part.value for part in Part}:
                self.fails(Part(side), error)

    def _set(self, part: Part, ok: bool, detail: str) -> None:
        before = self._parts[part]
        if (before.ok, before.detail) != (ok, detail):
            since = before.since if before.ok == ok else self._wall_clock()
            self._parts[part] = PartStatus(ok=ok, detail=detail, since=since)
