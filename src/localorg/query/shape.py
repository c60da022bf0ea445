"""From a row of SQLite to the JSON of a record, and to a line of CSV.

Source: REST API Developer Guide, "Query"; Object Reference, "Compound Fields"; Bulk API 2.0 Developer Guide,
"Valid Date Format in Records". Selected fields are always there, null without a value; a parent is an object or
null; numbers of decimal types always have a decimal point.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

from localorg.query.context import QueryContext
from localorg.query.scope import Column, Parent
from localorg.schema import FieldDef

Json = dict[str, Any]
#: A row as SQLite gives it.
SqlRow = Sequence[Any]
Reader = Callable[[SqlRow], Any]

_DECIMALS = frozenset({"double", "currency", "percent"})
#: Text that cannot hold a double quote.
_PLAIN = frozenset({"id", "reference", "date", "datetime", "time", "boolean", "int"})
#: Arguments of one SQL function call, kept well under SQLite's limit.
_FORMAT_ARGUMENTS = 90


def reader(kind: FieldDef, at: int) -> Reader:
    """Reads one column of a row as JSON has it."""
    if kind.type in _DECIMALS:
        unit = 10**kind.scale
        return lambda row: None if (value := row[at]) is None else value / unit
    match kind.type:
        case "boolean":
            return lambda row: bool(row[at])
        case "datetime":
            return lambda row: None if (value := row[at]) is None else value + ".000+0000"
        case "time":
            return lambda row: None if (value := row[at]) is None else value + "Z"
    return lambda row: row[at]


def compound_reader(parts: Sequence[tuple[str, Reader]]) -> Reader:
    """Composes an address or a location; null when no part has a value."""

    def read(row: SqlRow) -> Any:
        value = {key: read_part(row) for key, read_part in parts}
        return value if any(part is not None for part in value.values()) else None

    return read


@dataclass
class Node:
    """A record's or parent's selected fields, in order; parents nest."""

    #: None: the row itself.
    parent: Parent | None = None
    #: Column of the parent's Id.
    id_at: int = 0
    entries: dict[str, "Reader | Node | SplitNode"] = field(default_factory=dict)

    def reader(self, context: QueryContext, sobject_name: str) -> Reader:
        """Reads the whole record."""
        parts = [
            (key, entry.reader(context, "") if isinstance(entry, Node | SplitNode) else entry)
            for key, entry in self.entries.items()
        ]
        at = self.id_at
        if self.parent is not None and self.parent.sobject is None:
            by_prefix = context.schema.of_id

            def named(row: SqlRow) -> Any:
                identifier = row[at]
                if identifier is None:
                    return None
                found = by_prefix(identifier)
                url = context.sobject_url(found.name if found else "Name") + identifier
                record: Json = {"attributes": {"type": "Name", "url": url}}
                for key, read_part in parts:
                    record[key] = read_part(row)
                return record

            return named
        name = sobject_name if self.parent is None or self.parent.sobject is None else self.parent.sobject.name
        prefix = context.sobject_url(name)

        def whole(row: SqlRow) -> Any:
            identifier = row[at]
            if identifier is None:
                return None
            record: Json = {"attributes": {"type": name, "url": prefix + identifier}}
            for key, read_part in parts:
                record[key] = read_part(row)
            return record

        return whole


@dataclass
class SplitNode:
    """A polymorphic parent that shows other fields for each object."""

    #: Column of the parent's Id.
    key_at: int
    #: By object name.
    branches: dict[str, Node]
    #: For all other objects; None: they read as null.
    otherwise: Node | None

    def reader(self, context: QueryContext, sobject_name: str) -> Reader:
        """Reads the parent, whatever it is."""
        readers = {name: node.reader(context, name) for name, node in self.branches.items()}
        otherwise = self.otherwise.reader(context, sobject_name) if self.otherwise is not None else None
        at, of_id = self.key_at, context.schema.of_id

        def read(row: SqlRow) -> Any:
            key = row[at]
            found = of_id(key) if key is not None else None
            read_parent = readers.get(found.name, otherwise) if found is not None else None
            return read_parent(row) if read_parent is not None else None

        return read


def csv_value(column: Column) -> tuple[str, str]:
    """How a column becomes text in CSV: the format specification and its SQL."""
    sql, kind = column.sql, column.field
    if kind.type in _DECIMALS:
        unit = f"{10**kind.scale}.0"
        if kind.scale > 8:
            return "%s", f"double_text({sql}, {unit})"
        low, high = 10**kind.scale // 1000, 10**kind.scale * 10**7
        # SQLite prints up to 15 digits exactly as Java's Double.toString does in this range.
        return "%s", (
            f"CASE WHEN abs({sql}) < {high} AND (abs({sql}) >= {max(low, 1)} OR {sql} = 0)"
            f" THEN CAST({sql} / {unit} AS TEXT) ELSE double_text({sql}, {unit}) END"
        )
    match kind.type:
        case "boolean":
            return "%s", f"CASE {sql} WHEN 1 THEN 'true' WHEN 0 THEN 'false' END"
        case "datetime":
            return "%s", f"{sql} || '.000Z'"
        case "time":
            return "%s", f"{sql} || 'Z'"
    if kind.type in _PLAIN:
        return "%s", sql
    return "%w", f"coalesce({sql}, '')"


def csv_line(columns: Sequence[Column], delimiter: str) -> str:
    """SQL of a whole line of CSV, every value in quotes, without the line ending."""
    cells = [csv_value(column) for column in columns]
    pieces = []
    for start in range(0, len(cells), _FORMAT_ARGUMENTS):
        part = cells[start : start + _FORMAT_ARGUMENTS]
        pattern = delimiter.join(f'"{spec}"' for spec, _ in part)
        if start:
            pattern = delimiter + pattern
        pieces.append(f"format('{pattern}', {', '.join(sql for _, sql in part)})")
    return " || ".join(pieces)
