"""Operations know the engine's events by name only: the names must be right."""

import dataclasses
import io
from collections.abc import Callable
from typing import get_args

import pytest

from forcedex import scheduling
from forcedex.operations.health import PROVED, WAITS, Health
from forcedex.operations.logs import LEVELS, log_event
from forcedex.operations.metrics import COUNTED, Metrics
from forcedex.operations.redaction import Redactor
from forcedex.sync.events import Event
from tests.unit.operations.conftest import HandClock
from tests.unit.operations.test_logs import lines
from tests.unit.operations.test_metrics import value

KINDS = {each.__name__: each for each in get_args(Event)}
VALUES: dict[object, object] = {str: "text", int: 3, float: 3.0, bool: True}


def test_every_name_in_our_tables_is_an_event_with_these_fields() -> None:
    assert {*COUNTED, *PROVED, *WAITS} <= {*KINDS}
    assert {*LEVELS} <= {*KINDS, *(each.__name__ for each in get_args(scheduling.Event))}
    for name, counters in COUNTED.items():
        fields = {each.name for each in dataclasses.fields(KINDS[name])}
        assert {"object", *(counted for _, counted in counters if counted)} <= fields
    for name in WAITS:
        assert "seconds" in {each.name for each in dataclasses.fields(KINDS[name])}


def test_scheduled_reports_are_counted_by_what_became_of_them() -> None:
    metrics = Metrics()
    sent = scheduling.ReportSent(number=1, report="funnel", owner="005A", target="mail")
    not_sent = scheduling.ReportNotSent(number=1, report="funnel", owner="005A", problem="why", stopped=False)
    for event in (sent, sent, not_sent):
        metrics.hear(event)
    assert value(metrics, "scheduled_reports_total", outcome="sent") == 2
    assert value(metrics, "scheduled_reports_total", outcome="not_sent") == 1


@pytest.mark.parametrize("name", KINDS)
def test_every_event_is_logged_counted_and_a_sign_of_life(
    name: str, logs: Callable[..., io.StringIO], clock: HandClock
) -> None:
    stream, metrics, health = logs(), Metrics(), Health(clock, Redactor())
    clock.time += 100
    event = KINDS[name](**{each.name: VALUES[each.type] for each in dataclasses.fields(KINDS[name])})
    for hears in (log_event, metrics.hear, health.hear):
        hears(event)
    assert lines(stream)[0]["logger"] == "forcedex.engine"
    assert value(metrics, "engine_events_total", event=name) == 1
    assert health.alive
