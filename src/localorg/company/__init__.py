"""The seeded demo company of the local org: a maker of industrial automation and its customers in 17 countries.

`company()` yields the tables of all objects, parents before children. The rows are the same for the same seed,
factor and day, and are made while they are read, in little memory at any size.
"""

from collections.abc import Iterator
from datetime import date

from localorg.company.records import Records
from localorg.company.table import Row, Sheet, Table, Value
from localorg.company.tables import sheets

#: Raised whenever the same settings begin to give other rows, so that caches of old ones are left alone.
GENERATOR_VERSION = 2

__all__ = ["GENERATOR_VERSION", "Row", "Table", "Value", "company", "total_rows"]


def company(*, seed: int = 7, factor: float = 1.0, today: date) -> Iterator[Table]:
    """The company's tables as they stand on the day; `factor` 1 is about 2,000 accounts."""
    for sheet in _sheets(seed, factor, today):
        yield sheet.open()


def total_rows(factor: float) -> int:
    """About how many rows all tables have together."""
    return sum(sheet.count for sheet in _sheets(0, factor, date(2000, 1, 1)))


def _sheets(seed: int, factor: float, today: date) -> Iterator[Sheet]:
    if not 0 <= seed < 2**32:
        raise ValueError(f"the seed must be between 0 and {2**32 - 1}, not {seed}")
    return sheets(Records.of(seed, factor, today))
