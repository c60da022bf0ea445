"""One running node: a JVM process that we start, watch and stop.

The node leaves when its standard input closes, so it never outlives the process that started it, even when that one is
killed. Its standard output carries the few lines of the protocol of `java/Launcher.java`, its log goes to a file.
"""

import asyncio
import shutil
from asyncio.subprocess import PIPE, Process
from contextlib import suppress
from pathlib import Path
from typing import Final, Self

import httpx2

from localelastic.diagnosis import diagnose, unopened_indices
from localelastic.errors import DataNotWritable, LocalElasticError, PortInUse
from localelastic.health import wait_for_indices
from localelastic.installation import Installation
from localelastic.jars import ELASTICSEARCH_VERSION

START_TIMEOUT: Final = 180.0  # seconds; a start takes 4, on a very busy machine some 20
STOP_TIMEOUT: Final = 30.0  # seconds; a stop takes 1
LOG_TAIL: Final = 64 * 1024  # bytes of the log that are searched for a cause

_SETTINGS: Final = (
    "cluster.name=localelastic",
    "node.name=local",
    "network.host=127.0.0.1",
    "transport.port=0",
    "discovery.type=single-node",
    "logger.level=info",
    # A nearly full disk must not make indices read-only on a machine where other programs fill it.
    "cluster.routing.allocation.disk.threshold_enabled=false",
)
_JVM_OPTIONS: Final = (
    "-XX:+ExitOnOutOfMemoryError",
    "-XX:+DisplayVMOutputToStderr",
    "-Xlog:disable",
    "-Xlog:all=warning:stderr",
    "-Djava.awt.headless=true",
    "-Dlog4j2.disable.jmx=true",
    "-Dlog4j2.shutdownHookEnabled=false",  # or the log ends before the node does
    "--enable-native-access=ALL-UNNAMED",
)


class Node:
    """A node that answers at `url`. Make one with `Node.start`, and always `stop` it."""

    def __init__(self, process: Process, port: int, data: Path, log: Path) -> None:
        self._process = process
        self._data = data
        self._log = log
        self.port = port
        self.url = f"http://127.0.0.1:{port}"
        self.pid = process.pid
        self.version = ELASTICSEARCH_VERSION

    @classmethod
    async def start(
        cls, installation: Installation, data: Path, *, port: int, heap: int, keep_open: tuple[int, ...] = ()
    ) -> Self:
        """Start a node on a data directory and return when it answers.

        `port` 0 takes any free one, `heap` is in MiB. The JVM inherits the file descriptors `keep_open`, so that locks
        on them last as long as it does.
        """
        data = data.absolute()
        log = _prepare(data)
        process = await _spawn(_command(installation, data, port, heap), data, log, keep_open)
        try:
            node = cls(process, await _started_port(process, data, log, port), data, log)
        except BaseException:  # cancelled, too
            await _end(process, patience=0)  # a node that is still starting does not listen to us
            raise
        try:
            await node._open_indices()
        except BaseException:
            await node.stop()
            raise
        return node

    async def _open_indices(self) -> None:
        """Takes as long as it takes: a large index that was not closed in order replays what it had logged."""
        try:
            given_up = await wait_for_indices(self.url)
        except httpx2.TransportError:
            raise await self.ended() from None
        if given_up:
            raise unopened_indices(given_up, self._data, self._log)

    async def ended(self) -> LocalElasticError:
        """Wait until the node has ended, and say why it did."""
        code = await self._process.wait()
        return diagnose((f"exit code {code}", _tail(self._log)), self._data, self._log)

    async def stop(self) -> None:
        """Close the node in order; kill it if that takes too long."""
        await _end(self._process, patience=STOP_TIMEOUT)


def _prepare(data: Path) -> Path:
    """Make the directories of a node, without what its last run left in them, and return the file of its log."""
    try:
        shutil.rmtree(data / "tmp", ignore_errors=True)
        for name in ("config", "logs", "tmp"):
            (data / name).mkdir(parents=True, exist_ok=True)
        log = data / "logs" / "elasticsearch.log"
        if log.exists():
            log.replace(log.with_name("elasticsearch.previous.log"))
        log.touch()
    except OSError as exc:
        raise DataNotWritable(data, exc) from exc
    return log


def _command(installation: Installation, data: Path, port: int, heap: int) -> list[str]:
    return [
        str(installation.java), f"-Xms{heap}m", f"-Xmx{heap}m", *_JVM_OPTIONS,
        f"-Djava.io.tmpdir={data / 'tmp'}", f"-XX:ErrorFile={data / 'logs' / 'jvm_error_%p.log'}",
        "-cp", installation.class_path, "localelastic.Launcher", str(data), f"http.port={port}", *_SETTINGS,
    ]  # fmt: skip


async def _spawn(command: list[str], data: Path, log: Path, keep_open: tuple[int, ...]) -> Process:
    try:
        with log.open("wb") as log_file:
            return await asyncio.create_subprocess_exec(
                *command, cwd=data, stdin=PIPE, stdout=PIPE, stderr=log_file, pass_fds=keep_open,
                start_new_session=True,  # Ctrl-C in a terminal is for us, and we stop the node in order
            )  # fmt: skip
    except OSError as exc:
        raise LocalElasticError(
            f"{command[0]} cannot be started: {exc.strerror or exc}.",
            "Install a Java runtime for this system and set JAVA_HOME.",
        ) from exc


async def _started_port(process: Process, data: Path, log: Path, wanted: int) -> int:
    assert process.stdout is not None
    failures: list[str] = []
    try:
        async with asyncio.timeout(START_TIMEOUT):
            async for raw in process.stdout:
                word, _, rest = raw.decode(errors="replace").rstrip().partition(" ")
                if word == "STARTED":
                    return int(rest)
                if word == "FAILED":
                    failures.append(rest)
            code = await process.wait()
    except TimeoutError as exc:
        raise LocalElasticError(
            f"Elasticsearch did not start within {START_TIMEOUT:.0f} s.",
            f"Is the machine very busy? The details are in {log}.",
        ) from exc
    outputs = ("\n".join(failures) or f"exit code {code}", _tail(log))
    if "Address already in use" in outputs[0]:
        raise PortInUse(wanted)
    raise diagnose(outputs, data, log)


def _tail(log: Path) -> str:
    with log.open("rb") as content:
        content.seek(max(0, log.stat().st_size - LOG_TAIL))
        return content.read().decode(errors="replace")


async def _end(process: Process, patience: float) -> None:
    assert process.stdin is not None
    process.stdin.close()
    try:
        async with asyncio.timeout(patience):
            await process.wait()
    except TimeoutError:
        with suppress(ProcessLookupError):  # it was faster
            process.kill()
    await process.communicate()  # closes the pipes, too
