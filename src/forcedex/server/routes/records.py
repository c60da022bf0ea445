"""Records: `/records/{object}/{id}` and what is around them."""

from typing import Annotated

from fastapi import APIRouter, Depends, Path, Query
from starlette.requests import Request
from starlette.responses import Response

from forcedex.domain.record_id import to_18
from forcedex.search.record import WholeRecord
from forcedex.search.related import Kind
from forcedex.server.answers import Related
from forcedex.server.caller import Caller
from forcedex.server.identity import On, asks
from forcedex.server.limits import RECORD
from forcedex.server.problems import Problem, not_found
from forcedex.server.questions import ObjectName
from forcedex.server.services import conditional, told

router = APIRouter(prefix="/records", tags=["records"])

RecordPath = Annotated[str, Path(min_length=15, max_length=18, pattern=r"^[A-Za-z0-9]+$")]


@router.get("/{sobject}/{record_id}", responses={200: {"model": WholeRecord}}, summary="One record")
async def record(
    sobject: ObjectName,
    record_id: RecordPath,
    request: Request,
    who: Annotated[Caller, Depends(asks(RECORD))],
    on: On,
) -> Response:
    """Every field of it that the person may see; 404 if there is none for him."""
    found = await on.answered(on.asking.record(who.principal, sobject, _id(sobject, record_id)))
    if found is None:
        raise _missing(sobject, record_id)
    return conditional(request, found)


@router.get("/{sobject}/{record_id}/related", responses={200: {"model": Related}}, summary="Records around it")
async def related(
    sobject: ObjectName,
    record_id: RecordPath,
    who: Annotated[Caller, Depends(asks(RECORD))],
    on: On,
    kind: Kind = Kind.CHILDREN,
    size: Annotated[int, Query(ge=0, le=50)] = 10,
) -> Response:
    """Its children, similar ones, or likely duplicates; 404 if there is no such record for the person."""
    found_id = _id(sobject, record_id)
    if await on.answered(on.asking.record(who.principal, sobject, found_id)) is None:
        raise _missing(sobject, record_id)
    return told(await on.answered(on.asking.related(who.principal, sobject, found_id, kind, size=size)))


def _id(sobject: str, text: str) -> str:
    try:
        return to_18(text)
    except ValueError:
        raise _missing(sobject, text) from None


def _missing(sobject: str, record_id: str) -> Problem:
    return not_found(f"There is no {sobject} {record_id} that can be shown.", "Search for it.")
