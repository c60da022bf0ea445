"""The progress of a sync: a bar per object with rate and time left, or JSON lines, or plain sentences."""

import dataclasses
import time
from types import TracebackType

from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    ProgressColumn,
    Task,
    TaskID,
    TextColumn,
    TimeRemainingColumn,
)
from rich.text import Text

from forcedex.cli.console import err, print_json, safe
from forcedex.sync.events import (
    Event,
    JobCompleted,
    JobStarted,
    ObjectFailed,
    RecordsIndexed,
    SnapshotCompleted,
    SnapshotStarted,
    SyncPaused,
)


class _Rate(ProgressColumn):
    """Records per second."""

    def render(self, task: Task) -> Text:
        speed = task.finished_speed or task.speed
        return Text(f"{speed:>7,.0f}/s" if speed else "         ", style="dim")


class SyncProgress:
    """A listener of the engine that shows what happens; a context manager."""

    def __init__(self, *, json: bool = False) -> None:
        self._json = json
        self._bars = Progress(
            TextColumn("{task.description:<22}"),
            BarColumn(bar_width=30),
            MofNCompleteColumn(),
            _Rate(),
            TimeRemainingColumn(compact=True),
            console=err,
            disable=json or not err.is_terminal,
        )
        self._tasks: dict[str, TaskID] = {}
        #: Records written, by object.
        self.written: dict[str, int] = {}
        self.rejected = 0
        self.went_back = 0
        self._began = time.perf_counter()

    def __enter__(self) -> "SyncProgress":
        self._bars.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, exc: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._bars.stop()

    @property
    def seconds(self) -> float:
        """Since it was made."""
        return time.perf_counter() - self._began

    def __call__(self, event: Event) -> None:
        """Hear an event of the engine."""
        if isinstance(event, RecordsIndexed):
            self.written[event.object] = self.written.get(event.object, 0) + event.written
            self.rejected += event.rejected
            self.went_back += event.went_back
        if self._json:
            print_json({"event": type(event).__name__, **dataclasses.asdict(event)})
            return
        match event:
            case SnapshotStarted():
                self._tasks[event.object] = self._bars.add_task(event.object, total=event.total or None)
            case JobStarted() if event.object in self._tasks:
                self._bars.update(self._tasks[event.object], description=f"{event.object} [dim]waits[/dim]")
            case JobCompleted() if event.object in self._tasks:
                self._bars.update(self._tasks[event.object], description=event.object)
            case RecordsIndexed() if event.object in self._tasks:
                self._bars.advance(self._tasks[event.object], event.written + event.stale + event.rejected)
            case SnapshotCompleted() if event.object in self._tasks:
                task = self._tasks.pop(event.object)
                done = self._bars.tasks[self._bars.task_ids.index(task)].completed
                self._bars.update(task, total=done, completed=done)
            case ObjectFailed():
                err.print(f"[red]{safe(event.object)} failed:[/red] {safe(event.error)}")
            case SyncPaused():
                err.print(f"[yellow]Waiting {event.seconds:.0f} s:[/yellow] {safe(event.error)}")
            case _:
                pass
