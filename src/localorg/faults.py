"""Faults that tests ask for by name. What a fault does is written where it happens; here is when, and how often.

org.faults.arm("QUERY_TIMEOUT", times=2, match="Account")
…
assert org.faults.fired["QUERY_TIMEOUT"] == 2

Nothing is armed by default, and a place that can fail then asks no more than whether anything is.
"""

import threading
import time
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

Options = Mapping[str, Any]


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
    #: When it disarms itself, on the machine's monotonic clock; None: never.
    until: float | None
    options: Options = field(default_factory=dict)


class Faults:
    """Which faults are armed, and how often each has fired. Every place that can fail asks `take`."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._armed: list[_Armed] = []
        self._known: set[str] = set()
        self._on_arming: dict[str, list[Callable[[], object]]] = {}
        self._on_clearing: dict[str, list[Callable[[], object]]] = {}
        #: How often each fault has fired since the org was started.
        self.fired: Counter[str] = Counter()

    def declare(self, *names: str) -> None:
        """Say that there are faults of these names; `arm` refuses others."""
        self._known.update(names)

    @property
    def known(self) -> list[str]:
        """The names of all faults."""
        return sorted(self._known)

    def arm(
        self,
        name: str,
        *,
        times: int | None = 1,
        skip: int = 0,
        match: str = "",
        lasting: float | None = None,
        **options: Any,
    ) -> None:
        """Let a fault happen; ValueError if there is none of that name.

        times: how often (None: until cleared); skip: how many moments pass first; match: a part of the place's
        subject; lasting: seconds after which it disarms itself; `options` as the place documents them.
        """
        if name not in self._known:
            raise ValueError(f"There is no fault {name!r}. Known: {', '.join(self.known)}.")
        until = None if lasting is None else time.monotonic() + lasting
        for prepare in self._on_arming.get(name, ()):
            prepare()
        with self._lock:
            self._armed.append(_Armed(name, skip, times, match, until, options))

    def take(self, name: str, subject: str = "") -> Options | None:
        """The options of an armed fault that fires here and now, or None. `subject`: a path, an object, a topic."""
        if not self._armed:
            return None
        with self._lock:
            self._forget_expired()
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

    def _forget_expired(self) -> None:
        now = time.monotonic()
        self._armed = [armed for armed in self._armed if armed.until is None or armed.until > now]

    @property
    def armed(self) -> bool:
        """Whether anything may fire: what a place asks before it does anything for a fault."""
        return bool(self._armed)

    @property
    def waiting(self) -> list[str]:
        """The names of faults that are armed and may still fire."""
        with self._lock:
            self._forget_expired()
            return [armed.name for armed in self._armed]

    def when_armed(self, name: str, prepare: Callable[[], object]) -> None:
        """Do something each time just before a fault is armed."""
        self._on_arming.setdefault(name, []).append(prepare)

    def when_cleared(self, name: str, resume: Callable[[], object]) -> None:
        """Do something once, when a fault is next cleared; called in the thread that clears."""
        with self._lock:
            self._on_clearing.setdefault(name, []).append(resume)

    def clear(self, *names: str) -> None:
        """Disarm these faults, or all, and let go what they hold; the counters stay."""
        with self._lock:
            chosen = set(names) or self._known
            self._armed = [armed for armed in self._armed if armed.name not in chosen]
            resumed = [resume for name in chosen for resume in self._on_clearing.pop(name, ())]
        for resume in resumed:
            resume()
