"""The admin API: the direct door over HTTP, for tools and tests in other processes. Not part of Salesforce.

    GET    /__org                          what the org is and how much was used
    POST   /__org/records/{object}         create a record as the administrator; JSON fields -> {"id"}
    PATCH  /__org/records/{object}/{id}    change it
    DELETE /__org/records/{object}/{id}    recycle bin; ?hard=true takes it away for good
    POST   /__org/records/{object}/{id}/undelete
    GET    /__org/rows/{object}            all stored rows as JSON lines, deleted ones too
    POST   /__org/load/{object}            {"columns": [...], "rows": [[...]]} as they are
    POST   /__org/clock                    {"freeze": "2026-01-01T00:00:00Z" or true}, {"advance": seconds},
                                           {"resume": true}
    POST   /__org/sessions/expire          end every session
    POST   /__org/limit                    {"daily": n}
    POST   /__org/apps/{client_id}         change an app's policies: preauthorized, run_as, password_flow, …
    POST   /__org/bulk                     {"delay": seconds} before a job runs

It has no authentication: the server listens on loopback only, and requests that a web page sends (they carry
an Origin, or a Host that is not loopback) are refused.
"""

import asyncio
from collections.abc import Callable
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Any

import orjson
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from localorg.door import Door
from localorg.errors import ApiError, not_found
from localorg.org import Org
from localorg.schema import FieldDef
from localorg.store.values import Value

_LOOPBACK = frozenset({"127.0.0.1", "localhost", "[::1]"})


def _plain(value: Any) -> Any:
    """A stored value in JSON: decimals as text, exactly."""
    if isinstance(value, Decimal | time):
        return str(value)
    raise TypeError(type(value))


def _value(field: FieldDef, value: Any) -> Value:
    """A JSON value as the Python value of a field."""
    if value is None:
        return None
    match field.type:
        case "double" | "currency" | "percent":
            return Decimal(str(value))
        case "date":
            return date.fromisoformat(value)
        case "datetime":
            return datetime.fromisoformat(value)
        case "time":
            return time.fromisoformat(value)
    return value if isinstance(value, bool | int | str) else str(value)


class AdminEndpoint:
    """Answers everything under /__org."""

    def __init__(self, org: Org) -> None:
        self._org = org
        self._door = Door(org)

    @property
    def routes(self) -> list[Route]:
        """For Starlette."""
        table: list[tuple[str, str, Callable[[Request, Any], Any]]] = [
            ("GET", "/__org", self._about),
            ("POST", "/__org/records/{object}", self._create),
            ("PATCH", "/__org/records/{object}/{id}", self._update),
            ("DELETE", "/__org/records/{object}/{id}", self._delete),
            ("POST", "/__org/records/{object}/{id}/undelete", self._undelete),
            ("GET", "/__org/rows/{object}", self._rows),
            ("POST", "/__org/load/{object}", self._load),
            ("POST", "/__org/clock", self._clock),
            ("POST", "/__org/sessions/expire", self._expire),
            ("POST", "/__org/limit", self._limit),
            ("POST", "/__org/apps/{client_id}", self._app),
            ("POST", "/__org/bulk", self._bulk),
        ]
        return [Route(path, self._endpoint(work), methods=[method]) for method, path, work in table]

    def _endpoint(self, work: Callable[[Request, Any], Any]) -> Any:
        async def handle(request: Request) -> Response:
            host = request.headers.get("host", "").rpartition(":")[0] or request.headers.get("host", "")
            if "origin" in request.headers or host not in _LOOPBACK:
                return Response(b"The admin API answers local tools only.", 403)
            body = await request.body()
            loop = asyncio.get_running_loop()
            return await loop.run_in_executor(self._org.workers, self._answer, work, request, body)

        return handle

    def _answer(self, work: Callable[[Request, Any], Any], request: Request, body: bytes) -> Response:
        try:
            given = orjson.loads(body) if body else {}
            answer = work(request, given)
        except ApiError as error:
            problem = {"errorCode": error.code, "message": error.message}
            return Response(orjson.dumps([problem]), error.status, media_type="application/json")
        except (KeyError, ValueError, TypeError) as error:
            problem = {"errorCode": "BAD_REQUEST", "message": str(error)}
            return Response(orjson.dumps([problem]), 400, media_type="application/json")
        if isinstance(answer, bytes):
            return Response(answer, media_type="application/x-ndjson")
        return Response(orjson.dumps(answer), media_type="application/json")

    def _about(self, request: Request, given: Any) -> Any:
        org = self._org
        return {
            "org_id": org.id,
            "url": org.url,
            "now": org.clock.now().isoformat(),
            "requests_used": org.allowance.used,
            "daily_limit": org.allowance.most,
            "jobs": [job.stored() for job in org.bulk.all()],
        }

    def _create(self, request: Request, given: Any) -> Any:
        return {"id": self._door.insert(request.path_params["object"], **given)}

    def _update(self, request: Request, given: Any) -> Any:
        self._door.update(request.path_params["object"], request.path_params["id"], **given)
        return {}

    def _delete(self, request: Request, given: Any) -> Any:
        hard = request.query_params.get("hard") == "true"
        verb = self._door.hard_delete if hard else self._door.delete
        verb(request.path_params["object"], request.path_params["id"])
        return {}

    def _undelete(self, request: Request, given: Any) -> Any:
        self._door.undelete(request.path_params["object"], request.path_params["id"])
        return {}

    def _rows(self, request: Request, given: Any) -> Any:
        rows = self._door.rows(request.path_params["object"])
        return b"".join(orjson.dumps(row, default=_plain) + b"\n" for row in rows)

    def _load(self, request: Request, given: Any) -> Any:
        sobject = self._org.schema.object(request.path_params["object"])
        if sobject is None:
            raise not_found()
        fields = [sobject.by_name[str(name).lower()] for name in given["columns"]]
        rows = ([_value(field, value) for field, value in zip(fields, row, strict=True)] for row in given["rows"])
        return {"loaded": self._door.load(sobject.name, [field.name for field in fields], rows)}

    def _clock(self, request: Request, given: Any) -> Any:
        clock = self._org.clock
        if (at := given.get("freeze")) is not None:
            clock.freeze(None if at is True else datetime.fromisoformat(at))
        if "advance" in given:
            clock.advance(timedelta(seconds=float(given["advance"])))
        if given.get("resume"):
            clock.resume()
        return {"now": clock.now().isoformat()}

    def _expire(self, request: Request, given: Any) -> Any:
        self._door.expire_sessions()
        return {}

    def _limit(self, request: Request, given: Any) -> Any:
        self._door.set_daily_limit(int(given["daily"]))
        return {}

    def _app(self, request: Request, given: Any) -> Any:
        app = self._org.apps.find(request.path_params["client_id"])
        if app is None:
            raise not_found()
        self._org.apps.put(app.with_policies(given))
        return {}

    def _bulk(self, request: Request, given: Any) -> Any:
        self._org.bulk.delay = float(given["delay"])
        return {}
