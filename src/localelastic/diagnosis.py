"""From what a failed node printed to a cause and a next step that a person can use."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from localelastic.errors import LocalElasticError

_SET_ASIDE: Final = (
    "Move the directory away and start with an empty one, then fill it again from its source. The details are in {log}."
)


@dataclass(frozen=True, kw_only=True, slots=True)
class Symptom:
    """A pattern in the output of a node, and what it means. Templates may use {data} and {log}."""

    pattern: re.Pattern[str]
    message: str
    hint: str


SYMPTOMS: Final = tuple(
    Symptom(pattern=re.compile(pattern), message=message, hint=hint)
    for pattern, message, hint in (
        (
            r"failed to obtain node locks",
            "Another Elasticsearch node uses {data}.",
            "Stop it first, or choose another data directory.",
        ),
        (
            r"cannot downgrade a node|from a future version|IndexFormatTooNew",
            "The data in {data} was written by a newer Elasticsearch.",
            "Use the program version that wrote it, or another data directory.",
        ),
        (
            r"AccessDenied|Permission denied|Read-only file system|No space left",
            "{data} cannot be written.",
            "Check its permissions and the free space of its disk. The details are in {log}.",
        ),
        (
            r"Corrupt(Index|State)Exception|IndexFormatToo|(EOF|NoSuchFile)Exception.*_state",
            "The data in {data} is damaged.",
            _SET_ASIDE,
        ),
        (
            r"Could not (reserve|allocate) |insufficient memory for the Java Runtime",
            "There is not enough memory for this heap.",
            "Ask for less with --heap, or close other programs.",
        ),
        (
            r"OutOfMemoryError",
            "Elasticsearch ran out of memory.",
            "Give it more with --heap. The details are in {log}.",
        ),
        (
            r"^exit code -9$",
            "Elasticsearch was killed.",
            "If nobody did it, the system was short of memory: ask for less with --heap, or close other programs.",
        ),
    )
)


def diagnose(outputs: Sequence[str], data: Path, log: Path) -> LocalElasticError:
    """The error for a node that ended after these outputs, the most telling first."""
    names = {"data": data, "log": log}
    for output in outputs:
        for symptom in SYMPTOMS:
            if symptom.pattern.search(output):
                return LocalElasticError(symptom.message.format_map(names), symptom.hint.format_map(names))
    return LocalElasticError(
        f"Elasticsearch ended unexpectedly: {outputs[0].splitlines()[-1]}.", f"The details are in {log}."
    )


def unopened_indices(reasons: dict[str, str], data: Path, log: Path) -> LocalElasticError:
    """The error for a node that runs but has given up opening these indices, each with Elasticsearch's reason."""
    unopened = "; ".join(f"{index} cannot be opened ({reason})" for index, reason in reasons.items())
    return LocalElasticError(f"The data in {data} is damaged: {unopened}.", _SET_ASIDE.format(log=log))
