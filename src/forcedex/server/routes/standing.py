"""How things stand, for everybody: `/me`, `/status`."""

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from forcedex.server.answers import FreshnessAnswer, MeAnswer
from forcedex.server.identity import Anyone, On
from forcedex.server.services import conditional, told

router = APIRouter(tags=["standing"])


@router.get("/me", responses={200: {"model": MeAnswer}}, summary="Who is logged in")
async def me(who: Anyone, on: On) -> Response:
    """The person, his locale, and `csrf`, which a browser sends along with every change as X-CSRF-Token."""
    company = await on.asking.company()
    return told(
        {
            "user_id": who.person.user_id,
            "name": who.person.name,
            "username": who.person.username,
            "locale": who.person.locale,
            "time_zone": who.person.time_zone,
            "admin": who.admin,
            "csrf": who.csrf,
            "org": on.asking.org.org_name,
            "instance_url": on.asking.org.instance_url,
            "currency": company.currencies.corporate,
        }
    )


@router.get("/status", responses={200: {"model": FreshnessAnswer}}, summary="How current the answers are")
async def status(request: Request, who: Anyone, on: On) -> Response:
    """Of the objects that the person may read: when each was last brought up to the org's state."""
    known, reports = await on.store.checkpoints(), await on.store.reports()
    objects, stamps = [], []
    for each in await on.asking.readable(who.principal):
        told_at = [one.synced_at for one in (known.get(each.name), reports.get(each.name)) if one is not None]
        newest = max((one for one in told_at if one is not None), default=None)
        stamps += [newest] if newest else []  # one that is still read for the first time says nothing of the others
        objects.append(
            {
                "object": each.name,
                "label": each.label,
                "label_plural": each.label_plural,
                "synced_at": newest.isoformat() if newest else None,
            }
        )
    oldest = min(stamps, default=None)
    read_at = await on.store.directory_read_at()
    return conditional(
        request,
        {
            "org": on.asking.org.org_name,
            "elasticsearch": on.standing.up,
            "synced_at": oldest.isoformat() if oldest else None,
            "lag_seconds": round(max((on.now() - oldest).total_seconds(), 0.0)) if oldest else None,
            "people_read_at": read_at.isoformat() if read_at else None,
            "objects": objects,
        },
    )
