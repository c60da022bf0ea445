"""Faults that tests ask for by name. What a fault does is written where it happens; here is when, and how often.

org.faults.arm("QUERY_TIMEOUT", times=2, match="Account")
…
assert org.faults.fired["QUERY_TIMEOUT"] == 2
"""

import threading
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass
class _Armed:
    """A fault that waits for its moment."""

    name: str
    #: How many moments it lets pass first.
    skip: int
    #: How often it fires; None: until it is cleared.
    times: int | None
    #: It fires only where this is part of what the place says of itself.
    match: str
    options: Mapping[str, Any] = field(default_factory=dict)


class Faults:
    """Which faults are armed, and how often each has fired. Every place that can fail asks `take`."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._armed: list[_Armed] = []
        self._known: set[str] = set()
        #: How often each fault has fired since the org was started.
        self.fired: Counter[str] = Counter()

    def declare(self, *names: str) -> None:
        """Say that there are faults of these names; `arm` refuses others."""
        self._known.update(names)

    @property
    def known(self) -> list[str]:
        """The names of all faults."""
        return sorted(self._known)

    def arm(self, name: str, *, times: int | None = 1, skip: int = 0, match: str = "", **options: Any) -> None:
        """Let a fault happen; ValueError if there is none of that name. `options` as the place documents them."""
        if name not in self._known:
            raise ValueError(f"There is no fault {name!r}. Known: {', '.join(self.known)}.")
        with self._lock:
            self._armed.append(_Armed(name, skip, times, match, options))

    def take(self, name: str, subject: str = "") -> Mapping[str, Any] | None:
        """The options of an armed fault that fires here and now, or None. `subject`: a path, an object, a topic."""
        with self._lock:
            for armed in self._armed:
                if armed.name != name or armed.match not in subject:
                    continue
                if armed.skip > 0:
                    armed.skip -= 1
                    continue
                if armed.times is not None:
                    armed.times -= 1
                    if armed.times <= 0:
                        self._armed.remove(armed)
                self.fired[name] += 1
                return armed.options
        return None

    @property
    def waiting(self) -> list[str]:
        """The names of faults that are armed and may still fire."""
        with self._lock:
            return [armed.name for armed in self._armed]

    def clear(self) -> None:
        """Disarm everything; the counters stay."""
        with self._lock:
            self._armed.clear()
