"""What an unsuccessful answer of Salesforce's data API means: a table of its error codes, and a pure function.

Sources: REST API Developer Guide, "Status Codes and Error Responses"; SOAP API Developer Guide, "Core Data Types
Used in API Calls" (ExceptionCode); Bulk API 2.0 Developer Guide, "Errors".
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum

import orjson

from forcedex.domain.errors import (
    BulkUnsupported,
    ConfigurationError,
    SourceRefused,
    SourceUnavailable,
)
from forcedex.salesforce.limits import wait_in_header
from forcedex.salesforce.retry import Failure, Repeat


class Meaning(Enum):
    """What to do about an error code."""

    #: It will be refused again.
    REFUSED = "refused"
    #: Time helps, but more than a few seconds: the caller decides when.
    LATER = "later"
    #: Time helps within seconds, and the request was not carried out.
    SOON = "soon"
    #: Time may help within seconds, and the request may have been carried out.
    UNCLEAR = "unclear"
    #: A setting is wrong.
    SETTING = "setting"
    #: The session is over.
    SESSION = "session"


@dataclass(frozen=True, slots=True)
class Row:
    """One row of the table; an empty `fragment` matches every message."""

    code: str
    #: Part of the message, in lower case.
    fragment: str
    meaning: Meaning
    hint: str


#: Meanings that pass with time: Salesforce cannot, rather than will not.
_PASSING = frozenset({Meaning.LATER, Meaning.SOON, Meaning.UNCLEAR})

#: First match wins.
TABLE = (
    Row(
        "INVALID_SESSION_ID",
        "not valid for use with",
        Meaning.SETTING,
        "Give the app the OAuth scope “Manage user data via APIs (api)”.",
    ),
    Row("INVALID_SESSION_ID", "", Meaning.SESSION, "Check the org's session settings (lock to IP address or domain)."),
    Row("INVALID_AUTH_HEADER", "", Meaning.SESSION, "Check that no proxy removes the Authorization header."),
    Row(
        "REQUEST_LIMIT_EXCEEDED",
        "concurrent",
        Meaning.SOON,
        "Too many long requests run in the org at the same time; find the other client.",
    ),
    Row(
        "REQUEST_LIMIT_EXCEEDED",
        "",
        Meaning.LATER,
        "The org's daily API requests are used up; they come back over the next 24 hours.",
    ),
    Row("LIMIT_EXCEEDED", "", Meaning.LATER, "A daily limit of the org is used up; see /limits in the org."),
    Row("EXCEEDED_QUOTA", "", Meaning.LATER, "A daily limit of the org is used up; see /limits in the org."),
    Row("UNABLE_TO_LOCK_ROW", "", Meaning.SOON, "Another transaction holds the record; try again."),
    Row("INVALIDJOBSTATE", "", Meaning.SOON, "The result is not there yet although the job is complete; try again."),
    Row("SERVER_UNAVAILABLE", "", Meaning.UNCLEAR, "See https://status.salesforce.com for this instance."),
    Row("UNKNOWN_EXCEPTION", "", Meaning.UNCLEAR, "If it stays, give Salesforce support the ErrorId."),
    Row(
        "QUERY_TIMEOUT",
        "",
        Meaning.LATER,
        "The query ran for more than two minutes: narrow the object's where condition or ask for an index.",
    ),
    Row("QUERY_TOO_COMPLICATED", "", Meaning.REFUSED, "Exclude some formula fields of the object."),
    Row("OPERATION_TOO_LARGE", "", Meaning.REFUSED, "Give the sync user the permission “View All Data”."),
    Row("INVALID_FIELD", "", Meaning.REFUSED, "The field is gone or hidden from the sync user: describe it again."),
    Row("INVALID_TYPE", "", Meaning.REFUSED, "Check that the object exists and that the sync user may read it."),
    Row("NOT_FOUND", "", Meaning.REFUSED, "Check that it exists and that the sync user may read it."),
    Row("MALFORMED_QUERY", "", Meaning.REFUSED, "Check the object's where condition in the settings."),
    Row("INVALID_QUERY_FILTER_OPERATOR", "", Meaning.REFUSED, "Check the object's where condition in the settings."),
    Row("INVALID_QUERY_LOCATOR", "", Meaning.REFUSED, "The query is too old to go on; start it again."),
    Row("UNSUPPORTED_API_VERSION", "", Meaning.SETTING, "Set api_version to one that the org offers."),
    Row(
        "API_DISABLED_FOR_ORG",
        "",
        Meaning.SETTING,
        "Give the sync user the permission “API Enabled”; not every edition has it.",
    ),
    Row("API_CURRENTLY_DISABLED", "", Meaning.REFUSED, "The org's API is switched off for now; ask its administrator."),
    Row("FUNCTIONALITY_NOT_ENABLED", "", Meaning.REFUSED, "The feature is not switched on in the org."),
    Row("INSUFFICIENT_ACCESS", "", Meaning.REFUSED, "Give the sync user the permission that is named."),
    Row("INSUFFICIENT_ACCESS_OR_READONLY", "", Meaning.REFUSED, "Give the sync user the permission that is named."),
    Row("INVALID_REPLICATION_DATE", "", Meaning.REFUSED, "The asked period is too far back."),
)

#: Answers to a Bulk query of an object that only REST can read. Codes alone are too broad (`API_ERROR`).
_NO_BULK = re.compile(
    r"not supported by the bulk api|not supported in bulk query|bulk api does not support"
    r"|entity .* does not support query|implementation restriction"
)
_CODE = re.compile(r"[A-Za-z][A-Za-z_]+")
_NO_BULK_CODES = frozenset({"INVALIDENTITY", "INVALID_ENTITY"})

_BY_STATUS = {
    401: Meaning.SESSION,
    # Nothing of ours asks for another format: some machine in between is not itself.
    406: Meaning.UNCLEAR,
    408: Meaning.UNCLEAR,
    # "Edge" routing: the org's host is not there yet, or not any more.
    420: Meaning.SOON,
    429: Meaning.SOON,
}

#: What Salesforce's user info and identity services say, as plain text, when the session is over.
_SESSION_TEXTS = ("Bad_OAuth_Token", "Missing_OAuth_Token")

#: The frame around the message of a query error: the statement, a pointer, the place.
_QUERY_FRAME = re.compile(r".*ERROR at Row:\d+:Column:\d+\s*", re.DOTALL)


def failure_of(status: int, headers: Mapping[str, str], body: bytes, purpose: str) -> Failure:
    """What an answer with this status (300 and more) means; `purpose` completes "Salesforce refused to …"."""
    code, text = _error_in(body)
    if not code and status in (401, 403) and text.startswith(_SESSION_TEXTS):
        code = "INVALID_SESSION_ID"
    return _failure(code, text, status, purpose, after=wait_in_header(headers))


def composite_failure(status: int, errors: object, purpose: str) -> Failure:
    """As `failure_of`, for a subrequest of a composite request."""
    return failure_of(status, {}, orjson.dumps(errors), purpose)


def failed_job(message: str, purpose: str) -> SourceRefused:
    """The error for a Bulk job that ended `Failed`; `message` is its `errorMessage`, such as `INVALIDENTITY: …`."""
    label, colon, text = message.partition(":")
    code = label.strip() if colon and _CODE.fullmatch(label.strip()) else ""
    return as_bulk_refusal(
        SourceRefused(
            _sentence(purpose, code, text if code else message, 0),
            next((row.hint for row in TABLE if row.code == code), "Start the job again, or read it over REST."),
            code=code or "JOB_FAILED",
        )
    )


def as_bulk_refusal(error: SourceRefused) -> SourceRefused:
    """The error as BulkUnsupported if that is what Salesforce said about a Bulk query."""
    if error.code in _NO_BULK_CODES or _NO_BULK.search(error.message.lower()):
        return BulkUnsupported(error.message, "Read it over REST instead.", code=error.code, status=error.status)
    return error


def _failure(code: str, text: str, status: int, purpose: str, after: float | None = None) -> Failure:
    row = next((row for row in TABLE if row.code == code and row.fragment in text.lower()), None)
    meaning = row.meaning if row else _meaning_of(status)
    hint = row.hint if row else _hint_for(status)
    message = _sentence(purpose, code, text, status, can=meaning not in _PASSING)
    refused = SourceRefused(message, hint, code=code, status=status)
    unavailable = SourceUnavailable(message, hint, code=code, status=status)
    match meaning:
        case Meaning.REFUSED:
            return Failure(error=refused)
        case Meaning.LATER:
            return Failure(error=unavailable)
        case Meaning.SOON:
            return Failure(error=unavailable, repeat=Repeat.SAFE, after=after)
        case Meaning.UNCLEAR:
            return Failure(error=unavailable, repeat=Repeat.UNCLEAR, after=after)
        case Meaning.SETTING:
            return Failure(error=ConfigurationError(message, hint))
        case Meaning.SESSION:
            return Failure(error=refused, session_over=True)


def _meaning_of(status: int) -> Meaning:
    return _BY_STATUS.get(status, Meaning.UNCLEAR if status >= 500 else Meaning.REFUSED)


def _hint_for(status: int) -> str:
    if status >= 500 or _BY_STATUS.get(status) in _PASSING:
        return "See https://status.salesforce.com for this instance, and try again later."
    if status == 409:
        return "It was made with another API version: start it again with this one."
    if 300 <= status < 400:
        return "The org may have moved: set login_url to its present My Domain."
    return "Check the settings of the object and the permissions of the sync user."


def _sentence(purpose: str, code: str, text: str, status: int, *, can: bool = True) -> str:
    said = " ".join(_QUERY_FRAME.sub("", text).split())[:300].rstrip(".")
    label = ", ".join(([code] if code else []) + ([f"HTTP {status}"] if status else []))
    return f"Salesforce {'refused to' if can else 'cannot'} {purpose} ({label})" + (f": {said}." if said else ".")


def _error_in(body: bytes) -> tuple[str, str]:
    """Code and message of an error answer; no code for HTML or anything else that is not Salesforce's JSON."""
    try:
        answer = orjson.loads(body)
    except orjson.JSONDecodeError:
        return "", _plain_text(body)
    first = answer[0] if isinstance(answer, list) and answer else answer
    if not isinstance(first, dict):
        return "", ""
    # OAuth resources say "error", composite results "statusCode".
    code = first.get("errorCode") or first.get("statusCode") or first.get("error") or ""
    text = first.get("message") or first.get("error_description") or ""
    return str(code), str(text)


def _plain_text(body: bytes) -> str:
    text = body[:4096].decode("utf-8", "replace").strip()
    if "<html" in text.lower() or text.startswith("<"):
        return "it answered with a web page instead of data"
    return text[:200]
