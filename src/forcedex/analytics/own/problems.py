"""What is wrong with a report's file: every problem at once, each with its place and a next step."""

import re
import tomllib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from forcedex.domain.errors import ConfigurationError

#: Keys and numbers (from 0) that lead into a file.
Way = tuple[str | int, ...]


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing that is wrong."""

    way: Way
    text: str


class WrongReport(ConfigurationError):
    """A report's file cannot be used. `lines`: one for each problem."""

    def __init__(self, lines: Sequence[str]) -> None:
        number = "1 problem" if len(lines) == 1 else f"{len(lines)} problems"
        super().__init__(f"The report cannot be used: {number}. {' '.join(lines)}")
        self.lines = tuple(lines)


def wrong(text: str, problems: Sequence[Problem]) -> WrongReport:
    """The error that tells all problems of a text in the order of their places."""
    found = sorted(((line_of(text, each.way), each) for each in problems), key=lambda item: item[0] or 0)
    return WrongReport([f"{_place(line, each.way)}: {each.text}" for line, each in dict.fromkeys(found)])


def _place(line: int | None, way: Way) -> str:
    """Such as `Line 12, measures 2, function`; tables are counted from 1."""
    words: list[str] = []
    for each in way:
        if isinstance(each, int) and words:
            words[-1] += f" {each + 1}"
        else:
            words.append(str(each))
    place = ", ".join(words) or "the file"
    return f"Line {line}, {place}" if line else place[0].upper() + place[1:]


def line_of(text: str, way: Way) -> int | None:
    """The line, from 1, where the table or the key of it stands; None where it is not there or not to be found.

    A prefix of the file that ends with a table's head is a file of its own, so its tables can be counted.
    """
    lines = text.splitlines()
    head = 0
    if len(way) > 1 and isinstance(way[1], int):
        found = _head(lines, str(way[0]), way[1])
        if found is None:
            return _key(lines, str(way[0]), 0)
        head, way = found, way[2:]
    if not way:
        return head or None
    return _key(lines, str(way[0]), head) or head or None


def _head(lines: Sequence[str], name: str, number: int) -> int | None:
    pattern = re.compile(rf"\s*\[\[\s*[\"']?{re.escape(name)}[\"']?\s*\]\]")
    for place, line in enumerate(lines, 1):
        if pattern.match(line):
            tables = _parsed("\n".join(lines[:place])).get(name)
            if isinstance(tables, list) and len(tables) == number + 1:
                return place
    return None


def _key(lines: Sequence[str], name: str, head: int) -> int | None:
    """The line of a key below a table's head, before the next one."""
    pattern = re.compile(rf"\s*[\"']?{re.escape(name)}[\"']?\s*[.=]")
    for place, line in enumerate(lines[head:], head + 1):
        if re.match(r"\s*\[\[?\s*[\"'\w]", line) and "=" not in line:
            return None
        if pattern.match(line):
            return place
    return None


def _parsed(text: str) -> dict[str, Any]:
    try:
        return tomllib.loads(text)
    except (ValueError, RecursionError):
        return {}
