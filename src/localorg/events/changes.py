"""What one transaction did to records: every touch, folded to one change per record.

Source: Change Data Capture Developer Guide, "General Considerations": several operations on one record in one
transaction give one event with the final state and the type of the first (insert and update: CREATE). Where the
record is gone at the end the change is a DELETE, and nothing at all if the transaction created it (undocumented).
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Literal

from localorg.store.store import Row

Kind = Literal["CREATE", "UPDATE", "DELETE", "UNDELETE"]


@dataclass(frozen=True, kw_only=True, slots=True)
class Touch:
    """One operation on one record."""

    kind: Kind
    object: str
    record: str
    #: The row before, if it was an update.
    old: Row | None
    #: When, as rows keep it.
    at: str
    user_id: str
    #: Such as `com/salesforce/api/rest/66.0;client=Tool`; empty: the org itself.
    origin: str


def fold(touches: Iterable[Touch]) -> list[Touch]:
    """One change per record, in the order of their first touches."""
    folded: dict[tuple[str, str], Touch | None] = {}
    for touch in touches:
        key = touch.object, touch.record
        first = folded.get(key)
        if first is None:
            folded[key] = touch
        elif touch.kind == "DELETE":
            folded[key] = None if first.kind == "CREATE" else replace(first, kind="DELETE")
        elif first.kind == "DELETE":
            folded[key] = touch
    return [touch for touch in folded.values() if touch is not None]
