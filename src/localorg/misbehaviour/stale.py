"""Reads that lag behind: STALE_READ shows the records as they were when it was armed.

Whoever armed it and then changed records sees what a client meets whose read overtakes a change that it was told
of: old values, created records missing, deleted ones still there. SQLite's own snapshots do it: a connection stays
in the read transaction that it began when the fault was armed.
"""

import re
import sqlite3
import threading
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from typing import TYPE_CHECKING

from localorg.faults import Faults

if TYPE_CHECKING:
    from localorg.rest.call import Call
    from localorg.store import Store

_NAME = "STALE_READ"
#: Queries and reads by Id or external id; what lists changes (`updated`, `deleted`) is not behind.
_READ = re.compile(
    r"get query(all)?(/.+)?|get sobjects/\w+/(?!describe|updated|deleted)[^/]+(/[^/]+)?"
    r"|(get|post) composite/sobjects/\w+",
    re.IGNORECASE,
)


class StaleReads:
    """The org's past, while it is needed."""

    def __init__(self, store: "Store", faults: Faults) -> None:
        self._store = store
        self._faults = faults
        self._lock = threading.Lock()
        self._past: sqlite3.Connection | None = None
        faults.when_armed(_NAME, self._remember)

    def _remember(self) -> None:
        """Keep what is there now; it replaces what was kept before."""
        self._forget()
        with self._lock:
            self._past = self._store.past()
        self._faults.when_cleared(_NAME, self._forget)

    def _forget(self) -> None:
        with self._lock:
            if self._past is not None:
                self._past.close()
                self._past = None

    def around(self, call: "Call") -> AbstractContextManager[None]:
        """What a handler runs in: the past, if the fault fires for this call."""
        if not _READ.fullmatch(f"{call.method} {call.resource}"):
            return nullcontext()
        if self._faults.take(_NAME, call.subject) is None:
            return nullcontext()
        return self._in_the_past()

    @contextmanager
    def _in_the_past(self) -> Iterator[None]:
        with self._lock:
            if self._past is None:
                yield
            else:
                with self._store.reading(self._past):
                    yield
        if _NAME not in self._faults.waiting:
            self._forget()
