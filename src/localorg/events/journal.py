"""The journal of changes: an event for every change of a selected object, written in the transaction that makes it.

A transaction of the org has one key, one commit number and one time; its events are numbered from 1, and numbers of
objects that are not selected are left out. Every event has a place in the org, a growing number with gaps, which is
its replay id. Events are kept for 72 hours by the org's clock. Source: Change Data Capture Developer Guide,
"Transaction-Based Replication Steps"; Pub/Sub API Developer Guide, "Event Message Durability".
"""

import random
import time
import uuid
from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import timedelta

from localorg.clock import Clock
from localorg.events import disturbances
from localorg.events.changes import Touch, fold
from localorg.events.draft import Draft, draft, merged, overflown
from localorg.events.entities import has_events
from localorg.events.schemas import Schemas
from localorg.events.settings import CdcSettings
from localorg.faults import Faults
from localorg.store import Store
from localorg.store.values import Stored

RETENTION = timedelta(hours=72)
_TABLE = """
CREATE TABLE IF NOT EXISTS "_event" (
    position INTEGER PRIMARY KEY, at INTEGER NOT NULL, entity TEXT NOT NULL, id TEXT NOT NULL,
    schema TEXT NOT NULL, payload BLOB NOT NULL, lost INTEGER NOT NULL)"""
_INSERT = 'INSERT INTO "_event" VALUES (?, ?, ?, ?, ?, ?, ?)'
_INDEX = 'CREATE INDEX IF NOT EXISTS "_event_at" ON "_event" (at)'
#: A place in the journal without an event is renewed after this time, so that a quiet org's replay ids stay valid.
_MARK_LIFE = 3_600  # seconds
_PURGE_PAUSE = 3_600  # seconds of the org's clock
#: Bytes of payload read at once: a client takes messages of up to 4 MiB.
_MOST_BYTES = 3_000_000


@dataclass(frozen=True, slots=True)
class Event:
    """One event in the journal."""

    position: int
    entity: str
    id: str
    schema_id: str
    payload: bytes


@dataclass(frozen=True, slots=True)
class Reading:
    """Events after a place, and how far the journal was read for them."""

    events: list[Event]
    reached: int


def _row(event: Event, at: int, lost: bool = False) -> tuple[Stored | bytes, ...]:
    return event.position, at, event.entity, event.id, event.schema_id, event.payload, int(lost)


def replay_id(position: int) -> bytes:
    """Ten bytes, as recorded: the place, and two zero bytes."""
    return position.to_bytes(8, "big") + b"\0\0"


class Journal:
    """Listens to the store's transactions; other threads read what they left."""

    def __init__(self, store: Store, clock: Clock, faults: Faults) -> None:
        self._store = store
        self._clock = clock
        self._faults = faults
        faults.declare(*disturbances.NAMES)
        self.settings = CdcSettings(store)
        self.schemas = Schemas(store)
        #: Called from any thread when there is something new.
        self.listeners: list[Callable[[], None]] = []
        self._touches: list[Touch] = []
        self._written = False
        #: Events that are out although their transaction is not committed.
        self._early: tuple[Event, ...] = ()
        self._purged = 0
        with store.transaction() as connection:
            connection.execute(_TABLE)
            connection.execute(_INDEX)
            last = connection.execute('SELECT max(position) FROM "_event"').fetchone()[0]
            # Another org's replay ids mean nothing here.
            self._position = last if last is not None else random.randrange(10**7, 10**9)
            if last is None:
                self._insert_mark()

    # -- what happens in a transaction, under the store's lock --

    def note(self, touch: Touch) -> None:
        """A record was touched; asked only while anything is selected. Objects without selection count too."""
        if has_events(self._store.schema.objects[touch.object]):
            self._touches.append(touch)

    def mark(self) -> int:
        """Where a savepoint begins."""
        return len(self._touches)

    def rollback(self, mark: int) -> None:
        """What came after the savepoint did not happen."""
        del self._touches[mark:]

    def before_commit(self) -> None:
        """Write the transaction's events."""
        if not self._touches:
            return
        changes = fold(self._touches)
        self._touches.clear()
        drafts = self._drafts(changes)
        if not drafts:
            return
        events = self._write(drafts)
        self._written = True
        entities = " ".join({event.entity for event in events})
        if (options := self._faults.take("EVENT_BEFORE_READ", entities)) is not None:
            self._early = tuple(events)
            self._tell()
            time.sleep(float(options.get("seconds", 1)))

    def after_commit(self) -> None:
        """Tell who waits for events."""
        if self._written:
            self._written = False
            self._tell()
            self._early = ()

    def _tell(self) -> None:
        for listener in tuple(self.listeners):
            listener()

    def _drafts(self, changes: list[Touch]) -> list[Draft]:
        """Events to be written, numbered."""
        made = [self._draft(change) if change.object in self.settings.selected else None for change in changes]
        drafts = []
        first = 1 if not any(made) or self._faults.take("SEQUENCE_GAP") is None else 2
        for number, one in enumerate(merged(made), start=first):
            if one is not None:
                one.sequence = number
                drafts.append(one)
        drafts = overflown(drafts, self.settings.overflow)
        return disturbances.disturbed(drafts, self._faults, self._store, self.schemas)

    def _draft(self, change: Touch) -> Draft:
        def always() -> bool:
            return self._faults.take("DIFF_TEXT", change.object) is not None

        schema = self.schemas.current(change.object)
        row = None if change.kind == "DELETE" else schema.row(self._store, change.record)
        return draft(change, row, schema, always)

    def _write(self, drafts: list[Draft]) -> list[Event]:
        now = self._clock.now()
        self._purge(int(now.timestamp()))
        self._position += random.randint(1, 5)
        transaction = {
            "transactionKey": "0000" + str(uuid.uuid4())[4:],
            "commitTimestamp": int(now.timestamp()) * 1000,
            "commitNumber": 10**12 + self._position,
        }
        events = []
        rows = []
        for one in drafts:
            payload = one.payload(transaction)
            if len(payload) > self.settings.largest and not one.change_type.startswith("GAP_"):
                one.become_gap()
                payload = one.payload(transaction)
            self.schemas.keep(one.schema)
            event = Event(self._position, one.entity, str(uuid.uuid4()), one.schema.id, payload)
            rows.append(_row(event, int(now.timestamp()), one.lost))
            if not one.lost:
                events.append(event)
            self._position += 1
        self._position -= 1
        with self._store.transaction() as connection:
            connection.executemany(_INSERT, rows)
        return events

    def _insert_mark(self) -> None:
        self._position += 1
        mark = Event(self._position, "", "", "", b"")
        with self._store.transaction() as connection:
            connection.execute(_INSERT, _row(mark, int(self._clock.now().timestamp())))

    def _purge(self, now: int) -> None:
        if abs(now - self._purged) > _PURGE_PAUSE:
            self._purged = now
            with self._store.transaction() as connection:
                connection.execute('DELETE FROM "_event" WHERE at < ?', (now - int(RETENTION.total_seconds()),))

    # -- reading, from any thread --

    @property
    def _oldest(self) -> int:
        return int((self._clock.now() - RETENTION).timestamp())

    @property
    def latest(self) -> int:
        """The newest place."""
        return int(self._store.scalar('SELECT coalesce(max(position), 0) FROM "_event"'))

    def renew(self) -> None:
        """Let the newest place be a young one, for keep-alives of a quiet org."""
        with self._store.transaction() as connection:
            found = connection.execute('SELECT at FROM "_event" ORDER BY position DESC LIMIT 1').fetchone()
            if found is None or found[0] < int(self._clock.now().timestamp()) - _MARK_LIFE:
                self._insert_mark()

    def resume(self, given: bytes) -> int | None:
        """The place that a replay id names, in 10 bytes or the first 8; None: no such event, or it is too old."""
        if len(given) not in (8, 10) or given[8:] not in (b"", b"\0\0"):
            return None
        position = int.from_bytes(given[:8], "big")
        found = position < 2**63 and self._store.scalar(
            'SELECT 1 FROM "_event" WHERE position = ? AND at >= ?', (position, self._oldest)
        )
        return position if found else None

    def read(self, after: int, entities: Collection[str], most: int) -> Reading:
        """Up to so many events of these objects after a place."""
        early = self._early
        names = sorted(entities)
        sql = (
            'SELECT position, entity, id, schema, payload FROM "_event" WHERE position > ? AND at >= ? AND lost = 0'
            f" AND entity IN ({', '.join('?' * len(names))}) ORDER BY position LIMIT ?"
        )
        events: list[Event] = []
        size = 0
        with self._store.snapshot() as connection:
            newest = connection.execute('SELECT coalesce(max(position), 0) FROM "_event"').fetchone()[0]
            if newest > after:
                for row in connection.execute(sql, (after, self._oldest, *names, most)):
                    event = Event(*row)
                    if events and size + len(event.payload) > _MOST_BYTES:
                        return Reading(events, events[-1].position)
                    events.append(event)
                    size += len(event.payload)
        # What is out early has no committed neighbours above it: its transaction holds the store's lock.
        coming = [one for one in early if one.position > max(after, newest) and one.entity in entities]
        if len(events) + len(coming) >= most:
            events = (events + coming)[:most]
            return Reading(events, events[-1].position)
        reached = max([after, newest, *(one.position for one in early)])
        return Reading(events + coming, reached)
