"""Requests of the data APIs that are refused for no reason of theirs, with Salesforce's status, code and shape.

Source: REST API Developer Guide, "Status Codes and Error Responses"; SOAP API Developer Guide, "Core Data Types
Used in API Calls" (ExceptionCode); Bulk API 2.0 Developer Guide, "Errors". Texts as recorded from real orgs.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass

from localorg.errors import ApiError, not_found
from localorg.faults import Options
from localorg.rest.call import Call
from localorg.soql.position import query_error

_LAST_FIELD = re.compile(r"\bSELECT\b.*?([\w.]+)\s+FROM\s+(\w+)", re.IGNORECASE | re.DOTALL)
_ADVICE = (
    "If you are attempting to use a custom field, be sure to append the '__c' after the custom field name. Please "
    "reference your WSDL or the describe call for the appropriate names."
)


@dataclass(frozen=True)
class Refusal:
    """A fault that refuses."""

    name: str
    #: Pattern of what it refuses: method, resource, and `?locator` if one is given; in lower case.
    request: str
    error: Callable[[Call, Options], ApiError]

    def hits(self, request: str) -> bool:
        """Whether this is a request that it refuses."""
        return re.fullmatch(self.request, request) is not None


def _plain(code: str, message: str, status: int = 400) -> Callable[[Call, Options], ApiError]:
    return lambda call, options: ApiError(code, str(options.get("message", message)), status=status)


def _no_such_field(call: Call, options: Options) -> ApiError:
    """As if the last selected field (or the one of the options) had been taken away since the describe."""
    soql = call.query.get("q") or str(call.json.get("query", ""))
    found = _LAST_FIELD.search(soql)
    if found is None:
        return ApiError("INVALID_FIELD", "No such column on entity")
    name = str(options.get("field", found[1]))
    position = max(0, soql.find(name))
    return query_error(soql, position, f"No such column '{name}' on entity '{found[2]}'. {_ADVICE}", "INVALID_FIELD")


def _unsupported(call: Call, options: Options) -> ApiError:
    found = _LAST_FIELD.search(str(call.json.get("query", "")))
    return ApiError("INVALIDENTITY", f"Entity '{found[2] if found else ''}' is not supported by the Bulk API.")


def _locator_expired(call: Call, options: Options) -> ApiError:
    return ApiError("INVALID_LOCATOR", f"Invalid locator value: {call.query['locator']}")


def locked(record: str) -> ApiError:
    """Somebody else changes the record."""
    return ApiError(
        "UNABLE_TO_LOCK_ROW",
        f"unable to obtain exclusive access to this record or 1 records: {record}",
        fields=[],
    )


_ANY = r".*"
_QUERY = r"get (query|queryall)"
_PAGE = r"get (query|queryall)/.+"
_JOB = r"get jobs/query/\w+(/.*)?"
_RESULTS = r"get jobs/query/\w+/results(\?locator)?"
_NEW_JOB = r"post jobs/query"

_REFUSALS = (
    Refusal("REQUEST_LIMIT_EXCEEDED", _ANY, _plain("REQUEST_LIMIT_EXCEEDED", "TotalRequests Limit exceeded.", 403)),
    Refusal(
        "API_DISABLED",
        _ANY,
        _plain("API_DISABLED_FOR_ORG", "API is not enabled for this Organization or Partner", 403),
    ),
    Refusal(
        "UNKNOWN_EXCEPTION",
        _ANY,
        _plain(
            "UNKNOWN_EXCEPTION",
            "An unexpected error occurred. Please include this ErrorId if you contact support: "
            "1234567890-12345 (-123456789)",
            500,
        ),
    ),
    Refusal("QUERY_TIMEOUT", _QUERY, _plain("QUERY_TIMEOUT", "Your query request was running for too long.")),
    Refusal("INVALID_QUERY_LOCATOR", _PAGE, _plain("INVALID_QUERY_LOCATOR", "invalid query locator")),
    Refusal("INVALID_FIELD", f"{_QUERY}|{_NEW_JOB}", _no_such_field),
    Refusal(
        "UNABLE_TO_LOCK_ROW",
        r"(post|patch|delete) sobjects/.+",
        lambda call, options: locked(call.path.get("id", "001XXXXXXXXXXXXXXX")),
    ),
    Refusal("BULK_UNSUPPORTED", _NEW_JOB, _unsupported),
    Refusal(
        "BULK_DAILY_LIMIT",
        _NEW_JOB,
        _plain("LIMIT_EXCEEDED", "The daily limit of query jobs has been exceeded"),
    ),
    Refusal("BULK_LOCATOR_EXPIRED", r"get jobs/query/\w+/results\?locator", _locator_expired),
    Refusal("JOB_GONE", _JOB, lambda call, options: not_found()),
    Refusal(
        "RESULTS_NOT_READY",
        _RESULTS,
        _plain("INVALIDJOBSTATE", "Invalid job state: results are available when the job is complete", 409),
    ),
)


def refuse(call: Call, subject: str) -> None:
    """Raise the error of an armed fault that hits this request."""
    request = f"{call.method} {call.resource}".lower()
    if "locator" in call.query:
        request += "?locator"
    faults = call.org.faults
    for refusal in _REFUSALS:
        if refusal.hits(request) and (options := faults.take(refusal.name, subject)) is not None:
            raise refusal.error(call, options)


def lock(call: Call, record: object) -> None:
    """Raise UNABLE_TO_LOCK_ROW for one of many records of a request, if that is armed."""
    if call.org.faults.armed:
        identifier = str(record.get("Id", "001XXXXXXXXXXXXXXX")) if isinstance(record, dict) else str(record)
        if call.org.faults.take("UNABLE_TO_LOCK_ROW", f"{call.method} {call.resource} {identifier}") is not None:
            raise locked(identifier)
