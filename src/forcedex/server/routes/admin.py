"""For administrators: `/admin/…`. What they change is in the audit log."""

from dataclasses import asdict
from datetime import timedelta
from typing import Annotated, Any

from fastapi import APIRouter, Query
from starlette.responses import Response

from forcedex.curating import Curating
from forcedex.domain.searches import by_day, by_query, figures
from forcedex.server.caller import Caller
from forcedex.server.identity import Administrator, On
from forcedex.server.problems import not_found
from forcedex.server.questions import PromotedBody, RecordId, ReplayBody, SynonymBody
from forcedex.server.services import Services, told

router = APIRouter(prefix="/admin", tags=["admin"])

_MOST_LETTERS, _MOST_LINES, _MOST_QUERIES = 500, 200, 50


@router.get("/status", summary="How the sync does")
async def status(who: Administrator, on: On) -> Response:
    """Per object: records, lag, dead letters, last comparison; API calls, notices, who syncs."""
    found = await on.answered(on.status())
    plain: dict[str, Any] = asdict(found) | {"dead_letters": len(found.dead_letters), "schedules": len(found.schedules)}
    return told(plain)


@router.get("/dead-letters", summary="Records that were refused")
async def dead_letters(who: Administrator, on: On) -> Response:
    """Which, since when and why; without their values."""
    letters = await on.store.dead_letters()
    return told(
        {
            "total": len(letters),
            "dead_letters": [
                {"object": one.object, "id": one.record_id, "reason": one.reason, "since": one.refused_at}
                for one in letters[:_MOST_LETTERS]
            ],
        }
    )


@router.post("/dead-letters/replay", status_code=202, summary="Read refused records once more")
async def replay(body: ReplayBody, who: Administrator, on: On) -> Response:
    """Asks the running sync; `GET /admin/requests/{number}` has its answer."""
    await _noted(on, who, "replay dead letters", " ".join(body.records) or "all")
    return told({"request": await on.store.ask("replay", " ".join(body.records))}, status=202)


@router.get("/requests/{number}", summary="What the sync answered")
async def answer(number: int, who: Administrator, on: On) -> Response:
    """The answer to a request; `done` is false before there is one."""
    if not 0 < number < 2**53:
        raise not_found("There is no such request.")
    found = await on.store.answer_of(number)
    return told({"done": found is not None, "answer": found})


@router.get("/searches", summary="What people search for")
async def searches(who: Administrator, on: On, days: Annotated[int, Query(ge=1, le=3_650)] = 30) -> Response:
    """How well it works: by query and by day, and what found nothing."""
    entries, clicks = await on.store.searches(on.now() - timedelta(days=days))
    misses = by_query([each for each in entries if not each.results], clicks, _MOST_QUERIES)
    return told(
        {
            "total": figures(entries, clicks),
            "queries": by_query(entries, clicks, _MOST_QUERIES),
            "days": by_day(entries, clicks),
            "without_results": {name: each.searches for name, each in misses.items()},
        }
    )


@router.get("/access", summary="Why somebody may see a record, or not")
async def access(
    who: Administrator,
    on: On,
    user: Annotated[str, Query(min_length=1, max_length=120, description="Username, name or Id.")],
    record: Annotated[RecordId, Query(description="The record's Id.")],
) -> Response:
    """The rule that opens the record to the user; noted in the audit log."""
    person = await on.asking.person(user)
    indexed, found = await on.answered(on.asking.explain_access(person, record))
    await _noted(on, who, "explain access", f"{person.username} {record}")
    return told({"user": person.username, "object": indexed.name, "record": record, **asdict(found)})


@router.get("/synonyms", summary="Words that stand for each other")
async def synonyms(who: Administrator, on: On) -> Response:
    """The groups that were added, by their first word."""
    return told({"synonyms": list((await _curating(on, who).synonyms()).values())})


@router.post("/synonyms", status_code=204, response_class=Response, summary="Let words stand for each other")
async def add_synonyms(body: SynonymBody, who: Administrator, on: On) -> Response:
    """In place of a group with the same first word."""
    await _curating(on, who).add_synonyms(body.words)
    await on.asking.refresh()
    return Response(status_code=204)


@router.delete("/synonyms", status_code=204, response_class=Response, summary="Forget a group of words")
async def remove_synonyms(
    who: Administrator, on: On, word: Annotated[str, Query(min_length=1, max_length=100)]
) -> Response:
    """The group that begins with the word."""
    await _curating(on, who).remove_synonyms(word)
    await on.asking.refresh()
    return Response(status_code=204)


@router.get("/promoted", summary="Records that stand on top")
async def promoted(who: Administrator, on: On) -> Response:
    """Record Ids by query."""
    return told({"promoted": await _curating(on, who).promoted()})


@router.post("/promoted", status_code=204, response_class=Response, summary="Put records on top for a query")
async def promote(body: PromotedBody, who: Administrator, on: On) -> Response:
    """In place of those that were; who may not see them does not find them."""
    await _curating(on, who).promote(body.query, body.records)
    await on.asking.refresh()
    return Response(status_code=204)


@router.delete("/promoted", status_code=204, response_class=Response, summary="Put nothing on top any more")
async def unpromote(who: Administrator, on: On, query: Annotated[str, Query(min_length=1, max_length=200)]) -> Response:
    """For this query."""
    await _curating(on, who).unpromote(query)
    await on.asking.refresh()
    return Response(status_code=204)


@router.get("/audit", summary="Who did what")
async def audit(who: Administrator, on: On) -> Response:
    """The newest lines of the audit log."""
    return told({"audit": await on.store.audited(_MOST_LINES)})


def _curating(on: Services, who: Caller) -> Curating:
    return Curating(on.store, who.person.username)


async def _noted(on: Services, who: Caller, action: str, what: str) -> None:
    await on.store.audit(who.person.username, action, "", what[:1_000])
