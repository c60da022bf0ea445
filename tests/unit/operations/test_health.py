"""Alive and ready."""

from dataclasses import dataclass

import pytest

from forcedex.domain.errors import (
    ForcedexError,
    LeaseLost,
    SinkUnavailable,
    SourceDataError,
    SourceUnavailable,
    StateRefused,
    StreamLost,
)
from forcedex.operations.health import Health, Part
from forcedex.operations.redaction import Redactor
from forcedex.sync.events import ChangesCaughtUp, JobCompleted, JobStarted, RecordsIndexed, RoundEnded, SyncPaused
from tests.unit.operations.conftest import NOW, HandClock


def health(clock: HandClock, *secrets: str) -> Health:
    return Health(clock, Redactor(secrets), lambda: NOW)


@dataclass(frozen=True)
class NeverHeardOf:
    pass


async def test_it_is_alive_for_60_s_after_each_sign_of_life(clock: HandClock) -> None:
    it = health(clock)
    await clock.advance(60)
    assert it.alive
    await clock.advance(1)
    assert not it.alive
    it.hear(NeverHeardOf())
    assert it.alive and it.silent_for == 0


async def test_a_wait_that_was_announced_is_no_silence(clock: HandClock) -> None:
    it = health(clock)
    it.beat(silence=100)
    await clock.advance(160)
    assert it.alive
    await clock.advance(1)
    assert not it.alive
    it.hear(SyncPaused("Elasticsearch is away.", 60.0))
    await clock.advance(120)
    assert it.alive
    await clock.advance(1)
    assert not it.alive


async def test_a_wait_between_two_rounds_is_no_silence_though_streams_go_on(clock: HandClock) -> None:
    it = health(clock)
    it.hear(RoundEnded(600.0))
    await clock.advance(10)
    it.hear(RecordsIndexed("Account", 1, 0, 0, 0))
    await clock.advance(650)
    assert it.alive
    await clock.advance(1)
    assert not it.alive


async def test_a_bulk_job_may_take_hours_though_other_objects_go_on(clock: HandClock) -> None:
    it = health(clock)
    it.hear(JobStarted("Account"))
    it.hear(RecordsIndexed("Contact", 1, 0, 0, 0))
    await clock.advance(3600)
    assert it.alive
    it.hear(JobCompleted("Account"))
    await clock.advance(61)
    assert not it.alive
    it.hear(JobStarted("Account"))
    await clock.advance(7 * 3600)
    assert not it.alive


def test_it_is_ready_when_every_part_works(clock: HandClock) -> None:
    it = health(clock)
    assert not it.ready and {each.detail for each in it.parts.values()} == {"starting"}
    it.hear(ChangesCaughtUp("Account", 0))
    assert not it.ready  # nobody has told of the lease
    it.works(Part.LEASE)
    assert it.ready
    it.hear(SyncPaused("Elasticsearch refuses writes: its disk is full.", 5.0))
    assert not it.ready
    assert it.parts[Part.SYNC].detail == "Elasticsearch refuses writes: its disk is full."
    it.hear(ChangesCaughtUp("Account", 0))
    assert it.ready


async def test_what_does_not_live_is_not_ready(clock: HandClock) -> None:
    it = health(clock)
    it.works(*Part)
    assert it.ready
    await clock.advance(61)
    assert not it.ready


@pytest.mark.parametrize(
    ("error", "part"),
    [
        (SourceUnavailable("x"), Part.SALESFORCE),
        (StreamLost("x"), Part.SALESFORCE),
        (SourceDataError("x"), Part.SALESFORCE),
        (SinkUnavailable("x"), Part.ELASTICSEARCH),
        (StateRefused("x"), Part.STATE),
        (LeaseLost("x"), Part.LEASE),
        (ForcedexError("x"), Part.SYNC),
    ],
)
def test_an_error_blames_the_part_that_it_comes_from(clock: HandClock, error: ForcedexError, part: Part) -> None:
    it = health(clock)
    it.works(*Part)
    it.failed(error)
    assert [each for each, status in it.parts.items() if not status.ok] == [part]


def test_details_hold_no_secrets_and_one_line(clock: HandClock) -> None:
    it = health(clock, "canary-of-health")
    it.fails(Part.SALESFORCE, "canary-of-health\nBearer abcdefgh\n" + "x" * 10_000)
    detail = it.parts[Part.SALESFORCE].detail
    assert detail.startswith("***\\nBearer ***\\nxxx") and len(detail) == 500
