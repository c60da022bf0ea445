"""How many records a search finds.

Source: SOQL and SOSL Reference, "SOSL Limits on Search Results", "LIMIT n", "OFFSET n".
"""

from collections.abc import Sequence
from dataclasses import dataclass

from localorg.sosl.ast import Returning

#: Records that a search looks at.
MOST = 2_000
LARGEST_OFFSET = 2_000
#: Records of one object.
_OF_OBJECT = 250


@dataclass(frozen=True, slots=True)
class Bounds:
    """Limits of one object, before the user's rights count."""

    #: Matches that count.
    looked_at: int
    #: Records in the answer.
    returned: int


def bounds(one: Returning, objects: int) -> Bounds:
    """The limits of an object that is searched together with others."""
    looked_at = MOST // max(objects, 1)
    shaped = bool(one.where or one.order_by)
    returned = MOST if objects == 1 and shaped else min(looked_at, _OF_OBJECT)
    # Which of the limits a WHERE or ORDER BY meets is not public: here it is the wide one.
    return Bounds(looked_at if shaped else returned, returned)


def shares(counts: Sequence[int], most: int) -> list[int]:
    """How many records each object gives of its own: as even as there are records to be had."""
    given = [0] * len(counts)
    left = most
    while left and (waiting := [place for place, count in enumerate(counts) if given[place] < count]):
        part = max(left // len(waiting), 1)
        for place in waiting:
            taken = min(part, counts[place] - given[place], left)
            given[place] += taken
            left -= taken
    return given
