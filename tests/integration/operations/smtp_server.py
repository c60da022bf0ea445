"""A mail server that keeps what it receives: enough of RFC 5321, STARTTLS (3207) and AUTH (4954) for a client."""

import asyncio
import base64
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default


@dataclass
class SmtpServer:
    """What it got, and how it behaves."""

    port: int = 0
    #: Offered after EHLO on a plain connection.
    starttls: ssl.SSLContext | None = None
    #: Logins that are let in: user to password. Empty: AUTH is not offered.
    users: dict[str, str] = field(default_factory=dict)
    #: The answer to a command (its first word) in place of the usual one.
    answers: dict[str, str] = field(default_factory=dict)
    #: Recipients that are refused.
    unknown: set[str] = field(default_factory=set)
    #: Says nothing at all.
    mute: bool = False
    messages: list[EmailMessage] = field(default_factory=list)
    recipients: list[str] = field(default_factory=list)
    #: Commands as received, each with whether it came encrypted.
    commands: list[tuple[str, bool]] = field(default_factory=list)
    #: Whoever logged in.
    logins: list[str] = field(default_factory=list)


@asynccontextmanager
async def smtp_server(tls: ssl.SSLContext | None = None) -> AsyncIterator[SmtpServer]:
    """Listens on a port of loopback; with `tls` from the first byte on."""
    it = SmtpServer()
    open_ones: set[asyncio.StreamWriter] = set()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        open_ones.add(writer)
        try:
            await _Conversation(it, reader, writer, encrypted=tls is not None).run()
        except (OSError, asyncio.IncompleteReadError):
            pass
        finally:
            writer.close()
            open_ones.discard(writer)

    server = await asyncio.start_server(serve, "127.0.0.1", 0, ssl=tls)
    it.port = server.sockets[0].getsockname()[1]
    try:
        yield it
    finally:
        server.close()
        for each in list(open_ones):
            each.transport.abort()
        await server.wait_closed()


class _Conversation:
    def __init__(
        self, it: SmtpServer, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, *, encrypted: bool
    ) -> None:
        self._it = it
        self._reader = reader
        self._writer = writer
        self._encrypted = encrypted

    async def run(self) -> None:
        if self._it.mute:
            await self._reader.read()
            return
        await self._say(self._it.answers.get("CONNECT", "220 mail.test"))
        while True:
            line = (await self._reader.readuntil(b"\r\n")).decode().rstrip()
            self._it.commands.append((line, self._encrypted))
            word = line.split(" ")[0].upper()
            if word in self._it.answers:
                await self._say(self._it.answers[word])
                continue
            match word:
                case "EHLO":
                    await self._greet()
                case "STARTTLS" if self._it.starttls:
                    await self._say("220 go on")
                    await self._writer.start_tls(self._it.starttls)
                    self._encrypted = True
                case "AUTH":
                    await self._login(line)
                case "RCPT":
                    await self._recipient(line.partition("<")[2].partition(">")[0])
                case "DATA":
                    await self._message()
                case "QUIT":
                    await self._say("221 bye")
                    return
                case _:
                    await self._say("250 fine")

    async def _greet(self) -> None:
        offers = ["mail.test"]
        if self._it.starttls and not self._encrypted:
            offers.append("STARTTLS")
        if self._it.users:
            offers.append("AUTH PLAIN")
        await self._say("\r\n".join([*(f"250-{each}" for each in offers[:-1]), f"250 {offers[-1]}"]))

    async def _login(self, line: str) -> None:
        _, user, password = base64.b64decode(line.split(" ")[2]).decode().split("\0")
        if self._it.users.get(user) != password:
            await self._say(f"535 5.7.8 {user}:{password} is wrong")  # as some do
            return
        self._it.logins.append(user)
        await self._say("235 welcome")

    async def _recipient(self, address: str) -> None:
        if address in self._it.unknown:
            await self._say("550 unknown")
            return
        self._it.recipients.append(address)
        await self._say("250 fine")

    async def _message(self) -> None:
        await self._say("354 go on")
        raw = await self._reader.readuntil(b"\r\n.\r\n")
        message = message_from_bytes(raw[:-3].replace(b"\r\n..", b"\r\n."), policy=default)
        assert isinstance(message, EmailMessage)
        self._it.messages.append(message)
        await self._say("250 kept")

    async def _say(self, text: str) -> None:
        self._writer.write(text.encode() + b"\r\n")
        await self._writer.drain()
