"""A query ready to run: its SQL in the forms that paging, counting and exporting need."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from localorg.query.scope import Column
from localorg.query.shape import Json, SqlRow
from localorg.schema import SObjectDef
from localorg.store.values import Stored


@dataclass(frozen=True, kw_only=True)
class ChildPlan:
    """A subquery: the children of given parents."""

    #: The key under which the children stand, such as `Contacts`.
    name: str
    plan: "QueryPlan"
    #: SQL of the child's reference to the parent.
    reference: str


@dataclass(frozen=True, kw_only=True)
class QueryPlan:
    """A compiled query over one object."""

    sobject: SObjectDef
    #: The selected columns; the first is the Id (aggregates: the first key).
    columns: tuple[str, ...]
    from_sql: str
    where: str
    params: tuple[Stored, ...]
    order: str
    limit: int | None
    offset: int
    #: One record of a row.
    record: Callable[[SqlRow], Json]
    children: tuple[ChildPlan, ...] = ()
    #: `SELECT COUNT()`.
    count_only: bool = False
    aggregate: bool = False
    group_by: str = ""
    having: str = ""
    having_params: tuple[Stored, ...] = ()
    #: For CSV: names in the header and columns.
    csv_columns: tuple[tuple[str, Column], ...] = ()
    #: Two long text areas or more: pages of 200.
    small_pages: bool = False
    #: VIEW, REFERENCE: the records that are read count as viewed or referred to.
    purposes: frozenset[str] = frozenset()

    @property
    def all_params(self) -> tuple[Stored, ...]:
        """Parameters of the whole statement."""
        return (*self.params, *self.having_params)

    def _tail(self, extra: str = "") -> str:
        grouped = f" GROUP BY {self.group_by}" if self.group_by else ""
        having = f" HAVING {self.having}" if self.having else ""
        ordered = f" ORDER BY {self.order}" if self.order else ""
        return f"FROM {self.from_sql} WHERE {self.where}{extra}{grouped}{having}{ordered}"

    def _window(self, most: int | None) -> str:
        limit = self.limit if most is None else most if self.limit is None else min(most, self.limit)
        if limit is None and not self.offset:
            return ""
        return f" LIMIT {-1 if limit is None else limit} OFFSET {self.offset}"

    def rows_sql(self, most: int | None = None) -> str:
        """The first rows (all: None)."""
        return f"SELECT {', '.join(self.columns)} {self._tail()}{self._window(most)}"

    def ids_sql(self) -> str:
        """Ids of all rows, in order."""
        return f"SELECT {self.columns[0]} {self._tail()}{self._window(None)}"

    def count_sql(self) -> str:
        """How many rows there are."""
        if self.limit is None and not self.offset:
            return f"SELECT count(*) FROM {self.from_sql} WHERE {self.where}"
        return f"SELECT count(*) FROM (SELECT 1 FROM {self.from_sql} WHERE {self.where}{self._window(None)})"

    def page_sql(self, *, deleted_too: bool) -> str:
        """The rows of given Ids (one JSON parameter), whether or not they still satisfy the condition."""
        hidden = "" if deleted_too or not self.sobject.has("IsDeleted") else ' AND t."IsDeleted" = 0'
        return (
            f"SELECT {', '.join(self.columns)} FROM {self.from_sql}"
            f" WHERE {self.columns[0]} IN (SELECT value FROM json_each(?)){hidden}"
        )

    def line_sql(self, line: str) -> str:
        """One expression per row, for CSV."""
        return f"SELECT {line} {self._tail()}{self._window(None)}"


def children_sql(child: ChildPlan) -> str:
    """The children of given parents (one JSON parameter in front): parent Id first, then the child's columns."""
    plan = child.plan
    parents = f"{child.reference} IN (SELECT value FROM json_each(?))"
    order = f"{child.reference}, {plan.order}"
    columns = ", ".join((child.reference, *plan.columns))
    if plan.limit is None and not plan.offset:
        return f"SELECT {columns} FROM {plan.from_sql} WHERE {parents} AND {plan.where} ORDER BY {order}"
    last = plan.offset + plan.limit if plan.limit is not None else -1
    within = f"_n > {plan.offset}" + (f" AND _n <= {last}" if last >= 0 else "")
    named = ", ".join(f"{sql} AS c{at}" for at, sql in enumerate((child.reference, *plan.columns)))
    numbered = f"row_number() OVER (PARTITION BY {child.reference} ORDER BY {plan.order}) AS _n"
    outer = ", ".join(f"c{at}" for at in range(len(plan.columns) + 1))
    return (
        f"SELECT {outer} FROM (SELECT {named}, {numbered} FROM {plan.from_sql} WHERE {parents} AND {plan.where})"
        f" WHERE {within} ORDER BY c0, _n"
    )


def reader_of(entries: Sequence[tuple[str, Callable[[SqlRow], Any]]]) -> Callable[[SqlRow], Json]:
    """Reads a row of an aggregate."""

    def read(row: SqlRow) -> Json:
        record: Json = {"attributes": {"type": "AggregateResult"}}
        for key, read_part in entries:
            record[key] = read_part(row)
        return record

    return read
