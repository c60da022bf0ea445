"""Queries for records: the SELECT list, parents that nest, children.

Source: SOQL and SOSL Reference, "Relationship Queries", "FIELDS()"; Bulk API 2.0 Developer Guide,
"Understanding Bulk API 2.0 Query".
"""

from localorg.errors import ApiError, NotImplementedByOrg
from localorg.query.clauses import ClauseCompiler
from localorg.query.functions import column_of
from localorg.query.plan import ChildPlan, QueryPlan
from localorg.query.scope import Column, Resolved, Scope
from localorg.query.shape import Node, Reader, compound_reader, reader
from localorg.schema import FieldDef
from localorg.soql.ast import Call, Path, SelectChildren, SelectField, SelectFields

_FIELDS_LIMIT = 200


class RecordCompiler(ClauseCompiler):
    """Compiles queries whose rows are records."""

    def plan(self) -> QueryPlan:
        """The query's plan."""
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
        where = self.where()
        order = self.order()
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

    def _children(self, item: SelectChildren) -> ChildPlan:
        query = item.query
        if self.context.bulk:
            raise self.error(query.source.position, "Aggregate Relationships not supported in Bulk Query")
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
        plan = _ChildCompiler(query, self.context, scope).plan()
        return ChildPlan(name=str(child.name), plan=plan, reference=f'c."{child.field}"')


class _ChildCompiler(RecordCompiler):
    """Compiles subqueries; one level of them."""

    def _children(self, item: SelectChildren) -> ChildPlan:
        raise NotImplementedByOrg("subqueries in subqueries")


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
