"""What a person hears while Elasticsearch or the local org is being started."""

from collections.abc import Mapping
from types import TracebackType
from typing import Any

from rich.status import Status

from forcedex.cli.console import err, say


class LocalNews:
    """Tells the events of local processes on one changing line; a context manager."""

    def __init__(self) -> None:
        self._status = Status("", console=err)
        self._shown = False

    def __enter__(self) -> "LocalNews":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, exc: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.done()

    def done(self) -> None:
        """Clear the line."""
        if self._shown:
            self._status.stop()
            self._shown = False

    def __call__(self, event: Mapping[str, Any]) -> None:
        """Hear an event."""
        if event.get("licence"):
            say(str(event["licence"]))
        match event.get("event"):
            case "fetching":
                text = f"Downloading Elasticsearch: {event['done']} of {event['total']} files"
            case "compiling":
                text = "Preparing Elasticsearch (once)"
            case "starting":
                text = "Starting Elasticsearch"
            case "seeding":
                text = f"Making the demo company: {event['done']:,} of {event['total']:,} records"
            case "waiting":
                text = "Waiting for another process that starts or stops"
            case _:
                return
        self._status.update(f"{text} …")
        if not self._shown:
            self._status.start()
            self._shown = True
