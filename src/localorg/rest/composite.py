"""Several requests in one that counts as one.

    GET   composite    the resources of the family
    POST  composite    up to 25 subrequests, of which up to 5 queries and collections

Source: REST API Developer Guide, "Composite", "allOrNone Parameters in Composite and Collections Requests". The
answer's status is 200 whatever becomes of the subrequests.
"""

from localorg.errors import ApiError, not_found
from localorg.rest.batch import batch
from localorg.rest.call import Answer, Call, Resource, Router, error_body
from localorg.rest.composite_subrequest import Subrequest, malformed, perform_all, read_subrequests, target_of
from localorg.rest.graph import graph
from localorg.rest.tree import tree

_MOST = 25
_MOST_QUERIES = 5
_FIRST_VERSION = 38


def resources(router: Router) -> tuple[Resource, ...]:
    """The composite family, over the resources of a router."""
    return (
        Resource("composite", {"GET": _list, "POST": lambda call: _composite(call, router)}),
        Resource("composite/batch", {"POST": lambda call: batch(call, router)}),
        Resource("composite/graph", {"POST": lambda call: graph(call, router)}),
        Resource("composite/tree/{object}", {"POST": tree}),
    )


def _list(call: Call) -> Answer:
    return Answer(json={name: f"{call.base}/composite/{name}" for name in ("tree", "batch", "sobjects", "graph")})


def _composite(call: Call, router: Router) -> Answer:
    if call.number < _FIRST_VERSION:
        raise not_found()
    all_or_none = call.json.get("allOrNone", False)
    if not isinstance(all_or_none, bool) or not isinstance(call.json.get("collateSubrequests", True), bool):
        raise malformed("allOrNone and collateSubrequests must be true or false")
    requests = read_subrequests(call, call.json.get("compositeRequest"))
    if (refused := _too_many(requests)) is not None:
        return Answer(json={"compositeResponse": [refused]})
    results, _ = perform_all(call, router, requests, all_or_none=all_or_none)
    return Answer(json={"compositeResponse": results})


def _too_many(requests: list[Subrequest]) -> dict[str, object] | None:
    """The only result of a request with too many subrequests."""
    queries = sum(1 for request in requests if _is_query_or_collection(request))
    if len(requests) > _MOST:
        error = ApiError("LIMIT_EXCEEDED", f"The request can’t contain more than {_MOST} operations.")
    elif queries > _MOST_QUERIES:
        error = ApiError(
            "LIMIT_EXCEEDED", f"The request can’t contain more than {_MOST_QUERIES} queries and sObject Collections."
        )
    else:
        return None
    return {"body": error_body(error), "httpHeaders": {}, "httpStatusCode": error.status, "referenceId": None}


def _is_query_or_collection(request: Subrequest) -> bool:
    try:
        return target_of(request.url).is_query_or_collection
    except ApiError:
        return False
