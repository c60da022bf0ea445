"""Queries for records: the SELECT list, parents that nest, functions that shape values.

Source: SOQL and SOSL Reference, "Relationship Queries", "FIELDS()", "SOQL SELECT Functions"; Bulk API 2.0
Developer Guide, "Understanding Bulk API 2.0 Query".
"""

from localorg.errors import ApiError, NotImplementedByOrg
from localorg.query.children import child_plan
from localorg.query.clauses import ClauseCompiler
from localorg.query.dates import DATE_FUNCTIONS
from localorg.query.formats import FORMATTED, formatted
from localorg.query.functions import SHAPING, column_of
from localorg.query.money import convert_currency
from localorg.query.plan import ChildPlan, QueryPlan
from localorg.query.scope import Column, Resolved
from localorg.query.shape import Node, Reader, compound_reader, reader
from localorg.query.typeof import check_typeof, split_node
from localorg.schema import FieldDef
from localorg.soql.ast import (
    And,
    Call,
    Compare,
    Condition,
    InValues,
    Path,
    SelectChildren,
    SelectField,
    SelectFields,
    SelectTypeof,
)

_FIELDS_LIMIT = 200
_FIELDS_VERSION = 51


class RecordCompiler(ClauseCompiler):
    """Compiles queries whose rows are records. `level` is 1, or more in a subquery."""

    level = 1

    def plan(self) -> QueryPlan:
        """The query's plan."""
        check_typeof(self.query, self.scope)
        self.root = Node()
        self.columns: list[str] = [f'{self.scope.table}."Id"']
        self.csv_columns: list[tuple[str, Column]] = []
        self.unnamed = 0
        long_texts = 0
        children: list[ChildPlan] = []
        for item in self.query.select:
            match item:
                case SelectChildren():
                    children.append(child_plan(item, self))
                    self._enter(self.root, children[-1].name, lambda row: None, item.query.source)
                case SelectTypeof():
                    self._typeof(item)
                case SelectField(expression=Call() as call):
                    self._function(call, item.alias)
                case _:
                    long_texts += sum(self._field(path) for path in self._fields(item))
        where = self.where()
        order = self.order()
        return QueryPlan(
            sobject=self.scope.sobject,
            columns=tuple(self.columns),
            from_sql=self.scope.from_sql,
            where=where,
            params=tuple(self.params),
            order=order,
            limit=self.query.limit,
            offset=self.query.offset or 0,
            record=self.root.reader(self.context, self.scope.sobject.name),
            children=tuple(children),
            csv_columns=tuple(self.csv_columns),
            small_pages=long_texts >= 2,
        )

    # -- fields --

    def _fields(self, item: SelectField | SelectFields) -> list[Path]:
        """The paths that an item of the SELECT list stands for."""
        if isinstance(item, SelectFields):
            return self._all_fields(item)
        if item.alias is not None:
            raise self.error(item.expression.position, "only aggregate expressions use field aliasing")
        assert isinstance(item.expression, Path)
        return [item.expression]

    def _all_fields(self, item: SelectFields) -> list[Path]:
        if self.context.number < _FIELDS_VERSION:
            raise self.error(item.position, "unexpected token: 'FIELDS'")
        if item.kind != "STANDARD":
            if self.context.bulk:
                raise self.error(item.position, f"FIELDS({item.kind}) is not supported in Bulk Query")
            limited = self.query.limit is not None and self.query.limit <= _FIELDS_LIMIT
            if not limited and not _few_ids(self.query.where):
                raise ApiError("MALFORMED_QUERY", "The SOQL FIELDS function must have a LIMIT of at most 200")
        chosen = [
            field
            for field in self.scope.sobject.fields
            if item.kind == "ALL" or field.custom == (item.kind == "CUSTOM")
        ]
        if self.context.bulk:
            chosen = [field for field in chosen if not field.compound]
        if not chosen:
            raise self.error(item.position, "The SOQL FIELDS function found no custom fields", "INVALID_FIELD")
        return [Path((field.name,), item.position) for field in chosen]

    def _field(self, path: Path) -> bool:
        """Select a field; says whether it is a custom long text."""
        resolved = self.scope.resolve(path)
        self._select(self.root, resolved, path)
        self.csv_columns.append((_dotted(resolved), resolved.column))
        return resolved.field.long_text and resolved.field.custom

    def _select(self, node: Node, resolved: Resolved, path: Path) -> None:
        node = self._node(node, resolved, path)
        self._enter(node, resolved.field.name, self._reader(resolved), path)

    def _node(self, node: Node, resolved: Resolved, path: Path) -> Node:
        """The parent's place in the record."""
        for parent in resolved.parents:
            entry = node.entries.get(parent.name)
            if entry is None:
                entry = node.entries[parent.name] = Node(parent=parent, id_at=self._place(parent.id_sql))
            if not isinstance(entry, Node):
                raise self.error(path.position, f"duplicate field selected: {parent.name}", "INVALID_FIELD")
            node = entry
        return node

    def _enter(self, node: Node, name: str, read: Reader, path: Path) -> None:
        if name in node.entries:
            raise self.error(path.position, f"duplicate field selected: {path.names[-1]}", "INVALID_FIELD")
        node.entries[name] = read

    def _reader(self, resolved: Resolved) -> Reader:
        field = resolved.field
        if not field.compound:
            return reader(field, self._place(resolved.column.sql))
        if self.context.bulk:
            raise ApiError("FUNCTIONALITY_NOT_ENABLED", "Selecting compound data not supported in Bulk Query")
        assert resolved.sobject is not None
        parts = []
        for part in resolved.sobject.components(field.name):
            key = _component_key(field, part)
            column = f'{resolved.table}."{part.name}"'
            parts.append((key, reader(part, self._place(column))))
        return compound_reader(sorted(parts, key=lambda part: part[0]))

    def _place(self, sql: str) -> int:
        """Where a column stands in the SELECT list, added if it is new."""
        if sql not in self.columns:
            self.columns.append(sql)
        return self.columns.index(sql)

    def _typeof(self, item: SelectTypeof) -> None:
        split, split_reader = split_node(item, self.scope, self._select, self._place)
        above = Resolved(
            parents=split.parents,
            field=split.reference,
            table="",
            sobject=None,
            column=Column(sql="", field=split.reference, entity=""),
        )
        node = self._node(self.root, above, item.relationship)
        if split.parent.name in node.entries:
            raise self.error(
                item.relationship.position, f"duplicate field selected: {split.parent.name}", "INVALID_FIELD"
            )
        node.entries[split.parent.name] = split_reader

    # -- functions --

    def _function(self, call: Call, alias: str | None) -> None:
        """Select a function. Without an alias it has the name of its field; a distance, a number."""
        if call.function in DATE_FUNCTIONS:
            column_of(self.scope, call)
            raise self.error(call.position, f"Invalid function in SELECT without GROUP BY: {call.function}")
        if call.function == "DISTANCE":
            if self.context.bulk:
                raise ApiError("FUNCTIONALITY_NOT_ENABLED", "Selecting compound data not supported in Bulk Query")
            column = column_of(self.scope, call)
            if alias is None:
                alias, self.unnamed = f"expr{self.unnamed}", self.unnamed + 1
            self._enter(self.root, alias, reader(column.field, self._place(column.sql)), Path((alias,), call.position))
            return
        inner = call.argument
        if call.function not in SHAPING or inner is None:
            raise self.error(call.position, f"Invalid function: {call.function}")
        if call.function == "FORMAT":
            path, column, read = self._formatted(inner)
        elif isinstance(inner, Path):
            path, column = inner, column_of(self.scope, call)
            read = reader(column.field, self._place(column.sql))
        else:
            raise self.error(call.position, f"Invalid function: {call.function}")
        resolved = self.scope.resolve(path)
        if alias is None:
            self._enter(self._node(self.root, resolved, path), resolved.field.name, read, path)
        else:
            self._enter(self.root, alias, read, Path((alias,), call.position))
        self.csv_columns.append((alias or _dotted(resolved), column))

    def _formatted(self, inner: Path | Call) -> tuple[Path, Column, Reader]:
        if self.context.bulk:
            raise NotImplementedByOrg("FORMAT() in Bulk Query")
        match inner:
            case Path() as path:
                column = self.scope.resolve(path).column
            case Call(function="CONVERTCURRENCY", argument=Path() as path):
                column = convert_currency(self.scope, inner)
            case _:
                raise self.error(inner.position, f"Invalid function in FORMAT: {inner.function}")
        if column.field.type not in FORMATTED:
            raise self.error(
                inner.position, f"field {column.field.name} does not support the function FORMAT", "INVALID_FIELD"
            )
        currency = converted = None
        if column.field.type == "currency" and column.currency is not None:
            currency = reader(_CODE, self._place(column.currency))
            if isinstance(inner, Path):
                mine = convert_currency(self.scope, Call("CONVERTCURRENCY", (path,), path.position))
                converted = reader(mine.field, self._place(mine.sql))
        read = reader(column.field, self._place(column.sql))
        return path, column, formatted(column, read, self.context, currency, converted)


_CODE = FieldDef(name="", label="", type="string")


def _dotted(resolved: Resolved) -> str:
    return ".".join([*(parent.name for parent in resolved.parents), resolved.field.name])


def _few_ids(condition: Condition | None) -> bool:
    """Whether a condition leaves few records because it names their Ids."""
    match condition:
        case And(conditions=parts):
            return any(map(_few_ids, parts))
        case Compare(left=Path(names=names), operator="="):
            return names[-1].lower() == "id" and len(names) == 1
        case InValues(left=Path(names=names), values=values, negated=False):
            return names[-1].lower() == "id" and len(names) == 1 and len(values) <= _FIELDS_LIMIT
    return False


def _component_key(compound: FieldDef, part: FieldDef) -> str:
    """`BillingCity` of `BillingAddress` is `city`; `X__Latitude__s` is `latitude`."""
    if compound.type == "location":
        return "latitude" if "__Latitude__s" in part.name else "longitude"
    short = part.name.removeprefix(compound.name.removesuffix("Address"))
    return short[0].lower() + short[1:]
