"""Which hosts may be sent a session: the guard against URLs that a server made up.

Salesforce's answers carry URLs (`instance_url`, `nextRecordsUrl`, `id`, SOAP `serverUrl`). Following one blindly
would hand the access token to whoever could write it, so each must name a host that is known beforehand.
"""

import re
from dataclasses import dataclass
from ipaddress import ip_address
from urllib.parse import SplitResult, urlsplit

from forcedex.domain.errors import ConfigurationError, SourceDataError

#: Domains under which Salesforce runs orgs.
SALESFORCE_DOMAINS = (".salesforce.com", ".force.com", ".cloudforce.com", ".salesforce.mil")

_HOST_NAME = re.compile(r"[a-z0-9](?:[a-z0-9_-]*[a-z0-9])?(?:\.[a-z0-9](?:[a-z0-9_-]*[a-z0-9])?)*")
_UNSAFE = re.compile(r"[\x00-\x20\x7f-\U0010ffff\\]")
_DEFAULT_PORTS = {"https": 443, "http": 80}


class _NotAnOrigin(ValueError):
    """The text does not name a scheme and host that we accept; the message says why."""


@dataclass(frozen=True, slots=True)
class Origin:
    """Scheme, host and port of a URL."""

    scheme: str
    host: str
    port: int

    @property
    def loopback(self) -> bool:
        """Whether the host is this machine."""
        if self.host == "localhost":
            return True
        try:
            return ip_address(self.host).is_loopback
        except ValueError:
            return False

    def __str__(self) -> str:
        host = f"[{self.host}]" if ":" in self.host else self.host
        port = "" if self.port == _DEFAULT_PORTS[self.scheme] else f":{self.port}"
        return f"{self.scheme}://{host}{port}"


def _origin(url: str) -> tuple[Origin, SplitResult]:
    if _UNSAFE.search(url):
        raise _NotAnOrigin("it has characters that no URL may have")
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        raise _NotAnOrigin("it is not a URL") from None
    host = parts.hostname or ""
    if parts.scheme not in _DEFAULT_PORTS:
        raise _NotAnOrigin("it does not begin with https://")
    if "@" in parts.netloc:
        raise _NotAnOrigin("it carries a user name")
    if not (_HOST_NAME.fullmatch(host) or _is_ip(host)):
        raise _NotAnOrigin("it has no valid host name")
    origin = Origin(parts.scheme, host, _DEFAULT_PORTS[parts.scheme] if port is None else port)
    if origin.scheme == "http" and not origin.loopback:
        raise _NotAnOrigin("it is not encrypted (https)")
    return origin, parts


def _is_ip(host: str) -> bool:
    try:
        ip_address(host)
    except ValueError:
        return False
    return True


def origin_from_setting(url: str, setting: str) -> Origin:
    """The origin of a URL that the operator wrote; ConfigurationError if it is not https (or loopback)."""
    try:
        origin, parts = _origin(url.strip())
    except _NotAnOrigin as why:
        raise ConfigurationError(
            f"{setting} cannot be used: {why}.",
            "Write it like https://acme.my.salesforce.com; plain http works for this machine only.",
        ) from why
    if parts.path.strip("/") or parts.query or parts.fragment:
        raise ConfigurationError(f"{setting} names a page, not a host.", f"Leave only {origin}, without what follows.")
    if origin.host.endswith(".lightning.force.com"):
        raise ConfigurationError(
            f"{setting} is the address of the Lightning pages, where programs cannot log in.",
            f"Use https://{origin.host.split('.', 1)[0]}.my.salesforce.com.",
        )
    return origin


@dataclass(frozen=True, slots=True)
class TrustedHosts:
    """The hosts that may get the session: the configured ones, Salesforce's domains, and loopback from loopback."""

    #: The origin of the login URL, and of a configured instance URL.
    configured: tuple[Origin, ...]

    def origin_of(self, url: object, what: str) -> Origin:
        """The origin of a URL from an answer (`what` names it in the error); SourceDataError if not trusted."""
        return self._trusted(url, what)[0]

    def path_of(self, url: object, what: str) -> str:
        """Path and query of a URL from an answer, whether it is absolute or only a path.

        SourceDataError if it leads to a host that is not trusted or outside `/services/data/`.
        """
        text = url if isinstance(url, str) else ""
        if text.startswith("/") and not text.startswith("//"):
            if _UNSAFE.search(text):
                raise _untrusted(what, "it has characters that no URL may have")
            parts = urlsplit(text)
        else:
            parts = self._trusted(url, what)[1]
        if not parts.path.startswith("/services/data/") or "/../" in f"{parts.path}/":
            raise _untrusted(what, "it leads outside /services/data/")
        return parts.path + (f"?{parts.query}" if parts.query else "")

    def path_anywhere(self, url: object, what: str) -> str:
        """The path of a URL on a trusted host, anywhere on it."""
        return self._trusted(url, what)[1].path

    def _trusted(self, url: object, what: str) -> tuple[Origin, SplitResult]:
        if not isinstance(url, str):
            raise _untrusted(what, "it is missing")
        try:
            origin, parts = _origin(url)
        except _NotAnOrigin as why:
            raise _untrusted(what, str(why)) from why
        if not self._allows(origin):
            raise _untrusted(what, f"{origin.host} is not a Salesforce host")
        return origin, parts

    def _allows(self, origin: Origin) -> bool:
        if origin.loopback:
            return any(each.loopback for each in self.configured)
        if origin in self.configured:
            return True
        # Salesforce serves its API on the default port only.
        return origin.port == 443 and (
            origin.host.endswith(SALESFORCE_DOMAINS) or any(origin.host == each.host for each in self.configured)
        )


def _untrusted(what: str, why: str) -> SourceDataError:
    return SourceDataError(
        f"Salesforce's answer holds a {what} that is not followed: {why}.",
        "Check that login_url is right and that nothing between here and Salesforce rewrites answers.",
    )
