"""Who may write to an org's part of the state store and to its index: one process at a time."""

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, kw_only=True, slots=True)
class LeaseHolder:
    """The process that syncs an org, and since when."""

    host: str
    #: Where and until when its process id means anything: the machine's start and the process id namespace.
    boot_id: str
    pid: int
    #: When the process began, as its system tells it: a process id is used again.
    started: str
    since: datetime

    def __str__(self) -> str:
        return f"process {self.pid} on {self.host}, since {self.since:%Y-%m-%d %H:%M:%S} UTC"
