"""Alerts as mail, over an encrypted connection to a mail server."""

import asyncio
import contextlib
import smtplib
import socket
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from email.message import EmailMessage
from email.utils import formatdate, make_msgid
from pathlib import Path
from urllib.parse import urlsplit

import structlog

from forcedex.domain.errors import ConfigurationError
from forcedex.operations.alert import Alert, Occasion, Undeliverable, is_loopback
from forcedex.operations.redaction import visible
from forcedex.operations.webhook import tls_context

TIMEOUT = 10.0  # seconds of silence of the mail server
_DEFAULT_PORTS = {"smtps": 465, "smtp": 587}


@dataclass(frozen=True, kw_only=True, slots=True)
class MailSettings:
    """Where mail goes, and through which server. ConfigurationError for what cannot be used."""

    to: Sequence[str]
    sender: str
    #: `smtps://host[:465]`, or `smtp://host[:587]` with STARTTLS.
    url: str
    user: str = ""
    password: str = field(default="", repr=False)
    ca_file: Path | None = None
    timeout: float = TIMEOUT

    def __post_init__(self) -> None:
        for setting, addresses in (("mail_to", self.to), ("mail_from", (self.sender,))):
            for address in addresses or ("",):
                if not is_address(address):
                    raise ConfigurationError(
                        f"[alerts] {setting} holds {address!r}, which is no mail address.",
                        "Write it like ops@example.com.",
                    )
        mail_server(self.url, "[alerts] smtp_url")


@dataclass(frozen=True, slots=True)
class MailServer:
    """Where a mail server listens."""

    #: From the first byte; else after STARTTLS.
    encrypted: bool
    host: str
    port: int


class Mail:
    """Sends a mail for all that there is to tell; `Channel`."""

    name = "mail"
    most = 50

    def __init__(self, settings: MailSettings) -> None:
        self._settings = settings
        self._server = mail_server(settings.url, "[alerts] smtp_url")
        self._tls = tls_context(settings.ca_file)

    async def send(self, alerts: Sequence[Alert]) -> None:
        """As `Channel.send`."""
        message = written(alerts, self._settings.sender, self._settings.to)
        refused = await _in_thread(lambda: self._deliver(message))
        if refused:
            structlog.get_logger("forcedex.operations").warning("mail_refused_for_some", recipients=refused)

    async def aclose(self) -> None:
        """As `Channel.aclose`; there is a connection per mail."""

    def _deliver(self, message: EmailMessage) -> int:
        """The number of recipients that the server refused. Blocks."""
        try:
            with self._connected() as smtp:
                if self._settings.user:
                    smtp.login(self._settings.user, self._settings.password)
                refused = smtp.send_message(message, self._settings.sender, list(self._settings.to))
                return len(refused)
        except smtplib.SMTPResponseException as exc:
            raise self._failed(f"answered {exc.smtp_code}", lasting=exc.smtp_code >= 500) from None
        except smtplib.SMTPRecipientsRefused as exc:
            codes = [code for code, _ in exc.recipients.values()]
            raise self._failed(f"refused every recipient ({codes[0]})", lasting=min(codes) >= 500) from None
        except smtplib.SMTPNotSupportedError:
            raise self._failed("offers no encryption or no login", lasting=True) from None
        except (OSError, smtplib.SMTPException) as exc:
            raise self._failed(f"cannot be reached ({type(exc).__name__})") from None

    def _connected(self) -> smtplib.SMTP:
        server, timeout, name = self._server, self._settings.timeout, socket.gethostname()
        if server.encrypted:
            return smtplib.SMTP_SSL(server.host, server.port, name, timeout=timeout, context=self._tls)
        smtp = smtplib.SMTP(server.host, server.port, name, timeout=timeout)
        try:
            smtp.ehlo()
            if not is_loopback(server.host):
                smtp.starttls(context=self._tls)
        except BaseException:
            smtp.close()
            raise
        return smtp

    def _failed(self, what: str, *, lasting: bool = False) -> Undeliverable:
        # Without the server's own words: some repeat the login.
        return Undeliverable(f"The mail server {self._server.host} {what}.", lasting=lasting)


def written(alerts: Sequence[Alert], sender: str, to: Sequence[str]) -> EmailMessage:
    """One mail about these alerts."""
    message = EmailMessage()
    message["From"] = sender
    message["To"] = ", ".join(to)
    message["Subject"] = visible(_subject(alerts))
    message["Date"] = formatdate(usegmt=True)
    message["Message-ID"] = make_msgid(domain=sender.rpartition("@")[2])
    message["Auto-Submitted"] = "auto-generated"  # RFC 3834: no holiday notices, please
    message.set_content("\n\n".join(_paragraph(each) for each in alerts) + "\n")
    return message


def _subject(alerts: Sequence[Alert]) -> str:
    first = alerts[0]
    what = f"{first.notice.object or 'the whole org'}: {first.notice.kind.value.replace('_', ' ')}"
    over = " is over" if first.occasion is Occasion.CLEARED else ""
    more = f" (and {len(alerts) - 1} more)" if len(alerts) > 1 else ""
    return f"[Forcedex] {first.org_name or first.org_id}: {what}{over}{more}"


def _paragraph(alert: Alert) -> str:
    notice = alert.notice
    state = {Occasion.RAISED: "New", Occasion.REPEATED: "Still", Occasion.CLEARED: "Over"}[alert.occasion]
    lines = [
        f"{state}: {visible(notice.object) or 'the whole org'}, {notice.kind.value.replace('_', ' ')}",
        visible(notice.text),
        f"Since {notice.since:%Y-%m-%d %H:%M:%S} UTC"
        + (f", until {notice.cleared_at:%Y-%m-%d %H:%M:%S} UTC" if notice.cleared_at else ""),
        f"Org {visible(alert.org_name)} ({alert.org_id})",
    ]
    return "\n".join(lines)


def is_address(text: str) -> bool:
    """Whether it is one mail address and nothing else."""
    name, _, domain = text.rpartition("@")
    return bool(name and domain) and text.isascii() and text.isprintable() and not set(text) & set(' ,;:<>()[]"\\')


def mail_server(url: str, setting: str) -> MailServer:
    """The server of a URL; ConfigurationError naming the setting for what cannot be used."""
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        raise _wrong(setting, "it is not a URL") from None
    if parts.scheme not in _DEFAULT_PORTS or not parts.hostname or parts.path.strip("/"):
        raise _wrong(setting, "it does not name a mail server")
    if "@" in parts.netloc:
        raise _wrong(setting, "it carries a user name")
    return MailServer(parts.scheme == "smtps", parts.hostname, port or _DEFAULT_PORTS[parts.scheme])


def _wrong(setting: str, why: str) -> ConfigurationError:
    return ConfigurationError(
        f"{setting} cannot be used: {why}.",
        "Write it like smtps://mail.example.com; user and password are settings of their own.",
    )


async def _in_thread(work: Callable[[], int]) -> int:
    """Run it in a thread of its own, that the end of the process does not wait for, as it would for the pool's."""
    loop = asyncio.get_running_loop()
    done: asyncio.Future[int] = loop.create_future()

    def settle(result: int, error: Exception | None) -> None:
        if done.done():
            return  # nobody waits any more
        if error is None:
            done.set_result(result)
        else:
            done.set_exception(error)

    def run() -> None:
        result, error = 0, None
        try:
            result = work()
        except Exception as exc:
            error = exc
        with contextlib.suppress(RuntimeError):  # the loop has ended
            loop.call_soon_threadsafe(settle, result, error)

    threading.Thread(target=run, name="alert-mail", daemon=True).start()
    return await done
