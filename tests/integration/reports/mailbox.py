"""A mail server for tests: aiosmtpd behind TLS, that can be told to refuse and to be slow."""

import asyncio
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from email import message_from_bytes, policy
from email.message import EmailMessage
from typing import Any

from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session

USER, PASSWORD = "forcedex", "canary-of-reports"


@dataclass
class Mailbox:
    """What came, and what is to be answered."""

    port: int = 0
    messages: list[EmailMessage] = field(default_factory=list)
    recipients: list[str] = field(default_factory=list)
    #: To RCPT; empty: taken.
    refusal: str = ""
    #: Seconds before it answers the mail.
    slowness: float = 0.0
    tries: int = 0

    async def handle_RCPT(
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        """As aiosmtpd calls it."""
        self.tries += 1
        if not session.authenticated:
            return "530 Log in first"
        if self.refusal:
            return self.refusal
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        """As aiosmtpd calls it."""
        await asyncio.sleep(self.slowness)
        assert isinstance(envelope.content, bytes)
        message = message_from_bytes(envelope.content, policy=policy.default)
        assert isinstance(message, EmailMessage)
        self.messages.append(message)
        self.recipients += envelope.rcpt_tos
        return "250 OK"


def _authenticated(server: SMTP, session: Session, envelope: Envelope, mechanism: str, data: Any) -> AuthResult:
    assert isinstance(data, LoginPassword)
    return AuthResult(success=(data.login, data.password) == (USER.encode(), PASSWORD.encode()), handled=False)


@asynccontextmanager
async def running_mailbox(tls: ssl.SSLContext) -> AsyncIterator[Mailbox]:
    """A server that speaks TLS from the first byte and wants a login."""
    box = Mailbox()
    server = await asyncio.get_running_loop().create_server(
        lambda: SMTP(box, auth_require_tls=False, authenticator=_authenticated, hostname="mail.test"),
        "127.0.0.1",
        0,
        ssl=tls,
    )
    box.port = server.sockets[0].getsockname()[1]
    try:
        yield box
    finally:
        server.close()
        await server.wait_closed()
