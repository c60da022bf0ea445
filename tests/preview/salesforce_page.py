"""A page of Salesforce as far as the components need one: their files, and Apex answered as our classes would.

The classes themselves are not run (nothing runs Apex outside Salesforce). What they do is done here, in their order:
who asks comes from the session, never from the question; the org's key signs the question; the service answers; what
is to be shown is first read in the user's own session (`late_check`), and what he may not read is reported.
"""

import hashlib
import json
import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import quote

import httpx2
from joserfc import jwt
from joserfc.jwk import RSAKey
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Mount, Route
from starlette.staticfiles import StaticFiles

from localorg.fixture import LocalOrg
from tests.preview.late_check import UserMode, Wanted
from tests.service.service import Service

PERMISSION_SET = "Forcedex_User"
CONTROLLER = "ForcedexController"
#: Seconds that Apex waits for the service.
PATIENCE = 10.0
#: Characters of a text, as the controller takes them.
LONGEST = 1_000
Given = Mapping[str, Any]
_BY_STATUS = {401: "unauthorized", 408: "slow", 429: "busy", 504: "slow"}
_PLAIN = ("id", "object", "title", "url", "synced_at")
_OF_A_SEARCH = (*("facets", "filters", "notices", "correction", "relaxed", "cursor", "took_ms", "search", "synced"),)
_DETAILS = ("Account.Name", "Company", "Subject", "Email", "Industry", "StageName")


class Thrown(Exception):
    """What the platform answers instead of a result: an exception of the class, or one of its own."""

    def __init__(self, message: str, *, status: int = 500, kind: str = "System.AuraHandledException") -> None:
        super().__init__(message)
        told = {"message": message, "exceptionType": kind, "isUserDefinedException": kind.startswith("System.Aura")}
        self.answer = JSONResponse(told, status)


def problem(code: str, message: str = "", hint: str = "") -> Thrown:
    """As the controller throws it: JSON in the message."""
    return Thrown(json.dumps({"code": code, "message": message or None, "hint": hint or None}))


@dataclass(frozen=True, kw_only=True)
class Place:
    """A component on a page."""

    title: str
    component: str
    given: Mapping[str, Any] = field(default_factory=dict)


class SalesforcePage:
    """The page, as an ASGI application."""

    def __init__(
        self,
        org: LocalOrg,
        built: Path,
        service: Service,
        people: Sequence[str],
        places: Sequence[Place],
    ) -> None:
        """`people` are usernames; the first is asked as unless the address says otherwise."""
        self.org = org
        #: The org's certificate: what questions are signed with.
        self.signer = service.signer
        #: Where the named credential leads.
        self.endpoint = service.url
        self._audience = service.url
        self.patience = PATIENCE
        #: Requests to the service: method, path, status.
        self.asked: list[tuple[str, str, int]] = []
        self._people = people
        self._places = places
        self._http = httpx2.AsyncClient(trust_env=False)
        self._eyes: dict[str, UserMode] = {}
        self._methods: dict[str, Callable[[str, Given], Awaitable[object]]] = {
            "search": self._search,
            "suggest": self._suggest,
            "related": self._related,
            "report": self._report,
            "click": self._click,
        }
        self.app = Starlette(
            routes=[
                Route("/session", self._session),
                Route("/apex/{name}", self._apex, methods=["POST"]),
                Mount("/", StaticFiles(directory=built, html=True)),
            ]
        )

    async def aclose(self) -> None:
        """Close the connections."""
        await self._http.aclose()

    # The platform

    async def _session(self, request: Request) -> Response:
        username = request.query_params.get("as") or self._people[0]
        return JSONResponse(
            {
                "username": username,
                "user": self._user_id(username),
                "people": [{"username": each, "name": self._name(each)} for each in self._people],
                "places": [vars(each) for each in self._places],
            }
        )

    def _user_id(self, username: str) -> str:
        return str(self.org.org.store.scalar('SELECT "Id" FROM "User" WHERE "Username" = ?', (username,)))

    def _name(self, username: str) -> str:
        return str(self.org.org.store.scalar('SELECT "Name" FROM "User" WHERE "Username" = ?', (username,)))

    async def _apex(self, request: Request) -> Response:
        username = request.query_params["as"]
        class_name, _, method = request.path_params["name"].partition(".")
        try:
            if not self._may_call(username):
                # As the platform answers whose profile and permission sets do not open the class.
                text = f"You do not have access to the Apex class named '{class_name}'."
                raise Thrown(text, status=403, kind="System.NoAccessException")
            if class_name != CONTROLLER or method not in self._methods:
                raise Thrown(f"There is no method {class_name}.{method}.", kind="System.NoDataFoundException")
            return JSONResponse(await self._methods[method](username, await request.json()))
        except Thrown as thrown:
            return thrown.answer

    def _may_call(self, username: str) -> bool:
        held = (
            'SELECT 1 FROM "PermissionSetAssignment" a JOIN "PermissionSet" s ON s."Id" = a."PermissionSetId"'
            ' WHERE a."AssigneeId" = ? AND a."IsActive" = 1 AND s."Name" = ?'
        )
        return self.org.org.store.scalar(held, (self._user_id(username), PERMISSION_SET)) is not None

    def _mode(self, username: str) -> UserMode:
        if username not in self._eyes:
            self._eyes[username] = UserMode(self.org, username, self._http)
        return self._eyes[username]

    # The callout

    def _signed(self, username: str, method: str, target: str, body: bytes) -> str:
        question = b"\n".join((method.encode(), target.encode(), body))
        claims = {
            "iss": self.org.credentials.org_id,
            "sub": self._user_id(username),
            "aud": self._audience,
            "exp": int(time.time()) + 110,
            "q": hashlib.sha256(question).hexdigest(),
        }
        return jwt.encode({"alg": "RS256"}, claims, RSAKey.import_key(self.signer), algorithms=["RS256"])

    async def called(self, username: str, method: str, target: str, given: object = None) -> Any:
        """What the service answers to somebody; Thrown for anything but a success."""
        body = b"" if given is None else json.dumps(given, ensure_ascii=False).encode()
        headers = {"Authorization": f"Bearer {self._signed(username, method, target, body)}"}
        if body:
            headers["Content-Type"] = "application/json"
        try:
            answer = await self._http.request(
                method, self.endpoint + target, content=body, headers=headers, timeout=self.patience
            )
        except httpx2.TimeoutException:
            raise problem("slow") from None
        except httpx2.ConnectError as error:
            raise problem("wrong_certificate" if "certificate" in str(error).lower() else "unavailable") from None
        except httpx2.HTTPError:
            raise problem("unavailable") from None
        self.asked.append((method, target, answer.status_code))
        if answer.status_code == 204:
            return {}
        try:
            told = answer.json()
        except ValueError:
            raise problem("unavailable") from None
        if answer.status_code == 200:
            return told
        code = _BY_STATUS.get(answer.status_code)
        if code is None and answer.status_code in (400, 403, 404, 413):
            raise problem(**told["error"])
        raise problem(code or "unavailable")

    # The controller

    async def _search(self, username: str, given: Given) -> object:
        return await self._found(username, json.loads(given["question"]))

    async def _found(self, username: str, question: Mapping[str, Any]) -> dict[str, Any]:
        if len(question.get("text") or "") > LONGEST:
            raise problem("too_long")
        body = {name: value for name, value in question.items() if value is not None}
        answer = await self.called(username, "POST", "/api/v1/search", body)
        return await self._shown(username, answer, _OF_A_SEARCH)

    async def _suggest(self, username: str, given: Given) -> object:
        text = given["text"]
        if len(text) > LONGEST:
            raise problem("too_long")
        found = (await self.called(username, "POST", "/api/v1/suggest", {"text": text}))["suggestions"]
        seen = await self._seen(username, found, lambda each: frozenset(_DETAILS))
        shown = [
            {**each, "detail": each["detail"] if each["detail"] in seen[each["id"]].values() else ""}
            for each in found
            if each["id"] in seen
        ]
        return {"suggestions": shown}

    async def _report(self, username: str, given: Given) -> object:
        asked = json.loads(given["question"])
        body = {
            "by": asked.get("by"),
            "period": asked.get("period") or "",
            "compare": asked.get("compare"),
            "top": asked.get("top") or 0,
            "where": asked.get("filters") or [],
        }
        return await self.called(username, "POST", f"/api/v1/reports/{quote(given['name'])}", body)

    async def _related(self, username: str, given: Given) -> object:
        record, kind, size = given["recordId"], given["kind"], min(max(given.get("size") or 5, 1), 50)
        if kind == "open":
            filters = [f"AccountId:{record}", "IsClosed:false"]
            question = {"objects": ["Opportunity", "Case"], "filters": filters, "sort": "modified", "size": size}
            return {**await self._found(username, question), "kind": "open"}
        name = self.org.org.schema.of_id(record)
        if name is None or kind not in ("children", "similar", "duplicates"):
            raise problem("invalid_request")
        target = f"/api/v1/records/{name.name}/{record}/related?kind={kind}&size={size}"
        return await self._shown(username, await self.called(username, "GET", target), ("kind", "counts"))

    async def _click(self, username: str, given: Given) -> object:
        told = {"search": given["search"], "id": given["recordId"], "rank": given["rank"]}
        await self.called(username, "POST", "/api/v1/click", told)
        return None

    async def _shown(self, username: str, answer: Mapping[str, Any], kept: Sequence[str]) -> dict[str, Any]:
        """The hits that the user may see, with the values that he may; `about`: some were left out."""
        hits = answer["hits"]
        seen = await self._seen(username, hits, lambda hit: frozenset({*hit["fields"], *hit["highlights"]}))
        shown = []
        for hit in hits:
            if (values := seen.get(hit["id"])) is not None:
                parts = {
                    part: {path: value for path, value in hit[part].items() if path in values}
                    for part in ("fields", "highlights")
                }
                shown.append({name: hit[name] for name in _PLAIN} | parts)
        left_out = len(hits) - len(shown)
        told = {name: answer.get(name) for name in kept}
        return {**told, "hits": shown, "total": max(answer["total"] - left_out, 0), "about": left_out > 0}

    async def _seen(
        self, username: str, found: Sequence[Mapping[str, Any]], paths: Callable[[Mapping[str, Any]], frozenset[str]]
    ) -> Mapping[str, Mapping[str, object]]:
        """What the user sees of these; what he does not is reported."""
        wanted = [Wanted(id=each["id"], object=each["object"], paths=paths(each)) for each in found]
        seen = await self._mode(username).look(wanted)
        denied = [each.id for each in wanted if each.id not in seen]
        if denied:
            with suppress(Thrown):  # nothing more is shown, whatever becomes of it
                await self.called(username, "POST", "/api/v1/denied", {"ids": denied})
        return seen
