"""Which process this is, and whether another one still lives: what a lease names its holder by."""

import os
import socket
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Process:
    """A process that cannot be mistaken for another one."""

    host: str
    #: The kernel's boot id and the process id namespace (containers share the first); empty if there is no /proc.
    boot_id: str
    pid: int
    #: Clock ticks from the boot to its start; empty if there is no /proc.
    started: str


def this_process() -> Process:
    """Ourselves."""
    return Process(socket.gethostname(), _boot_id(), os.getpid(), _started(os.getpid()) or "")


def is_dead(process: Process) -> bool:
    """Whether it certainly does not run any more; False if that cannot be known from here."""
    if process.host != socket.gethostname() or process.boot_id != _boot_id():
        return False
    started = _started(process.pid)
    if started is not None:
        return started != process.started
    # Not there, or hidden from us (hidepid, proc(5)).
    if os.name != "posix":  # elsewhere signal 0 is a signal
        return False
    try:
        os.kill(process.pid, 0)
    except ProcessLookupError:
        return True
    except OSError:
        pass  # it is somebody else's
    return False


def _boot_id() -> str:
    try:
        boot = Path("/proc/sys/kernel/random/boot_id").read_text(encoding="ascii").strip()
        return f"{boot}/{os.readlink('/proc/self/ns/pid')}"
    except OSError:
        return ""


def _started(pid: int) -> str | None:
    """Field 22 of /proc/<pid>/stat (proc(5)); None if nothing is shown, empty for a zombie: it has ended.

    The second field, the program's name in parentheses, may hold spaces and parentheses itself.
    """
    try:
        fields = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8", errors="replace").rpartition(")")[2].split()
    except OSError:
        return None
    return "" if fields[0] in "ZX" else fields[19]
