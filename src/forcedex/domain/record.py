"""Records on their way from Salesforce to documents: rows of text, the same from Bulk API and REST.

A value is the text that a Bulk API 2.0 CSV holds: empty for null, `true`/`false`, decimal numbers,
`2026-01-31`, `2026-01-31T10:00:00.000Z`, `A;B` for a multi-select. A column is a path as in SELECT:
`Name` or `Account.Name`. REST answers are turned into the same text, so one converter serves both.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

Row = Sequence[str]


@dataclass(frozen=True, slots=True)
class Page:
    """Some records of one object, each a row of as many values as there are columns."""

    columns: tuple[str, ...]
    rows: list[list[str]]


@dataclass(frozen=True, slots=True, order=True)
class Mark:
    """A place in an object's records ordered by (replication key, Id)."""

    #: The replication key in UTC; second resolution, as Salesforce stores it.
    stamp: datetime
    #: 18-character Id; empty sorts before every record of that second.
    record_id: str = ""


def parse_stamp(text: str) -> datetime:
    """The time in a datetime text of any Salesforce spelling (`Z`, `+0000`, `+00:00`); ValueError otherwise."""
    time = datetime.fromisoformat(text)
    if time.tzinfo is None:
        raise ValueError(f"{text!r} has no time zone")
    return time.astimezone(UTC)


def stamp_text(time: datetime) -> str:
    """A time as Salesforce's CSV and SOQL spell it: `2026-01-31T10:00:00.000Z`."""
    return time.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.000Z")
