"""A parsed query in the light of the schema and the user: checked, and turned into a plan.

Source: SOQL and SOSL Reference, "SOQL SELECT Syntax", "Considerations When Using GROUP BY", "Understanding
Relationship Query Limitations", "FIELDS()"; Bulk API 2.0 Developer Guide, "Understanding Bulk API 2.0 Query".
"""

from dataclasses import replace

from localorg.errors import ApiError, NotImplementedByOrg
from localorg.query.conditions import ConditionCompiler
from localorg.query.context import QueryContext
from localorg.query.functions import column_of, corporate, is_aggregate, picklist_rank
from localorg.query.plan import ChildPlan, QueryPlan, reader_of
from localorg.query.scope import Column, Resolved, Scope
from localorg.query.shape import Node, Reader, compound_reader, reader
from localorg.schema import FieldDef, SObjectDef
from localorg.soql.ast import (
    Call,
    Compare,
    Expression,
    InQuery,
    OrderBy,
    Path,
    Query,
    SelectChildren,
    SelectField,
    SelectFields,
)
from localorg.soql.position import query_error
from localorg.store.values import Stored

_LARGEST_OFFSET = 2_000
_FIELDS_LIMIT = 200
_UNSORTABLE = frozenset({"multipicklist", "encryptedstring", "address", "location"})


def compile_query(query: Query, context: QueryContext) -> QueryPlan:
    """The plan of a query, or the error that Salesforce gives."""
    name = query.source.text
    sobject = context.schema.object(name)
    if sobject is None or sobject.name not in context.readable or "query" not in sobject.abilities:
        raise query_error(
            query.text,
            query.source.position,
            f"sObject type '{name}' is not supported. If you are attempting to use a custom object, be sure to "
            "append the '__c' after the entity name. Please reference your WSDL or the describe call for the "
            "appropriate names.",
            "INVALID_TYPE",
        )
    scope = Scope(context, query.text, sobject, alias=query.alias, joined=query.joined)
    return _Compiler(query, context, scope).plan()


class _Compiler:
    def __init__(self, query: Query, context: QueryContext, scope: Scope, *, nested: bool = False) -> None:
        self.query = query
        self.context = context
        self.scope = scope
        self.nested = nested
        self.params: list[Stored] = []
        self.semi_joins = 0

    def error(self, position: int, message: str, code: str = "MALFORMED_QUERY") -> ApiError:
        return query_error(self.query.text, position, message, code)

    # -- the whole --

    def plan(self) -> QueryPlan:
        query = self.query
        self._check_offset()
        aggregate = bool(query.group_by) or any(
            isinstance(item, SelectField) and is_aggregate(item.expression) for item in query.select
        )
        if self.context.bulk and (aggregate or query.count_only):
            raise ApiError("API_ERROR", "Aggregate Relationships not supported in Bulk Query", status=400)
        if query.count_only and not query.group_by:
            where = self._where()
            return QueryPlan(
                sobject=self.scope.sobject,
                columns=("count(*)",),
                from_sql=self.scope.from_sql,
                where=where,
                params=tuple(self.params),
                order="",
                limit=query.limit,
                offset=query.offset or 0,
                record=lambda row: {},
                count_only=True,
            )
        return self._aggregate() if aggregate else self._records()

    def _check_offset(self) -> None:
        offset = self.query.offset
        if offset is None:
            return
        if self.context.bulk:
            raise self.error(self.query.offset_position, "OFFSET clause is not supported in Bulk Query")
        if offset > _LARGEST_OFFSET:
            raise ApiError("NUMBER_OUTSIDE_VALID_RANGE", "Maximum SOQL offset allowed is 2000")

    # -- records --

    def _records(self) -> QueryPlan:
        root = Node()
        columns: list[str] = [f'{self.scope.table}."Id"']
        csv_columns: list[tuple[str, Column]] = []
        children: list[ChildPlan] = []
        long_texts = 0
        for item in self.query.select:
            if isinstance(item, SelectChildren):
                children.append(self._children(item))
                root.entries[children[-1].name] = lambda row: None
                continue
            for expression in self._fields(item):
                resolved = self.scope.resolve(expression)
                self._select(root, resolved, expression, columns)
                long_texts += resolved.field.long_text and resolved.field.custom
                name = ".".join([*(parent.name for parent in resolved.parents), resolved.field.name])
                csv_columns.append((name, resolved.column))
        where = self._where()
        order = self._order()
        return QueryPlan(
            sobject=self.scope.sobject,
            columns=tuple(columns),
            from_sql=self.scope.from_sql,
            where=where,
            params=tuple(self.params),
            order=order,
            limit=self.query.limit,
            offset=self.query.offset or 0,
            record=root.reader(self.context, self.scope.sobject.name),
            children=tuple(children),
            csv_columns=tuple(csv_columns),
            small_pages=long_texts >= 2,
        )

    def _fields(self, item: SelectField | SelectFields) -> list[Path]:
        """The paths that an item of the SELECT list stands for."""
        if isinstance(item, SelectFields):
            return self._all_fields(item)
        if item.alias is not None:
            raise self.error(item.expression.position, "only aggregate expressions use field aliasing")
        if isinstance(item.expression, Call):
            function = item.expression.function
            column_of(self.scope, item.expression)
            raise self.error(item.expression.position, f"Invalid function in SELECT without GROUP BY: {function}")
        return [item.expression]

    def _all_fields(self, item: SelectFields) -> list[Path]:
        if item.kind != "STANDARD":
            if self.context.bulk:
                raise self.error(item.position, f"FIELDS({item.kind}) is not supported in Bulk Query")
            if self.query.limit is None or self.query.limit > _FIELDS_LIMIT:
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

    def _select(self, root: Node, resolved: Resolved, path: Path, columns: list[str]) -> None:
        node = root
        for parent in resolved.parents:
            entry = node.entries.get(parent.name)
            if not isinstance(entry, Node):
                entry = node.entries[parent.name] = Node(parent=parent, id_at=_place(columns, parent.id_sql))
            node = entry
        field = resolved.field
        if field.name in node.entries:
            raise self.error(path.position, f"duplicate field selected: {path.names[-1]}", "INVALID_FIELD")
        node.entries[field.name] = self._reader(resolved, path, columns)

    def _reader(self, resolved: Resolved, path: Path, columns: list[str]) -> Reader:
        field = resolved.field
        if not field.compound:
            return reader(field, _place(columns, resolved.column.sql))
        if self.context.bulk:
            raise ApiError("FUNCTIONALITY_NOT_ENABLED", "Selecting compound data not supported in Bulk Query")
        assert resolved.sobject is not None
        parts = []
        for part in resolved.sobject.components(field.name):
            key = _component_key(field, part)
            column = f'{resolved.table}."{part.name}"'
            parts.append((key, reader(part, _place(columns, column))))
        return compound_reader(sorted(parts, key=lambda part: part[0]))

    def _where(self) -> str:
        sobject, table = self.scope.sobject, self.scope.table
        conditions = []
        if self.query.where is not None:
            compiler = ConditionCompiler(self.scope, self.params, self._inner)
            conditions.append(compiler.compile(self.query.where))
        if not self.context.all_rows:
            conditions += [
                f'{table}."{name}" = 0'
                for name in ("IsDeleted", "IsArchived")
                if sobject.has(name) and (name == "IsDeleted" or sobject.name in ("Task", "Event"))
            ]
        conditions += self._scope_condition()
        return " AND ".join(conditions) or "1"

    def _scope_condition(self) -> list[str]:
        match (self.query.scope or "everything").lower():
            case "everything":
                return []
            case "mine" if self.scope.sobject.has("OwnerId"):
                self.params.append(self.context.user_id)
                return [f'{self.scope.table}."OwnerId" = ?']
        raise NotImplementedByOrg(f"USING SCOPE {self.query.scope}")

    # -- children --

    def _children(self, item: SelectChildren) -> ChildPlan:
        query = item.query
        if self.context.bulk:
            raise self.error(query.source.position, "Aggregate Relationships not supported in Bulk Query")
        if self.nested:
            raise NotImplementedByOrg("subqueries in subqueries")
        name = query.source.names[-1]
        child = self.scope.sobject.children_by_name.get(name.lower())
        if child is None or child.child not in self.context.readable:
            raise self.error(
                query.source.position,
                f"Didn't understand relationship '{name}' in FROM part of query call. If you are attempting to use "
                "a custom relationship, be sure to append the '__r' after the custom relationship name. Please "
                "reference your WSDL or the describe call for the appropriate names.",
                "INVALID_TYPE",
            )
        sobject = self.context.schema.objects[child.child]
        scope = Scope(self.context, query.text, sobject, table="c", alias=query.alias)
        if query.group_by or query.count_only:
            raise self.error(query.source.position, "Aggregate functions are not supported in a subquery")
        plan = _Compiler(query, self.context, scope, nested=True).plan()
        return ChildPlan(name=str(child.name), plan=plan, reference=f'c."{child.field}"')

    def _inner(self, query: Query, left: Column, condition: Compare | InQuery) -> str:
        """The SQL of a semi-join's inner query."""
        self.semi_joins += 1
        position = query.source.position
        if self.semi_joins > 2:
            raise self.error(position, "Semi join sub-selects are only allowed twice in a WHERE clause")
        name = query.source.text
        sobject = self.context.schema.object(name)
        if sobject is None or sobject.name not in self.context.readable:
            raise self.error(
                position,
                f"sObject type '{name}' is not supported. If you are attempting to use a custom object, be sure to "
                "append the '__c' after the entity name. Please reference your WSDL or the describe call for the "
                "appropriate names.",
                "INVALID_TYPE",
            )
        if query.order_by or query.limit is not None or query.group_by or query.having or query.offset:
            raise self.error(position, "Semi join sub-select does not support ORDER BY, LIMIT, OFFSET or GROUP BY")
        scope = Scope(self.context, query.text, sobject, table=f"s{self.semi_joins}", alias=query.alias)
        inner = _Compiler(query, self.context, scope, nested=True)
        inner.params = self.params
        inner.semi_joins = 2
        match query.select:
            case (SelectField(expression=Path() as path, alias=None),):
                selected = scope.resolve(path)
            case _:
                raise self.error(position, "Semi join sub-select must select exactly one field")
        if not _same_target(left, selected.column, self.context):
            raise self.error(
                position,
                f"The selected field '{selected.field.name}' in the subquery and the left operand field in the where "
                f"expression in the outer query '{left.field.name}' should point to the same object type",
            )
        where = inner._where()
        return f"SELECT {selected.column.sql} FROM {scope.from_sql} WHERE {where} AND {selected.column.sql} IS NOT NULL"

    # -- order --

    def _order(self) -> str:
        keys = []
        for key in self.query.order_by:
            column = column_of(self.scope, key.expression)
            if not column.field.sortable or column.field.long_text or column.field.type in _UNSORTABLE:
                raise self.error(
                    key.expression.position, f"field '{column.field.name}' can not be sorted in a query call"
                )
            keys.append(_sort_sql(_sort_value(column, self.scope), key))
        id_sql = f'{self.scope.table}."Id"'
        if not keys or not keys[-1].startswith(id_sql):
            keys.append(id_sql)
        return ", ".join(keys)

    # -- aggregates --

    def _aggregate(self) -> QueryPlan:
        query = self.query
        groups = {_key(expression): column_of(self.scope, expression) for expression in query.group_by}
        for expression, (_, column) in zip(query.group_by, groups.items(), strict=False):
            if isinstance(expression, Path) and not column.field.groupable:
                raise self.error(expression.position, f"field '{column.field.name}' can not be grouped in a query call")
        entries: list[tuple[str, Reader]] = []
        columns: list[str] = []
        aliases: dict[str, Column] = {}
        unnamed = 0
        for item in query.select:
            if not isinstance(item, SelectField):
                raise self.error(query.source.position, "Grouped queries select fields and aggregates only")
            expression = item.expression
            if is_aggregate(expression) or isinstance(expression, Call):
                column = column_of(self.scope, expression)
                if not is_aggregate(expression) and _key(expression) not in groups:
                    raise self.error(expression.position, f"Field must be grouped or aggregated: {_key(expression)}")
                name = item.alias
                if name is None:
                    name, unnamed = f"expr{unnamed}", unnamed + 1
            else:
                assert isinstance(expression, Path)
                column = self.scope.resolve(expression).column
                if _key(expression) not in groups and not any(group.sql == column.sql for group in groups.values()):
                    raise self.error(expression.position, f"Field must be grouped or aggregated: {expression.text}")
                name = item.alias or column.field.name
            if name in aliases:
                raise self.error(expression.position, f"duplicate alias: {name}")
            aliases[name] = column
            columns.append(column.sql)
            entries.append((name, reader(column.field, len(columns) - 1)))
        if not query.group_by and query.limit is not None:
            raise self.error(
                query.source.position, "Non-grouped query that uses overall aggregate functions cannot also use LIMIT"
            )
        where = self._where()
        having_params: list[Stored] = []
        having = ""
        if query.having is not None:
            having = ConditionCompiler(self.scope, having_params, self._inner, having=True).compile(query.having)
        order = []
        for key in query.order_by:
            column = self._order_column(key.expression, aliases)
            order.append(_sort_sql(_sort_value(column, self.scope), key))
        group_sql = ", ".join(column.sql for column in groups.values())
        return QueryPlan(
            sobject=self.scope.sobject,
            columns=tuple(columns),
            from_sql=self.scope.from_sql,
            where=where,
            params=tuple(self.params),
            order=", ".join(order) or group_sql,
            limit=query.limit,
            offset=query.offset or 0,
            record=reader_of(entries),
            aggregate=True,
            group_by=group_sql,
            having=having,
            having_params=tuple(having_params),
        )

    def _order_column(self, expression: Expression, aliases: dict[str, Column]) -> Column:
        if isinstance(expression, Path) and len(expression.names) == 1:
            found = aliases.get(expression.names[0])
            if found is not None:
                return found
        return column_of(self.scope, expression)


def _place(columns: list[str], sql: str) -> int:
    """Where a column stands in the SELECT list, added if it is new."""
    if sql not in columns:
        columns.append(sql)
    return columns.index(sql)


def _component_key(compound: FieldDef, part: FieldDef) -> str:
    """`BillingCity` of `BillingAddress` is `city`; `X__Latitude__s` is `latitude`."""
    if compound.type == "location":
        return "latitude" if "__Latitude__s" in part.name else "longitude"
    short = part.name.removeprefix(compound.name.removesuffix("Address"))
    return short[0].lower() + short[1:]


def _key(expression: Expression) -> str:
    if isinstance(expression, Path):
        return expression.text.lower()
    return f"{expression.function}({_key(expression.argument) if expression.argument else ''})".lower()


def _sort_value(column: Column, scope: Scope) -> str:
    match column.field.type:
        case "picklist":
            return picklist_rank(column)
        case "string" | "textarea" | "phone" | "email" | "url" | "combobox" | "anyType":
            return column.sql if column.field.case_sensitive else f"fold({column.sql})"
        case "currency" if column.currency is not None:
            return corporate(column, scope)
    return column.sql


def _sort_sql(sql: str, key: OrderBy) -> str:
    """Nulls come first by default, whatever the direction; SQLite's own default is that for ascending."""
    last = bool(key.nulls_last)
    if key.descending:
        return f"{sql} DESC NULLS {'LAST' if last else 'FIRST'}"
    return f"{sql} NULLS LAST" if last else sql


def _same_target(left: Column, right: Column, context: QueryContext) -> bool:
    def targets(column: Column) -> frozenset[str]:
        return frozenset({column.entity} if column.field.type == "id" else column.field.reference_to)

    return bool(targets(left) & targets(right))


def one_record(sobject: SObjectDef, fields: list[FieldDef], context: QueryContext) -> QueryPlan:
    """The plan that reads given fields of records by their Ids, deleted or not."""
    query = Query(
        text="",
        select=tuple(SelectField(Path((field.name,), 0)) for field in fields),
        source=Path((sobject.name,), 0),
    )
    return compile_query(query, replace(context, all_rows=True))
