"""A small demo company, generated once and read by all tests of this folder."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from functools import cached_property

import pytest

from localorg.company import Value, company

TODAY = date(2026, 5, 18)
SEED = 7

Record = Mapping[str, Value]


@dataclass(frozen=True)
class Demo:
    """A generated company by object."""

    tables: Mapping[str, list[Record]]
    #: what each table said it would hold
    counts: Mapping[str, int]
    #: those that said so only about
    about: frozenset[str]
    #: the objects in the order in which they came
    order: tuple[str, ...]

    @cached_property
    def by_id(self) -> Mapping[Value, tuple[str, Record]]:
        """Object and record of every Id."""
        return {record["Id"]: (name, record) for name, records in self.tables.items() for record in records}

    def children(self, name: str, field: str) -> Mapping[Value, list[Record]]:
        """Records of an object by the record they point to."""
        found: dict[Value, list[Record]] = {}
        for record in self.tables[name]:
            found.setdefault(record[field], []).append(record)
        return found

    def record(self, identifier: Value) -> Record:
        """The record of an Id."""
        return self.by_id[identifier][1]


def generate(*, seed: int = SEED, factor: float, today: date = TODAY) -> Demo:
    """A company, read into memory."""
    tables: dict[str, list[Record]] = {}
    counts: dict[str, int] = {}
    about = set()
    for table in company(seed=seed, factor=factor, today=today):
        tables[table.object] = [dict(zip(table.columns, row, strict=True)) for row in table.rows]
        counts[table.object] = table.count
        if table.about:
            about.add(table.object)
    return Demo(tables, counts, frozenset(about), tuple(tables))


@pytest.fixture(scope="session")
def demo() -> Demo:
    """One twentieth of the usual size."""
    return generate(factor=0.05)


@pytest.fixture(scope="session")
def midnight() -> datetime:
    """When today begins; everything has happened before."""
    return datetime(TODAY.year, TODAY.month, TODAY.day, tzinfo=UTC)
