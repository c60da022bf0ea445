"""Figures, as Prometheus' own parser reads them."""

import re
from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

from prometheus_client.parser import text_string_to_metric_families

from forcedex.domain.ports import ApiUsage
from forcedex.domain.upkeep import CheckKind, CheckReport, Mode, NoticeKind, ObjectReport
from forcedex.operations.metrics import Metrics
from forcedex.sync.events import ChangesCaughtUp, EventsFollowed, RecordsIndexed, SnapshotCompleted, SyncPaused
from tests.unit.operations.conftest import NOW, HandClock, notice

Samples = Mapping[tuple[str, frozenset[tuple[str, str]]], float]


def samples(metrics: Metrics) -> Samples:
    found = {}
    for family in text_string_to_metric_families(metrics.text().decode()):
        assert family.documentation
        for each in family.samples:
            key = (each.name, frozenset(each.labels.items()))
            assert key not in found, key
            found[key] = each.value
    return found


def value(metrics: Metrics, name: str, **labels: str) -> float | None:
    return samples(metrics).get((f"forcedex_{name}", frozenset(labels.items())))


def report(name: str = "Account", **more: object) -> ObjectReport:
    return ObjectReport(**{"object": name, "mode": Mode.STREAM, "synced_at": NOW - timedelta(seconds=7), **more})  # type: ignore[arg-type]  # built for brevity


def check(kind: CheckKind, missing: int = 0) -> CheckReport:
    return CheckReport(
        object="Account",
        kind=kind,
        began_at=NOW - timedelta(seconds=30),
        ended_at=NOW,
        records=100,
        missing=missing,
        different=0,
        extra=2,
        unexplained=0,
        repaired=5,
    )


def test_events_of_the_engine_are_counted() -> None:
    metrics = Metrics()
    for _ in range(2):
        metrics.hear(RecordsIndexed("Account", written=10, stale=3, went_back=2, rejected=1))
    metrics.hear(RecordsIndexed("Contact", written=1, stale=0, went_back=0, rejected=0))
    metrics.hear(ChangesCaughtUp("Account", 4))
    metrics.hear(EventsFollowed("Account", 6))
    metrics.hear(SnapshotCompleted("Account"))
    metrics.hear(SyncPaused("away", 2.5))
    assert value(metrics, "records_written_total", object="Account") == 20
    assert value(metrics, "records_written_total", object="Contact") == 1
    assert value(metrics, "records_stale_total", object="Account") == 6
    assert value(metrics, "records_went_back_total", object="Account") == 4
    assert value(metrics, "records_rejected_total", object="Account") == 2
    assert value(metrics, "changes_total", object="Account") == 4
    assert value(metrics, "stream_changes_total", object="Account") == 6
    assert value(metrics, "snapshots_completed_total", object="Account") == 1
    assert (value(metrics, "pauses_total"), value(metrics, "paused_seconds_total")) == (1, 2.5)
    assert value(metrics, "engine_events_total", event="RecordsIndexed") == 3


async def test_the_lag_grows_even_if_nobody_updates_it_any_more(clock: HandClock) -> None:
    metrics = Metrics(clock.monotonic)
    heard = NOW - timedelta(seconds=2)
    metrics.update(reports=[report(stream_heard_at=heard), report("Lead", synced_at=None)], now=NOW)
    assert value(metrics, "lag_seconds", object="Account") == 7
    assert value(metrics, "lag_seconds", object="Lead") is None
    await clock.advance(60)
    assert value(metrics, "lag_seconds", object="Account") == 67
    assert value(metrics, "stream_silence_seconds", object="Account") == 62
    assert value(metrics, "synced_timestamp_seconds", object="Account") == NOW.timestamp() - 7


def test_reports_become_gauges_by_object_and_go_with_it() -> None:
    metrics = Metrics()
    metrics.update(reports=[report(mode=Mode.FROZEN, problem="x", poll_seconds=12.5, unseen_events=3)], now=NOW)
    assert value(metrics, "object_mode", object="Account", mode="frozen") == 1
    assert value(metrics, "object_mode", object="Account", mode="stream") == 0
    assert value(metrics, "object_failing", object="Account") == 1
    assert value(metrics, "poll_interval_seconds", object="Account") == 12.5
    assert value(metrics, "unseen_events", object="Account") == 3
    metrics.update()
    assert value(metrics, "object_failing", object="Account") is None


def test_notices_checks_calls_and_dead_letters() -> None:
    metrics = Metrics()
    cleared = replace(notice("Lead"), cleared_at=NOW)
    metrics.update(
        notices=[notice(kind=NoticeKind.LAG), notice("", NoticeKind.BUDGET), cleared],
        checks={
            ("Account", CheckKind.SWEEP): (check(CheckKind.SWEEP, missing=3), None),
            ("Account", CheckKind.COMPARE): (check(CheckKind.COMPARE), check(CheckKind.COMPARE)),
        },
        dead_letters={"Account": 4},
        usage=ApiUsage(used=100, allowed=15_000),
        own_calls=42,
    )
    assert value(metrics, "notice_open", object="Lead", kind="frozen") is None
    assert value(metrics, "notice_open", object="Account", kind="lag") == 1
    assert value(metrics, "notice_open", object="", kind="budget") == 1
    assert value(metrics, "notices_open", kind="lag") == 1
    assert value(metrics, "notices_open", kind="frozen") == 0
    assert value(metrics, "check_differences", object="Account", check="sweep", difference="missing") == 3
    assert value(metrics, "check_differences", object="Account", check="sweep", difference="extra") == 2
    assert value(metrics, "check_duration_seconds", object="Account", check="sweep") == 30
    assert value(metrics, "check_clean_timestamp_seconds", object="Account", check="sweep") is None
    assert value(metrics, "check_clean_timestamp_seconds", object="Account", check="compare") == NOW.timestamp()
    assert value(metrics, "dead_letters", object="Account") == 4
    assert value(metrics, "org_api_calls_used") == 100
    assert value(metrics, "org_api_calls_allowed") == 15_000
    assert value(metrics, "own_api_calls") == 42


def test_what_is_not_known_is_left_out() -> None:
    assert value(Metrics(), "org_api_calls_used") is None
    assert value(Metrics(), "own_api_calls") is None


def test_an_object_with_an_odd_name_breaks_no_line() -> None:
    metrics = Metrics()
    odd = 'A"\\\n} 1\nforged 1'
    metrics.update(reports=[report(odd)], notices=[notice(odd)], now=NOW)
    metrics.hear(ChangesCaughtUp(odd, 1))
    assert value(metrics, "changes_total", object=odd) == 1
    assert not any(name == "forged" for name, _ in samples(metrics))


def test_every_metric_and_every_kind_of_notice_is_documented() -> None:
    page = (Path(__file__).parents[3] / "docs" / "operations.md").read_text(encoding="utf-8")
    for family in text_string_to_metric_families(Metrics().text().decode()):
        if family.name.startswith("forcedex_"):
            name = family.name.removeprefix("forcedex_") + ("_total" if family.type == "counter" else "")
            assert f"`{name}`" in page or f"`{name}{{" in page, name
    for kind in NoticeKind:
        assert f"| `{kind}` |" in page, kind


def test_every_name_is_ours_and_well_formed() -> None:
    metrics = Metrics()
    metrics.hear(ChangesCaughtUp("Account", 1))
    metrics.update(reports=[report()], usage=ApiUsage(used=1, allowed=2), now=NOW)
    for name, _ in samples(metrics):
        assert re.fullmatch(r"(forcedex|process|python)_[a-z0-9_]+", name), name
        assert not name.endswith("_created")
