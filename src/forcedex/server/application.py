"""The FastAPI application over its services."""

from collections.abc import Awaitable, Callable
from typing import Any

from fastapi import FastAPI
from fastapi.exceptions import RequestValidationError
from fastapi.openapi.utils import get_openapi
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from forcedex import __version__
from forcedex.domain.errors import ForcedexError
from forcedex.server import federated, login, page
from forcedex.server.answers import ErrorAnswer
from forcedex.server.edge import Edge, hosts_of
from forcedex.server.identity import Anyone
from forcedex.server.problems import Problem, internal, invalid, of_error
from forcedex.server.routes import admin, records, reports, search, standing
from forcedex.server.services import Services, told

_API = "/api/v1"
_ERRORS: dict[int | str, dict[str, Any]] = {
    status: {"model": ErrorAnswer, "description": text}
    for status, text in (
        (400, "The request cannot be understood, or was refused."),
        (401, "Nobody knows who asks."),
        (403, "Not for who asks."),
        (404, "There is no such thing, or none that may be shown."),
        (405, "Not with this method."),
        (413, "Too large."),
        (429, "Too much at once: see Retry-After."),
        (503, "Elasticsearch does not answer: see Retry-After."),
        (504, "It takes too long."),
    )
}
_HINT = "GET /api/v1/openapi.json describes what may be asked."


def application(on: Services, built: page.Built | None = None) -> Edge:
    """The whole service as ASGI."""
    app = described()
    app.state.services = on
    app.state.built = built or page.Built()
    return Edge(app, hosts_of(on.public_url), secure=on.secure)


def described() -> FastAPI:
    """All endpoints, without what they work with."""
    app = FastAPI(
        title="Forcedex",
        version=__version__,
        description="Search and sales reports over a Salesforce org, for each user what Salesforce would show him.",
        docs_url=None,
        redoc_url=None,
        openapi_url=None,
        responses=_ERRORS,
        redirect_slashes=False,
    )
    for each in (search, records, reports, standing, admin):
        app.include_router(each.router, prefix=_API)
    app.include_router(login.router)
    app.include_router(federated.router)
    app.get(f"{_API}/openapi.json", include_in_schema=False)(_description)
    app.include_router(page.router)
    _on_error(app, Problem, lambda error: error)
    _on_error(app, ForcedexError, of_error)
    _on_error(app, RequestValidationError, _of_validation)
    _on_error(app, HTTPException, _of_http)
    return app


def description() -> dict[str, Any]:
    """The OpenAPI description."""
    app = described()
    found = get_openapi(title=app.title, version=app.version, description=app.description, routes=app.routes)
    schemes = {
        "session": {"type": "apiKey", "in": "cookie", "name": "forcedex"},
        "signed": {"type": "http", "scheme": "bearer", "bearerFormat": "JWT"},
    }
    found.setdefault("components", {})["securitySchemes"] = schemes
    found["security"] = [{"session": []}, {"signed": []}]
    for path in found["paths"].values():
        for operation in path.values():
            operation["responses"].pop("422", None)  # it is 400, in the shape of all errors
    return found


async def _description(who: Anyone) -> Response:
    return told(description())


def _on_error(app: FastAPI, kind: type[Exception], problem: Callable[[Any], Problem]) -> None:
    async def handler(request: Request, error: Exception) -> Response:
        found = problem(error)
        browsing = request.url.path.startswith("/auth/") and "text/html" in request.headers.get("accept", "")
        return page.problem_page(found) if browsing else found.response()

    typed: Callable[[Request, Exception], Awaitable[Response]] = handler
    app.add_exception_handler(kind, typed)


def _of_validation(error: RequestValidationError) -> Problem:
    """The first fault, without its value: it may hold anything."""
    faults = error.errors()
    first = faults[0] if faults else {"loc": (), "msg": "it is not valid"}
    where = ".".join(str(each) for each in first["loc"] if each not in ("body", "query", "path"))[:80]
    why = str(first["msg"]).split("Value error, ")[-1][:200]
    what = f"{where} cannot be used" if where else "The request cannot be used"
    return invalid(f"{what}: {why[:1].lower()}{why[1:]}.", _HINT)


def _of_http(error: HTTPException) -> Problem:
    match error.status_code:
        case 404:
            return Problem(status=404, code="not_found", message="There is nothing here.", hint=_HINT)
        case 405:
            headers = error.headers or {}
            return Problem(
                status=405, code="wrong_method", message="Not with this method.", hint=_HINT, headers=headers
            )
        case 400:
            return invalid("The request cannot be read.", "Send JSON.")
        case _:
            return internal()
