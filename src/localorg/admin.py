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
    GET    /__org/apps                     the policies of all apps
    GET    /__org/apps/{client_id}         an app's policies
    POST   /__org/apps/{client_id}         change them: preauthorized, run_as, redirect_uris, …; add_redirect_uris adds
    POST   /__org/bulk                     {"delay": seconds} before a job runs
    POST   /__org/cdc                      {"entities": [...], "add_on": bool, "keepalive": seconds,
                                           "fetch_timeout": seconds, "allocation": n, "overflow": n}; all optional
    POST   /__org/setup/{verb}             a verb of the door by its name, with its arguments as JSON, such as add_field
                                           {"object_name": "Account", "field": "Size__c", "type": "string"}; answers
                                           {"result"}
    POST   /__org/late                     open a transaction: {"late": n}
    POST   /__org/late/{n}/records/{object}        create in it; PATCH and DELETE …/{object}/{id}
    POST   /__org/late/{n}/commit, /__org/late/{n}/rollback
    GET    /__org/faults                   {"known": [...], "waiting": [...], "fired": {name: times}}
    POST   /__org/faults                   {"name", "times": 1, "skip": 0, "match": "", and the fault's own options}
    DELETE /__org/faults[?name=]           disarm all, or these

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

from localorg.auth.apps import ConnectedApp
from localorg.door import Door, Late
from localorg.errors import ApiError, not_found
from localorg.org import Org
from localorg.schema import FieldDef
from localorg.store.values import Value

#: Verbs of the door for /__org/setup; keyword arguments as JSON, values of records under "fields".
_VERBS = frozenset(
    "add_field add_fields remove_field rename_field retype_field hide_field show_field add_object remove_object"
    " hide_object show_object hide_records show_records rename_picklist_value change_stage set_time_zone"
    " merge mass_update system_touch empty_bin purge set_replication_limit create_user freeze_user deactivate_user"
    " assign_role set_password login_as create_role move_role role_group create_group create_queue add_group_member"
    " remove_group_member set_organization_wide_default set_grant_access_using_hierarchies create_sharing_rule"
    " delete_sharing_rule share unshare recalculate_sharing create_profile create_permission_set set_object_permissions"
    " set_field_permissions assign_permission_set unassign_permission_set create_permission_set_group may_read"
    " explain_access readable_ids"
    " readable_fields enable_advanced_currency_management disable_advanced_currency_management"
    " set_conversion_rate set_fiscal_year set_custom_fiscal_years start_milestone check_milestones"
    " archive_activities calculate_forecasts rotate_identity_key deploy change_deployed remove_deployed"
    " create_certificate".split()
)
_LOOPBACK = frozenset({"127.0.0.1", "localhost", "[::1]"})


def _plain(value: Any) -> Any:
    """A stored value in JSON: decimals as text, exactly; sets in order."""
    if isinstance(value, set):
        return sorted(value)
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
            ("GET", "/__org/apps", self._apps),
            ("GET", "/__org/apps/{client_id}", self._policies),
            ("POST", "/__org/apps/{client_id}", self._app),
            ("POST", "/__org/bulk", self._bulk),
            ("POST", "/__org/cdc", self._cdc),
            ("POST", "/__org/setup/{verb}", self._setup),
            ("POST", "/__org/late", self._begin_late),
            ("POST", "/__org/late/{late}/commit", self._end_late),
            ("POST", "/__org/late/{late}/rollback", self._end_late),
            ("POST", "/__org/late/{late}/records/{object}", self._create),
            ("PATCH", "/__org/late/{late}/records/{object}/{id}", self._update),
            ("DELETE", "/__org/late/{late}/records/{object}/{id}", self._delete),
            ("GET", "/__org/faults", self._faults),
            ("POST", "/__org/faults", self._arm),
            ("DELETE", "/__org/faults", self._disarm),
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
        return Response(orjson.dumps(answer, default=_plain), media_type="application/json")

    def _about(self, request: Request, given: Any) -> Any:
        org = self._org
        return {
            "org_id": org.id,
            "url": org.url,
            "now": org.clock.now().isoformat(),
            "requests_used": org.allowance.used,
            "daily_limit": org.allowance.most,
            "jobs": [job.stored() for job in org.bulk.all()],
            "https_url": org.https_url,
            "pubsub": org.pubsub,
            "cdc": self._door.cdc,
        }

    def _into(self, request: Request) -> Door | Late:
        """Where a record is written: at once, or in the open transaction that the path names."""
        number = request.path_params.get("late")
        return self._door if number is None else self._door.late(int(number))

    def _create(self, request: Request, given: Any) -> Any:
        return {"id": self._into(request).insert(request.path_params["object"], **given)}

    def _update(self, request: Request, given: Any) -> Any:
        self._into(request).update(request.path_params["object"], request.path_params["id"], **given)
        return {}

    def _delete(self, request: Request, given: Any) -> Any:
        hard = request.query_params.get("hard") == "true"
        verb = self._door.hard_delete if hard else self._into(request).delete
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

    def _apps(self, request: Request, given: Any) -> Any:
        return [app.policies for app in self._org.apps.all()]

    def _found_app(self, request: Request) -> ConnectedApp:
        app = self._org.apps.find(request.path_params["client_id"])
        if app is None:
            raise not_found()
        return app

    def _policies(self, request: Request, given: Any) -> Any:
        return self._found_app(request).policies

    def _app(self, request: Request, given: Any) -> Any:
        self._org.apps.put(self._found_app(request).with_policies(given))
        return {}

    def _bulk(self, request: Request, given: Any) -> Any:
        self._org.bulk.delay = float(given["delay"])
        return {}

    def _cdc(self, request: Request, given: Any) -> Any:
        settings = self._org.journal.settings
        if "entities" in given or "add_on" in given:
            self._door.select_for_cdc(given.get("entities", sorted(settings.selected)), add_on=given.get("add_on"))
        settings.keepalive = float(given.get("keepalive", settings.keepalive))
        settings.fetch_timeout = float(given.get("fetch_timeout", settings.fetch_timeout))
        settings.overflow = int(given.get("overflow", settings.overflow))
        self._org.deliveries.most = int(given.get("allocation", self._org.deliveries.most))
        return self._door.cdc

    def _setup(self, request: Request, given: Any) -> Any:
        name = request.path_params["verb"]
        if name not in _VERBS:
            raise ValueError(f"There is no verb {name}. Known: {', '.join(sorted(_VERBS))}.")
        arguments = {key: value for key, value in given.items() if key not in ("fields", "losers")}
        if name == "merge":
            self._door.merge(arguments["master"], *given["losers"], **given.get("fields", {}))
            return {"result": None}
        return {"result": getattr(self._door, name)(**arguments, **given.get("fields", {}))}

    def _begin_late(self, request: Request, given: Any) -> Any:
        return {"late": self._door.begin_late().number}

    def _end_late(self, request: Request, given: Any) -> Any:
        late = self._door.late(int(request.path_params["late"]))
        if request.url.path.endswith("/commit"):
            late.commit()
        else:
            late.rollback()
        return {}

    def _faults(self, request: Request, given: Any) -> Any:
        faults = self._org.faults
        return {"known": faults.known, "waiting": faults.waiting, "fired": dict(faults.fired)}

    def _arm(self, request: Request, given: Any) -> Any:
        self._org.faults.arm(**given)
        return {}

    def _disarm(self, request: Request, given: Any) -> Any:
        self._org.faults.clear(*request.query_params.getlist("name"))
        return {}
