"""How often something happened in the last 24 hours of the org's clock."""

import threading
from collections import deque
from datetime import timedelta

from localorg.clock import Clock

_DAY = int(timedelta(days=1).total_seconds())


class RollingDay:
    """A count with a limit. What is older than a day is forgotten, minute by minute."""

    def __init__(self, clock: Clock, most: int) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        #: (minute, how often in it), oldest first.
        self._minutes: deque[list[int]] = deque()
        self._used = 0
        self.most = most

    @property
    def used(self) -> int:
        """In the last 24 hours."""
        with self._lock:
            self._forget()
            return self._used

    @property
    def left(self) -> int:
        """How often more."""
        return max(0, self.most - self.used)

    def add(self, count: int) -> None:
        """It happened so often now, whatever the limit."""
        with self._lock:
            self._add(count)

    def take(self) -> bool:
        """It happens once more, if the limit lets it."""
        with self._lock:
            self._forget()
            if self._used >= self.most:
                return False
            self._add(1)
            return True

    def _add(self, count: int) -> None:
        minute = int(self._clock.precise // 60)
        if not self._minutes or self._minutes[-1][0] != minute:
            self._minutes.append([minute, 0])
        self._minutes[-1][1] += count
        self._used += count

    def _forget(self) -> None:
        oldest = int((self._clock.precise - _DAY) // 60)
        while self._minutes and self._minutes[0][0] < oldest:
            self._used -= self._minutes.popleft()[1]
