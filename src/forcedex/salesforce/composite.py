"""Several queries in one request, and statements that are too long for a URL.

Sources: REST API Developer Guide, "Composite": up to five queries in one request, which counts as one API request.
Help 000386264, "Maximum number of rows returned by SOQL queries over the REST API": a statement too long for a URL
goes into the body of such a request.
"""

from collections.abc import Mapping, Sequence

from forcedex.salesforce.network import CallFailed
from forcedex.salesforce.refusal import composite_failure
from forcedex.salesforce.rows import parse_exactly
from forcedex.salesforce.shape import broken, list_in, number_in, object_of
from forcedex.salesforce.transport import Answer, Call, Transport

#: Queries (and further pages of queries) in one request.
QUERIES_AT_ONCE = 5


async def together(transport: Transport, calls: Sequence[Call]) -> Answer[list[Mapping[str, object]]]:
    """The answers to at most five queries, in any order. Each query is of one moment; the request is one.

    If one is refused the whole request is repeated or fails, as its refusal says.
    """
    purpose = calls[0].purpose
    subrequests = [
        {"method": "GET", "url": call.path, "referenceId": f"query{number}", "httpHeaders": call.headers}
        for number, call in enumerate(calls)
    ]
    request = Call(
        purpose=purpose,
        path=f"/services/data/v{transport.settings.api_version}/composite",
        method="POST",
        body={"allOrNone": False, "compositeRequest": subrequests},
    )
    return await transport.parsed(request, lambda body: _bodies(parse_exactly(body), len(calls), purpose))


def _bodies(answer: object, expected: int, purpose: str) -> list[Mapping[str, object]]:
    """The bodies of all subrequests; CallFailed if Salesforce refused one."""
    results = [object_of(each, purpose) for each in list_in(object_of(answer, purpose), "compositeResponse", purpose)]
    if sorted(str(each.get("referenceId")) for each in results) != [f"query{number}" for number in range(expected)]:
        raise broken(purpose, "it does not answer every subrequest once")
    for result in results:
        status = number_in(result, "httpStatusCode", purpose)
        if status >= 300:
            raise CallFailed(composite_failure(status, result.get("body"), purpose))
    return [object_of(each.get("body"), purpose) for each in results]
