"""Compiling the Java part, once per content of its sources and of the lock.

The result lies in a directory named by a hash of everything it was made from. It is made in a temporary directory and
renamed, so that it is there whole or not at all and any number of processes may build at the same time.
"""

import asyncio
import hashlib
import shutil
import tempfile
from collections.abc import Callable
from importlib.resources import as_file, files
from pathlib import Path
from typing import Final

from localelastic.errors import LocalElasticError
from localelastic.jars import ELASTICSEARCH_VERSION, JARS, LOCK_TEXT

PLUGIN: Final = "localelastic"
_DESCRIPTOR: Final = f"""\
name={PLUGIN}
description=Root endpoint and analysis components
version={ELASTICSEARCH_VERSION}
elasticsearch.version={ELASTICSEARCH_VERSION}
java.version=21
classname=localelastic.LocalPlugin
"""
# Not --release: that needs a file which only a JDK has, and a JRE must do.
_COMPILER_OPTIONS: Final = ("-source", "21", "-target", "21", "-proc:none", "-nowarn", "-encoding", "UTF-8")


async def build(java: Path, jars: Path, directory: Path, on_compile: Callable[[], None]) -> Path:
    """The directory with the compiled classes, made now if it is not there; `on_compile` is called before."""
    with as_file(files("localelastic").joinpath("java")) as folder:
        sources = sorted(folder.glob("*.java"))
        target = directory / _key(sources)
        if target.exists():
            return target
        on_compile()
        directory.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(prefix="compiling-", dir=directory) as made:
            await _compile(java, jars, sources, Path(made, "classes"))
            _install(Path(made, "classes"), target)
    return target


def _key(sources: list[Path]) -> str:
    digest = hashlib.sha256(f"{LOCK_TEXT}\0{_DESCRIPTOR}".encode())
    for source in sources:
        digest.update(f"\0{source.name}\0".encode() + source.read_bytes())
    return digest.hexdigest()[:16]


async def _compile(java: Path, jars: Path, sources: list[Path], classes: Path) -> None:
    compiler = next(jar for jar in JARS if jar.is_compiler)
    libraries = ":".join(str(jars / jar.file_name) for jar in JARS if not jar.is_compiler)
    process = await asyncio.create_subprocess_exec(
        java, "-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC", "-jar", jars / compiler.file_name,
        *_COMPILER_OPTIONS, "-cp", libraries, "-d", classes, *sources,
        stdin=asyncio.subprocess.DEVNULL, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT,
    )  # fmt: skip
    try:
        output, _ = await process.communicate()
    except asyncio.CancelledError:
        process.kill()
        await process.wait()
        raise
    if process.returncode != 0:
        raise LocalElasticError(
            f"The Java part did not compile: {output.decode(errors='replace').strip()}",
            "Check that the Java runtime is complete; otherwise this is a defect of localelastic: please report it.",
        )
    descriptor = classes / "META-INF" / "es-plugins" / PLUGIN / "plugin-descriptor.properties"
    descriptor.parent.mkdir(parents=True)
    descriptor.write_text(_DESCRIPTOR, "utf-8")


def _install(classes: Path, target: Path) -> None:
    try:
        classes.rename(target)
    except OSError:
        if not target.exists():  # otherwise another process was faster and made the same
            raise
        shutil.rmtree(classes)
