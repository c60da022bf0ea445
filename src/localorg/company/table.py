"""A table of the demo company: the rows of one object, made while they are read."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time
from decimal import Decimal

#: datetimes are UTC in whole seconds; a multi-select picklist is "A;B".
Value = str | bool | int | Decimal | date | datetime | time | None
Row = tuple[Value, ...]

#: The columns that an `Audit` fills, in its order.
AUDIT = ("CreatedDate", "CreatedById", "LastModifiedDate", "LastModifiedById", "SystemModstamp")


@dataclass(frozen=True)
class Table:
    """The rows of one object, to be read once."""

    object: str
    columns: tuple[str, ...]
    rows: Iterator[Row]
    #: Exactly how many rows come, unless `about`.
    count: int
    about: bool


@dataclass(frozen=True, kw_only=True)
class Sheet:
    """A table not yet begun; `count` is known before any row is made, exactly or about."""

    object: str
    columns: tuple[str, ...]
    rows: Callable[[], Iterable[Row]]
    count: int
    #: The count is an estimate: how many rows there are follows from other records' facts.
    about: bool = False
    #: columns that hold the same value in every row
    constants: Mapping[str, Value]

    def open(self) -> Table:
        """The table, ready to be read."""
        return Table(self.object, (*self.columns, *self.constants), self._complete(), self.count, self.about)

    def _complete(self) -> Iterator[Row]:
        constants = tuple(self.constants.values())
        if not constants:
            yield from self.rows()
            return
        for row in self.rows():
            yield row + constants


def sheet(
    name: str, columns: str, rows: Callable[[], Iterable[Row]], count: int, *, about: bool = False, **constants: Value
) -> Sheet:
    """A sheet from its columns parted by blanks; the word AUDIT stands for the audit columns."""
    names: list[str] = []
    for column in columns.split():
        names.extend(AUDIT if column == "AUDIT" else (column,))
    return Sheet(object=name, columns=tuple(names), rows=rows, count=count, about=about, constants=constants)
