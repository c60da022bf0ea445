"""The org's clock: UTC, second resolution, and movable by tests."""

import time
from datetime import UTC, datetime, timedelta


class Clock:
    """Real time, plus an offset, or frozen.

    Salesforce stores every datetime to the second, so no instant between seconds leaves this clock
    except as `precise`, which only tokens' `issued_at` uses.
    """

    def __init__(self) -> None:
        self._offset = 0.0
        self._frozen: float | None = None

    @property
    def precise(self) -> float:
        """Seconds since 1970, with fractions."""
        return self._frozen if self._frozen is not None else time.time() + self._offset

    def now(self) -> datetime:
        """This second."""
        return datetime.fromtimestamp(int(self.precise), UTC)

    def freeze(self, at: datetime | None = None) -> None:
        """Stop, at this instant or where it is."""
        self._frozen = at.timestamp() if at is not None else self.precise

    def advance(self, by: timedelta) -> None:
        """Go forward (or back); a frozen clock stays frozen."""
        if self._frozen is not None:
            self._frozen += by.total_seconds()
        else:
            self._offset += by.total_seconds()

    def resume(self) -> None:
        """Run again from where it is."""
        if self._frozen is not None:
            self._offset = self._frozen - time.time()
            self._frozen = None

    @property
    def state(self) -> tuple[float, float | None]:
        """Offset and frozen instant, to be kept over a restart."""
        return self._offset, self._frozen

    def restore(self, state: tuple[float, float | None]) -> None:
        """Continue with a kept state."""
        self._offset, self._frozen = state
