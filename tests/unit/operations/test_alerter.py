"""When people are told, how often, and what happens when they cannot be reached."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from datetime import timedelta
from typing import Protocol

import pytest
import structlog.testing

from forcedex.domain.errors import ConfigurationError
from forcedex.domain.upkeep import NoticeKind
from forcedex.operations.alerter import Alerter, channels
from forcedex.operations.metrics import Metrics
from forcedex.operations.redaction import Redactor
from forcedex.settings import AlertsSection
from forcedex.sync.watchman import Tell
from tests.unit.operations.conftest import DOWN, REFUSED, HandClock, RecordingChannel, notice, settled
from tests.unit.operations.test_metrics import value

QUIET = timedelta(hours=1)
HOUR = 3600.0


class Start(Protocol):
    async def __call__(self, *channels: RecordingChannel, secret: str = "") -> Alerter: ...


@pytest.fixture
def metrics() -> Metrics:
    return Metrics()


@pytest.fixture
async def start(clock: HandClock, metrics: Metrics) -> AsyncIterator[Start]:
    """Starts an alerter; it ends with the test."""
    async with AsyncExitStack() as stack:

        async def starting(*channels: RecordingChannel, secret: str = "") -> Alerter:
            return await stack.enter_async_context(
                Alerter(
                    channels,
                    org_id="00D000000000001EAA",
                    org_name="Acme",
                    quiet=QUIET,
                    clock=clock,
                    redactor=Redactor([secret]),
                    metrics=metrics,
                )
            )

        yield starting


@pytest.fixture
def channel() -> RecordingChannel:
    return RecordingChannel()


async def test_a_notice_is_told_at_once_on_every_channel(start: Start, channel: RecordingChannel) -> None:
    mail = RecordingChannel(name="mail", most=50)
    alerter = await start(channel, mail)
    await alerter.raised(notice())
    await settled()
    assert channel.sent == mail.sent == [("raised", "Account", "It is frozen.")]
    assert channel.alerts[0].payload() | {"id": ""} == {
        "id": "",
        "event": "raised",
        "org": "00D000000000001EAA",
        "org_name": "Acme",
        "object": "Account",
        "kind": "frozen",
        "text": "It is frozen.",
        "since": "2026-06-01T12:00:00+00:00",
        "cleared_at": None,
    }


async def test_it_is_told_again_after_each_quiet_while_it_lasts(
    start: Start, channel: RecordingChannel, clock: HandClock
) -> None:
    alerter = await start(channel)
    await alerter.raised(notice())
    await clock.advance(HOUR - 1)
    assert len(channel.sent) == 1
    await clock.advance(1)
    assert [each[0] for each in channel.sent] == ["raised", "repeated"]
    await clock.advance(3 * HOUR)
    assert [each[0] for each in channel.sent] == ["raised", *["repeated"] * 4]
    await alerter.cleared(notice())
    await clock.advance(10 * HOUR)
    assert [each[0] for each in channel.sent] == ["raised", *["repeated"] * 4, "cleared"]


async def test_raising_it_again_and_again_tells_it_once_and_repeats_the_newest_text(
    start: Start, channel: RecordingChannel, clock: HandClock
) -> None:
    alerter = await start(channel)
    with structlog.testing.capture_logs() as logged:
        for minute in range(59):
            await alerter.raised(notice(text=f"{minute} min behind"))
            await clock.advance(60)
    assert [each["event"] for each in logged] == ["notice_raised"]
    await clock.advance(60)
    assert [each[2] for each in channel.sent] == ["0 min behind", "58 min behind"]


async def test_a_notice_that_comes_and_goes_is_told_once_per_quiet(
    start: Start, channel: RecordingChannel, clock: HandClock
) -> None:
    alerter = await start(channel)
    for _ in range(20):
        await alerter.raised(notice())
        await clock.advance(60)
        await alerter.cleared(notice())
        await clock.advance(60)
    assert [each[0] for each in channel.sent] == ["raised", "cleared"]
    await alerter.raised(notice())
    await clock.advance(HOUR)
    assert [each[0] for each in channel.sent] == ["raised", "cleared", "raised"]


async def test_what_is_over_for_long_comes_as_new(start: Start, channel: RecordingChannel, clock: HandClock) -> None:
    alerter = await start(channel)
    await alerter.raised(notice())
    await alerter.cleared(notice())
    await clock.advance(2 * HOUR)
    await alerter.raised(notice())
    await settled()
    assert channel.sent[-1][0] == "raised"


async def test_it_hears_of_notices_the_way_the_watchman_of_the_sync_tells_them(
    start: Start, channel: RecordingChannel, clock: HandClock
) -> None:
    alerter = await start(channel)
    tell: Tell = alerter.tell
    await tell("Account", NoticeKind.FROZEN, "It is frozen.")
    await tell("Account", NoticeKind.FROZEN, "")
    await tell("Lead", NoticeKind.FROZEN, "")
    await settled()
    assert channel.sent == [("cleared", "Account", "It is frozen.")]  # both at once: the newest of each is told
    payload = channel.alerts[0].payload()
    assert payload["since"] and payload["cleared_at"]


async def test_objects_and_kinds_are_told_apart(start: Start, channel: RecordingChannel) -> None:
    alerter = await start(channel)
    for one in (notice(), notice("Lead"), notice(kind=NoticeKind.LAG), notice()):
        await alerter.raised(one)
    await settled()
    assert sorted((each.notice.object, each.notice.kind.value) for each in channel.alerts) == [
        ("Account", "frozen"),
        ("Account", "lag"),
        ("Lead", "frozen"),
    ]


async def test_what_nobody_was_told_of_is_not_told_to_be_over(start: Start, channel: RecordingChannel) -> None:
    alerter = await start(channel)
    await alerter.cleared(notice())
    await settled()
    assert channel.sent == []


async def test_after_a_restart_people_hear_again_after_quiet_and_of_the_end(
    start: Start, channel: RecordingChannel, clock: HandClock
) -> None:
    alerter = await start(channel)
    await alerter.resume([notice(), notice("Lead")])
    await alerter.raised(notice())
    await clock.advance(HOUR - 1)
    assert channel.sent == []
    await alerter.cleared(notice("Lead"))
    await clock.advance(1)
    assert [each[:2] for each in channel.sent] == [("cleared", "Lead"), ("repeated", "Account")]


async def test_a_channel_that_is_down_gets_it_later_and_is_logged_and_counted_once(
    start: Start, channel: RecordingChannel, clock: HandClock, metrics: Metrics
) -> None:
    alerter = await start(channel)
    channel.broken = DOWN
    with structlog.testing.capture_logs() as logged:
        await alerter.raised(notice())
        await alerter.raised(notice("Lead"))
        await clock.advance(24 * HOUR)
    failures = [each for each in logged if each["event"] == "alerts_not_delivered"]
    assert [(each["channel"], each["reason"]) for each in failures] == [("webhook", "nobody answers")]
    assert value(metrics, "alert_failures_total", channel="webhook") == 1
    # At most one try per five minutes, after a few at the beginning.
    assert channel.tries < 24 * 12 + 10
    channel.broken = None
    with structlog.testing.capture_logs() as logged:
        await clock.advance(300)
    assert sorted(each[1] for each in channel.sent) == ["Account", "Lead"]
    assert "alerts_delivered_again" in [each["event"] for each in logged]
    assert value(metrics, "alerts_sent_total", channel="webhook") == 2


async def test_a_failure_that_passes_is_not_worth_a_word(
    start: Start, channel: RecordingChannel, clock: HandClock, metrics: Metrics
) -> None:
    alerter = await start(channel)
    channel.failures = [DOWN, DOWN]
    with structlog.testing.capture_logs() as logged:
        await alerter.raised(notice())
        await clock.advance(10)
    assert channel.sent == [("raised", "Account", "It is frozen.")]
    assert "alerts_not_delivered" not in [each["event"] for each in logged]
    assert value(metrics, "alert_failures_total", channel="webhook") is None


async def test_an_alert_that_is_refused_is_given_up_and_the_next_goes_through(
    start: Start, channel: RecordingChannel, clock: HandClock, metrics: Metrics
) -> None:
    alerter = await start(channel)
    channel.failures = [REFUSED]
    await alerter.raised(notice())
    await alerter.raised(notice("Lead"))
    await clock.advance(600)
    assert [each[1] for each in channel.sent] == ["Lead"]
    assert value(metrics, "alert_failures_total", channel="webhook") == 1


async def test_a_bug_in_a_channel_does_not_stop_it(start: Start, channel: RecordingChannel, clock: HandClock) -> None:
    alerter = await start(channel)
    channel.failures = [RuntimeError("bug")]
    await alerter.raised(notice())
    await alerter.raised(notice("Lead"))
    await clock.advance(600)
    assert [each[1] for each in channel.sent] == ["Lead"]


async def test_a_channel_that_is_down_hears_only_the_newest_about_each(
    start: Start, channel: RecordingChannel, clock: HandClock
) -> None:
    alerter = await start(channel)
    channel.broken = DOWN
    await alerter.raised(notice())
    await alerter.raised(notice("Lead"))
    await clock.advance(3 * HOUR)
    await alerter.cleared(notice())
    channel.broken = None
    await clock.advance(300)
    assert sorted(each[:2] for each in channel.sent) == [("cleared", "Account"), ("repeated", "Lead")]


async def test_what_was_on_its_way_does_not_come_back_in_place_of_something_newer(
    start: Start, channel: RecordingChannel, clock: HandClock
) -> None:
    alerter = await start(channel)
    channel.gate, channel.failures = asyncio.Event(), [DOWN]
    await alerter.raised(notice())
    await settled()
    await alerter.cleared(notice())
    channel.gate.set()
    await clock.advance(60)
    assert [each[0] for each in channel.sent] == ["cleared"]


async def test_a_mail_tells_of_all_that_waits(start: Start) -> None:
    mail = RecordingChannel(name="mail", most=50)
    alerter = await start(mail)
    for number in range(120):
        await alerter.raised(notice(f"Object{number}"))
    await settled()
    assert len(mail.sent) == 120 and mail.tries <= 4


async def test_one_channel_does_not_wait_for_another(start: Start, channel: RecordingChannel) -> None:
    mail = RecordingChannel(name="mail", broken=DOWN)
    alerter = await start(mail, channel)
    await alerter.raised(notice())
    await settled()
    assert channel.sent and not mail.sent


async def test_what_waits_is_delivered_at_the_end(clock: HandClock, metrics: Metrics) -> None:
    channel, broken = RecordingChannel(), RecordingChannel(broken=DOWN)
    alerter = Alerter([channel, broken], org_id="x", quiet=QUIET, clock=clock, redactor=Redactor(), metrics=metrics)
    async with alerter:
        await alerter.raised(notice())
    assert channel.sent and channel.closed and broken.closed and broken.tries == 1


async def test_texts_hold_no_secrets_and_one_line(start: Start, channel: RecordingChannel) -> None:
    alerter = await start(channel, secret="canary-of-alerts")
    await alerter.raised(notice(text="canary-of-alerts\nSubject: forged\x1b[2J Bearer abcdefgh"))
    await settled()
    assert channel.sent[0][2] == "***\\nSubject: forged\\x1b[2J Bearer ***"


def test_no_configuration_no_channels() -> None:
    assert channels(AlertsSection()) == []


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"webhook_url": "http://alerts.example.com/x"}, "it is not encrypted (https)"),
        ({"webhook_url": "http://127.1/x"}, "it is not encrypted (https)"),
        ({"webhook_url": "https://user:hunter2@alerts.example.com/"}, "it carries a user name"),
        ({"webhook_url": "ftp://alerts.example.com/"}, "it is not encrypted (https)"),
        ({"webhook_url": "alerts.example.com"}, "it is not a URL"),
        ({"webhook_url": "https://alerts.example.com:port/"}, "it is not a URL"),
        ({"webhook_url": "https://a\nb/"}, "it is not a URL"),
        ({"mail_to": ["ops@example.com"]}, "mail_from holds ''"),
        ({"mail_to": ["ops@example.com"], "mail_from": "f@example.com"}, "it does not name a mail server"),
        ({"mail_to": ["a@b\nBcc: x@y"], "mail_from": "f@b"}, "mail_to holds 'a@b\\nBcc: x@y'"),
        (
            {"mail_to": ["a@b"], "mail_from": "f@b", "smtp_url": "smtps://user:hunter2@mail.example.com"},
            "it carries a user name",
        ),
        (
            {"mail_to": ["a@b"], "mail_from": "f@b", "smtp_url": "https://mail.example.com"},
            "does not name a mail server",
        ),
        ({"webhook_url_file": "nowhere"}, "webhook_url_file nowhere cannot be read"),
    ],
)
def test_what_cannot_be_used_is_named_without_secrets(values: dict[str, object], message: str) -> None:
    with pytest.raises(ConfigurationError) as error:
        channels(AlertsSection.model_validate(values))
    assert message in error.value.message and error.value.hint
    assert "hunter2" not in str(error.value)
