"""What fails: the org, its Bulk API, its stream of events, the way to Elasticsearch, the stream's connection."""

import asyncio
import contextlib
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from tests.acceptance.oracle.people import LARGE, People
from tests.acceptance.oracle.program import Program
from tests.faults.proxy import HttpProxy, RawProxy

#: Seconds until a fault must have fired.
_FIRES = 90.0


@dataclass(frozen=True, slots=True)
class Fault:
    """One of them: where it happens, and as that place knows it."""

    where: str
    name: str
    match: str = ""
    options: Mapping[str, Any] = field(default_factory=dict)
    #: Where the place knows it by less.
    title: str = ""

    def __str__(self) -> str:
        return f"{self.where}:{self.title or self.name}"


#: Faults of the org that the sync meets by itself, for it asks all the time, and what they are matched with.
_ASKED = tuple(
    Fault("org", name, match)
    for name, match in (
        ("TOKEN_EXPIRED", "/query"),
        ("SERVER_UNAVAILABLE", "/query"),
        ("UNKNOWN_EXCEPTION", "/query"),
        ("QUERY_TIMEOUT", "FROM Task"),
        ("HTML_ERROR_PAGE", "/query"),
        ("TRUNCATED_BODY", "/query"),
        ("EMPTY_BODY", "/query"),
        ("MALFORMED_JSON", "/query"),
        ("CONNECTION_RESET", "/query"),
        ("RATE_429", "/query"),
        ("WRONG_TOTAL_SIZE", "FROM User"),
        ("DUPLICATE_ROW", "FROM User"),
        ("DELAY", "FROM User"),
    )
)
#: Faults of the stream: what follows must make them fire.
_STREAMED = tuple(
    Fault("event", name, "Account")
    for name in (
        *("GAP_UPDATE", "GAP_OVERFLOW", "WILDCARD_ID", "MERGED_IDS", "EVENT_LOST", "UNKNOWN_SCHEMA"),
        *("DUPLICATE_DELIVERY", "EVENT_BEFORE_READ"),
    )
)
#: Faults of Bulk jobs: a sweep or a rebuild of the large object meets them.
_JOBS = tuple(
    Fault("job", name)
    for name in (
        *("BULK_DAILY_LIMIT", "BULK_DUPLICATE_COLUMN", "BULK_EMPTY_PAGE", "BULK_HEADERS_STRIPPED", "BULK_HEADER_ONLY"),
        *("BULK_HTML", "BULK_MALFORMED_ROW", "BULK_TRUNCATED", "BULK_UNSUPPORTED", "BULK_WRONG_COUNT"),
        *("JOB_ABORTED", "JOB_FAILED", "JOB_GONE", "JOB_STUCK", "RESULTS_NOT_READY"),
    )
)
#: Faults between the sync and Elasticsearch.
_WRITTEN = tuple(
    Fault("bulk", name, "_bulk", options, title)
    for name, title, options in (
        ("reset_before", "", {"times": 2}),
        ("reset_after", "", {"times": 2}),
        ("cut", "", {}),
        ("duplicate", "", {}),
        ("replay", "", {"seconds": 1.0}),
        ("hold", "", {"seconds": 1.5}),
        ("delay", "", {"seconds": 0.5}),
        ("answer", "429", {"status": 429, "headers": {"Retry-After": "1"}}),
        ("answer", "503", {"status": 503, "body": b"<html>Service Unavailable</html>"}),
        ("items", "rejected", {"error": "rejected"}),
        ("items", "blocked", {"error": "blocked"}),
    )
)
_CUT = (Fault("stream", "cut"),)
FAULTS = (*_ASKED, *_STREAMED, *_JOBS, *_WRITTEN, *_CUT)
#: All of them come within this many scenarios; those of Bulk jobs take longest and come less often.
_DECK = (*(_ASKED + _STREAMED + _WRITTEN + _CUT) * 2, *_JOBS)


class Faults:
    """Arms them, lets them fire, and ends them."""

    def __init__(self, people: People, program: Program, elasticsearch: HttpProxy, events: RawProxy) -> None:
        self._people = people
        self._org = people.org.org.faults
        self._program = program
        self._elasticsearch = elasticsearch
        self._events = events
        self._deck: list[Fault] = []
        #: What is armed, and how often it had fired before.
        self._armed: list[tuple[Fault, int]] = []

    def draw(self, place: int) -> Fault:
        """The next one: none comes a third time before all have come."""
        if not self._deck:
            self._deck = list(_DECK)
        return self._deck.pop(place % len(self._deck))

    async def arm(self, fault: Fault, times: int) -> None:
        """From now on it may fire."""
        self._armed.append((fault, self._fired(fault)))
        match fault.where:
            case "bulk":
                self._elasticsearch.arm(fault.name, match=fault.match, **fault.options)
            case "stream":
                self._events.arm(fault.name)
            case "org":
                self._org.arm(fault.name, match=fault.match, times=times)
            case _:
                self._org.arm(fault.name, match=fault.match)

    async def fire(self) -> list[Fault]:
        """Work until all that are armed have fired, and end them."""
        fired = []
        for fault, before in self._armed:
            # A Bulk job comes with the next sweep, and sooner with a rebuild; which waits if that job is stuck.
            asked = asyncio.create_task(self._program.command("rebuild", LARGE)) if fault.where == "job" else None
            try:
                await self._until_fired(fault, before)
            finally:
                if asked is not None and not asked.done():
                    asked.cancel()
                    await asyncio.gather(asked, return_exceptions=True)
            if asked is not None and not asked.cancelled():
                asked.result()
            fired.append(fault)
        await self.clear()
        return fired

    async def _until_fired(self, fault: Fault, before: int) -> None:
        end = time.monotonic() + _FIRES
        while self._fired(fault) <= before:
            await self._program.check_alive()
            assert time.monotonic() < end, f"{fault} never fired"
            if fault.where in ("event", "bulk"):
                with contextlib.suppress(Exception):  # it may be gone by a cascade
                    await asyncio.to_thread(self._people.work_on_an_account)
            await asyncio.sleep(0.3)

    async def clear(self) -> None:
        """Nothing fails any more, and what is held is let go."""
        self._armed.clear()
        self._org.clear()
        self._events.clear()
        self._elasticsearch.clear()
        await self._elasticsearch.release()

    def _fired(self, fault: Fault) -> int:
        match fault.where:
            case "bulk":
                return self._elasticsearch.fired[fault.name]
            case "stream":
                return self._events.fired[fault.name]
            case _:
                return self._org.fired[fault.name]
