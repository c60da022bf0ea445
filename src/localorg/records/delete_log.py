"""The delete log: which record was deleted when, and with which other one. getDeleted and undelete read it.

A record stays in it when the recycle bin is emptied. Rows that were loaded as deleted are not in it; their stamp
says when. Source: SOAP API Developer Guide, "getDeleted()": entries older than two hours go, the oldest first, when
there are more than 5,000 for each licence.
"""

from collections.abc import Iterable
from datetime import datetime, timedelta

from localorg.schema import SObjectDef
from localorg.store import Store
from localorg.store.values import format_datetime

#: How far getDeleted reaches back, and how long a record stays in the recycle bin.
LIFE = timedelta(days=15)
_SAFE = timedelta(hours=2)
_PER_LICENCE = 5_000


def note(store: Store, sobject: SObjectDef, record: str, at: str, root: str) -> None:
    """A record was deleted, because the record `root` (maybe itself) was; the first time counts."""
    with store.transaction() as connection:
        row = (record, sobject.name, at, root)
        connection.execute('INSERT OR IGNORE INTO "_deleted" VALUES (?, ?, ?, ?)', row)


def forget(store: Store, record: str) -> None:
    """A record came back."""
    with store.transaction() as connection:
        connection.execute('DELETE FROM "_deleted" WHERE record = ?', (record,))


def root_of(store: Store, record: str) -> str | None:
    """The record that a record was deleted with; None: it was loaded as deleted."""
    found = store.scalar('SELECT root FROM "_deleted" WHERE record = ?', (record,))
    return None if found is None else str(found)


def stamp_field(sobject: SObjectDef) -> str | None:
    """The field that says when a record last changed.

    Source: SOAP API Developer Guide, "getUpdated()": SystemModstamp, or LastModifiedDate where there is none; rows
    that never change have CreatedDate.
    """
    names = ("SystemModstamp", "LastModifiedDate", "CreatedDate")
    return next((name for name in names if sobject.has(name)), None)


def entries(store: Store, sobject: SObjectDef, start: datetime, end: datetime, most: int) -> list[tuple[str, str]]:
    """Id and time of deletion of records deleted from `start` up to, not including, `end`; at most `most`."""
    span = (sobject.name, format_datetime(start), format_datetime(end))
    sql = 'SELECT record, at FROM "_deleted" WHERE object = ?1 AND at >= ?2 AND at < ?3'
    stamp = stamp_field(sobject)
    gone = '"IsDeleted" = 1' if sobject.has("IsDeleted") else None
    if sobject.name == "CurrencyType":
        # A currency cannot be deleted; a deactivated one is reported as if it were.
        gone = '"IsActive" = 0'
    if gone is not None and stamp is not None:
        sql += (
            f' UNION ALL SELECT "Id", "{stamp}" FROM "{sobject.name}" WHERE {gone} AND "{stamp}" >= ?2'
            f' AND "{stamp}" < ?3 AND NOT EXISTS (SELECT 1 FROM "_deleted" WHERE record = "Id")'
        )
    return list(store.reader.execute(f"{sql} ORDER BY 2, 1 LIMIT {most}", span))


def earliest(store: Store, now: datetime) -> datetime:
    """From when on the log is complete."""
    kept = store.setting("delete_log_start")
    window = now - LIFE
    return window if kept is None else max(window, datetime.fromisoformat(kept))


def purge(store: Store, now: datetime, most: int | None = None) -> int:
    """Drop what may be dropped: beyond `most` entries (by the licences: None), the oldest first; how many."""
    if most is None:
        most = _PER_LICENCE * int(store.scalar('SELECT count(*) FROM "User" WHERE "IsActive" = 1'))
    with store.transaction() as connection:
        connection.execute('DELETE FROM "_deleted" WHERE at < ?', (format_datetime(now - LIFE),))
        excess = max(0, int(connection.execute('SELECT count(*) FROM "_deleted"').fetchone()[0]) - most)
        old = connection.execute(
            'SELECT record, at FROM "_deleted" WHERE at < ? ORDER BY at LIMIT ?', (format_datetime(now - _SAFE), excess)
        ).fetchall()
        if old:
            # What was deleted in the last dropped second may be lost in part.
            start = datetime.fromisoformat(old[-1][1] + "+00:00") + timedelta(seconds=1)
            store.set_setting("delete_log_start", start.isoformat())
            _drop(store, (record for record, _ in old))
    return len(old)


def _drop(store: Store, records: Iterable[str]) -> None:
    with store.transaction() as connection:
        connection.executemany('DELETE FROM "_deleted" WHERE record = ?', ((record,) for record in records))
