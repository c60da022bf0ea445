"""What the endpoints work with, made once for each process, and how they answer."""

import asyncio
import hashlib
import time
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import asdict, dataclass, is_dataclass
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any, TypeVar

import orjson
from starlette.requests import Request
from starlette.responses import Response

from forcedex.asking import Asking
from forcedex.keys import Keys
from forcedex.overview import SyncStatus
from forcedex.reporting import Reporting
from forcedex.salesforce.sign_in import SignIn
from forcedex.server.limits import Limits
from forcedex.server.problems import Problem
from forcedex.server.signed import Signatures
from forcedex.server.standing import Standing
from forcedex.settings import Settings
from forcedex.state.store import SqlStateStore

T = TypeVar("T")

_PATIENCE = 20.0  # seconds for one answer
_TAG = 32  # characters


def utc_now() -> datetime:
    """This machine's time."""
    return datetime.now(UTC)


@dataclass(frozen=True, kw_only=True)
class Services:
    """Everything that an endpoint may need."""

    asking: Asking
    store: SqlStateStore
    reporting: Reporting
    status: Callable[[], Awaitable[SyncStatus]]
    settings: Settings
    public_url: str
    keys: Keys
    standing: Standing
    signatures: Signatures
    #: None: nobody can log in with a browser.
    sign_in: SignIn | None
    limits: Limits
    #: Of the org's external data source; empty: the header search is off.
    header_search_secret: str = ""
    now: Callable[[], datetime] = utc_now

    @property
    def secure(self) -> bool:
        """Whether browsers speak https to us; plain http is for this machine alone."""
        return self.public_url.startswith("https:")

    @property
    def cookie(self) -> str:
        """The name of the session's cookie."""
        return "__Host-forcedex" if self.secure else "forcedex"

    async def answered(self, work: Awaitable[T]) -> T:
        """The result of a question to Elasticsearch; Problem if it is down or too slow."""
        try:
            async with asyncio.timeout(_PATIENCE):
                return await self.standing.guarded(work)
        except TimeoutError:
            raise Problem(
                status=504, code="too_slow", message="This takes too long.", hint="Ask for less: a shorter period, say."
            ) from None

    def spend(self, user_id: str, cost: float) -> None:
        """Count a request; Problem 429 for who asks too much."""
        wait = self.limits.take(user_id, cost, time.monotonic())
        if wait > 0:
            seconds = str(int(wait) + 1)
            raise Problem(
                status=429,
                code="too_many_requests",
                message="That was too much at once.",
                hint=f"Try again in {seconds} s.",
                headers={"Retry-After": seconds},
            )


def services(request: Request) -> Services:
    """Those of the process that a request came to."""
    found: Services = request.app.state.services
    return found


def dumped(value: Any) -> bytes:
    """A value as JSON: money and other decimals as exact texts."""
    return orjson.dumps(value, default=_plain)


def _plain(value: Any) -> Any:
    if isinstance(value, Decimal):
        return f"{value:f}"
    if is_dataclass(value) and not isinstance(value, type):
        return asdict(value)
    raise TypeError(type(value).__name__)


def told(value: Any, *, status: int = 200, headers: Mapping[str, str] | None = None) -> Response:
    """A JSON answer that nobody keeps."""
    return Response(
        dumped(value), status, headers={"Cache-Control": "no-store", **(headers or {})}, media_type="application/json"
    )


def tagged(value: Mapping[str, Any], known: str, *, without: frozenset[str] = frozenset()) -> Response:
    """An answer with its `tag`; only that it is unchanged where the tag is known. `without` does not count."""
    tag = tag_of({name: each for name, each in value.items() if name not in without})
    if known and tag == known:
        return told({"unchanged": True, "tag": tag})
    return told({**value, "tag": tag})


def conditional(request: Request, value: Any) -> Response:
    """An answer to GET with an ETag; 304 where the client has it."""
    tag = f'"{tag_of(value)}"'
    headers = {"ETag": tag, "Cache-Control": "private, no-cache", "Vary": "Cookie, Authorization"}
    asked = request.headers.get("if-none-match", "")
    if tag in {each.strip().removeprefix("W/") for each in asked.split(",")}:
        return Response(status_code=304, headers=headers)
    return told(value, headers=headers)


def tag_of(value: Any) -> str:
    """A short text that changes whenever the value does."""
    return hashlib.sha256(dumped(value)).hexdigest()[:_TAG]
