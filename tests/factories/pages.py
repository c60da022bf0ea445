"""Pages of records as a source gives them."""

from forcedex.domain.record import Page
from forcedex.domain.record_id import to_18
from forcedex.domain.selection import Selection


def record_id(number: int, prefix: str = "001") -> str:
    """A well-formed Id."""
    return to_18(f"{prefix}000{number:09d}")


def page(of: Selection, *rows: dict[str, str], stamp: str = "2026-01-31T10:00:00.000Z") -> Page:
    """Rows by column; Id counts up, the record is live, the stamp is the same, unless given."""
    complete = [
        {"Id": record_id(number), "IsDeleted": "false", "SystemModstamp": stamp, **row}
        for number, row in enumerate(rows, start=1)
    ]
    return Page(of.paths, [[row.get(path, "") for path in of.paths] for row in complete])
