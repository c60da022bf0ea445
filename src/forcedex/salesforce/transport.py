"""Asking Salesforce over HTTPS: sessions, patience, limits on what is accepted. Knows no sObject.

One `Transport` holds one connection pool and one session. It logs in when first asked and again when the session
is over, repeats what may be repeated (`retry.py` decides), and turns every failure into a ForcedexError without
secrets.
"""

import asyncio
import random
from collections.abc import AsyncGenerator, Awaitable, Callable, Mapping
from contextlib import aclosing
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from functools import partial
from typing import Generic, TypeVar

import httpx2
import orjson

from forcedex.domain.errors import (
    ConfigurationError,
    ForcedexError,
    SourceDataError,
    SourceUnavailable,
)
from forcedex.domain.ports import ApiUsage, Clock
from forcedex.salesforce.account import BeforeCall, CallAccount, unlimited
from forcedex.salesforce.auth import is_overloaded, login, trusted_hosts
from forcedex.salesforce.credentials import AccessToken, RefreshToken, secrets_of
from forcedex.salesforce.http_client import http_client
from forcedex.salesforce.limits import time_in_header, usage_in_header
from forcedex.salesforce.network import CallFailed, network_errors
from forcedex.salesforce.redaction import Redaction
from forcedex.salesforce.refusal import failure_of
from forcedex.salesforce.retry import Failure, GiveUp, Repeat, Retry, decide
from forcedex.salesforce.session import AuthAnswer, AuthRequest, Session
from forcedex.salesforce.settings import SalesforceSettings

#: Bytes of an error answer or a token response that are read.
MAX_SMALL_ANSWER = 1024 * 1024
#: Seconds in which a refused login is not tried again: every wrong try brings the user nearer to a lockout.
LOGIN_PAUSE = 60.0

T = TypeVar("T")


@dataclass(frozen=True, kw_only=True, slots=True)
class Call:
    """One request to the org."""

    #: What it is for, as in "Salesforce refused to …": `describe Contact`.
    purpose: str
    #: Path and query, from `/services/`.
    path: str
    method: str = "GET"
    #: Sent as JSON.
    body: object = None
    headers: Mapping[str, str] = field(default_factory=dict)
    #: Whether doing it twice does no harm. All calls of this package are so.
    idempotent: bool = True


@dataclass(frozen=True, slots=True)
class Answer(Generic[T]):
    """A parsed answer."""

    #: By name in lower case.
    headers: Mapping[str, str]
    value: T


def utc_now() -> datetime:
    """This machine's time."""
    return datetime.now(UTC)


class Transport:
    """The org, as something that can be asked."""

    def __init__(
        self,
        settings: SalesforceSettings,
        clock: Clock,
        *,
        wall_clock: Callable[[], datetime] = utc_now,
        chance: Callable[[], float] = random.random,
        before_call: BeforeCall = unlimited,
        on_secret: Callable[[str], None] = lambda secret: None,
        http: httpx2.AsyncBaseTransport | None = None,
    ) -> None:
        """`http` replaces the network; `wall_clock` dates assertions; `chance` (0 to 1) is the jitter.

        `before_call` is awaited before each request that counts, see `CallAccount`.
        """
        self.settings = settings
        self.clock = clock
        self.chance = chance
        self.hosts = trusted_hosts(settings.credentials, settings.login_url)
        #: As the last answer told; None before the first that does.
        self.usage: ApiUsage | None = None
        self.account = CallAccount(clock, before_call)
        self._credentials = settings.credentials
        self._wall_clock = wall_clock
        self._redaction = Redaction(secrets_of(settings.credentials), on_secret)
        self._client = http_client(settings, http, loopback=self.hosts.configured[0].loopback)
        self._session: Session | None = None
        self._login_lock = asyncio.Lock()
        self._logged_in_once = False
        self._login_refusal: tuple[float, ForcedexError] | None = None

    async def aclose(self) -> None:
        """Close the connections."""
        await self._client.aclose()

    async def json(self, call: Call) -> Answer[object]:
        """The JSON answer to a call."""
        return await self.parsed(call, orjson.loads)

    async def parsed(self, call: Call, parse: Callable[[bytes], T]) -> Answer[T]:
        """The answer to a call, read by `parse`, which raises ValueError for what it does not understand."""

        async def receive(response: httpx2.Response) -> Answer[T]:
            async with asyncio.timeout(self.settings.answer_timeout):
                body = await self._body(response, self.settings.max_answer_bytes, call.purpose)
            await response.aclose()
            try:
                return Answer(_plain(response.headers), parse(body))
            except ValueError as exc:
                page = body[:200].lstrip()[:1] == b"<"
                raise CallFailed(_not_data(call.purpose, "a web page" if page else "not valid JSON")) from exc

        return await self._asked(call, receive)

    async def stream(self, call: Call) -> "Stream":
        """The answer to a call as a stream of bytes that are no web page; close it."""

        async def receive(response: httpx2.Response) -> Stream:
            if response.headers.get("content-type", "").startswith("text/html"):
                raise CallFailed(_not_data(call.purpose, "a web page"))
            return Stream(response)

        return await self._asked(call, receive)

    async def session(self) -> Session:
        """The session, after logging in if there is none."""
        if self._session is None:
            async with self._login_lock:
                if self._session is None:
                    self._session = await self._log_in()
        return self._session

    async def session_after(self, over: Session) -> Session:
        """A session that is newer than the one that is over; one login however many callers noticed."""
        async with self._login_lock:
            if self._session is None or self._session is over:
                if isinstance(self._credentials, AccessToken):
                    raise ConfigurationError(
                        "The access token has expired or was revoked.",
                        'Set a fresh one, or use auth = "jwt", which renews its sessions by itself.',
                    )
                self._session = await self._log_in()
            return self._session

    def redacted(self, error: ForcedexError) -> ForcedexError:
        """The same error, its texts without secrets."""
        return self._redaction.error(error)

    async def pause(self, failure: Failure, attempt: int, *, idempotent: bool = True) -> None:
        """Wait before the next try, or raise the failure's error if there should be none."""
        decision = decide(
            failure, attempt, attempts=self.settings.attempts, idempotent=idempotent, chance=self.chance()
        )
        match decision:
            case Retry(after=seconds):
                await self.clock.sleep(seconds)
            case GiveUp():
                raise self.redacted(failure.error)

    async def _asked(self, call: Call, receive: Callable[[httpx2.Response], Awaitable[T]]) -> T:
        return await self._persistently(partial(self._with_session, call, receive), idempotent=call.idempotent)

    async def _persistently(self, once: Callable[[], Awaitable[T]], *, idempotent: bool = True) -> T:
        attempt = 1
        while True:
            try:
                return await once()
            except CallFailed as failed:
                await self.pause(failed.failure, attempt, idempotent=idempotent)
            attempt += 1

    async def _with_session(self, call: Call, receive: Callable[[httpx2.Response], Awaitable[T]]) -> T:
        session = await self.session()
        try:
            return await self._once(call, session, receive)
        except CallFailed as failed:
            if not failed.failure.session_over:
                raise
        return await self._once(call, await self.session_after(session), receive)

    async def _once(self, call: Call, session: Session, receive: Callable[[httpx2.Response], Awaitable[T]]) -> T:
        request = self._client.build_request(
            call.method,
            session.instance_url + call.path,
            content=None if call.body is None else orjson.dumps(call.body),
            headers={
                "Authorization": f"Bearer {session.access_token}",
                "Accept": "application/json",
                **({} if call.body is None else {"Content-Type": "application/json"}),
                **call.headers,
            },
        )
        await self.account.before(call.path)
        with network_errors(request.url.host):
            response = await self._client.send(request, stream=True)
            try:
                self.usage = usage_in_header(response.headers) or self.usage
                if response.status_code >= 300:
                    body = await self._body(response, MAX_SMALL_ANSWER, call.purpose)
                    failure = failure_of(response.status_code, _plain(response.headers), body, call.purpose)
                    self.account.learn(failure)
                    raise CallFailed(failure)
                return await receive(response)
            except BaseException:
                # Cancelled or failed: an unread answer may not go back into the pool.
                await response.aclose()
                raise

    async def _body(self, response: httpx2.Response, limit: int, purpose: str) -> bytes:
        body = bytearray()
        async with aclosing(response.aiter_bytes()) as chunks:
            async for chunk in chunks:
                body += chunk
                if len(body) > limit:
                    error = SourceDataError(
                        f"Salesforce's answer to “{purpose}” is larger than {limit // 1024**2} MiB.",
                        "Nothing of it was used. Exclude long fields of the object.",
                    )
                    raise CallFailed(Failure(error=error))
        return bytes(body)

    async def _log_in(self) -> Session:
        if self._login_refusal and self.clock.monotonic() - self._login_refusal[0] < LOGIN_PAUSE:
            raise self._login_refusal[1]
        try:
            session = await self._logged_in()
        except SourceUnavailable:
            raise
        except ForcedexError as error:
            self._login_refusal = self.clock.monotonic(), self._redaction.error(error)
            raise
        self._redaction.add((session.access_token,))
        if session.refresh_token and isinstance(self._credentials, RefreshToken):
            self._redaction.add((session.refresh_token,))
            self._credentials = replace(self._credentials, refresh_token=session.refresh_token)
        self._logged_in_once = True
        return session

    async def _logged_in(self) -> Session:
        flow = login(self._credentials, self.settings.login_url, self._wall_clock())
        try:
            request = next(flow)
            while True:
                self._redaction.add(request.secrets)
                answer = await self._persistently(partial(self._exchange, request))
                request = flow.send(answer)
        except StopIteration as done:
            session: Session = done.value
            return session

    async def _exchange(self, asked: AuthRequest) -> AuthAnswer:
        request = self._client.build_request(
            "POST",
            asked.url,
            data=dict(asked.form) or None,
            content=asked.body.encode() if asked.body else None,
            headers={"Content-Type": "text/xml; charset=UTF-8", "SOAPAction": "login"} if asked.body else {},
        )
        with network_errors(request.url.host, first_login=not self._logged_in_once):
            async with asyncio.timeout(self.settings.answer_timeout):
                response = await self._client.send(request, stream=True)
                try:
                    body = await self._body(response, MAX_SMALL_ANSWER, "log in")
                finally:
                    await response.aclose()
        answer = AuthAnswer(
            status=response.status_code,
            content_type=response.headers.get("content-type", ""),
            body=body,
            date=time_in_header(response.headers),
        )
        if is_overloaded(answer):
            raise CallFailed(failure_of(answer.status, _plain(response.headers), body, "log in"))
        return answer


class Stream:
    """A streamed answer."""

    def __init__(self, response: httpx2.Response) -> None:
        self._response = response
        #: By name in lower case.
        self.headers = _plain(response.headers)

    async def chunks(self) -> AsyncGenerator[bytes, None]:
        """The body as it arrives, unpacked; CallFailed if the connection breaks off."""
        with network_errors(self._response.url.host):
            async with aclosing(self._response.aiter_bytes()) as chunks:
                async for chunk in chunks:
                    yield chunk

    async def aclose(self) -> None:
        """Give up what has not been read."""
        await self._response.aclose()


def _plain(headers: Mapping[str, str]) -> dict[str, str]:
    return {name.lower(): value for name, value in headers.items()}


def _not_data(purpose: str, what: str) -> Failure:
    error = SourceDataError(
        f"Salesforce's answer to “{purpose}” is {what}, not data.",
        "Nothing of it was used. Check for maintenance (https://status.salesforce.com) and for a proxy in between.",
    )
    return Failure(error=error, repeat=Repeat.UNCLEAR)
