"""Alerts as signed HTTP requests."""

import asyncio
import hashlib
import hmac
import ssl
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from urllib.parse import urlsplit

import httpx2
import orjson

from forcedex import __version__
from forcedex.domain.errors import ConfigurationError
from forcedex.operations.alert import Alert, Undeliverable, is_loopback

#: `t=<Unix time>,v1=<HMAC-SHA256 over "<Unix time>.<body>" as hex>`; the time lets a receiver refuse old ones.
SIGNATURE_HEADER = "Forcedex-Signature"
TIMEOUT = 10.0  # seconds, for the whole request
#: Refusals that may pass: request timeout, too early, too many requests.
_PASSING = frozenset({408, 425, 429})


class Webhook:
    """Posts each alert as JSON to a URL; `Channel`."""

    name = "webhook"
    most = 1

    def __init__(
        self,
        url: str,
        secret: str = "",
        *,
        ca_file: Path | None = None,
        timeout: float = TIMEOUT,
        unix_time: Callable[[], float] = time.time,
    ) -> None:
        """ConfigurationError unless the URL is https, or http to this machine. Without `secret` nothing is signed."""
        self._url = url
        self._host = _checked_host(url)
        self._secret = secret.encode()
        self._timeout = timeout
        self._unix_time = unix_time
        loopback = is_loopback(self._host)
        self._client = httpx2.AsyncClient(
            verify=tls_context(ca_file),
            follow_redirects=False,
            timeout=timeout,
            trust_env=not loopback,  # a proxy cannot reach this machine's own loopback
            headers={"User-Agent": f"forcedex/{__version__}", "Content-Type": "application/json"},
        )

    async def send(self, alerts: Sequence[Alert]) -> None:
        """As `Channel.send`. The answer's body is not read, and no redirect is followed."""
        for alert in alerts:
            body = orjson.dumps(alert.payload())
            try:
                async with (
                    asyncio.timeout(self._timeout),
                    self._client.stream("POST", self._url, content=body, headers=self._signature(body)) as answer,
                ):
                    status = answer.status_code
            except TimeoutError:
                raise Undeliverable(f"{self._host} did not answer within {self._timeout:.0f} s.") from None
            except (httpx2.HTTPError, httpx2.StreamError) as exc:
                # Without its text, which may hold the URL, and that is a secret for many services.
                raise Undeliverable(f"{self._host} cannot be reached ({type(exc).__name__}).") from None
            if not 200 <= status < 300:
                raise _refusal(self._host, status)

    async def aclose(self) -> None:
        """As `Channel.aclose`."""
        await self._client.aclose()

    def _signature(self, body: bytes) -> dict[str, str]:
        if not self._secret:
            return {}
        now = int(self._unix_time())
        digest = hmac.new(self._secret, f"{now}.".encode() + body, hashlib.sha256).hexdigest()
        return {SIGNATURE_HEADER: f"t={now},v1={digest}"}


def _refusal(host: str, status: int) -> Undeliverable:
    if 300 <= status < 400:
        return Undeliverable(
            f"{host} answered with a redirect ({status}), which is not followed: correct [alerts] webhook_url.",
            lasting=True,
        )
    return Undeliverable(f"{host} answered {status}.", lasting=400 <= status < 500 and status not in _PASSING)


def _checked_host(url: str) -> str:
    """The host; the errors do not quote the URL, for its path may be a secret."""
    try:
        parts = urlsplit(url)
        host, _ = parts.hostname or "", parts.port
    except ValueError:
        raise _wrong("it is not a URL") from None
    if not url.isascii() or not url.isprintable() or " " in url or not host:
        raise _wrong("it is not a URL")
    if "@" in parts.netloc:
        raise _wrong("it carries a user name")
    if parts.scheme != "https" and not (parts.scheme == "http" and is_loopback(host)):
        raise _wrong("it is not encrypted (https)")
    return host


def _wrong(why: str) -> ConfigurationError:
    return ConfigurationError(
        f"[alerts] webhook_url cannot be used: {why}.",
        "Write it like https://alerts.example.com/forcedex; plain http works for this machine only.",
    )


def tls_context(ca_file: Path | None) -> ssl.SSLContext:
    """Certificates are checked, against the usual CAs and this one."""
    context = httpx2.create_ssl_context()
    if ca_file is not None:
        try:
            context.load_verify_locations(cafile=str(ca_file))
        except (OSError, ssl.SSLError) as exc:
            raise ConfigurationError(
                f"[alerts] ca_file {ca_file} cannot be read as PEM certificates.",
                "Point it to the CA's certificate in PEM form.",
            ) from exc
    return context
