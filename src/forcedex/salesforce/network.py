"""Translating httpx2's errors into ours: the one place that knows how a connection can fail."""

import socket
import ssl
from collections.abc import Iterator
from contextlib import contextmanager

import httpx2

from forcedex.domain.errors import ConfigurationError, ForcedexError, SourceDataError, SourceUnavailable
from forcedex.salesforce.retry import Failure, Repeat


class CallFailed(Exception):
    """One try of a request failed; carries how. It has no text: the error's may still hold secrets."""

    def __init__(self, failure: Failure) -> None:
        super().__init__()
        self.failure = failure


@contextmanager
def network_errors(host: str, *, first_login: bool = False) -> Iterator[None]:
    """Raise CallFailed for whatever httpx2 raises while talking to the host.

    Until the first login has worked, an unknown host name means a wrong login_url.
    """
    try:
        yield
    except (httpx2.TransportError, TimeoutError) as exc:
        raise CallFailed(_network_failure(exc, host, first_login)) from exc
    except httpx2.DecodingError as exc:
        error = SourceDataError(
            f"The compressed answer of {host} is damaged.", "Check for a proxy that changes answers."
        )
        raise CallFailed(Failure(error=error, repeat=Repeat.UNCLEAR)) from exc


def _network_failure(exc: httpx2.TransportError | TimeoutError, host: str, first_login: bool) -> Failure:
    if isinstance(exc, httpx2.ConnectError):
        for cause in _causes(exc):
            match cause:
                case ssl.SSLCertVerificationError():
                    return Failure(error=_untrusted(host, cause))
                case ssl.SSLError():
                    return _unavailable(
                        f"No encrypted connection to {host} could be made.",
                        "Check that the port speaks https and that no proxy interferes.",
                        Repeat.SAFE,
                    )
                case socket.gaierror():
                    return _unknown_host(host, cause, first_login)
    return _lost_connection(exc, host)


def _lost_connection(exc: httpx2.TransportError | TimeoutError, host: str) -> Failure:
    match exc:
        case httpx2.ConnectTimeout() | httpx2.ConnectError():
            return _unavailable(
                f"{host} cannot be reached.",
                "Check login_url, this machine's network, and that its firewall or proxy lets https through.",
                Repeat.SAFE,
            )
        case httpx2.PoolTimeout():
            return _unavailable("Too many requests of ours are waiting.", "Try again later.", Repeat.SAFE)
        case httpx2.TimeoutException() | TimeoutError():
            return _unavailable(f"{host} did not answer in time.", "Try again later.", Repeat.UNCLEAR)
        case httpx2.ProxyError():
            return _unavailable(
                f"The proxy does not let us through to {host}.", "Check HTTPS_PROXY and NO_PROXY.", Repeat.SAFE
            )
        case _:
            return _unavailable(f"The connection to {host} broke off.", "Try again later.", Repeat.UNCLEAR)


def _unavailable(message: str, hint: str, repeat: Repeat) -> Failure:
    return Failure(error=SourceUnavailable(message, hint), repeat=repeat)


def _untrusted(host: str, cause: ssl.SSLCertVerificationError) -> ConfigurationError:
    return ConfigurationError(
        f"The certificate of {host} is not trusted ({cause.verify_message}).",
        "For a private endpoint set ca_file to its CA's certificate; otherwise somebody is in between.",
    )


def _unknown_host(host: str, cause: socket.gaierror, first_login: bool) -> Failure:
    hint = "Check login_url and this machine's name service (DNS)."
    if cause.errno == socket.EAI_AGAIN:
        return _unavailable(f"The address of {host} cannot be looked up just now.", hint, Repeat.SAFE)
    message = f"There is no host named {host}."
    error: ForcedexError
    if first_login:
        error = ConfigurationError(message, hint)
        return Failure(error=error)
    return _unavailable(message, hint, Repeat.SAFE)


def _causes(exc: BaseException) -> Iterator[BaseException]:
    """The exception and what it was raised from, groups included.

    httpcore2 names its causes as context only. Nobody else's context counts: that may be an unrelated exception
    which a caller is handling.
    """
    waiting: list[BaseException] = [exc]
    while waiting:
        each = waiting.pop(0)
        yield each
        of_library = type(each).__module__.partition(".")[0] in ("httpx2", "httpcore2")
        if origin := each.__cause__ or (each.__context__ if of_library else None):
            waiting.append(origin)
        if isinstance(each, BaseExceptionGroup):
            waiting += each.exceptions
