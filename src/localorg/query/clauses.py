"""The clauses that every query has: WHERE, ORDER BY, semi-joins.

Source: SOQL and SOSL Reference, "Comparison Operators", "ORDER BY", "USING SCOPE".
"""

from localorg.errors import ApiError, NotImplementedByOrg
from localorg.query.conditions import ConditionCompiler
from localorg.query.context import QueryContext
from localorg.query.functions import column_of, corporate, picklist_rank
from localorg.query.scope import Column, Scope
from localorg.soql.ast import Compare, InQuery, OrderBy, Path, Query, SelectField
from localorg.soql.position import query_error
from localorg.store.values import Stored

_UNSORTABLE = frozenset({"multipicklist", "encryptedstring", "address", "location"})


def not_supported(query: Query, name: str) -> ApiError:
    """The error for an object that is not there, or that the user may not read."""
    return query_error(
        query.text,
        query.source.position,
        f"sObject type '{name}' is not supported. If you are attempting to use a custom object, be sure to "
        "append the '__c' after the entity name. Please reference your WSDL or the describe call for the "
        "appropriate names.",
        "INVALID_TYPE",
    )


class ClauseCompiler:
    """Turns a query's clauses into SQL; parameters gather in `params`."""

    def __init__(self, query: Query, context: QueryContext, scope: Scope) -> None:
        self.query = query
        self.context = context
        self.scope = scope
        self.params: list[Stored] = []
        self.semi_joins = 0

    def error(self, position: int, message: str, code: str = "MALFORMED_QUERY") -> ApiError:
        """An error at a place of the query."""
        return query_error(self.query.text, position, message, code)

    def where(self) -> str:
        """The condition, and what hides deleted and archived records."""
        sobject, table = self.scope.sobject, self.scope.table
        conditions = []
        if self.query.where is not None:
            compiler = ConditionCompiler(self.scope, self.params, self.inner)
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

    def inner(self, query: Query, left: Column, condition: Compare | InQuery) -> str:
        """The SQL of a semi-join's inner query."""
        self.semi_joins += 1
        position = query.source.position
        if self.semi_joins > 2:
            raise self.error(position, "Semi join sub-selects are only allowed twice in a WHERE clause")
        name = query.source.text
        sobject = self.context.schema.object(name)
        if sobject is None or sobject.name not in self.context.readable:
            raise not_supported(query, name)
        if query.order_by or query.limit is not None or query.group_by or query.having or query.offset:
            raise self.error(position, "Semi join sub-select does not support ORDER BY, LIMIT, OFFSET or GROUP BY")
        scope = Scope(self.context, query.text, sobject, table=f"s{self.semi_joins}", alias=query.alias)
        inner = ClauseCompiler(query, self.context, scope)
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
        where = inner.where()
        return f"SELECT {selected.column.sql} FROM {scope.from_sql} WHERE {where} AND {selected.column.sql} IS NOT NULL"

    def order(self) -> str:
        """The sort keys; the Id makes the order total."""
        keys = []
        for key in self.query.order_by:
            column = column_of(self.scope, key.expression)
            if not column.field.sortable or column.field.long_text or column.field.type in _UNSORTABLE:
                raise self.error(
                    key.expression.position, f"field '{column.field.name}' can not be sorted in a query call"
                )
            keys.append(sort_sql(sort_value(column, self.scope), key))
        id_sql = f'{self.scope.table}."Id"'
        if not keys or not keys[-1].startswith(id_sql):
            keys.append(id_sql)
        return ", ".join(keys)


def sort_value(column: Column, scope: Scope) -> str:
    """What a column is sorted by."""
    match column.field.type:
        case "picklist":
            return picklist_rank(column)
        case "string" | "textarea" | "phone" | "email" | "url" | "combobox" | "anyType":
            return column.sql if column.field.case_sensitive else f"fold({column.sql})"
        case "currency" if column.currency is not None:
            return corporate(column, scope)
    return column.sql


def sort_sql(sql: str, key: OrderBy) -> str:
    """Nulls come first by default, whatever the direction; SQLite's own default is that for ascending."""
    last = bool(key.nulls_last)
    if key.descending:
        return f"{sql} DESC NULLS {'LAST' if last else 'FIRST'}"
    return f"{sql} NULLS LAST" if last else sql


def _same_target(left: Column, right: Column, context: QueryContext) -> bool:
    def targets(column: Column) -> frozenset[str]:
        return frozenset({column.entity} if column.field.type == "id" else column.field.reference_to)

    return bool(targets(left) & targets(right))
