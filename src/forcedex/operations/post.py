"""Mails to one person, with a file, over an encrypted connection to a mail server."""

import contextlib
import socket
from dataclasses import dataclass, field
from email.message import EmailMessage
from email.utils import formatdate
from pathlib import Path

import aiosmtplib

from forcedex.domain.errors import ConfigurationError
from forcedex.operations.alert import Undeliverable, is_loopback
from forcedex.operations.mail import is_address, mail_server
from forcedex.operations.redaction import visible
from forcedex.operations.webhook import tls_context

#: More is for a folder: many mail servers refuse 10 MB and more.
LARGEST = 7 * 1024 * 1024  # bytes, a third less than what it becomes in a mail
_TIMEOUT = 20.0  # seconds for each answer of the mail server
#: A refusal for good that passes all the same once somebody looks after the mailbox or the server.
_PASSING = frozenset({552})


@dataclass(frozen=True, kw_only=True, slots=True)
class PostSettings:
    """Which mail server, and from whom. ConfigurationError for what cannot be used."""

    #: `smtps://host[:465]`, or `smtp://host[:587]` with STARTTLS.
    url: str
    sender: str
    user: str = ""
    password: str = field(default="", repr=False)
    ca_file: Path | None = None
    timeout: float = _TIMEOUT

    def __post_init__(self) -> None:
        mail_server(self.url, "[mail] url")
        if not is_address(self.sender):
            raise ConfigurationError(
                f"[mail] sender is {self.sender!r}, which is no mail address.", "Write it like reports@example.com."
            )


@dataclass(frozen=True, kw_only=True, slots=True)
class Letter:
    """A mail with one file."""

    to: str
    subject: str
    text: str
    file: str
    #: Such as `text/csv`.
    kind: str
    content: bytes
    #: The same for every try to send it, so that a receiver can tell a second one; a name without spaces.
    id: str


class Post:
    """Sends letters."""

    def __init__(self, settings: PostSettings) -> None:
        self._settings = settings
        self._server = mail_server(settings.url, "[mail] url")
        self._tls = tls_context(settings.ca_file)

    async def send(self, letter: Letter) -> None:
        """Undeliverable if the mail server does not take it; `lasting` if it would not take it later either."""
        if not is_address(letter.to):
            raise Undeliverable("The user has no mail address that can be used in Salesforce.", lasting=True)
        if len(letter.content) > LARGEST:
            raise Undeliverable(
                "The report is too large for a mail: narrow it, or let it go to a folder.", lasting=True
            )
        server, settings = self._server, self._settings
        upgraded = not server.encrypted and not is_loopback(server.host)
        client = aiosmtplib.SMTP(
            hostname=server.host,
            port=server.port,
            local_hostname=socket.gethostname(),
            timeout=settings.timeout,
            use_tls=server.encrypted,
            start_tls=upgraded,
            tls_context=self._tls if server.encrypted or upgraded else None,
        )
        try:
            await self._deliver(client, letter)
        except aiosmtplib.SMTPRecipientsRefused as exc:
            codes = [each.code for each in exc.recipients]
            raise self._failed(f"refused the address ({codes[0]})", codes[0]) from None
        except aiosmtplib.SMTPResponseException as exc:
            raise self._failed(f"answered {exc.code}", exc.code) from None
        except aiosmtplib.SMTPNotSupported:
            raise self._failed("offers no encryption", 500) from None
        except (OSError, aiosmtplib.SMTPException) as exc:
            raise self._failed(f"cannot be reached ({type(exc).__name__})", 0) from None

    async def _deliver(self, client: aiosmtplib.SMTP, letter: Letter) -> None:
        settings = self._settings
        try:
            await client.connect()
            if settings.user:
                await client.ehlo()
                if not client.supports_extension("auth"):
                    raise self._failed("offers no login", 500)
                await client.login(settings.user, settings.password)
            await client.send_message(self._written(letter), sender=settings.sender, recipients=[letter.to])
            with contextlib.suppress(aiosmtplib.SMTPException):
                await client.quit()  # it is delivered, whatever the server says now
        finally:
            # Not the client's own context: that waits for a farewell even when the process is to end.
            client.close()

    def _failed(self, what: str, code: int) -> Undeliverable:
        # Without the server's own words: some repeat the login or the address.
        lasting = code >= 500 and code not in _PASSING
        return Undeliverable(f"The mail server {self._server.host} {what}.", lasting=lasting)

    def _written(self, letter: Letter) -> EmailMessage:
        message = EmailMessage()
        message["From"] = self._settings.sender
        message["To"] = letter.to
        message["Subject"] = visible(letter.subject)
        message["Date"] = formatdate(usegmt=True)
        message["Message-ID"] = f"<{letter.id}@{self._settings.sender.rpartition('@')[2]}>"
        message["Auto-Submitted"] = "auto-generated"  # RFC 3834: no holiday notices, please
        message.set_content(letter.text)
        main, _, sub = letter.kind.partition("/")
        message.add_attachment(letter.content, maintype=main, subtype=sub, filename=letter.file)
        return message
