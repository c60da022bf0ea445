"""Figures about the sync in Prometheus' text format, in a registry of our own.

Names: `forcedex_<what>_<unit>`, counters end in `_total` (Prometheus, "Metric and label naming"). Labels hold API
names and closed lists of words only, never texts.
"""

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime

from prometheus_client import (
    CollectorRegistry,
    Counter,
    GCCollector,
    Info,
    ProcessCollector,
    disable_created_metrics,
    generate_latest,
)
from prometheus_client.core import Metric

from forcedex import __version__
from forcedex.domain.ports import ApiUsage
from forcedex.domain.upkeep import Notice, ObjectReport
from forcedex.operations.standing import Checks, Standing

# A second series beside each counter, with the time when it began, that nobody asks for.
disable_created_metrics()  # type: ignore[no-untyped-call]  # the library has no types here

#: Event type to what it counts: the counter, and the event's field that says how many (empty: one).
COUNTED: Mapping[str, tuple[tuple[str, str], ...]] = {
    "RecordsIndexed": (
        ("records_written", "written"),
        ("records_stale", "stale"),
        ("records_went_back", "went_back"),
        ("records_rejected", "rejected"),
    ),
    "ChangesCaughtUp": (("changes", "changes"),),
    "SnapshotStarted": (("snapshots_started", ""),),
    "SnapshotCompleted": (("snapshots_completed", ""),),
    "EventsFollowed": (("stream_changes", "changes"),),
    "StreamStands": (("stream_subscriptions", ""),),
    "StreamEnded": (("stream_ends", ""),),
    "SchemaChanged": (("schema_changes", ""),),
    "ObjectFailed": (("object_failures", ""),),
}

_HELP: Mapping[str, str] = {
    "records_written": "Documents that Elasticsearch acknowledged.",
    "records_stale": "Documents that were not written because a newer version is in the index.",
    "records_went_back": "Records whose replication key went back and that were read once more.",
    "records_rejected": "Records that were refused and kept as dead letters.",
    "changes": "Changed records that polls found.",
    "snapshots_started": "Complete reads that began or went on.",
    "snapshots_completed": "Complete reads that ended well.",
    "stream_changes": "Changed records that events named and that are in the index.",
    "stream_subscriptions": "Streams of change events that began.",
    "stream_ends": "Streams of change events that ended.",
    "schema_changes": "Changes of an object's fields.",
    "object_failures": "Passes over an object that failed.",
}


class Metrics:
    """All figures; `text` is what `/metrics` answers."""

    def __init__(self, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._monotonic = monotonic
        self._standing = Standing()
        self._registry = CollectorRegistry()
        ProcessCollector(registry=self._registry)
        GCCollector(registry=self._registry)
        Info("forcedex_build", "The running program.", registry=self._registry).info({"version": __version__})
        self._counters = {
            name: Counter(f"forcedex_{name}", text, ("object",), registry=self._registry)
            for name, text in _HELP.items()
        }
        self._events = self._counter("engine_events", "Events that the engine told of, by type.", "event")
        self._reports = self._counter("scheduled_reports", "Scheduled reports, by what became of them.", "outcome")
        self._pauses = self._counter("pauses", "Times that the sync waited for Salesforce or Elasticsearch.")
        self._paused = self._counter("paused_seconds", "Seconds that the sync waited for Salesforce or Elasticsearch.")
        self._alerts_sent = self._counter("alerts_sent", "Alerts delivered.", "channel")
        self._alert_failures = self._counter("alert_failures", "Times that a channel stopped delivering.", "channel")
        self._registry.register(self)

    def _counter(self, name: str, text: str, *labels: str) -> Counter:
        return Counter(f"forcedex_{name}", text, labels, registry=self._registry)

    def hear(self, event: object) -> None:
        """Count an event of the engine."""
        name = type(event).__name__
        self._events.labels(name).inc()
        if name in ("ReportSent", "ReportNotSent"):
            self._reports.labels("sent" if name == "ReportSent" else "not_sent").inc()
        if name == "SyncPaused":
            self._pauses.inc()
            self._paused.inc(_amount(event, "seconds"))
        for counter, counted in COUNTED.get(name, ()):
            amount = _amount(event, counted) if counted else 1.0
            self._counters[counter].labels(str(getattr(event, "object", ""))).inc(amount)

    def update(
        self,
        *,
        reports: Sequence[ObjectReport] = (),
        notices: Sequence[Notice] = (),
        checks: Checks | None = None,
        dead_letters: Mapping[str, int] | None = None,
        usage: ApiUsage | None = None,
        own_calls: int | None = None,
        now: datetime | None = None,
    ) -> None:
        """How things stand now, in place of what was told before.

        `checks` as `StateStore.checks` gives them; `dead_letters`: how many by object; `own_calls`: API calls that
        we made in the last 24 hours; `now`: the org's time, without which no lag is told.
        """
        self._standing = Standing(
            reports=tuple(reports),
            notices=tuple(notices),
            checks=dict(checks or {}),
            dead_letters=dict(dead_letters or {}),
            usage=usage,
            own_calls=own_calls,
            now=now,
            taken_at=self._monotonic(),
        )

    def alert_sent(self, channel: str, number: int = 1) -> None:
        """So many alerts were delivered."""
        self._alerts_sent.labels(channel).inc(number)

    def alert_failed(self, channel: str) -> None:
        """A channel no longer delivers."""
        self._alert_failures.labels(channel).inc()

    def text(self) -> bytes:
        """Prometheus' text format, version 1.0.0."""
        return generate_latest(self._registry)

    def collect(self) -> Iterator[Metric]:
        """The figures of the last update, as Prometheus' registry asks for them: an object that is gone has none."""
        return self._standing.figures(self._monotonic())


def _amount(event: object, name: str) -> float:
    return max(float(getattr(event, name, 0)), 0.0)
