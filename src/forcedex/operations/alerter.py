"""Telling people of notices: at once, again while they last, and when they are over."""

import asyncio
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from types import TracebackType
from typing import Any

import structlog

from forcedex.domain.ports import Clock
from forcedex.domain.upkeep import Notice, NoticeKind
from forcedex.operations.alert import Alert, Channel, Occasion
from forcedex.operations.clock import utc_now
from forcedex.operations.delivery import Delivery
from forcedex.operations.mail import Mail, MailSettings
from forcedex.operations.metrics import Metrics
from forcedex.operations.redaction import Redactor, visible
from forcedex.operations.webhook import Webhook
from forcedex.settings import AlertsSection, secret

_LAST_SECONDS = 3.0  # to deliver what waits when the process ends
_LONGEST_TEXT = 2_000  # characters


def channels(section: AlertsSection) -> Sequence[Channel]:
    """The configured ways to tell people, perhaps none; ConfigurationError for what cannot be used."""
    found: list[Channel] = []
    url = secret(section.webhook_url, section.webhook_url_file, "[alerts] webhook_url_file")
    if url:
        key = secret(section.webhook_secret, section.webhook_secret_file, "[alerts] webhook_secret_file")
        found.append(Webhook(url, key, ca_file=section.ca_file))
    if section.mail_to:
        found.append(
            Mail(
                MailSettings(
                    to=tuple(section.mail_to),
                    sender=section.mail_from,
                    url=section.smtp_url,
                    user=section.smtp_user,
                    password=secret(section.smtp_password, section.smtp_password_file, "[alerts] smtp_password_file"),
                    ca_file=section.ca_file,
                )
            )
        )
    return found


@dataclass(slots=True)
class _Told:
    """What people were told about one object and kind."""

    notice: Notice
    open: bool = True
    #: Whether they believe that it is open.
    believed: bool = False
    #: When that it is open was told last, in monotonic seconds; None: never.
    at: float | None = None


class Alerter:
    """Tells of notices through every channel; a context manager, whose tasks do the work in the background.

    A notice is told at most once per `quiet` however often it comes and goes, and again after each `quiet` while it
    lasts. Nothing here raises or waits for a channel.
    """

    def __init__(
        self,
        channels: Iterable[Channel],
        *,
        org_id: str,
        org_name: str = "",
        quiet: timedelta,
        clock: Clock,
        redactor: Redactor,
        metrics: Metrics,
        wall_clock: Callable[[], datetime] = utc_now,
    ) -> None:
        self._deliveries = [Delivery(each, clock, metrics) for each in channels]
        self._org_id = org_id
        self._org_name = org_name
        self._quiet = quiet.total_seconds()
        self._clock = clock
        self._wall_clock = wall_clock
        self._redactor = redactor
        self._log = structlog.get_logger("forcedex.operations")
        self._told: dict[tuple[str, str], _Told] = {}
        self._changed = asyncio.Event()
        self._repeating: asyncio.Task[None] | None = None

    async def __aenter__(self) -> "Alerter":
        for each in self._deliveries:
            each.start()
        self._repeating = asyncio.create_task(self._repeat())
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, exc: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._repeating is not None:
            self._repeating.cancel()
            await asyncio.gather(self._repeating, return_exceptions=True)
        await asyncio.gather(*(each.aclose(_LAST_SECONDS) for each in self._deliveries), return_exceptions=True)

    async def resume(self, notices: Iterable[Notice]) -> None:
        """These were open when the process began: people know of them, and hear again after `quiet`."""
        now = self._clock.monotonic()
        for notice in notices:
            if notice.cleared_at is None:
                self._told[_key(notice)] = _Told(self._safe(notice), believed=True, at=now)
        self._changed.set()

    async def tell(self, sobject: str, kind: NoticeKind, text: str) -> None:
        """As the sync's watchman tells it: something that a person should know of, or, without text, its end."""
        now = self._wall_clock()
        if text:
            await self.raised(Notice(object=sobject, kind=kind, text=text, since=now))
            return
        told = self._told.get((sobject, kind.value))
        if told is not None:
            await self.cleared(replace(told.notice, object=sobject, cleared_at=now))

    async def raised(self, notice: Notice) -> None:
        """Something that a person should know of; telling it twice does no harm."""
        told = self._told.get(_key(notice))
        safe = self._safe(notice)
        if told is None or not told.open:
            self._log.warning("notice_raised", object=safe.object, kind=safe.kind, text=safe.text)
        if told is None:
            told = self._told[_key(notice)] = _Told(safe)
        told.notice, told.open = safe, True
        self._tell_what_is_due()

    async def cleared(self, notice: Notice) -> None:
        """It is over."""
        told = self._told.get(_key(notice))
        if told is None or not told.open:
            return
        told.notice, told.open = self._safe(notice), False
        self._log.info("notice_cleared", object=told.notice.object, kind=told.notice.kind)
        if told.believed:
            told.believed = False
            self._send(Occasion.CLEARED, told.notice)

    def _safe(self, notice: Notice) -> Notice:
        text = visible(self._redactor.text(notice.text))[:_LONGEST_TEXT]
        return replace(notice, text=text, object=visible(self._redactor.text(notice.object)))

    def _tell_what_is_due(self) -> None:
        now = self._clock.monotonic()
        for key, told in list(self._told.items()):
            waited = told.at is None or now >= told.at + self._quiet
            if told.open and waited:
                self._send(Occasion.REPEATED if told.believed else Occasion.RAISED, told.notice)
                told.believed, told.at = True, now
            elif not told.open and waited:
                del self._told[key]  # it comes as a new one
        self._changed.set()

    def _send(self, occasion: Occasion, notice: Notice) -> None:
        for each in self._deliveries:
            each.add(Alert(occasion=occasion, notice=notice, org_id=self._org_id, org_name=self._org_name))

    async def _repeat(self) -> None:
        """Tell again what lasts, whenever it is time."""
        while True:
            self._changed.clear()
            times = [told.at + self._quiet for told in self._told.values() if told.at is not None]
            waits: list[asyncio.Future[Any]] = [asyncio.ensure_future(self._changed.wait())]
            if times:
                waits.append(asyncio.ensure_future(self._clock.sleep(max(min(times) - self._clock.monotonic(), 0.0))))
            try:
                await asyncio.wait(waits, return_when=asyncio.FIRST_COMPLETED)
            finally:
                for each in waits:
                    each.cancel()
                await asyncio.gather(*waits, return_exceptions=True)
            if not self._changed.is_set():
                self._tell_what_is_due()


def _key(notice: Notice) -> tuple[str, str]:
    return notice.object, notice.kind.value
