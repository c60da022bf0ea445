"""Searching: `/search`, `/suggest`, `/click`, `/recent`."""

from typing import Annotated

from fastapi import APIRouter, Depends
from starlette.responses import Response

from forcedex.search.written import as_json
from forcedex.server.answers import RecentAnswer, SearchAnswer, SuggestAnswer
from forcedex.server.caller import Caller, Way
from forcedex.server.identity import On, asks
from forcedex.server.limits import LIGHT, SEARCH, SUGGEST
from forcedex.server.problems import forbidden, not_found
from forcedex.server.questions import ClickBody, DeniedBody, SearchBody, SuggestBody
from forcedex.server.services import tagged, told

router = APIRouter(tags=["search"])

_RECENT = 8
#: What differs between two answers that say the same.
_PASSING = frozenset({"took_ms", "elasticsearch_ms", "search", "cursor"})


@router.post("/search", responses={200: {"model": SearchAnswer}}, summary="Find records")
async def search(body: SearchBody, who: Annotated[Caller, Depends(asks(SEARCH))], on: On) -> Response:
    """Records that fit, best first, as far as the person may see them; facets, understood filters, a cursor.

    A question that is asked again with the `tag` of its answer is not kept in the search log.
    """
    answer = await on.answered(on.asking.search(who.principal, body.request(), kept=not body.tag))
    return tagged({**as_json(answer), "search": answer.number}, body.tag, without=_PASSING)


@router.post("/suggest", responses={200: {"model": SuggestAnswer}}, summary="Complete what is typed")
async def suggest(body: SuggestBody, who: Annotated[Caller, Depends(asks(SUGGEST))], on: On) -> Response:
    """At most five records whose words begin like this, from two letters on."""
    return told({"suggestions": await on.answered(on.asking.suggest(who.principal, body.text))})


@router.post("/click", status_code=204, response_class=Response, summary="Say that a hit was opened")
async def click(body: ClickBody, who: Annotated[Caller, Depends(asks(LIGHT))], on: On) -> Response:
    """Keeps it in the search log; only for a search of one's own."""
    if not await on.asking.opened(who.principal, body.search, body.id, body.rank):
        raise not_found("There is no such search of yours.", "Send `search` of the answer.")
    return Response(status_code=204)


@router.post("/denied", status_code=204, response_class=Response, summary="Say that Salesforce does not show a hit")
async def denied(body: DeniedBody, who: Annotated[Caller, Depends(asks(SEARCH))], on: On) -> Response:
    """Hides the records from the person who asks, and from nobody else, until their access was read again.

    For Apex, which looks whether the person may see each hit before it shows it; Ids of other records change nothing.
    """
    if who.way is not Way.SIGNED:
        raise forbidden("Only the org can say that.", "Send a request that the org has signed.")
    await on.answered(on.asking.unseen(who.principal, body.ids, on.now()))
    return Response(status_code=204)


@router.get("/recent", responses={200: {"model": RecentAnswer}}, summary="What was searched for and opened last")
async def recent(who: Annotated[Caller, Depends(asks(LIGHT))], on: On) -> Response:
    """One's own searches that found something, and the records that one opened and may still see."""
    texts, hits = await on.answered(on.asking.recent(who.principal, _RECENT))
    return told({"searches": texts, "records": hits})
