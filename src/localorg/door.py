"""The direct door: what tests and tools do to the org past its protocols, in Python values.

The admin API (`/__org/…`) offers the same verbs over HTTP.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date, datetime, time
from decimal import Decimal
from typing import Any

from localorg.clock import Clock
from localorg.deployment import Deployment
from localorg.ids import full_id
from localorg.records import delete_log
from localorg.records.deletion import delete, empty_bin, hard_delete, undelete
from localorg.records.mass import mass_update
from localorg.records.merge import merge
from localorg.schema import SObjectDef
from localorg.store.values import Value, encode, format_datetime
from localorg.transactions import LateTransaction


def _json(value: Value) -> Any:
    """A Python value as a client would send it."""
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, time):
        return value.isoformat(timespec="milliseconds") + "Z"
    return str(value) if isinstance(value, Decimal) else value


def _body(fields: Mapping[str, Value]) -> dict[str, Any]:
    return {name: _json(value) for name, value in fields.items()}


class Late:
    """A transaction that is open: stamped now, seen after the commit; see localorg.transactions."""

    def __init__(self, transaction: LateTransaction, sobject: Callable[[str], SObjectDef]) -> None:
        self._transaction = transaction
        self._sobject = sobject

    @property
    def number(self) -> int:
        """Its name in the admin API."""
        return self._transaction.number

    def insert(self, object_name: str, **fields: Value) -> str:
        """Create a record; the Id that it will have."""
        return self._transaction.insert(self._sobject(object_name), _body(fields))

    def update(self, object_name: str, record: str, **fields: Value) -> None:
        """Change a record."""
        self._transaction.update(self._sobject(object_name), record, _body(fields))

    def delete(self, object_name: str, record: str) -> None:
        """Put a record into the recycle bin."""
        self._transaction.delete(self._sobject(object_name), record)

    def commit(self) -> None:
        """Let everybody see it; ApiError if something is refused, and then nothing of it happened."""
        self._transaction.commit()

    def rollback(self) -> None:
        """Forget it."""
        self._transaction.rollback()


class Door(Deployment):
    """Arranging and looking, without a session and without counting requests.

    Writes go through the same rules as the REST API's and raise ApiError. What an administrator does in Setup is in
    Deployment, AccessAdministration and Administration.
    """

    @property
    def clock(self) -> Clock:
        """The org's clock: freeze, advance, resume."""
        return self._org.clock

    def insert(self, object_name: str, **fields: Value) -> str:
        """Create a record as the administrator; its Id.

        CreatedDate, CreatedById, LastModifiedDate and LastModifiedById may be given (Set Audit Fields upon Record
        Creation).
        """
        return self._writer().create(self._sobject(object_name), _body(fields))

    def update(self, object_name: str, record: str, **fields: Value) -> None:
        """Change a record as the administrator."""
        self._writer().update(self._sobject(object_name), record, _body(fields))

    def mass_update(self, object_name: str, records: Sequence[str] | None = None, **fields: Value) -> int:
        """Change these records, or all, in one transaction with one stamp; how many."""
        return mass_update(self._writer(), self._sobject(object_name), records, _body(fields))

    def merge(self, master: str, *losers: str, **fields: Value) -> None:
        """Merge one or two accounts, contacts, leads or cases into another, which also gets these values."""
        sobject = self._org.schema.of_id(master)
        if sobject is None:
            raise KeyError(master)
        merge(self._writer(), sobject, master, losers, _body(fields))

    def system_touch(self, object_name: str, record: str) -> None:
        """Move SystemModstamp alone, as processes of the platform do."""
        stamp = format_datetime(self._org.clock.now())
        self._org.store.update(self._sobject(object_name), str(full_id(record)), {"SystemModstamp": stamp})

    def begin_late(self) -> Late:
        """Open a transaction whose changes are seen only when it commits."""
        return Late(self._org.transactions.begin(self._org.clock.now, self._writer), self._sobject)

    def late(self, number: int) -> Late:
        """The open transaction of this number; KeyError."""
        return Late(self._org.transactions.find(number), self._sobject)

    def delete(self, object_name: str, record: str) -> None:
        """Put a record into the recycle bin."""
        delete(self._writer(), self._sobject(object_name), record)

    def undelete(self, object_name: str, record: str) -> None:
        """Bring a record back."""
        undelete(self._writer(), self._sobject(object_name), record)

    def hard_delete(self, object_name: str, record: str) -> None:
        """Take a record away for good."""
        hard_delete(self._writer(), self._sobject(object_name), record)

    def empty_bin(self, object_name: str | None = None) -> int:
        """Empty the recycle bin, of one object or all; how many records. The delete log keeps them."""
        objects = [self._sobject(object_name)] if object_name is not None else list(self._org.schema.objects.values())
        with self._org.store.transaction():
            return sum(empty_bin(self._writer(), sobject) for sobject in objects)

    def purge(self, most_log_entries: int | None = None) -> int:
        """What runs by itself in Salesforce: records that lay in the recycle bin for 15 days go, and so does what the
        delete log holds beyond its limit (5,000 for each active user, unless given); how many records and entries.
        """
        now = self._org.clock.now()
        with self._org.store.transaction():
            gone = sum(
                empty_bin(self._writer(), sobject, before=now - delete_log.LIFE)
                for sobject in self._org.schema.objects.values()
            )
            return gone + delete_log.purge(self._org.store, now, most_log_entries)

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

    def select_for_cdc(self, names: Sequence[str], *, add_on: bool | None = None) -> None:
        """Select these objects and no others for Change Data Capture; ValueError if that cannot be.

        More than five take the add-on, which can be bought (or given back) here.
        """
        self._org.journal.settings.select(names, add_on=add_on)

    @property
    def cdc(self) -> dict[str, Any]:
        """The settings of Change Data Capture and how many events were delivered in the last 24 hours."""
        settings = self._org.journal.settings
        return {
            "entities": sorted(settings.selected),
            "add_on": settings.add_on,
            "keepalive": settings.keepalive,
            "fetch_timeout": settings.fetch_timeout,
            "overflow": settings.overflow,
            "allocation": self._org.deliveries.most,
            "delivered": self._org.deliveries.used,
        }

    def expire_sessions(self) -> None:
        """End every session, those of browsers too."""
        self._org.sessions.expire_all()
        self._org.visits.end_all()

    def rotate_identity_key(self, *, keep_old: bool = True) -> str:
        """Sign ID tokens with a new key from now on; its key id. The old ones stay published, or do not."""
        return self._org.identity_keys.rotate(keep_old=keep_old)

    def set_replication_limit(self, most: int) -> None:
        """Ids that getUpdated and getDeleted answer at most, before EXCEEDED_ID_LIMIT."""
        self._org.most_replicated = most

    def set_daily_limit(self, most: int) -> None:
        """Change the daily API allowance."""
        self._org.allowance.most = most

    @property
    def requests_used(self) -> int:
        """API requests of the last 24 hours."""
        return self._org.allowance.used
