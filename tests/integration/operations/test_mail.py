"""Alerts by mail, through a real SMTP conversation."""

import asyncio
import socket
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from forcedex.domain.upkeep import Notice, NoticeKind
from forcedex.operations.alert import Alert, Occasion, Undeliverable
from forcedex.operations.mail import Mail, MailSettings
from tests.integration.operations.certificates import self_signed
from tests.integration.operations.smtp_server import SmtpServer, smtp_server

PASSWORD = "canary-of-mail"
#: This machine, by a name that does not say so: it is treated like any other host.
ELSEWHERE = "127.1"


@pytest.fixture
async def server() -> AsyncIterator[SmtpServer]:
    async with smtp_server() as it:
        yield it


def mail(url: str, **more: Any) -> Mail:
    return Mail(
        MailSettings(**{"to": ("ops@example.com", "boss@example.com"), "sender": "f@example.com", "url": url, **more})
    )


def alert(text: str = "It is frozen.", occasion: Occasion = Occasion.RAISED, object: str = "Account") -> Alert:
    since = datetime(2026, 6, 1, 12, tzinfo=UTC)
    notice = Notice(
        object=object,
        kind=NoticeKind.STREAM_SILENT,
        text=text,
        since=since,
        cleared_at=since if occasion is Occasion.CLEARED else None,
    )
    return Alert(occasion=occasion, notice=notice, org_id="00D000000000001EAA", org_name="Räte & Söhne")


async def failure(it: Mail) -> Undeliverable:
    with pytest.raises(Undeliverable) as error:
        await asyncio.wait_for(it.send([alert()]), 30)
    assert PASSWORD not in str(error.value)
    return error.value


async def test_a_mail_tells_what_is_wrong_where_and_since_when(server: SmtpServer) -> None:
    await mail(f"smtp://127.0.0.1:{server.port}").send(
        [alert("東京 is silent."), alert("It is over.", Occasion.CLEARED, ""), alert("It lasts.", Occasion.REPEATED)]
    )
    (message,) = server.messages
    assert server.recipients == ["ops@example.com", "boss@example.com"]
    assert message["To"] == "ops@example.com, boss@example.com" and message["From"] == "f@example.com"
    assert message["Subject"] == "[Forcedex] Räte & Söhne: Account: stream silent (and 2 more)"
    assert message["Auto-Submitted"] == "auto-generated" and message["Date"] and message["Message-ID"]
    first, second, third = message.get_content().replace("\r\n", "\n").strip().split("\n\n")
    assert first.splitlines() == [
        "New: Account, stream silent",
        "東京 is silent.",
        "Since 2026-06-01 12:00:00 UTC",
        "Org Räte & Söhne (00D000000000001EAA)",
    ]
    assert second.startswith("Over: the whole org") and "until 2026-06-01 12:00:00 UTC" in second
    assert third.startswith("Still: Account")


async def test_nobody_can_forge_a_header(server: SmtpServer) -> None:
    await mail(f"smtp://127.0.0.1:{server.port}").send(
        [alert("x\nBcc: evil@example.com", object="A\r\nBcc: evil@example.com")]
    )
    (message,) = server.messages
    assert message["Bcc"] is None and "evil@example.com" not in server.recipients


async def test_smtps_is_encrypted_from_the_first_byte_and_logs_in(tmp_path: Path) -> None:
    context, ca = self_signed(tmp_path, ELSEWHERE)
    async with smtp_server(context) as server:
        server.users = {"forcedex": PASSWORD}
        it = mail(f"smtps://{ELSEWHERE}:{server.port}", user="forcedex", password=PASSWORD, ca_file=ca)
        await it.send([alert()])
        assert server.logins == ["forcedex"] and len(server.messages) == 1


async def test_starttls_comes_before_the_login_and_the_mail(server: SmtpServer, tmp_path: Path) -> None:
    server.starttls, ca = self_signed(tmp_path, ELSEWHERE)
    server.users = {"forcedex": PASSWORD}
    await mail(f"smtp://{ELSEWHERE}:{server.port}", user="forcedex", password=PASSWORD, ca_file=ca).send([alert()])
    assert len(server.messages) == 1
    assert {line.split(" ")[0].upper() for line, encrypted in server.commands if not encrypted} == {"EHLO", "STARTTLS"}


async def test_without_encryption_nothing_is_said_to_another_host(server: SmtpServer) -> None:
    server.users = {"forcedex": PASSWORD}
    error = await failure(mail(f"smtp://{ELSEWHERE}:{server.port}", user="forcedex", password=PASSWORD))
    assert error.lasting and "offers no encryption" in error.reason
    assert {line.split(" ")[0].upper() for line, _ in server.commands} <= {"EHLO", "QUIT"}
    assert server.messages == []


async def test_a_certificate_that_nobody_vouches_for_is_refused(tmp_path: Path) -> None:
    context, _ = self_signed(tmp_path, ELSEWHERE)
    async with smtp_server(context) as server:
        error = await failure(mail(f"smtps://{ELSEWHERE}:{server.port}"))
        assert "SSLCertVerificationError" in error.reason and server.messages == []


async def test_a_certificate_of_another_host_is_refused(tmp_path: Path) -> None:
    context, ca = self_signed(tmp_path, "mail.example.com")
    async with smtp_server(context) as server:
        error = await failure(mail(f"smtps://{ELSEWHERE}:{server.port}", ca_file=ca))
        assert "SSLCertVerificationError" in error.reason and server.messages == []


async def test_a_wrong_login_is_not_tried_again_and_not_repeated_in_the_error(server: SmtpServer) -> None:
    server.users = {"forcedex": "another"}
    error = await failure(mail(f"smtp://127.0.0.1:{server.port}", user="forcedex", password=PASSWORD))
    assert error.lasting and error.reason == "The mail server 127.0.0.1 answered 535."


@pytest.mark.parametrize(
    ("command", "answer", "lasting"),
    [
        ("CONNECT", "421 busy", False),
        ("MAIL", "451 later", False),
        ("MAIL", "550 not you", True),
        ("DATA", "452 full", False),
        ("DATA", "554 spam", True),
    ],
)
async def test_a_refusal_is_tried_again_only_if_it_may_pass(
    server: SmtpServer, command: str, answer: str, lasting: bool
) -> None:
    server.answers = {command: answer}
    error = await failure(mail(f"smtp://127.0.0.1:{server.port}"))
    assert (error.lasting, error.reason) == (lasting, f"The mail server 127.0.0.1 answered {answer[:3]}.")


async def test_one_wrong_recipient_does_not_keep_the_mail_from_the_others(server: SmtpServer) -> None:
    server.unknown = {"boss@example.com"}
    await mail(f"smtp://127.0.0.1:{server.port}").send([alert()])
    assert len(server.messages) == 1
    server.unknown = {"boss@example.com", "ops@example.com"}
    assert (await failure(mail(f"smtp://127.0.0.1:{server.port}"))).lasting


async def test_a_server_that_says_nothing_is_given_up_in_time_and_the_loop_goes_on(server: SmtpServer) -> None:
    server.mute = True
    turns = 0

    async def turn() -> None:
        nonlocal turns
        while True:
            turns += 1
            await asyncio.sleep(0.01)

    turning = asyncio.create_task(turn())
    error = await failure(mail(f"smtp://127.0.0.1:{server.port}", timeout=0.3))
    turning.cancel()
    assert not error.lasting and "cannot be reached" in error.reason
    assert turns > 3


async def test_a_dead_server_is_a_failure_that_may_pass() -> None:
    with socket.socket() as bound:
        bound.bind(("127.0.0.1", 0))  # not listening
        error = await failure(mail(f"smtp://127.0.0.1:{bound.getsockname()[1]}"))
    assert not error.lasting and "cannot be reached (ConnectionRefusedError)" in error.reason
