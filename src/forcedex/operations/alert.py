"""What is told to a person about a notice, and what a way of telling must be able to do."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from ipaddress import ip_address
from typing import Protocol

from forcedex.domain.upkeep import Notice


class Occasion(StrEnum):
    """Why it is told now."""

    RAISED = "raised"
    #: It was told before and lasts.
    REPEATED = "repeated"
    CLEARED = "cleared"


@dataclass(frozen=True, kw_only=True, slots=True)
class Alert:
    """A notice on its way to a person; its texts hold no secrets."""

    occasion: Occasion
    notice: Notice
    #: 18 characters.
    org_id: str
    org_name: str
    #: The same for every try to deliver it, so that a receiver can tell a second one.
    id: str = field(default_factory=lambda: uuid.uuid4().hex)

    @property
    def key(self) -> tuple[str, str]:
        """What it is about: one notice at a time is open of each object and kind."""
        return self.notice.object, self.notice.kind.value

    def payload(self) -> dict[str, str | None]:
        """As JSON; times as ISO 8601 in UTC."""
        return {
            "id": self.id,
            "event": self.occasion.value,
            "org": self.org_id,
            "org_name": self.org_name,
            "object": self.notice.object,
            "kind": self.notice.kind.value,
            "text": self.notice.text,
            "since": self.notice.since.isoformat(),
            "cleared_at": _iso(self.notice.cleared_at),
        }


def _iso(time: datetime | None) -> str | None:
    return time.isoformat() if time else None


class Undeliverable(Exception):
    """An alert could not be delivered. `lasting`: another try of the same would fail as well."""

    def __init__(self, reason: str, *, lasting: bool = False) -> None:
        super().__init__(reason)
        self.reason = reason
        self.lasting = lasting


class Channel(Protocol):
    """A way to tell people."""

    #: `webhook` or `mail`.
    name: str
    #: Alerts that it takes at once.
    most: int

    async def send(self, alerts: Sequence[Alert]) -> None:
        """Deliver these; Undeliverable if that failed. It ends in its own time, seconds and not minutes."""

    async def aclose(self) -> None:
        """Let go of connections."""


def is_loopback(host: str) -> bool:
    """Whether the host is this machine: only there may anything travel unencrypted."""
    if host == "localhost":
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False
