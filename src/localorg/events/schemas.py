"""The schemas of the org's change events: today's, and those of earlier events by their ids."""

import threading
from collections import Counter

import orjson

from localorg.events.schema import EventSchema, event_schema, restored
from localorg.schema import SObjectDef
from localorg.store import Store


class Schemas:
    """Made when they are asked for; those that events were written with are kept with the org."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._lock = threading.Lock()
        self._current: dict[str, tuple[SObjectDef, EventSchema]] = {}
        self._by_id: dict[str, EventSchema] = {}
        self._kept: set[str] = set()
        #: How often asking for a schema still fails, by its id.
        self.failures: Counter[str] = Counter()
        with store.transaction() as connection:
            connection.execute(
                'CREATE TABLE IF NOT EXISTS "_event_schema" (id TEXT PRIMARY KEY, entity TEXT, text TEXT)'
            )

    def current(self, object_name: str) -> EventSchema:
        """The schema of an object's next event; another one as soon as the object's fields change."""
        sobject = self._store.schema.objects[object_name]
        with self._lock:
            found = self._current.get(object_name)
            if found is None or found[0] is not sobject:
                made = event_schema(sobject)
                self._by_id[made.id] = made
                self._current[object_name] = found = (sobject, made)
            return found[1]

    def find(self, schema_id: str) -> EventSchema | None:
        """The schema of an id."""
        with self._lock:
            found = self._by_id.get(schema_id)
        if found is None:
            row = self._store.reader.execute(
                'SELECT entity, text FROM "_event_schema" WHERE id = ?', (schema_id,)
            ).fetchone()
            if row is not None:
                found = restored(row[0], row[1])
                with self._lock:
                    self._by_id[schema_id] = found
        return found

    def keep(self, schema: EventSchema) -> None:
        """Remember a schema that an event was written with."""
        if schema.id not in self._kept:
            with self._store.transaction() as connection:
                values = (schema.id, schema.entity, schema.text)
                connection.execute('INSERT OR IGNORE INTO "_event_schema" VALUES (?, ?, ?)', values)
            self._kept.add(schema.id)

    def vary(self, schema: EventSchema, *, failures: int) -> EventSchema:
        """The same fields under another id, which GetSchema refuses so many times first."""
        with self._lock:
            text = orjson.dumps(orjson.loads(schema.text) | {"doc": f"variant {len(self._by_id)}"}).decode()
            made = restored(schema.entity, text, schema.slots)
            self._by_id[made.id] = made
            self.failures[made.id] = failures
        return made
