"""A query job as a value.

Source: Bulk API 2.0 Developer Guide, "Create a Query Job", "Get Information About a Query Job".
"""

from dataclasses import asdict, dataclass, replace
from typing import Any

#: columnDelimiter -> character.
DELIMITERS = {"BACKQUOTE": "`", "CARET": "^", "COMMA": ",", "PIPE": "|", "SEMICOLON": ";", "TAB": "\t"}
LINE_ENDINGS = {"LF": "\n", "CRLF": "\r\n"}
FINISHED = frozenset({"JobComplete", "Failed", "Aborted"})


@dataclass(frozen=True, kw_only=True)
class QueryJob:
    """One job."""

    id: str
    #: query or queryAll.
    operation: str
    object: str
    created_by: str
    #: Seconds since 1970.
    created: float
    stamp: float
    state: str
    version: str
    delimiter: str
    line_ending: str
    soql: str
    records: int = 0
    retries: int = 0
    #: Milliseconds.
    time: int = 0
    error: str | None = None
    #: Rows on each page file, in order.
    pages: tuple[int, ...] = ()

    @property
    def finished(self) -> bool:
        """Whether nothing will happen to it any more."""
        return self.state in FINISHED

    def page_of(self, row: int) -> tuple[int, int]:
        """The page that holds a row (or the first one, without any), and the number of the page's first row."""
        before = 0
        for number, size in enumerate(self.pages):
            if row < before + size:
                return number, before
            before += size
        return 0, 0

    @property
    def page_starts(self) -> list[int]:
        """The number of each page's first row."""
        return [sum(self.pages[:number]) for number in range(len(self.pages))]

    def becomes(self, state: str, at: float, **changes: Any) -> "QueryJob":
        """The job in another state."""
        return replace(self, state=state, stamp=at, **changes)

    def stored(self) -> dict[str, Any]:
        """For the job's file."""
        return asdict(self)
