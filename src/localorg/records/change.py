"""A record about to be saved, as the rules of its object see it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Protocol

from localorg.schema import Schema
from localorg.store import Store
from localorg.store.store import Row


class Saver(Protocol):
    """What rules may ask of the writer."""

    @property
    def store(self) -> Store:
        """The records."""

    @property
    def schema(self) -> Schema:
        """The objects."""

    @property
    def now(self) -> datetime:
        """The org's clock."""

    @property
    def user_id(self) -> str:
        """Who saves."""

    def insert(self, object_name: str, values: Mapping[str, object]) -> str:
        """Add a record that follows from another one."""

    def change(self, object_name: str, record: str, values: Mapping[str, object]) -> None:
        """Change a record because of another one."""


@dataclass
class Change:
    """One record's old and new row, in stored form."""

    saver: Saver
    #: None: the record is new.
    old: Row | None
    #: What will be stored; rules change it.
    new: Row
    #: Fields that the request set.
    given: frozenset[str] = field(default_factory=frozenset)

    @property
    def created(self) -> bool:
        """Whether the record is new."""
        return self.old is None

    def changed(self, *names: str) -> bool:
        """Whether any of these fields gets another value."""
        return self.old is None or any(self.old[name] != self.new[name] for name in names)

    @property
    def now_text(self) -> str:
        """The org's clock, stored form."""
        return self.saver.now.strftime("%Y-%m-%dT%H:%M:%S")

    @property
    def today(self) -> date:
        """The org's day."""
        return self.saver.now.date()

    def row(self, object_name: str, record: object) -> Row | None:
        """Another record."""
        if not record:
            return None
        return self.saver.store.get(self.saver.schema.objects[object_name], str(record))

    def find(self, object_name: str, name: str, value: object) -> Row | None:
        """The first record with a value."""
        return self.saver.store.find(self.saver.schema.objects[object_name], name, str(value))
