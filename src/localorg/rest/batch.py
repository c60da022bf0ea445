"""Up to 25 independent requests in one; each of them counts.

    POST  composite/batch

Source: REST API Developer Guide, "Composite Batch". They run in order and are never rolled back; with haltOnError
those after one that failed are answered 412.
"""

from typing import Any

from localorg.errors import ApiError, not_found
from localorg.rest.call import Answer, Call, Router
from localorg.rest.composite_subrequest import Target, malformed, perform, refusal, target_of

_MOST = 25
_FIRST_VERSION = 34
#: Where a subrequest may go.
_ALLOWED = frozenset({"limits", "sobjects", "query", "queryall", "search", "parameterizedsearch"})
_METHODS = frozenset({"POST", "PUT", "PATCH", "GET", "DELETE"})
_HALTED = ApiError("BATCH_PROCESSING_HALTED", "Batch processing halted per request configuration", status=412)


def batch(call: Call, router: Router) -> Answer:
    """The results of all."""
    if call.number < _FIRST_VERSION:
        raise not_found()
    items = call.json.get("batchRequests")
    if not isinstance(items, list) or not items:
        raise malformed("batchRequests is required and must be an array of subrequests")
    if len(items) > _MOST:
        raise ApiError("LIMIT_EXCEEDED", f"The request can’t contain more than {_MOST} operations.")
    requests = [_read(item) for item in items]
    halts = call.json.get("haltOnError", False) is True
    results: list[dict[str, Any]] = []
    for place, (method, target, body) in enumerate(requests):
        if halts and any(result["statusCode"] >= 400 for result in results):
            answer = refusal(_HALTED)
        else:
            answer = _perform(call, router, method, target, body, counted=place == 0)
        results.append({"statusCode": answer.status, "result": answer.json})
    return Answer(json={"hasErrors": any(one["statusCode"] >= 400 for one in results), "results": results})


def _read(item: object) -> tuple[str, Target | None, Any]:
    if not isinstance(item, dict):
        raise malformed("A subrequest must be an object")
    method, url = item.get("method"), item.get("url")
    if not isinstance(method, str) or method.upper() not in _METHODS or not isinstance(url, str):
        raise malformed("A subrequest needs a method and a url")
    if url.startswith("/"):
        raise malformed(f"Invalid url in a subrequest: {url}")
    try:
        target = target_of(f"/services/data/{url}")
    except ApiError:
        return method.upper(), None, None
    return method.upper(), target, item.get("richInput")


def _perform(call: Call, router: Router, method: str, target: Target | None, body: Any, *, counted: bool) -> Answer:
    try:
        if not counted:
            call.org.allowance.spend()
        if target is None or target.segments[0] not in _ALLOWED:
            raise not_found()
        if not _FIRST_VERSION <= float(target.version) <= call.number:
            raise ApiError(
                "INVALID_BATCH_REQUEST", f"Version {target.version} can not be used in a batch of {call.version}"
            )
    except ApiError as error:
        return refusal(error)
    return perform(call, router, method, target, body, {})
