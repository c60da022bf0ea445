"""Alerts to a real web server: kind, slow, broken, absent."""

import asyncio
import hashlib
import hmac
import json
import socket
from collections.abc import AsyncIterator
from datetime import UTC, datetime

import pytest

from forcedex.domain.upkeep import Notice, NoticeKind
from forcedex.operations.alert import Alert, Occasion, Undeliverable
from forcedex.operations.webhook import SIGNATURE_HEADER, Webhook
from tests.integration.operations.http_receiver import Receiver, receiver

SECRET = "canary-signing-key"
PATH = "/services/T0/canary-path"


@pytest.fixture
async def target() -> AsyncIterator[Receiver]:
    async with receiver() as it:
        yield it


def alert(text: str = "It is frozen.") -> Alert:
    notice = Notice(object="Account", kind=NoticeKind.FROZEN, text=text, since=datetime(2026, 6, 1, 12, tzinfo=UTC))
    return Alert(occasion=Occasion.RAISED, notice=notice, org_id="00D000000000001EAA", org_name="Acme")


async def refused(target: Receiver) -> Undeliverable:
    webhook = Webhook(target.url + PATH, SECRET)
    try:
        with pytest.raises(Undeliverable) as error:
            await webhook.send([alert()])
    finally:
        await webhook.aclose()
    assert "canary" not in str(error.value)
    return error.value


async def test_an_alert_arrives_as_signed_json(target: Receiver) -> None:
    webhook = Webhook(target.url + PATH, SECRET, unix_time=lambda: 1_780_000_000.9)
    sent = alert('Räte "東京"')
    await webhook.send([sent])
    await webhook.aclose()
    ((line, headers, body),) = target.requests
    assert line == f"POST {PATH} HTTP/1.1" and headers["content-type"] == "application/json"
    assert json.loads(body) == {
        "id": sent.id,
        "event": "raised",
        "org": "00D000000000001EAA",
        "org_name": "Acme",
        "object": "Account",
        "kind": "frozen",
        "text": 'Räte "東京"',
        "since": "2026-06-01T12:00:00+00:00",
        "cleared_at": None,
    }
    digest = hmac.new(SECRET.encode(), b"1780000000." + body, hashlib.sha256).hexdigest()
    assert headers[SIGNATURE_HEADER.lower()] == f"t=1780000000,v1={digest}"
    assert "canary" not in str(headers) + body.decode()


async def test_without_a_secret_nothing_is_signed(target: Receiver) -> None:
    webhook = Webhook(target.url)
    await webhook.send([alert()])
    await webhook.aclose()
    assert SIGNATURE_HEADER.lower() not in target.requests[0][1]


@pytest.mark.parametrize(
    ("status", "lasting"),
    [
        ("500 Oops", False),
        ("503 Busy", False),
        ("429 Slow", False),
        ("408 Late", False),
        ("404 No", True),
        ("401 No", True),
    ],
)
async def test_a_refusal_is_tried_again_only_if_it_may_pass(target: Receiver, status: str, lasting: bool) -> None:
    target.answer = f"HTTP/1.1 {status}\r\nContent-Length: 6\r\n\r\nCANARY".encode()
    error = await refused(target)
    assert error.lasting is lasting
    assert error.reason == f"127.0.0.1 answered {status[:3]}."


@pytest.mark.parametrize("status", [301, 302, 307, 308])
async def test_a_redirect_is_not_followed(target: Receiver, status: int) -> None:
    async with receiver() as elsewhere:
        target.answer = f"HTTP/1.1 {status} Moved\r\nLocation: {elsewhere.url}/\r\nContent-Length: 0\r\n\r\n".encode()
        error = await refused(target)
        assert error.lasting and "redirect" in error.reason
        assert elsewhere.requests == []


async def test_whoever_does_not_answer_is_given_up_in_time(target: Receiver) -> None:
    target.answer = b""
    webhook = Webhook(target.url, timeout=0.2)
    with pytest.raises(Undeliverable, match=r"127.0.0.1 did not answer within 0 s\.|cannot be reached \(ReadTimeout\)"):
        await asyncio.wait_for(webhook.send([alert()]), 30)
    await webhook.aclose()


async def test_an_endless_answer_is_not_read(target: Receiver) -> None:
    target.answer, target.flood = b"HTTP/1.1 200 OK\r\n\r\n", b"x" * 65_536
    webhook = Webhook(target.url)
    await asyncio.wait_for(webhook.send([alert()]), 30)
    await webhook.aclose()


async def test_an_answer_that_is_not_http_is_a_failure(target: Receiver) -> None:
    target.answer = b"CANARY canary\r\n\r\n"
    assert not (await refused(target)).lasting


async def test_a_dead_host_is_a_failure_that_may_pass() -> None:
    with socket.socket() as bound:
        bound.bind(("127.0.0.1", 0))  # not listening
        error = await refused(Receiver(url=f"http://127.0.0.1:{bound.getsockname()[1]}"))
    assert not error.lasting and error.reason == "127.0.0.1 cannot be reached (ConnectError)."
