"""Errors of the HTTP library as ours."""

import socket
import ssl

import httpx2
import pytest

from forcedex.domain.errors import ConfigurationError, ForcedexError, SourceDataError, SourceUnavailable
from forcedex.salesforce.network import CallFailed, network_errors
from forcedex.salesforce.retry import Failure, Repeat


def caused(error: Exception, cause: BaseException) -> Exception:
    error.__cause__ = cause
    return error


def failure(error: Exception, *, first_login: bool = False) -> Failure:
    with pytest.raises(CallFailed) as caught, network_errors("acme.my.salesforce.com", first_login=first_login):
        raise error
    return caught.value.failure


UNKNOWN = socket.gaierror(socket.EAI_NONAME, "Name or service not known")
BUSY_DNS = socket.gaierror(socket.EAI_AGAIN, "Temporary failure in name resolution")
BAD_CERTIFICATE = ssl.SSLCertVerificationError(1, "certificate verify failed: self-signed certificate")
BAD_CERTIFICATE.verify_message = "self-signed certificate"


@pytest.mark.parametrize(
    ("error", "first_login", "kind", "repeat", "words"),
    [
        # A wrong login_url is noticed at the first login; later the name service is to blame.
        (caused(httpx2.ConnectError(""), UNKNOWN), True, ConfigurationError, Repeat.NEVER, "no host named acme"),
        (caused(httpx2.ConnectError(""), UNKNOWN), False, SourceUnavailable, Repeat.SAFE, "no host named acme"),
        (caused(httpx2.ConnectError(""), BUSY_DNS), True, SourceUnavailable, Repeat.SAFE, "looked up"),
        (caused(httpx2.ConnectError(""), BAD_CERTIFICATE), False, ConfigurationError, Repeat.NEVER, "self-signed"),
        (caused(httpx2.ConnectError(""), ssl.SSLError(1, "wrong")), False, SourceUnavailable, Repeat.SAFE, "encrypted"),
        (
            caused(httpx2.ConnectError(""), ExceptionGroup("all", [ConnectionRefusedError()])),
            False,
            SourceUnavailable,
            Repeat.SAFE,
            "reached",
        ),
        (httpx2.ConnectTimeout(""), False, SourceUnavailable, Repeat.SAFE, "reached"),
        (httpx2.PoolTimeout(""), False, SourceUnavailable, Repeat.SAFE, "waiting"),
        (httpx2.ProxyError(""), False, SourceUnavailable, Repeat.SAFE, "proxy"),
        (httpx2.ReadTimeout(""), False, SourceUnavailable, Repeat.UNCLEAR, "in time"),
        (TimeoutError(), False, SourceUnavailable, Repeat.UNCLEAR, "in time"),
        (httpx2.ReadError(""), False, SourceUnavailable, Repeat.UNCLEAR, "broke off"),
        (httpx2.RemoteProtocolError(""), False, SourceUnavailable, Repeat.UNCLEAR, "broke off"),
        (httpx2.DecodingError(""), False, SourceDataError, Repeat.UNCLEAR, "damaged"),
    ],
)
def test_translation(
    error: Exception, first_login: bool, kind: type[ForcedexError], repeat: Repeat, words: str
) -> None:
    result = failure(error, first_login=first_login)

    assert (type(result.error), result.repeat) == (kind, repeat)
    assert words in result.error.message and result.error.hint


def test_an_unrelated_error_that_somebody_is_handling_changes_nothing() -> None:
    refused = ConnectionRefusedError()
    refused.__context__ = BAD_CERTIFICATE

    assert "reached" in failure(caused(httpx2.ConnectError(""), refused)).error.message


def test_what_is_not_about_the_network_passes() -> None:
    with pytest.raises(KeyError), network_errors("x"):
        raise KeyError
