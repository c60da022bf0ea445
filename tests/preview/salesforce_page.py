"""A page of Salesforce as far as the components need one: their files, and Apex answered as our classes would.

The classes themselves are not run (nothing runs Apex outside Salesforce). What they do is done here, in their order:
who asks comes from the session, never from the question; the org's key signs the question; the service answers; what
is to be shown is first read in the user's own session (`late_check`), and what he may not read is reported.
"""

import hashlib
import json
import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
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
Given = Mapping[str, Any]


class Thrown(Exception):
    """What a class throws for the person to read (`AuraHandledException`), or the platform in its place."""

    def __init__(self, message: str, *, status: int = 500, kind: str = "System.AuraHandledException") -> None:
        super().__init__(message)
        self.answer = JSONResponse(
            {"message": message, "exceptionType": kind, "isUserDefinedException": kind.startswith("System.Aura")},
            status,
        )


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
        labels: Mapping[str, str],
    ) -> None:
        """`people` are usernames, the first is asked as unless the address says otherwise; `labels` the project's."""
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
        self._labels = labels
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

    async def _called(self, username: str, method: str, path: str, given: object = None) -> Any:
        target = f"/api/v1{path}"
        body = b"" if given is None else json.dumps(given, ensure_ascii=False).encode()
        headers = {"Authorization": f"Bearer {self._signed(username, method, target, body)}"}
        if body:
            headers["Content-Type"] = "application/json"
        try:
            answer = await self._http.request(
                method, self.endpoint + target, content=body, headers=headers, timeout=self.patience
            )
        except httpx2.TimeoutException:
            raise Thrown(self._labels["slow"]) from None
        except httpx2.HTTPError:
            raise Thrown(self._labels["down"]) from None
        self.asked.append((method, path, answer.status_code))
        if answer.status_code == 204:
            return None
        if answer.is_success:
            return answer.json()
        raise Thrown(self._told(answer))

    def _told(self, answer: httpx2.Response) -> str:
        match answer.status_code:
            case 401:
                return self._labels["unauthorized"]
            case 503:
                return self._labels["down"]
            case 504:
                return self._labels["slow"]
        try:
            error = answer.json()["error"]
            return f"{error['message']} {error['hint']}".strip()
        except (ValueError, KeyError):
            return self._labels["down"]

    # The controller

    async def _search(self, username: str, given: Given) -> object:
        answer = await self._called(username, "POST", "/search", given["question"])
        return {**answer, **await self._shown(username, answer)}

    async def _suggest(self, username: str, given: Given) -> object:
        answer = await self._called(username, "POST", "/suggest", {"text": given["text"]})
        wanted = [Wanted(id=each["id"], object=each["object"]) for each in answer["suggestions"]]
        allowed = await self._checked(username, wanted)
        return {"suggestions": [each for each in answer["suggestions"] if each["id"] in allowed]}

    async def _related(self, username: str, given: Given) -> object:
        record, name = given["recordId"], given["objectApiName"]
        target = (
            f"/records/{quote(name)}/{quote(record)}/related?kind={quote(given['kind'])}&size={given.get('size', 5)}"
        )
        answer = await self._called(username, "GET", target)
        return {**answer, **await self._shown(username, answer)}

    async def _report(self, username: str, given: Given) -> object:
        question = {**(given.get("question") or {}), "chart": True}
        return await self._called(username, "POST", f"/reports/{quote(given['name'])}", question)

    async def _click(self, username: str, given: Given) -> object:
        told = {"search": given["search"], "id": given["recordId"], "rank": given["rank"]}
        return await self._called(username, "POST", "/click", told)

    async def _shown(self, username: str, answer: Mapping[str, Any]) -> dict[str, Any]:
        """The hits that the user may see, with the fields that he may; whether the total is only about right."""
        hits = answer.get("hits", [])
        wanted = [
            Wanted(id=each["id"], object=each["object"], paths=frozenset({*each["fields"], *each["highlights"]}))
            for each in hits
        ]
        allowed = await self._checked(username, wanted)
        shown = [
            {
                **each,
                "fields": {path: value for path, value in each["fields"].items() if path in allowed[each["id"]]},
                "highlights": {path: some for path, some in each["highlights"].items() if path in allowed[each["id"]]},
            }
            for each in hits
            if each["id"] in allowed
        ]
        return {"hits": shown, "about": len(shown) < len(hits)}

    async def _checked(self, username: str, wanted: Sequence[Wanted]) -> Mapping[str, frozenset[str]]:
        allowed = await self._mode(username).look(wanted)
        if allowed.refused:
            await self._called(username, "POST", "/denied", {"ids": list(allowed.refused)})
        return allowed.records
