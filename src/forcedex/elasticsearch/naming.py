"""Names of indices and aliases: `<prefix>-<org>-<object>[-<generation>]`, in lower case."""

import re
from dataclasses import dataclass
from typing import Any

from forcedex.domain.errors import ConfigurationError

#: What the read alias shows: no tombstones.
LIVE: dict[str, Any] = {"term": {"forcedex.deleted": False}}

_PREFIX = re.compile(r"[a-z][a-z0-9_]{0,39}")


@dataclass(frozen=True, slots=True)
class Names:
    """The names of one org's indices."""

    prefix: str
    #: 18 characters.
    org_id: str

    def __post_init__(self) -> None:
        if not _PREFIX.fullmatch(self.prefix):
            raise ConfigurationError(
                f"[elasticsearch] index_prefix {self.prefix!r} cannot be used.",
                "Take up to 40 lower-case letters, digits and underscores, the first a letter.",
            )

    @property
    def root(self) -> str:
        """What every name of this org begins with."""
        return f"{self.prefix}-{self.org_id.lower()}-"

    def read_alias(self, sobject: str) -> str:
        """The alias that questions go to: live records only."""
        return f"{self.root}{sobject.lower()}"

    def write_alias(self, sobject: str) -> str:
        """The alias of the generation that is written now."""
        return f"{self.read_alias(sobject)}-write"

    def generation_alias(self, sobject: str, generation: int) -> str:
        """The alias that the writes of one generation go to.

        It belongs to that generation alone: a request of a process that was killed, arriving late, cannot land in the
        generation that was begun after it.
        """
        return f"{self.index(sobject, generation)}-write"

    def index(self, sobject: str, generation: int) -> str:
        """The concrete index."""
        return f"{self.read_alias(sobject)}-{generation:06d}"

    def generations(self, sobject: str) -> str:
        """A pattern that matches every concrete index of the object."""
        return f"{self.read_alias(sobject)}-0*"


def is_generation(index: str) -> bool:
    """Whether a name that matches `Names.generations` is one of ours."""
    return index.rsplit("-", 1)[1].isdigit()


def generation_in(index: str) -> int:
    """The generation at the end of a concrete index's name."""
    return int(index.rsplit("-", 1)[1])
