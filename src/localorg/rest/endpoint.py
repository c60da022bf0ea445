"""The data APIs' way in: version, session, allowance, the resource, and the answer's shape.

Source: REST API Developer Guide, "Status Codes and Error Responses", "Limit Info Header", "Compression
Headers"; a session that does not live: 401 and exactly one error, INVALID_SESSION_ID.
"""

import asyncio
import gzip
import json
import re
import zlib
from typing import Any

import orjson
from starlette.requests import Request
from starlette.responses import FileResponse, Response
from starlette.routing import Route

from localorg.bulk.routes import RESOURCES as BULK
from localorg.errors import ApiError, not_found
from localorg.misbehaviour.data import answered
from localorg.org import Org
from localorg.rest import (
    collections,
    composite,
    describe,
    events,
    limits,
    named_credentials,
    query,
    records,
    replication,
    search,
    tooling,
)
from localorg.rest.call import Answer, Call, Router, error_body, parameters
from localorg.rest.versions import VERSIONS, root_resources, versions
from localorg.users import OrgUser

_PATH = re.compile(r"/services/data/v(\d+\.\d)(/.*)?")
_LARGEST_BODY = 52_428_800  # bytes
_LONGEST_URI = 16_384  # bytes
#: Level 1: on loopback compression only costs.
_GZIP_LEVEL = 1

#: What a request can ask for by itself; requests of the composite family can hold these.
_SINGLE = (
    *query.RESOURCES,
    *search.RESOURCES,
    *describe.RESOURCES,
    *collections.RESOURCES,
    *limits.RESOURCES,
    *events.RESOURCES,
    *tooling.RESOURCES,
    *named_credentials.RESOURCES,
    *replication.RESOURCES,
    *BULK,
    *records.RESOURCES,
)
ROUTER = Router((*composite.resources(Router(_SINGLE)), *_SINGLE))


def _printed(body: Any, pretty: bool) -> bytes:
    if pretty:
        return json.dumps(body, indent=2, ensure_ascii=False, separators=(",", " : ")).encode()
    return orjson.dumps(body)


class DataEndpoint:
    """Answers everything under /services/data."""

    def __init__(self, org: Org) -> None:
        self._org = org

    @property
    def routes(self) -> list[Route]:
        """For Starlette."""
        methods = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE"]
        return [
            Route("/services/data", self.handle, methods=methods),
            Route("/services/data/{rest:path}", self.handle, methods=methods),
        ]

    async def handle(self, request: Request) -> Response:
        """One request."""
        body = await request.body()
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self._org.workers, self._answer, request, body)

    def _answer(self, request: Request, body: bytes) -> Response:
        pretty = request.headers.get("x-prettyprint") == "1"
        counted = False
        try:
            answer, counted = self._work(request, body)
        except ApiError as error:
            answer = Answer(status=error.status, json=error_body(error))
            counted = error.status != 401
        headers = dict(answer.headers)
        if counted:
            allowance = self._org.allowance
            headers["Sforce-Limit-Info"] = f"api-usage={allowance.used}/{allowance.most}"
        if isinstance(answer.content, bytes):
            content = answer.content
        elif answer.content is not None:
            zipped = "gzip" in request.headers.get("accept-encoding", "")
            if not zipped:
                return FileResponse(answer.content, answer.status, headers, answer.content_type)
            content = answer.content.read_bytes()
        else:
            content = b"" if answer.json is None else _printed(answer.json, pretty)
        if content:
            headers["Content-Type"] = answer.content_type
            if "gzip" in request.headers.get("accept-encoding", ""):
                content = gzip.compress(content, _GZIP_LEVEL)
                headers["Content-Encoding"] = "gzip"
                headers["Vary"] = "Accept-Encoding"
        return Response(content, answer.status, headers)

    def _work(self, request: Request, body: bytes) -> tuple[Answer, bool]:
        """The answer, and whether it counts as an API request."""
        # As sent: a slash in an external id comes encoded.
        path = request.scope["raw_path"].decode("ascii", "replace").partition("?")[0]
        if path.rstrip("/") == "/services/data":
            return Answer(json=versions()), False
        if len(str(request.url)) > _LONGEST_URI:
            raise ApiError("URI_TOO_LONG", "URI Too Long", status=414)
        match = _PATH.fullmatch(path)
        if match is None or match[1] not in VERSIONS:
            raise not_found()
        user = self._user(request)
        self._org.allowance.spend()
        rest = (match[2] or "/").strip("/")
        if not rest:
            return Answer(json=root_resources(self._org, match[1], user)), True
        method = request.method
        if method == "POST":
            # For clients that cannot send PATCH.
            method = request.query_params.get("_HttpMethod", method).upper()
        handler, variables = ROUTER.find(method, rest)
        call = Call(
            org=self._org,
            user=user,
            version=match[1],
            method=method,
            resource=rest,
            path=variables,
            query=parameters(request.query_params.multi_items()),
            headers={name.lower(): value for name, value in request.headers.items()},
            body=_unpacked(request, body),
        )
        return answered(handler, call), True

    def _user(self, request: Request) -> OrgUser:
        scheme, _, token = request.headers.get("authorization", "").partition(" ")
        session = self._org.sessions.find(token.strip(), touch=True) if scheme.lower() in ("bearer", "oauth") else None
        user = self._org.user(session.user_id) if session is not None else None
        if session is None or user is None:
            raise ApiError("INVALID_SESSION_ID", "Session expired or invalid", status=401)
        if "api" not in session.scope.split() and "full" not in session.scope.split():
            raise ApiError("INVALID_SESSION_ID", "This session is not valid for use with the REST API", status=401)
        if not user.api_enabled:
            raise ApiError("API_DISABLED_FOR_ORG", "API is not enabled for this Organization or Partner", status=403)
        return user


def _unpacked(request: Request, body: bytes) -> bytes:
    encoding = request.headers.get("content-encoding", "").lower()
    if encoding in ("gzip", "deflate"):
        try:
            body = gzip.decompress(body) if encoding == "gzip" else zlib.decompress(body)
        except (OSError, EOFError, zlib.error):
            raise ApiError("UNKNOWN_EXCEPTION", "An unexpected error occurred.", status=400) from None
    if len(body) > _LARGEST_BODY:
        raise ApiError(
            "JSON_PARSER_ERROR",
            "; nested exception is: \n\tcommon.exception.ApiException: Maximum size of request reached. Maximum size "
            "of request is 52428800 bytes.",
        )
    return body
