"""Transactions that take long: what they write is stamped at once, but seen only when they commit.

    late = org.begin_late()
    record = late.insert("Account", Name="Acme")   # CreatedDate and SystemModstamp: now
    …                                              # nobody sees it
    late.commit()                                  # there it is, with its old stamp

A real org keeps the rows locked meanwhile. Here a record that somebody else changed after the open transaction did
makes its commit fail with UNABLE_TO_LOCK_ROW, so that no stamp ever goes back.
"""

import threading
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from localorg.errors import ApiError
from localorg.ids import full_id
from localorg.records import RecordWriter
from localorg.records.deletion import delete
from localorg.schema import SObjectDef
from localorg.store.values import format_datetime

#: Saves as the one who opened the transaction, as if it were that instant.
WriterAt = Callable[[datetime], RecordWriter]


@dataclass(frozen=True, kw_only=True, slots=True)
class _Operation:
    at: datetime
    sobject: SObjectDef
    record: str
    work: Callable[[RecordWriter], Any]


class LateTransaction:
    """Operations that wait for the commit."""

    def __init__(
        self, number: int, now: Callable[[], datetime], writer: WriterAt, finish: Callable[[int], None]
    ) -> None:
        self.number = number
        self.started = now()
        self._now = now
        self._writer = writer
        self._finish = finish
        self._operations: list[_Operation] = []

    def insert(self, sobject: SObjectDef, body: dict[str, Any]) -> str:
        """Create a record; the Id that it will have."""
        record = self._writer(self._now()).store.next_id(sobject.key_prefix)
        self._wait(sobject, record, lambda writer: writer.create(sobject, body, record))
        return record

    def update(self, sobject: SObjectDef, record: str, body: dict[str, Any]) -> None:
        """Change a record."""
        self._wait(sobject, record, lambda writer: writer.update(sobject, record, body))

    def delete(self, sobject: SObjectDef, record: str) -> None:
        """Put a record into the recycle bin."""
        self._wait(sobject, record, lambda writer: delete(writer, sobject, record))

    def commit(self) -> None:
        """Let everybody see it, in one transaction; nothing of it if anything is refused."""
        self._finish(self.number)
        with self._writer(self._now()).store.transaction():
            for operation in self._operations:
                writer = self._writer(operation.at)
                _check_lock(writer, operation)
                operation.work(writer)

    def rollback(self) -> None:
        """Forget it."""
        self._finish(self.number)

    def _wait(self, sobject: SObjectDef, record: str, work: Callable[[RecordWriter], Any]) -> None:
        self._operations.append(_Operation(at=self._now(), sobject=sobject, record=record, work=work))


def _check_lock(writer: RecordWriter, operation: _Operation) -> None:
    row = writer.store.get(operation.sobject, full_id(operation.record) or "")
    if row is not None and str(row.get("SystemModstamp") or "") > format_datetime(operation.at):
        raise ApiError(
            "UNABLE_TO_LOCK_ROW",
            f"unable to obtain exclusive access to this record or 1 records: {operation.record[:15]}",
            fields=[],
        )


class OpenTransactions:
    """The late transactions that have not ended."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._open: dict[int, LateTransaction] = {}
        self._last = 0

    def begin(self, now: Callable[[], datetime], writer: WriterAt) -> LateTransaction:
        """Open one."""
        with self._lock:
            self._last += 1
            late = self._open[self._last] = LateTransaction(self._last, now, writer, self._finish)
        return late

    def find(self, number: int) -> LateTransaction:
        """An open one; KeyError."""
        with self._lock:
            return self._open[number]

    @property
    def oldest(self) -> datetime | None:
        """When the oldest open one began. It holds back what getUpdated and getDeleted cover."""
        with self._lock:
            return min((one.started for one in self._open.values()), default=None)

    def _finish(self, number: int) -> None:
        with self._lock:
            self._open.pop(number, None)
