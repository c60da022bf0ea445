"""Which process runs the node of a data directory.

The owner holds a lock on `DIR/lock` and, while its node answers, says in `DIR/run.json` where. The lock is the truth: a
`run.json` without a lock, or of a process that is gone, is a left-over. The JVM inherits the lock, so that nobody else
gets it while a node whose owner was killed is still closing its files.
"""

import fcntl
import json
import os
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Self

from localelastic.errors import DataNotWritable


class DataLock:
    """The lock on a data directory, held until `release`."""

    def __init__(self, descriptor: int) -> None:
        self.descriptor = descriptor

    @classmethod
    def try_acquire(cls, data: Path) -> Self | None:
        """The lock, or None when another process holds it."""
        try:
            data.mkdir(parents=True, exist_ok=True)
            descriptor = os.open(data / "lock", os.O_RDWR | os.O_CREAT, 0o600)
        except OSError as exc:
            raise DataNotWritable(data, exc) from exc
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            os.close(descriptor)
            return None
        return cls(descriptor)

    def release(self) -> None:
        """Let others have the directory."""
        os.close(self.descriptor)


@dataclass(frozen=True, kw_only=True, slots=True)
class RunFile:
    """The content of `run.json`: `pid` is the process to signal, the owner, not its JVM."""

    pid: int
    port: int
    url: str
    version: str

    @classmethod
    def read(cls, data: Path) -> Self | None:
        """What the owner wrote, or None when there is nothing of a living process."""
        try:
            run_file = cls(**json.loads((data / "run.json").read_text("utf-8")))
        except (OSError, ValueError, TypeError):
            return None
        return run_file if _is_alive(run_file.pid) else None

    def write(self, data: Path) -> None:
        """Write it whole or not at all."""
        part = data / "run.json.part"
        try:
            part.write_text(json.dumps(asdict(self)), "utf-8")
            part.replace(data / "run.json")
        except OSError as exc:
            raise DataNotWritable(data, exc) from exc

    @staticmethod
    def remove(data: Path) -> None:
        """Say that no node answers any more."""
        (data / "run.json").unlink(missing_ok=True)


def _is_alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:  # of another user
        return True
    return True
