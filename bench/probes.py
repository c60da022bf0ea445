"""When changes become searchable: one search for all markers that were not found yet, 25 times a second."""

import http.client
import json
import subprocess
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

_EVERY = 0.04  # seconds


@dataclass(frozen=True, slots=True)
class Probe:
    """One change that was searched for. Monotonic seconds."""

    marker: str
    #: When the write was sent, and when the org had answered: it is committed.
    sent: float
    returned: float
    #: When a search that found it had answered; None: none did.
    found: float | None = None

    @property
    def lag(self) -> float:
        """Seconds from the commit until it was found."""
        assert self.found is not None
        return self.found - self.returned


class Probes:
    """Follows one writer. `wait` until it ended and everything was found, or patience did."""

    def __init__(self, writer: "subprocess.Popen[str]", elasticsearch: str, aliases: Sequence[str]) -> None:
        self._writer = writer
        parts = urlsplit(elasticsearch)
        self._address = parts.hostname or "", parts.port
        self._path = f"/{','.join(aliases)}/_search?filter_path=hits.hits._source"
        self._open: dict[str, Probe] = {}
        self._lock = threading.Lock()
        self._written = threading.Event()
        self.found: list[Probe] = []
        #: What the writer said at its end, and when.
        self.told: dict[str, Any] = {}
        self.ended = 0.0
        #: Searches that were answered, and the seconds of the slowest.
        self.searches = 0
        self.slowest = 0.0
        threading.Thread(target=self._listen, daemon=True).start()

    @property
    def lost(self) -> list[Probe]:
        """Those that were not found."""
        return list(self._open.values())

    def wait(self, patience: float) -> None:
        """Search until the writer ended and everything is found; at most so many seconds after its end."""
        connection = http.client.HTTPConnection(*self._address, timeout=300)
        while not (self._written.is_set() and (not self._open or time.monotonic() - self.ended > patience)):
            began = time.monotonic()
            with self._lock:
                markers = list(self._open)
            if markers:
                self._search(connection, markers)
                self.searches += 1
                self.slowest = max(self.slowest, time.monotonic() - began)
            time.sleep(max(0.0, _EVERY - (time.monotonic() - began)))
        connection.close()
        if not self.told:
            raise SystemExit("The writer ended before its work was done.")

    def _search(self, connection: http.client.HTTPConnection, markers: list[str]) -> None:
        query = {"bool": {"filter": {"terms": {"Description": markers}}}}
        body = {"size": len(markers), "query": query, "_source": "Description", "track_total_hits": False}
        connection.request("POST", self._path, json.dumps(body), {"Content-Type": "application/json"})
        response = connection.getresponse()
        answer = json.loads(response.read())
        now = time.monotonic()
        if response.status != 200:
            raise SystemExit(f"search: {response.status} {answer}")
        for hit in answer.get("hits", {}).get("hits", ()):
            with self._lock:
                probe = self._open.pop(hit["_source"]["Description"], None)
            if probe is not None:
                self.found.append(Probe(probe.marker, probe.sent, probe.returned, now))

    def _listen(self) -> None:
        assert self._writer.stdout is not None
        for line in self._writer.stdout:
            told = json.loads(line)
            if "marker" in told:
                with self._lock:
                    self._open[told["marker"]] = Probe(told["marker"], told["sent"], told["returned"])
            else:
                self.told = told
        self.ended = time.monotonic()
        self._written.set()


def quantile(values: Sequence[float], share: float) -> float:
    """The value that this share [0, 1] of all does not exceed."""
    ordered = sorted(values)
    return ordered[max(0, min(len(ordered) - 1, -int(-share * len(ordered) // 1) - 1))]
