"""What the Pub/Sub API refuses, with the error codes that its trailers carry.

Source: Pub/Sub API Developer Guide, "Handle Errors". The codes are documented; the status of most is inferred.
"""

from typing import Any, NoReturn

import grpc
from grpc.aio import ServicerContext

_PREFIX = "sfdc.platform.eventbus.grpc."
_INVALID = grpc.StatusCode.INVALID_ARGUMENT
_DENIED = grpc.StatusCode.PERMISSION_DENIED
_UNAUTHENTICATED = grpc.StatusCode.UNAUTHENTICATED
#: code -> status, text
_ERRORS: dict[str, tuple[grpc.StatusCode, str]] = {
    "service.unavailable": (grpc.StatusCode.UNAVAILABLE, "The service is temporarily unavailable."),
    "service.auth.error": (_UNAUTHENTICATED, "The access token is invalid or has expired."),
    "service.auth.headers.invalid": (
        _UNAUTHENTICATED,
        "One or more authentication headers are missing or invalid: accesstoken, instanceurl and tenantid (the "
        "18-character org Id) are required.",
    ),
    "topic.not.found": (grpc.StatusCode.NOT_FOUND, "The topic does not exist or is not available in this org."),
    "topic.validation.empty": (_INVALID, "The topic name is required."),
    "topic.meta.permission": (_DENIED, "You do not have permission to access this topic."),
    "schema.validation.failed": (_INVALID, "There is no schema with this ID."),
    "schema.api.unavailable": (grpc.StatusCode.UNAVAILABLE, "The schema cannot be retrieved at the moment."),
    "subscription.fetch.replayid.corrupted": (
        _INVALID,
        "The Replay ID validation failed. Ensure that the replay_id field value in FetchRequest is valid and refers to "
        "an event that is within the retention window.",
    ),
    "subscription.fetch.replayid.validation.failed": (
        _INVALID,
        "A replay ID is required with the CUSTOM replay preset.",
    ),
    "subscription.fetch.requested.events.invalid": (_INVALID, "The number of requested events must be positive."),
    "subscription.fetch.topic.mismatch": (_INVALID, "The topic name must be the same in all requests of a stream."),
    "subscription.topic.cannot.subscribe": (_DENIED, "You do not have permission to subscribe to this topic."),
    "subscription.limit.exceeded": (
        grpc.StatusCode.RESOURCE_EXHAUSTED,
        "You have exceeded the event delivery limit for your org.",
    ),
}


class PubSubError(Exception):
    """A call that ends with an error; `code` without its common prefix."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code

    async def abort(self, context: "ServicerContext[Any, Any]", rpc_id: str) -> NoReturn:
        """End the call with this error."""
        status, text = _ERRORS[self.code]
        await context.abort(status, f"{text} rpcId: {rpc_id}", (("error-code", _PREFIX + self.code),))
