"""Requests inside a request: each goes to the handler that it would reach by itself, with the same errors.

Source: REST API Developer Guide, "Composite Subrequest", "Composite Subrequest Result". They run in the order
given: where Salesforce may collate them, it promises no order.
"""

import re
from collections.abc import Mapping, Sequence
from contextlib import nullcontext
from dataclasses import dataclass, field, replace
from typing import Any
from urllib.parse import parse_qsl

import orjson

from localorg.errors import ApiError, not_found
from localorg.misbehaviour.data import answered
from localorg.rest.call import Answer, Call, Router, error_body, parameters
from localorg.rest.composite_references import Results, resolve, resolve_url
from localorg.rest.versions import VERSIONS

Json = dict[str, Any]

_URL = re.compile(r"/services/data/v(\d+\.\d)/([^?]*)(?:\?(.*))?")
_METHODS = frozenset({"POST", "PUT", "PATCH", "GET", "DELETE"})
_REFERENCE = re.compile(r"[A-Za-z0-9][A-Za-z0-9_]*", re.ASCII)
_STRICT_VERSION = 52
#: Headers that every subrequest has from the request around it, and may not have of its own.
_INHERITED = frozenset({"accept", "authorization", "content-type"})
#: Who the client is does not change inside a request either.
_CLIENT = "sforce-call-options"
_HALTED = ApiError(
    "PROCESSING_HALTED",
    "The transaction was rolled back since another operation in the same transaction failed.",
)


@dataclass(frozen=True, kw_only=True, slots=True)
class Target:
    """What a subrequest's URL names."""

    version: str
    #: The path below the version's root.
    resource: str
    query: Mapping[str, str]

    @property
    def segments(self) -> tuple[str, ...]:
        """The path in pieces, in lower case."""
        return tuple(self.resource.strip("/").lower().split("/"))

    @property
    def is_query_or_collection(self) -> bool:
        """Whether it is of the kind of which few are allowed."""
        return self.segments[0] in ("query", "queryall") or self.segments[:2] == ("composite", "sobjects")

    @property
    def may_be_composite(self) -> bool:
        """Whether it may stand in a composite request."""
        return self.segments[0] == "sobjects" or self.is_query_or_collection


@dataclass(frozen=True, kw_only=True, slots=True)
class Subrequest:
    """One request of a composite request."""

    method: str
    url: str
    reference: str
    body: Any = None
    headers: Mapping[str, str] = field(default_factory=dict)


def target_of(url: str) -> Target:
    """What a URL from /services/data on names; NOT_FOUND."""
    match = _URL.fullmatch(url)
    if match is None or match[1] not in VERSIONS:
        raise not_found()
    query = parameters(parse_qsl(match[3] or "", keep_blank_values=True))
    return Target(version=match[1], resource=match[2].strip("/"), query=query)


def malformed(message: str) -> ApiError:
    """The error for a request that is not of the right shape."""
    return ApiError("JSON_PARSER_ERROR", message)


def read_subrequests(call: Call, items: object) -> list[Subrequest]:
    """The subrequests in a request's body."""
    if not isinstance(items, list) or not items:
        raise malformed("compositeRequest is required and must be an array of subrequests")
    found = [_read_one(call, item) for item in items]
    references = [one.reference for one in found]
    if len(set(references)) < len(references):
        raise ApiError("INVALID_INPUT", "Duplicate ReferenceId provided in the request.")
    return found


def _read_one(call: Call, item: object) -> Subrequest:
    if not isinstance(item, dict):
        raise malformed("A subrequest must be an object")
    method, url, reference = item.get("method"), item.get("url"), item.get("referenceId")
    if not isinstance(method, str) or method not in _METHODS:
        raise malformed(f"Invalid method in a subrequest: {method}")
    if not isinstance(url, str) or not isinstance(reference, str):
        raise malformed("A subrequest needs a url and a referenceId")
    if call.number >= _STRICT_VERSION and not _REFERENCE.fullmatch(reference):
        raise malformed(
            f"Provided referenceId ('{reference}') must start with a letter or a number, and it can contain only "
            "letters, numbers and underscores ('_')."
        )
    given = item.get("httpHeaders") or {}
    if not isinstance(given, dict):
        raise malformed("httpHeaders must be an object")
    headers = {str(name).lower(): str(value) for name, value in given.items()}
    if not _INHERITED.isdisjoint(headers):
        raise malformed("Accept, Authorization and Content-Type can not be headers of a subrequest")
    return Subrequest(method=method, url=url, reference=reference, body=item.get("body"), headers=headers)


def perform(outer: Call, router: Router, method: str, target: Target, body: Any, headers: Mapping[str, str]) -> Answer:
    """What a subrequest's handler answers; errors are answers too."""
    try:
        handler, variables = router.find(method, target.resource)
        inherited = {name: value for name, value in outer.headers.items() if name in (*_INHERITED, _CLIENT)}
        call = replace(
            outer,
            version=target.version,
            method=method,
            resource=target.resource,
            path=variables,
            query=target.query,
            headers={**inherited, **headers},
            body=b"" if body is None else orjson.dumps(body),
        )
        return answered(handler, call)
    except ApiError as error:
        return refusal(error)


def refusal(error: ApiError) -> Answer:
    """An error as a subrequest's answer."""
    return Answer(status=error.status, json=error_body(error))


class _Failed(Exception):
    """One of several failed, and all or none are wanted."""


def perform_all(
    call: Call, router: Router, requests: Sequence[Subrequest], *, all_or_none: bool
) -> tuple[list[Json], bool]:
    """The results in order, and whether nothing failed. With all_or_none nothing stays of what failed."""
    results: Results = {}
    answers: list[Answer] = []
    try:
        with call.org.store.transaction() if all_or_none else nullcontext():
            for request in requests:
                answers.append(_perform_one(call, router, request, results))
                results[request.reference] = (answers[-1].json, _is_row(request))
                if all_or_none and _failed(answers[-1]):
                    raise _Failed
    except _Failed:
        return halted(requests, failed=answers[-1], at=len(answers) - 1), False
    outcome = [_result(request, answer) for request, answer in zip(requests, answers, strict=True)]
    return outcome, not any(map(_failed, answers))


def halted(requests: Sequence[Subrequest], failed: Answer | None = None, at: int = 0) -> list[Json]:
    """The results when everything was rolled back, because the one at this place failed or something before."""
    return [
        _result(request, failed if failed is not None and place == at else refusal(_HALTED))
        for place, request in enumerate(requests)
    ]


def _perform_one(call: Call, router: Router, request: Subrequest, results: Results) -> Answer:
    try:
        target = target_of(resolve_url(request.url, results))
        if not target.may_be_composite:
            raise not_found()
        body = resolve(request.body, results, null=call.number >= _STRICT_VERSION)
    except ApiError as error:
        return refusal(error)
    return perform(call, router, request.method, target, body, request.headers)


def _is_row(request: Subrequest) -> bool:
    return request.method == "GET" and "/sobjects/" in request.url


def _failed(answer: Answer) -> bool:
    """An error, or a collection in which some record failed."""
    if answer.status >= 400:
        return True
    return isinstance(answer.json, list) and any(
        isinstance(one, dict) and one.get("success") is False for one in answer.json
    )


def _result(request: Subrequest, answer: Answer) -> Json:
    return {
        "body": answer.json,
        "httpHeaders": dict(answer.headers),
        "httpStatusCode": answer.status,
        "referenceId": request.reference,
    }
