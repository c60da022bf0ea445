"""Everything a node is started from: a Java runtime, verified jars, compiled classes."""

from dataclasses import dataclass
from pathlib import Path

from localelastic.build import build
from localelastic.cache import cache_directory
from localelastic.errors import LocalElasticError
from localelastic.events import Compiling, Fetching, Report
from localelastic.fetch import fetch
from localelastic.jars import JARS
from localelastic.jvm import bundled_java, find_java


@dataclass(frozen=True, kw_only=True, slots=True)
class Installation:
    """What is needed to start nodes."""

    java: Path
    class_path: str


async def install(report: Report) -> Installation:
    """Find, fetch and compile what is not there yet. Every jar is verified each time."""
    java = await find_java(bundled_java())
    cache = cache_directory()
    jars = cache / "jars"
    try:
        await fetch(JARS, jars, lambda done, total: report(Fetching(done=done, total=total)))
        classes = await build(java, jars, cache / "classes", lambda: report(Compiling()))
    except OSError as exc:
        raise LocalElasticError(
            f"The cache {cache} cannot be written: {exc.strerror or exc}.",
            "Make it writable, or name another directory in LOCALELASTIC_CACHE.",
        ) from exc
    libraries = (jars / jar.file_name for jar in JARS if not jar.is_compiler)
    return Installation(java=java, class_path=":".join(map(str, (classes, *libraries))))
