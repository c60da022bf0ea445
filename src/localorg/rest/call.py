"""A request and an answer of the data APIs, as values; handlers are functions from one to the other."""

import re
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import orjson

from localorg.errors import ApiError, not_found
from localorg.org import Org
from localorg.records import RecordWriter
from localorg.schema import SObjectDef
from localorg.users import OrgUser

#: In the header Sforce-Call-Options.
_CLIENT = re.compile(r"\bclient\s*=\s*([^,;\s]+)", re.IGNORECASE)


def parameters(sent: Iterable[tuple[str, str]]) -> dict[str, str]:
    """Parameters by name; the values of one that comes more than once are joined by commas."""
    found: dict[str, str] = {}
    for name, value in sent:
        found[name] = f"{found[name]},{value}" if name in found else value
    return found


@dataclass(frozen=True)
class Call:
    """One request by a user with a session."""

    org: Org
    user: OrgUser
    #: Such as 66.0.
    version: str
    method: str
    #: The path below the version's root, as sent, such as sobjects/Account.
    resource: str
    #: What the path's `{…}` matched.
    path: Mapping[str, str]
    query: Mapping[str, str]
    #: Names in lower case.
    headers: Mapping[str, str]
    body: bytes

    @cached_property
    def json(self) -> dict[str, Any]:
        """The body, an object."""
        try:
            value = orjson.loads(self.body)
        except orjson.JSONDecodeError as error:
            raise ApiError(
                "JSON_PARSER_ERROR",
                f"{error.msg} at [line:{error.lineno}, column:{error.colno}]",
            ) from None
        if not isinstance(value, dict):
            raise ApiError("JSON_PARSER_ERROR", "The HTTP entity body is required to be a JSON object.")
        return value

    def sobject(self, name: str | None = None) -> SObjectDef:
        """The object that the path names, if the user may read it."""
        found = self.user.schema.object(name if name is not None else self.path["object"])
        if found is None or found.name not in self.user.readable:
            raise not_found()
        return found

    @property
    def writer(self) -> RecordWriter:
        """Saves records for the caller."""
        client = _CLIENT.search(self.headers.get("sforce-call-options", ""))
        named = f";client={client[1]}" if client else ""
        return self.org.writer(self.user, f"com/salesforce/api/rest/{self.version}{named}")

    @property
    def base(self) -> str:
        """The version's root, such as /services/data/v66.0."""
        return f"/services/data/v{self.version}"

    @cached_property
    def subject(self) -> str:
        """What faults match: method, path, parameters and body."""
        parameters = "&".join(f"{name}={value}" for name, value in self.query.items())
        return f"{self.method} {self.base}/{unquote(self.resource)}?{parameters} {self.body.decode('utf-8', 'replace')}"

    @property
    def number(self) -> float:
        """The version as a number."""
        return float(self.version)


@dataclass(frozen=True, kw_only=True)
class Answer:
    """What the org answers."""

    status: int = 200
    #: Printed as JSON; None: no body.
    json: Any = None
    #: A body that is not JSON: bytes, or a file.
    content: bytes | Path | None = None
    content_type: str = "application/json;charset=UTF-8"
    headers: Mapping[str, str] = field(default_factory=dict)


Handler = Callable[[Call], Answer]


@dataclass(frozen=True)
class Resource:
    """A path below the version's root and what each verb does there."""

    template: str
    verbs: Mapping[str, Handler]

    @cached_property
    def segments(self) -> tuple[str, ...]:
        """The path in pieces."""
        return tuple(self.template.strip("/").split("/"))

    def match(self, segments: tuple[str, ...]) -> dict[str, str] | None:
        """What the path's variables are; None: another path. Fixed pieces match whatever their case."""
        if len(segments) != len(self.segments):
            return None
        found = {}
        for mine, theirs in zip(self.segments, segments, strict=True):
            if mine.startswith("{"):
                found[mine[1:-1]] = unquote(theirs)
            elif mine.lower() != theirs.lower():
                return None
        return found


class Router:
    """The resources of the data APIs."""

    def __init__(self, resources: Iterable[Resource]) -> None:
        self._resources = tuple(resources)

    def find(self, method: str, path: str) -> tuple[Handler, dict[str, str]]:
        """The handler and the path's variables; NOT_FOUND or METHOD_NOT_ALLOWED."""
        segments = tuple(path.strip("/").split("/"))
        for resource in self._resources:
            found = resource.match(segments)
            if found is None:
                continue
            handler = resource.verbs.get("GET" if method == "HEAD" else method)
            if handler is None:
                allowed = ",".join(("HEAD", *resource.verbs) if "GET" in resource.verbs else resource.verbs)
                raise ApiError(
                    "METHOD_NOT_ALLOWED",
                    f"HTTP Method '{method}' not allowed. Allowed are {allowed}",
                    status=405,
                )
            return handler, found
        raise not_found()


def http_date(seconds: float) -> str:
    """An instant in HTTP's format."""
    return time.strftime("%a, %d %b %Y %H:%M:%S GMT", time.gmtime(seconds))


def error_body(error: ApiError) -> list[dict[str, Any]]:
    """The JSON array of an error."""
    body: dict[str, Any] = {"message": error.message, "errorCode": error.code}
    if error.fields is not None:
        body["fields"] = list(error.fields)
    return [body]
