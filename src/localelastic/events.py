"""What a run tells whoever started it: one JSON object per line, or the same as sentences."""

import json
from collections.abc import Callable
from dataclasses import asdict, dataclass
from typing import ClassVar

from localelastic.jars import ELASTICSEARCH_VERSION

LICENCE = (
    f"Elasticsearch {ELASTICSEARCH_VERSION} is downloaded from a public repository under its own licence "
    "(server and transport-netty4: Elastic License 2.0, AGPLv3 or SSPL)."
)


@dataclass(frozen=True, kw_only=True, slots=True)
class Fetching:
    """Jars are being downloaded; the first such event carries the licence notice."""

    name: ClassVar = "fetching"
    done: int
    total: int

    def __str__(self) -> str:
        return f"Downloading jar {self.done} of {self.total}."


@dataclass(frozen=True, kw_only=True, slots=True)
class Compiling:
    """The Java part is being compiled, which happens once."""

    name: ClassVar = "compiling"

    def __str__(self) -> str:
        return "Compiling the Java part (once)."


@dataclass(frozen=True, kw_only=True, slots=True)
class Starting:
    """The node is being started."""

    name: ClassVar = "starting"

    def __str__(self) -> str:
        return f"Starting Elasticsearch {ELASTICSEARCH_VERSION}."


@dataclass(frozen=True, kw_only=True, slots=True)
class Waiting:
    """Another process has the data directory; we wait until its node answers or it leaves."""

    name: ClassVar = "waiting"

    def __str__(self) -> str:
        return "Another process is starting or stopping a node on this data directory: waiting for it."


@dataclass(frozen=True, kw_only=True, slots=True)
class Ready:
    """A node answers at `url`; `pid` is the process that runs it, `attached` tells that it is not this one."""

    name: ClassVar = "ready"
    url: str
    port: int
    pid: int
    version: str
    attached: bool

    def __str__(self) -> str:
        how = f"is already running (process {self.pid})" if self.attached else "is ready"
        return f"Elasticsearch {self.version} {how}: {self.url}"


@dataclass(frozen=True, kw_only=True, slots=True)
class Stopped:
    """The node was stopped cleanly."""

    name: ClassVar = "stopped"

    def __str__(self) -> str:
        return "Elasticsearch has stopped."


@dataclass(frozen=True, kw_only=True, slots=True)
class Failed:
    """The node cannot run: why, and what to do about it."""

    name: ClassVar = "error"
    message: str
    hint: str

    def __str__(self) -> str:
        return f"{self.message} {self.hint}"


Event = Fetching | Compiling | Starting | Waiting | Ready | Stopped | Failed
Report = Callable[[Event], None]


def to_json(event: Event) -> str:
    """The event as one line of JSON."""
    fields: dict[str, object] = {"event": event.name, **asdict(event)}
    if isinstance(event, Fetching) and event.done == 0:
        fields["licence"] = LICENCE
    return json.dumps(fields)
