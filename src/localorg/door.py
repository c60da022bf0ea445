"""The direct door: what tests and tools do to the org past its protocols, in Python values.

The admin API (`/__org/…`) offers the same verbs over HTTP.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime, time
from decimal import Decimal
from typing import Any

from localorg.clock import Clock
from localorg.ids import full_id
from localorg.org import Org
from localorg.records import RecordWriter
from localorg.records.deletion import delete, hard_delete, undelete
from localorg.schema import SObjectDef
from localorg.setup import ADMIN_ID
from localorg.store.values import Value, encode


def _json(value: Value) -> Any:
    """A Python value as a client would send it."""
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, time):
        return value.isoformat(timespec="milliseconds") + "Z"
    return str(value) if isinstance(value, Decimal) else value


class Door:
    """Arranging and looking, without a session and without counting requests.

    Writes go through the same rules as the REST API's and raise ApiError.
    """

    def __init__(self, org: Org) -> None:
        self._org = org

    @property
    def clock(self) -> Clock:
        """The org's clock: freeze, advance, resume."""
        return self._org.clock

    def _sobject(self, name: str) -> SObjectDef:
        found = self._org.schema.object(name)
        if found is None:
            raise KeyError(name)
        return found

    def _writer(self) -> RecordWriter:
        user = self._org.user(ADMIN_ID)
        assert user is not None, "the org has no administrator"
        return self._org.writer(user)

    def insert(self, object_name: str, **fields: Value) -> str:
        """Create a record as the administrator; its Id."""
        body = {name: _json(value) for name, value in fields.items()}
        return self._writer().create(self._sobject(object_name), body)

    def update(self, object_name: str, record: str, **fields: Value) -> None:
        """Change a record as the administrator."""
        body = {name: _json(value) for name, value in fields.items()}
        self._writer().update(self._sobject(object_name), record, body)

    def delete(self, object_name: str, record: str) -> None:
        """Put a record into the recycle bin."""
        delete(self._writer(), self._sobject(object_name), record)

    def undelete(self, object_name: str, record: str) -> None:
        """Bring a record back."""
        undelete(self._writer(), self._sobject(object_name), record)

    def hard_delete(self, object_name: str, record: str) -> None:
        """Take a record away for good."""
        hard_delete(self._writer(), self._sobject(object_name), record)

    def rows(self, object_name: str) -> list[dict[str, Value]]:
        """All stored rows, deleted ones too."""
        return self._org.store.rows(self._sobject(object_name))

    def row(self, object_name: str, record: str) -> dict[str, Value] | None:
        """One stored row."""
        identifier = full_id(record)
        return next((row for row in self.rows(object_name) if row["Id"] == identifier), None)

    def load(self, object_name: str, columns: Sequence[str], rows: Iterable[Sequence[Value]]) -> int:
        """Add rows as they are, deriving nothing."""
        return self._org.store.load(self._sobject(object_name).name, columns, rows)

    def poke(self, object_name: str, record: str, values: Mapping[str, Value]) -> None:
        """Set stored values as they are: no rule, no stamp."""
        sobject = self._sobject(object_name)
        fields = {name: sobject.by_name[name.lower()] for name in values}
        self._org.store.update(
            sobject,
            str(full_id(record)),
            {fields[name].name: encode(fields[name], value) for name, value in values.items()},
        )

    def expire_sessions(self) -> None:
        """End every session."""
        self._org.sessions.expire_all()

    def set_daily_limit(self, most: int) -> None:
        """Change the daily API allowance."""
        self._org.allowance.most = most

    @property
    def requests_used(self) -> int:
        """API requests of the last 24 hours."""
        return self._org.allowance.used
