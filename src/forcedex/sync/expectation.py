"""Does a read show what an event announced? A pure decision, by the org's own times."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from forcedex.domain.change import ChangeEvent, ChangeKind
from forcedex.sync.reread import Shown

#: An event without values tells only when it was committed; the record's own time may be a little earlier.
_GAP_TOLERANCE = timedelta(seconds=1)


@dataclass(frozen=True, kw_only=True, slots=True)
class Expectation:
    """What a record must show before the events that spoke of it count as seen."""

    kind: ChangeKind
    committed_at: datetime
    #: None where the event carries no values.
    modified_at: datetime | None
    #: Number of the first event that waits for this record.
    first: int
    #: Monotonic seconds: when that event arrived, and when the record is to be read next.
    arrived: float
    due: float
    #: How often it was read in vain.
    tries: int = 0

    def then(self, event: ChangeEvent, now: float) -> "Expectation":
        """The same record changed again: only the later state can still be shown, and it is to be read at once."""
        following = expected(event, self.first, now)
        if following.modified_at is not None and self.modified_at is not None:
            following = replace(following, modified_at=max(following.modified_at, self.modified_at))
        return replace(following, arrived=self.arrived)

    def again(self, now: float, patience: float) -> "Expectation":
        """Read it later: after twice as long as last time, at most half a minute, and once when patience ends."""
        due = min(now + min(0.5 * 2**self.tries, 30.0), max(self.arrived + patience, now + 0.5))
        return replace(self, tries=self.tries + 1, due=due)

    def shown(self, record_id: str, shown: Shown) -> bool:
        """Whether the read shows the event, or something later."""
        if self.kind is ChangeKind.DELETE:
            if record_id in shown.live:
                return shown.live[record_id] > self.committed_at
            return True
        if record_id in shown.deleted:
            return self.kind is not ChangeKind.UNDELETE
        if record_id not in shown.live:
            return False
        since = self.committed_at - _GAP_TOLERANCE if self.modified_at is None else self.modified_at
        return shown.live[record_id] >= since.replace(microsecond=0)


def expected(event: ChangeEvent, number: int, now: float) -> Expectation:
    """What the records of an event with this running number must show."""
    assert event.committed_at is not None
    return Expectation(
        kind=event.kind,
        committed_at=event.committed_at,
        modified_at=event.modified_at,
        first=number,
        arrived=now,
        due=now,
    )
