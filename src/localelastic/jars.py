"""The jars that make the node, as `jars.lock` pins them: one `sha256 path` per line, paths as in a Maven repository."""

from dataclasses import dataclass
from importlib.resources import files
from pathlib import PurePosixPath
from typing import Final

_COMPILER: Final = "org/eclipse/jdt/ecj/"
_SERVER: Final = "org/elasticsearch/elasticsearch/"


@dataclass(frozen=True, kw_only=True, slots=True)
class Jar:
    """One published file and the only content that is accepted for it."""

    path: str
    sha256: str

    @property
    def file_name(self) -> str:
        """The last part of the path; unique within the lock."""
        return PurePosixPath(self.path).name

    @property
    def is_compiler(self) -> bool:
        """Whether this jar only compiles, so that the node itself runs without it."""
        return self.path.startswith(_COMPILER)


LOCK_TEXT: Final = files("localelastic").joinpath("jars.lock").read_text("utf-8")

JARS: Final = tuple(Jar(sha256=sha256, path=path) for sha256, path in (line.split() for line in LOCK_TEXT.splitlines()))

ELASTICSEARCH_VERSION: Final = next(PurePosixPath(jar.path).parent.name for jar in JARS if jar.path.startswith(_SERVER))
