"""What Salesforce's error answers mean."""

import json

import pytest

from forcedex.domain.errors import (
    BulkUnsupported,
    ConfigurationError,
    ForcedexError,
    SourceRefused,
    SourceUnavailable,
)
from forcedex.salesforce.refusal import TABLE, as_bulk_refusal, failed_job, failure_of
from forcedex.salesforce.retry import Repeat


def body(code: str, message: str) -> bytes:
    return json.dumps([{"errorCode": code, "message": message}]).encode()


MAINTENANCE = b"<html><head><title>Down for Maintenance</title></head></html>"


@pytest.mark.parametrize(
    ("status", "answer", "kind", "code", "repeat"),
    [
        (400, body("MALFORMED_QUERY", "unexpected token"), SourceRefused, "MALFORMED_QUERY", Repeat.NEVER),
        (400, body("INVALID_FIELD", "No such column"), SourceRefused, "INVALID_FIELD", Repeat.NEVER),
        (400, body("INVALID_TYPE", "not supported"), SourceRefused, "INVALID_TYPE", Repeat.NEVER),
        (400, body("INVALID_QUERY_LOCATOR", "invalid"), SourceRefused, "INVALID_QUERY_LOCATOR", Repeat.NEVER),
        (400, body("QUERY_TIMEOUT", "too long"), SourceUnavailable, "QUERY_TIMEOUT", Repeat.NEVER),
        (400, body("UNABLE_TO_LOCK_ROW", "unable"), SourceUnavailable, "UNABLE_TO_LOCK_ROW", Repeat.SAFE),
        (404, body("NOT_FOUND", "does not exist"), SourceRefused, "NOT_FOUND", Repeat.NEVER),
        (
            403,
            body("REQUEST_LIMIT_EXCEEDED", "TotalRequests Limit exceeded."),
            SourceUnavailable,
            "REQUEST_LIMIT_EXCEEDED",
            Repeat.NEVER,
        ),
        (
            403,
            body("REQUEST_LIMIT_EXCEEDED", "ConcurrentRequests (Concurrent API Requests) Limit exceeded."),
            SourceUnavailable,
            "REQUEST_LIMIT_EXCEEDED",
            Repeat.SAFE,
        ),
        (
            403,
            body("REQUEST_LIMIT_EXCEEDED", "ConcurrentPerOrgLongTxn Limit exceeded"),
            SourceUnavailable,
            "REQUEST_LIMIT_EXCEEDED",
            Repeat.SAFE,
        ),
        (400, body("LIMIT_EXCEEDED", "Too many jobs"), SourceUnavailable, "LIMIT_EXCEEDED", Repeat.NEVER),
        (500, body("UNKNOWN_EXCEPTION", "ErrorId 1"), SourceUnavailable, "UNKNOWN_EXCEPTION", Repeat.UNCLEAR),
        (503, body("SERVER_UNAVAILABLE", "busy"), SourceUnavailable, "SERVER_UNAVAILABLE", Repeat.UNCLEAR),
        (502, MAINTENANCE, SourceUnavailable, "", Repeat.UNCLEAR),
        (503, MAINTENANCE, SourceUnavailable, "", Repeat.UNCLEAR),
        (420, MAINTENANCE, SourceUnavailable, "", Repeat.SAFE),
        (500, b"", SourceUnavailable, "", Repeat.UNCLEAR),
        (400, b"{", SourceRefused, "", Repeat.NEVER),
        (302, b"", SourceRefused, "", Repeat.NEVER),
        (414, b"URI Too Long", SourceRefused, "", Repeat.NEVER),
        (400, b'{"error":"invalid_request","error_description":"x"}', SourceRefused, "invalid_request", Repeat.NEVER),
        (403, body("BRAND_NEW_CODE", "no"), SourceRefused, "BRAND_NEW_CODE", Repeat.NEVER),
    ],
)
def test_meaning_of_an_answer(
    status: int, answer: bytes, kind: type[SourceRefused | SourceUnavailable], code: str, repeat: Repeat
) -> None:
    failure = failure_of(status, {}, answer, "read Contact")

    assert isinstance(failure.error, kind)
    assert (failure.error.code, failure.error.status, failure.repeat) == (code, status, repeat)
    assert not failure.session_over
    assert "read Contact" in failure.error.message and failure.error.hint


@pytest.mark.parametrize(
    ("status", "answer"),
    [
        (401, body("INVALID_SESSION_ID", "Session expired or invalid")),
        (401, b""),
        (403, b"Bad_OAuth_Token"),  # what /services/oauth2/userinfo says, as plain text
    ],
)
def test_these_answers_mean_that_the_session_is_over(status: int, answer: bytes) -> None:
    assert failure_of(status, {}, answer, "read Contact").session_over


@pytest.mark.parametrize(
    ("code", "message", "word"),
    [
        ("INVALID_SESSION_ID", "This session is not valid for use with the REST API", "scope"),
        ("UNSUPPORTED_API_VERSION", "v99.0", "api_version"),
        ("API_DISABLED_FOR_ORG", "The REST API is not enabled for this Organization.", "API Enabled"),
    ],
)
def test_a_wrong_setting_is_named(code: str, message: str, word: str) -> None:
    failure = failure_of(403, {}, body(code, message), "read Contact")

    assert isinstance(failure.error, ConfigurationError) and word in failure.error.hint
    assert not failure.session_over


def test_the_frame_around_a_query_error_is_left_out() -> None:
    message = (
        "\nSELECT Id, SF_date__c FROM Lead\n           ^\nERROR at Row:1:Column:12\n"
        "No such column 'SF_date__c' on entity 'Lead'. If you are"
    )

    error = failure_of(400, {}, body("INVALID_FIELD", message), "read Lead").error

    assert error.message == (
        "Salesforce refused to read Lead (INVALID_FIELD, HTTP 400): "
        "No such column 'SF_date__c' on entity 'Lead'. If you are."
    )


@pytest.mark.parametrize(("text", "seconds"), [("7", 7.0), ("", None), ("soon", None), ("-1", None), ("9" * 20, None)])
def test_retry_after_is_read_when_it_is_a_number(text: str, seconds: float | None) -> None:
    assert failure_of(503, {"retry-after": text}, MAINTENANCE, "read").after == seconds


@pytest.mark.parametrize(
    ("code", "message", "unsupported"),
    [
        ("INVALIDENTITY", "Entity 'CaseStatus' is not supported by the Bulk API.", True),
        ("API_ERROR", "Implementation restriction: ContentDocumentLink requires a filter", True),
        ("API_ERROR", "Entity 'Vote' does not support query", True),
        ("FEATURENOTENABLED", "Selecting compound data not supported in Bulk Query", True),
        ("API_ERROR", "Error encountered", False),
        ("MALFORMED_QUERY", "unexpected token", False),
    ],
)
def test_what_only_rest_can_read_is_told_apart(code: str, message: str, unsupported: bool) -> None:
    refused = failure_of(400, {}, body(code, message), "start a Bulk query of X").error
    assert isinstance(refused, SourceRefused)

    for error in (as_bulk_refusal(refused), failed_job(f"{code}: {message}", "run the Bulk query")):
        assert isinstance(error, BulkUnsupported) is unsupported
        assert error.code == code


def test_a_failed_job_without_a_code_keeps_the_words_of_salesforce() -> None:
    error = failed_job("Something broke at 10:30", "run the Bulk query")

    assert (error.code, error.hint != "") == ("JOB_FAILED", True)
    assert "Something broke at 10:30" in error.message


def test_every_row_of_the_table_has_a_next_step() -> None:
    for row in TABLE:
        assert row.hint.endswith("."), row


def test_error_kinds_have_their_exit_codes() -> None:
    def exit_code(status: int, code: str) -> int:
        error: ForcedexError = failure_of(status, {}, body(code, ""), "read").error
        return error.exit_code

    assert exit_code(400, "UNSUPPORTED_API_VERSION") == 2
    assert exit_code(400, "INVALID_FIELD") == 1
