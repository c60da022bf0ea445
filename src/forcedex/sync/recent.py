"""Which recent changes are written already, so that the overlap of two polls is not written twice.

A poll reads again what changed shortly before the last one, because a record can become visible late. A record that
was read when its second was over cannot change again within that second, so the same stamp means the same record.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta

from forcedex.domain.record import parse_stamp

#: A read this long after a stamp has seen everything of that second (clocks of an org's servers differ a little).
SETTLED = timedelta(seconds=5)
#: Beyond this many, records of the overlap are written twice rather than remembered.
MOST_RECENT = 20_000


class Recent:
    """The (stamp, deleted) of records that were written, by Id, and whether they were read after their second."""

    def __init__(self) -> None:
        self._seen: dict[str, tuple[tuple[str, str], bool]] = {}

    def unseen(self, rows: Sequence[list[str]], record_id: int, stamp: int, deleted: int | None) -> list[list[str]]:
        """The rows that must be written, whether for the first time or once more; the numbers are columns."""
        return [row for row in rows if self._seen.get(row[record_id]) != (_key(row, stamp, deleted), True)]

    def new(self, rows: Sequence[list[str]], record_id: int, stamp: int, deleted: int | None) -> int:
        """How many of the rows were not written before, as far as is known."""
        return sum(self._seen.get(row[record_id], ("", False))[0] != _key(row, stamp, deleted) for row in rows)

    def learn(
        self, rows: Sequence[list[str]], record_id: int, stamp: int, deleted: int | None, read_at: datetime
    ) -> None:
        """These rows are written; `read_at` is the org's time before they were read."""
        settled = read_at - SETTLED
        for row in rows:
            if len(self._seen) < MOST_RECENT or row[record_id] in self._seen:
                self._seen[row[record_id]] = _key(row, stamp, deleted), parse_stamp(row[stamp]) <= settled

    def forget_before(self, time: datetime) -> None:
        """Drop what no later poll will read again."""
        self._seen = {each: (key, done) for each, (key, done) in self._seen.items() if parse_stamp(key[0]) >= time}


def _key(row: list[str], stamp: int, deleted: int | None) -> tuple[str, str]:
    return row[stamp], row[deleted] if deleted is not None else ""
