"""Reports: `/reports`, each of them, the records behind a row, `/export`."""

from collections.abc import Mapping
from dataclasses import asdict
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Path
from starlette.requests import Request
from starlette.responses import Response

from forcedex.analytics.charts.options import chart
from forcedex.analytics.conditions import condition
from forcedex.analytics.definition import Definition
from forcedex.analytics.question import Question, usual_comparison
from forcedex.analytics.written import as_json, definition_json
from forcedex.app import available_reports
from forcedex.domain.schedules import Form
from forcedex.reporting import rendered
from forcedex.server.answers import RecordsAnswer, ReportAnswer, ReportsAnswer
from forcedex.server.caller import Caller
from forcedex.server.identity import Anyone, On, asks
from forcedex.server.limits import EXPORT, REPORT
from forcedex.server.problems import not_found
from forcedex.server.questions import ExportBody, RecordsBody, ReportBody
from forcedex.server.services import Services, conditional, tagged, told

router = APIRouter(tags=["reports"])

ReportName = Annotated[str, Path(min_length=1, max_length=60, pattern=r"^[a-z0-9][a-z0-9_-]*$")]
_MEDIA: Mapping[str, str] = {
    "csv": "text/csv; charset=utf-8",
    "json": "application/json",
    "html": "text/html; charset=utf-8",
}


@router.get("/reports", responses={200: {"model": ReportsAnswer}}, summary="All reports")
async def reports(request: Request, who: Anyone, on: On) -> Response:
    """The standard ones, and those that the person or everybody may use beside them."""
    standard = available_reports(on.settings)
    found = await _all(on, who)
    return conditional(request, {"reports": [_entry(each, each.name not in standard) for each in found.values()]})


@router.get("/reports/{name}", summary="How a report is made")
async def definition(name: ReportName, request: Request, who: Anyone, on: On) -> Response:
    """Its formula, parts, measures and dimensions."""
    return conditional(request, definition_json(await _named(on, who, name)))


@router.post("/reports/{name}", responses={200: {"model": ReportAnswer}}, summary="A report's numbers")
async def report(name: ReportName, body: ReportBody, who: Annotated[Caller, Depends(asks(REPORT))], on: On) -> Response:
    """Over what the person may see. Money is told as exact texts; a number that is missing says why."""
    wanted = await _named(on, who, name)
    answer = await on.answered(on.asking.report(who.principal, wanted, _question(wanted, body)))
    drawn = chart(answer) if body.chart else None
    found: dict[str, Any] = as_json(answer)
    if body.chart:
        found["chart"] = asdict(drawn) if drawn else None
    return tagged(found, body.tag)


@router.post("/reports/{name}/records", responses={200: {"model": RecordsAnswer}}, summary="The records behind a row")
async def records(
    name: ReportName, body: RecordsBody, who: Annotated[Caller, Depends(asks(REPORT))], on: On
) -> Response:
    """As many as the row counts; `size` of them are told."""
    wanted = await _named(on, who, name)
    indexed, found = await on.answered(
        on.asking.report_records(who.principal, wanted, _question(wanted, body), body.keys)
    )
    shown = found[: body.size]
    paths = list(dict.fromkeys(path for each in shown for path in each if path != "Id"))
    labels = {path: indexed.columns[path].label if path in indexed.columns else path for path in paths}
    columns = [{"path": path, "label": labels[path]} for path in paths]
    return told({"total": len(found), "object": indexed.told_of, "columns": columns, "records": shown})


@router.post("/export", summary="A report as a file", response_class=Response)
async def export(body: ExportBody, who: Annotated[Caller, Depends(asks(EXPORT))], on: On) -> Response:
    """CSV without formulas, JSON, or one HTML file with its chart; noted in the audit log."""
    wanted = await _named(on, who, body.report)
    answer = await on.answered(on.asking.report(who.principal, wanted, _question(wanted, body.question)))
    await on.store.audit(who.person.username, "export", who.person.username, f"{wanted.name} as {body.form}")
    name = f"{wanted.name}-{answer.period}.{body.form}".replace("..", "_")
    headers = {"Content-Disposition": f'attachment; filename="{name}"', "Cache-Control": "no-store"}
    return Response(rendered(answer, Form(body.form)), headers=headers, media_type=_MEDIA[body.form])


async def _all(on: Services, who: Caller) -> dict[str, Definition]:
    standard = available_reports(on.settings)
    return {**await on.reporting.definitions(who.person.user_id), **standard}


async def _named(on: Services, who: Caller, name: str) -> Definition:
    found = available_reports(on.settings).get(name) or (await _all(on, who)).get(name)
    if found is None:
        raise not_found(f"There is no report {name}.", "GET /api/v1/reports names them all.")
    return found


def _question(wanted: Definition, body: ReportBody) -> Question:
    return Question(
        by=None if body.by is None else tuple(body.by),
        period=body.period,
        as_of=body.as_of,
        since=body.since,
        compare=body.compare or usual_comparison(wanted, body.period),
        more=tuple(map(condition, body.where)),
        filters=tuple(body.where),
        share=body.share,
        top=body.top or wanted.top,
    )


def _entry(wanted: Definition, own: bool) -> dict[str, Any]:
    return {
        "name": wanted.name,
        "title": wanted.title,
        "formula": wanted.formula,
        "by": wanted.by,
        "period": wanted.period,
        "dimensions": [{"name": each.name, "label": each.label} for each in wanted.dimensions],
        "own": own,
        "as_of": wanted.as_of is not None,
        "since": wanted.since,
    }
