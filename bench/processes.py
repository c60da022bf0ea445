"""What a bench runs: local helpers and the product as processes, and what they use of the machine."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psutil

_PATIENCE = 120.0  # seconds


@contextmanager
def running(module: str, *arguments: str) -> Iterator[dict[str, Any]]:
    """A local helper as a process; its ready event."""
    command = [sys.executable, "-m", module, "run", *arguments, "--json", "--parent-stdin"]
    process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
    assert process.stdout is not None
    try:
        for line in process.stdout:
            event = json.loads(line)
            if event["event"] == "ready":
                break
            if event["event"] == "error":
                raise SystemExit(f"{event['message']} {event['hint']}")
        else:
            raise SystemExit(f"{module} did not start")
        yield event
    finally:
        process.send_signal(signal.SIGTERM)
        process.communicate()


@contextmanager
def running_org(data: Path, *arguments: str) -> Iterator[dict[str, Any]]:
    """A local org on free ports; its ready event."""
    with running(
        "localorg", "--data", str(data), "--port", "0", "--https-port", "0", "--pubsub-port", "0", *arguments
    ) as org:
        yield org


@contextmanager
def running_node(data: Path, heap: str = "") -> Iterator[dict[str, Any]]:
    """An Elasticsearch on a free port, with the heap that it takes by itself unless this is given; its ready event."""
    with running("localelastic", "--data", str(data), "--port", "0", *(["--heap", heap] if heap else [])) as node:
        yield node


def java(node: Mapping[str, Any]) -> psutil.Process:
    """The process that is the node itself."""
    found = [each for each in psutil.Process(node["pid"]).children(recursive=True) if "java" in each.name()]
    return found[0]


def environment(org: Mapping[str, Any], elasticsearch: str, home: Path, **settings: str) -> dict[str, str]:
    """The product's configuration: `FORCEDEX_…`, with these settings (`SYNC__OBJECTS="auto"`) on top."""
    given = {
        "SALESFORCE__LOGIN_URL": org["url"],
        "SALESFORCE__CLIENT_ID": org["client_id"],
        "SALESFORCE__USERNAME": org["username"],
        "SALESFORCE__PRIVATE_KEY_FILE": org["private_key_file"],
        "SALESFORCE__PUBSUB_URL": org["pubsub"],
        "SALESFORCE__CA_FILE": org["ca_file"],
        "ELASTICSEARCH__URL": elasticsearch,
        "STATE__URL": f"sqlite:///{home}/state.db",
        "SERVER__OPERATIONS_PORT": "0",
        "LOGGING__LEVEL": "warning",
        **settings,
    }
    plain = {key: value for key, value in os.environ.items() if not key.startswith("FORCEDEX_")}
    return plain | {f"FORCEDEX_{key}": value for key, value in given.items()}


@contextmanager
def product(env: Mapping[str, str], home: Path, *python: str) -> Iterator[psutil.Popen]:
    """`forcedex sync --watch`; `python` are options of the interpreter, such as a profiler."""
    with (home / "sync.log").open("ab") as log:
        command = [sys.executable, *python, "-m", "forcedex", "sync", "--watch"]
        process = psutil.Popen(command, cwd=home, env=dict(env), stdout=subprocess.DEVNULL, stderr=log)
        try:
            yield process
        finally:
            if process.poll() is None:
                process.send_signal(signal.SIGTERM)
            process.wait()


def wait_for_streams(
    env: Mapping[str, str], home: Path, names: tuple[str, ...], *, patience: float = _PATIENCE
) -> None:
    """Until changes of these objects come as events; SystemExit after so many seconds."""
    until = time.monotonic() + patience
    modes: dict[str, str] = {}
    while time.monotonic() < until:
        command = [sys.executable, "-m", "forcedex", "status", "--json"]
        answer = subprocess.run(command, cwd=home, env=dict(env), capture_output=True, check=False)
        if answer.returncode == 0:
            told = {each["object"]: each["report"] for each in json.loads(answer.stdout)["objects"]}
            modes = {name: report["mode"] for name, report in told.items() if report is not None}
            if all(modes.get(name) == "stream" for name in names):
                return
        time.sleep(1)
    raise SystemExit(f"the streams did not stand: {modes}; {(home / 'sync.log').read_text()[-2000:]}")


def warnings(home: Path) -> list[str]:
    """What the daemon logged; not what it tells people."""
    return [line for line in (home / "sync.log").read_text().splitlines() if line.startswith("{")]


def cpu_seconds(process: psutil.Process) -> float:
    """What it used so far."""
    times = process.cpu_times()
    return float(times.user + times.system)


def peak_mib(pid: int) -> float | None:
    """The most memory that a process held so far; not `ru_maxrss`, which counts what its parent held at the fork."""
    return _status_mib(pid, "VmHWM:")


def held_mib(pid: int) -> float | None:
    """The memory that a process holds now."""
    return _status_mib(pid, "VmRSS:")


def _status_mib(pid: int, name: str) -> float | None:
    try:
        lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    except OSError:
        return None
    found = [int(line.split()[1]) for line in lines if line.startswith(name)]
    return found[0] / 1024 if found else None
