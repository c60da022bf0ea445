"""How long changes of a stream are collected before they are read again: a pure decision by the call budget.

A short window makes a change searchable soon; each window costs a call. Calls are saved up while nothing happens and
spent when something does; when they run low, the window grows until it costs no more than the object's share.
"""

from dataclasses import dataclass

#: Seconds; changes of one transaction arrive together well within it.
SHORTEST = 0.3
_DAY = 86_400.0  # seconds


@dataclass(frozen=True, slots=True)
class Window:
    """How long to collect, and what makes it so long."""

    seconds: float
    #: `shortest` or `budget`.
    limit: str


class Allowance:
    """The calls that an object may spend on reading again: a bucket that fills slowly and holds an hour's worth."""

    def __init__(self, per_day: float, now: float) -> None:
        """`per_day` calls, `now` in monotonic seconds; it begins full."""
        self._per_second = max(per_day, 1.0) / _DAY
        self._most = max(per_day / 24, 1.0)
        self._left = self._most
        self._at = now

    def spend(self, calls: int, now: float) -> None:
        """Calls were made."""
        self._refill(now)
        self._left -= calls

    def window(self, now: float) -> Window:
        """How long to collect from now on."""
        self._refill(now)
        half = self._most / 2
        if self._left >= half:
            return Window(SHORTEST, "shortest")
        # From half full to empty the window grows to what the refill alone can pay.
        need = min(max(1 - self._left / half, 0.0), 1.0)
        return Window(SHORTEST + need * max(1 / self._per_second - SHORTEST, 0.0), "budget")

    def _refill(self, now: float) -> None:
        self._left = min(self._left + (now - self._at) * self._per_second, self._most)
        self._at = now
