"""What an unsuccessful call of the Pub/Sub API means: a table of its error codes, and a pure function.

Source: Pub/Sub API Developer Guide, "Handle Errors": the trailer `error-code` tells what is wrong. Which gRPC status
goes with a code is documented for few of them, so the status counts only where there is no known code.
"""

import re
from dataclasses import dataclass
from enum import Enum

import grpc
from grpc import StatusCode

from forcedex.domain.errors import (
    ConfigurationError,
    ForcedexError,
    ReplayExpired,
    SourceUnavailable,
    StreamRefused,
)
from forcedex.salesforce.retry import Failure, Repeat

_PREFIX = "sfdc.platform.eventbus.grpc."


class Meaning(Enum):
    """What to do about an error code."""

    #: Time helps.
    PASSING = "passing"
    #: Not for this object, not for this user, or not today.
    REFUSED = "refused"
    #: The place to go on from is unknown.
    EXPIRED = "expired"
    #: The session is over.
    SESSION = "session"
    #: A setting is wrong.
    SETTING = "setting"


@dataclass(frozen=True, slots=True)
class Row:
    """One row of the table."""

    #: `error-code` without its common prefix.
    code: str
    meaning: Meaning
    hint: str


_PERMISSION = "Give the sync user the permission “View All Data”, or “View All Records” on the object."
_LATER = "It is tried again; see https://status.salesforce.com if it stays."
_OURS = "Report this: Forcedex asked for something that the Pub/Sub API does not know."

TABLE = (
    Row("service.unavailable", Meaning.PASSING, _LATER),
    Row("service.auth.error", Meaning.SESSION, "Check the org's session settings (lock to IP address or domain)."),
    Row("service.auth.headers.invalid", Meaning.SETTING, "Check that pubsub_url belongs to the org of login_url."),
    Row("service.auth.refresh.invalid", Meaning.PASSING, _LATER),
    Row("service.protection.stream.limit.triggered", Meaning.PASSING, "Salesforce asks all its clients to slow down."),
    Row("service.protection.triggered", Meaning.PASSING, "Salesforce asks all its clients to slow down."),
    Row("service.tenant.license", Meaning.REFUSED, "The org's edition has no Pub/Sub API; changes are polled."),
    Row("concurrent.client.limit.exceeded", Meaning.REFUSED, "Too many clients listen to the org's events; stop some."),
    Row("topic.not.found", Meaning.REFUSED, "Select the object in Setup, “Change Data Capture”."),
    Row("topic.meta.permission", Meaning.REFUSED, _PERMISSION),
    Row("schema.meta.permission", Meaning.REFUSED, _PERMISSION),
    Row("topic.api.unavailable", Meaning.PASSING, _LATER),
    Row("schema.api.unavailable", Meaning.PASSING, _LATER),
    Row("topic.validation.empty", Meaning.REFUSED, _OURS),
    Row("schema.validation.failed", Meaning.REFUSED, _OURS),
    Row("subscription.fetch.replayid.corrupted", Meaning.EXPIRED, "What changed meanwhile is polled."),
    Row("subscription.fetch.replayid.validation.failed", Meaning.EXPIRED, "What changed meanwhile is polled."),
    Row("subscription.fetch.replay.repeated", Meaning.PASSING, _LATER),
    Row(
        "subscription.limit.exceeded",
        Meaning.REFUSED,
        "The org's daily deliveries of events are used up; changes are polled until they come back (24 hours).",
    ),
    Row("subscription.fetch.overflow", Meaning.REFUSED, _OURS),
    Row("subscription.fetch.requested.events.invalid", Meaning.REFUSED, _OURS),
    Row("subscription.fetch.topic.mismatch", Meaning.REFUSED, _OURS),
    Row("subscription.fetch.request.invalid", Meaning.REFUSED, _OURS),
    Row("subscription.topic.cannot.subscribe", Meaning.REFUSED, _PERMISSION),
    Row("subscription.internal.error", Meaning.PASSING, _LATER),
)
_BY_CODE = {row.code: row for row in TABLE}

#: For calls without a known code; every other status passes with time.
_BY_STATUS = {
    StatusCode.UNAUTHENTICATED: Meaning.SESSION,
    StatusCode.NOT_FOUND: Meaning.REFUSED,
    StatusCode.PERMISSION_DENIED: Meaning.REFUSED,
    StatusCode.INVALID_ARGUMENT: Meaning.REFUSED,
    StatusCode.FAILED_PRECONDITION: Meaning.REFUSED,
    StatusCode.UNIMPLEMENTED: Meaning.SETTING,
}
_HINTS = {
    Meaning.PASSING: _LATER,
    Meaning.REFUSED: "Changes of the object are polled.",
    Meaning.SESSION: "Check the org's session settings (lock to IP address or domain).",
    Meaning.SETTING: "Check [salesforce] pubsub_url.",
}

_UNTRUSTED = re.compile(r"certificate.verify.failed|not in peer certificate|hostname verification", re.IGNORECASE)
_RPC_ID = re.compile(r"[\s.,;]*rpcId:.*", re.DOTALL)


def failure_of(
    error: grpc.aio.AioRpcError, purpose: str, address: str, lost: type[SourceUnavailable] = SourceUnavailable
) -> Failure:
    """What a failed call means; `purpose` completes "refused to …", `lost` is the error for what passes with time."""
    code = _code_of(error)
    details = _RPC_ID.sub("", " ".join((error.details() or "").split()))
    if not code and error.code() is StatusCode.UNAVAILABLE:
        return _unreachable(details, address, lost)
    row = _BY_CODE.get(code)
    meaning = row.meaning if row else _BY_STATUS.get(error.code(), Meaning.PASSING)
    hint = row.hint if row else _HINTS[meaning]
    label = code or error.code().name
    said = details[:300].rstrip(".")
    can = "cannot" if meaning is Meaning.PASSING else "refused to"
    message = f"Salesforce's Pub/Sub API {can} {purpose} ({label})" + (f": {said}." if said else ".")
    match meaning:
        case Meaning.PASSING:
            return Failure(error=lost(message, hint, code=code), repeat=Repeat.UNCLEAR)
        case Meaning.REFUSED:
            return Failure(error=StreamRefused(message, hint, code=code))
        case Meaning.EXPIRED:
            return Failure(error=ReplayExpired(message, hint, code=code))
        case Meaning.SESSION:
            return Failure(error=lost(message, hint, code=code), session_over=True)
        case Meaning.SETTING:
            return Failure(error=ConfigurationError(message, hint))


def _code_of(error: grpc.aio.AioRpcError) -> str:
    """The error code without its prefix; empty if the answer has none (it did not come from Salesforce's service)."""
    for key, value in error.trailing_metadata() or ():
        if key == "error-code":
            text = value.decode("ascii", "replace") if isinstance(value, bytes) else value
            return text.removeprefix(_PREFIX)
    return ""


def _unreachable(details: str, address: str, lost: type[SourceUnavailable]) -> Failure:
    if _UNTRUSTED.search(details):
        untrusted: ForcedexError = ConfigurationError(
            f"The certificate of the Pub/Sub API at {address} is not trusted.",
            "For a private endpoint set ca_file to its CA's certificate; otherwise somebody is in between.",
        )
        return Failure(error=untrusted)
    return Failure(
        error=lost(
            f"The Pub/Sub API at {address} cannot be reached, or the connection broke off ({details[:160]}).",
            "Check [salesforce] pubsub_url and that the firewall lets gRPC (HTTP/2 over TLS) through to that port.",
        ),
        repeat=Repeat.UNCLEAR,
    )
