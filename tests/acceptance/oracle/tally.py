"""What was done, and how often: for the closing figure, and to know that nothing was left out."""

from collections import Counter
from collections.abc import Iterable


class Tally:
    """Counts of the whole run, and what was done in the present scenario."""

    def __init__(self) -> None:
        self.scenarios = 0
        #: Kinds of changes that the org accepted, and all that were tried.
        self.changes: Counter[str] = Counter()
        self.tried: Counter[str] = Counter()
        #: Faults that have fired, as `where:name`.
        self.faults: Counter[str] = Counter()
        self.kills = 0
        self.takeovers = 0
        #: In this scenario, in order.
        self.done: list[str] = []
        self._last: dict[str, int] = {}

    def begin(self) -> None:
        """The next scenario."""
        self.scenarios += 1
        self.done = []

    def due(self, kind: str, every: int) -> bool:
        """Whether something that takes long may be done again: once in so many scenarios; it counts as done then."""
        if self.scenarios < self._last.get(kind, -every) + every:
            return False
        self._last[kind] = self.scenarios
        return True

    def missing(self, changes: Iterable[str], faults: Iterable[str]) -> list[str]:
        """The kinds of these that never happened."""
        return [each for each in changes if not self.changes[each]] + [each for each in faults if not self.faults[each]]

    def __str__(self) -> str:
        return (
            f"{self.changes.total()} changes of {len(self.changes)} kinds, {self.faults.total()} faults fired of "
            f"{len(self.faults)} kinds, {self.kills} SIGKILLs, {self.takeovers} SIGSTOPs"
        )
