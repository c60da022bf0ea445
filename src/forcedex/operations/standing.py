"""How things stood at the last update, as Prometheus' gauges."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import TypeVar

from prometheus_client.core import GaugeMetricFamily, Metric

from forcedex.domain.ports import ApiUsage
from forcedex.domain.upkeep import CheckKind, CheckReport, Mode, Notice, NoticeKind, ObjectReport
from forcedex.operations.lag import lag

Checks = Mapping[tuple[str, CheckKind], tuple[CheckReport, CheckReport | None]]
#: The labels' values of one figure; of one label alone, its value.
Labels = TypeVar("Labels", bound="str | tuple[str, ...]")


@dataclass(frozen=True, kw_only=True, slots=True)
class Standing:
    """How things stood at the last update."""

    reports: Sequence[ObjectReport] = ()
    notices: Sequence[Notice] = ()
    checks: Checks = field(default_factory=dict)
    dead_letters: Mapping[str, int] = field(default_factory=dict)
    usage: ApiUsage | None = None
    own_calls: int | None = None
    #: The org's time, and ours (monotonic seconds) at that moment.
    now: datetime | None = None
    taken_at: float = 0.0

    def figures(self, monotonic: float) -> Iterator[Metric]:
        """All gauges as they are at this moment."""
        age = monotonic - self.taken_at
        yield from _of_reports(self.reports, self.now, age)
        yield from _of_notices(self.notices)
        yield from _of_checks(self.checks)
        yield from _of_calls(self.usage, self.own_calls)
        yield _gauge("dead_letters", "Records that are kept as dead letters.", ("object",), self.dead_letters)


def _gauge(name: str, text: str, labels: Sequence[str], values: Mapping[Labels, float]) -> GaugeMetricFamily:
    family = GaugeMetricFamily(f"forcedex_{name}", text, labels=labels)
    for key, value in values.items():
        family.add_metric((key,) if isinstance(key, str) else key, value)
    return family


def _of_reports(reports: Sequence[ObjectReport], now: datetime | None, age: float) -> Iterator[Metric]:
    """`age`: seconds since `now`, which the lag grows by even if nobody updates it any more."""
    one = ("object",)
    lags = {each.object: lag(each, now) for each in reports} if now else {}
    yield _gauge(
        "lag_seconds",
        "How far the index is behind the org; none before the first complete read.",
        one,
        {name: span.total_seconds() + age for name, span in lags.items() if span is not None},
    )
    yield _gauge(
        "synced_timestamp_seconds",
        "Everything that the org had committed until then is in the index (the org's clock).",
        one,
        {each.object: each.synced_at.timestamp() for each in reports if each.synced_at},
    )
    yield _gauge(
        "object_mode",
        "1 for the way an object's changes reach us, 0 for the others.",
        ("object", "mode"),
        {(each.object, mode.value): float(each.mode is mode) for each in reports for mode in Mode},
    )
    yield _gauge(
        "object_failing",
        "1 if the object is frozen or fails.",
        one,
        {each.object: bool(each.problem) for each in reports},
    )
    yield _gauge(
        "poll_interval_seconds", "Time between two polls.", one, {each.object: each.poll_seconds for each in reports}
    )
    yield _gauge(
        "window_seconds",
        "How long changes of a stream are collected before they are read again.",
        one,
        {each.object: each.window_seconds for each in reports if each.mode is Mode.STREAM},
    )
    yield _gauge(
        "stream_silence_seconds",
        "Time since an object's stream last said anything, keep-alives included.",
        one,
        {
            each.object: max((now - each.stream_heard_at).total_seconds(), 0.0) + age
            for each in reports
            if now and each.stream_heard_at and each.mode is Mode.STREAM
        },
    )
    yield _gauge(
        "unseen_events",
        "Change events whose change no read showed and that wait for the sweep.",
        one,
        {each.object: each.unseen_events for each in reports},
    )


def _of_notices(notices: Sequence[Notice]) -> Iterator[Metric]:
    still = [each for each in notices if each.cleared_at is None]
    yield _gauge(
        "notice_open",
        "1 while a person should look; `object` is empty for the whole org.",
        ("object", "kind"),
        {(each.object, each.kind.value): 1.0 for each in still},
    )
    yield _gauge(
        "notices_open",
        "How many notices of a kind are open.",
        ("kind",),
        {kind.value: float(sum(each.kind is kind for each in still)) for kind in NoticeKind},
    )


def _of_checks(checks: Checks) -> Iterator[Metric]:
    labels = ("object", "check")
    last = {(name, kind.value): report for (name, kind), (report, _) in checks.items()}
    yield _gauge(
        "check_timestamp_seconds",
        "When the last comparison with the org ended (the org's clock).",
        labels,
        {key: each.ended_at.timestamp() for key, each in last.items()},
    )
    yield _gauge(
        "check_clean_timestamp_seconds",
        "When the last comparison that found nothing ended (the org's clock).",
        labels,
        {(name, kind.value): clean.ended_at.timestamp() for (name, kind), (_, clean) in checks.items() if clean},
    )
    yield _gauge(
        "check_duration_seconds",
        "How long the last comparison took.",
        labels,
        {key: (each.ended_at - each.began_at).total_seconds() for key, each in last.items()},
    )
    yield _gauge(
        "check_records",
        "Records that the last comparison looked at.",
        labels,
        {key: each.records for key, each in last.items()},
    )
    yield _gauge(
        "check_repaired",
        "Records that the last comparison put right.",
        labels,
        {key: each.repaired for key, each in last.items()},
    )
    yield _gauge(
        "check_differences",
        "What the last comparison found.",
        (*labels, "difference"),
        {
            (*key, difference): float(getattr(each, difference))
            for key, each in last.items()
            for difference in ("missing", "different", "extra", "unexplained")
        },
    )


def _of_calls(usage: ApiUsage | None, own: int | None) -> Iterator[Metric]:
    # Prometheus knows a gauge without labels by an empty tuple.
    known: dict[tuple[str, ...], float] = {} if usage is None else {(): usage.used}
    yield _gauge("org_api_calls_used", "API calls of the org in the last 24 hours, by all programs.", (), known)
    allowed: dict[tuple[str, ...], float] = {} if usage is None else {(): usage.allowed}
    yield _gauge("org_api_calls_allowed", "API calls that the org may make in 24 hours.", (), allowed)
    ours: dict[tuple[str, ...], float] = {} if own is None else {(): own}
    yield _gauge("own_api_calls", "API calls of this program in the last 24 hours.", (), ours)
