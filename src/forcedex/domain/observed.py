"""What reads of a record showed, one after the other: changes of fields that the org keeps no history of.

A change is told at the time of the last save that the read showed; of several saves between two reads the last one.
Keys are made of that time, so seeing a change twice is seeing it once.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

#: Of one field of one record; beyond it the oldest go.
MOST_CHANGES = 500


@dataclass(frozen=True, slots=True)
class Seen:
    """A record as a read showed it."""

    record_id: str
    #: Its replication key, and the number of the read: of two reads the one with the higher pair is the later.
    stamp: datetime
    ordinal: int
    #: When a person or a program saved it last.
    saved: datetime
    #: Field to value, as documents hold it; None for null.
    values: Mapping[str, Any]

    @property
    def place(self) -> tuple[datetime, int]:
        """What orders reads."""
        return self.stamp, self.ordinal


@dataclass(frozen=True, slots=True)
class Observed:
    """A change of one field."""

    record_id: str
    field: str
    at: datetime
    before: Any
    after: Any


def changes(before: Seen, now: Seen) -> list[Observed]:
    """What a later read shows to have changed; a field that one of them does not know is none."""
    at = now.saved if now.saved > before.saved else now.stamp
    both = sorted(before.values.keys() & now.values.keys())
    return [
        Observed(now.record_id, name, at, before.values[name], now.values[name])
        for name in both
        if before.values[name] != now.values[name]
    ]


def joined(known: Observed | None, found: Observed) -> Observed | None:
    """Two changes of a field in the same second as one; None if it came back to what it was."""
    if known is None:
        return found
    if known.before == found.after:
        return None
    return Observed(found.record_id, found.field, found.at, known.before, found.after)


def together(before: Seen | None, now: Seen) -> Seen:
    """What is known after both; a field that is hidden for a while is known as it was."""
    values = {**before.values, **now.values} if before is not None else dict(now.values)
    return Seen(now.record_id, now.stamp, now.ordinal, now.saved, values)


def later(before: Seen | None, now: Seen) -> bool:
    """Whether a read tells something newer than what is known."""
    return before is None or now.place > before.place


def by_record(found: Sequence[Observed]) -> dict[str, list[Observed]]:
    """Changes by record."""
    sorted_ones: dict[str, list[Observed]] = {}
    for each in found:
        sorted_ones.setdefault(each.record_id, []).append(each)
    return sorted_ones
