"""A real PostgreSQL server for tests, in a folder of its own: the one that is installed, or one that is named.

`FORCEDEX_TEST_POSTGRES=postgresql://…` names a database in which schemas may be made. Otherwise the newest `initdb` and
`postgres` of this machine are used, as an ordinary user (the server refuses to run as root).
"""

import os
import pwd
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

_STARTS_WITHIN = 60.0  # seconds


def installed() -> Path | None:
    """The folder with PostgreSQL's programs; Debian keeps them off the PATH, one folder per version."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda path: int(path.parts[-3]))
    on_path = shutil.which("initdb")
    candidates = [*reversed(found), *([Path(on_path).resolve()] if on_path else [])]
    return next((each.parent for each in candidates if (each.parent / "postgres").exists()), None)


@contextmanager
def running(programs: Path) -> Iterator[str]:
    """A fresh server that listens on a socket only; its URL."""
    home = Path(tempfile.mkdtemp(prefix="forcedex-pg-"))  # short: a socket's path has at most 107 bytes
    user = _ordinary_user()
    if user is not None:
        os.chown(home, user, -1)
    data = home / "data"
    subprocess.run(
        [programs / "initdb", "-D", data, "-U", "forcedex", "-A", "trust", "-E", "UTF8", "--no-sync"],
        check=True,
        capture_output=True,
        user=user,
        cwd=home,
    )
    with (home / "log").open("wb") as log:
        server = subprocess.Popen(
            [programs / "postgres", "-D", data, "-k", home, "-h", "", "-c", "fsync=off"],
            stdout=log,
            stderr=log,
            user=user,
            cwd=home,
        )
    try:
        _await_ready(server, data / "postmaster.pid", home / "log")
        yield f"postgresql://forcedex@/postgres?host={home}"
    finally:
        server.kill()
        server.wait()
        shutil.rmtree(home)


def _ordinary_user() -> int | None:
    if os.getuid() != 0:
        return None
    for name in ("postgres", "nobody"):
        try:
            return pwd.getpwnam(name).pw_uid
        except KeyError:
            continue
    raise RuntimeError("PostgreSQL does not run as root, and there is no user postgres or nobody")


def _await_ready(server: "subprocess.Popen[bytes]", pid_file: Path, log: Path) -> None:
    """The last line of postmaster.pid says `ready` (PostgreSQL documentation, "postmaster.pid")."""
    until = time.monotonic() + _STARTS_WITHIN
    while not (pid_file.exists() and pid_file.read_text().rstrip().endswith("ready")):
        if server.poll() is not None or time.monotonic() > until:
            raise RuntimeError(f"PostgreSQL did not start: {log.read_text()}")
        time.sleep(0.05)
