"""The clauses that every query has: WHERE, ORDER BY, USING SCOPE.

Source: SOQL and SOSL Reference, "Comparison Operators", "ORDER BY", "USING SCOPE".
"""

from localorg.errors import ApiError
from localorg.query.conditions import ConditionCompiler
from localorg.query.context import QueryContext
from localorg.query.functions import SHAPING, column_of, picklist_rank
from localorg.query.money import corporate
from localorg.query.scope import Column, Scope
from localorg.query.semijoin import check_semi_joins
from localorg.schema import SObjectDef
from localorg.soql.ast import Call, Expression, OrderBy, Path, Query, SelectField
from localorg.soql.position import query_error
from localorg.store.values import Stored

_UNSORTABLE = frozenset({"multipicklist", "encryptedstring", "address", "location"})
_SCOPES = frozenset(
    "DELEGATED EVERYTHING MINE MINE_AND_MY_GROUPS MY_TERRITORY MY_TEAM_TERRITORY QUEUE_OWNED SCOPINGRULE TEAM"
    " USER_OWNED".split()
)


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


def supported_scopes(sobject: SObjectDef) -> frozenset[str]:
    """The scopes of USING SCOPE that an object has; describe says the same."""
    return frozenset({"EVERYTHING", "MINE"} if sobject.has("OwnerId") else {"EVERYTHING"})


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
            check_semi_joins(self.query, self.scope)
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
        scope = self.query.scope
        if scope is None:
            return []
        if scope.text not in _SCOPES:
            written = self.query.text[scope.position : scope.position + len(scope.text)]
            raise self.error(scope.position, f"unexpected token: '{written}'")
        if scope.text not in supported_scopes(self.scope.sobject):
            raise self.error(scope.position, f"{self.scope.sobject.name} does not support the scope {scope.text}")
        if scope.text == "EVERYTHING":
            return []
        self.params.append(self.context.user_id)
        return [f'{self.scope.table}."OwnerId" = ?']

    def inner(self, query: Query, left: Column) -> str:
        """The SQL of a semi-join's inner query."""
        self.semi_joins += 1
        position = query.source.position
        name = query.source.text
        sobject = self.context.schema.object(name)
        if sobject is None or sobject.name not in self.context.readable:
            raise not_supported(query, name)
        scope = Scope(self.context, query.text, sobject, table=f"s{self.semi_joins}", alias=query.alias)
        inner = ClauseCompiler(query, self.context, scope)
        inner.params = self.params
        match query.select:
            case (SelectField(expression=Path() as path, alias=None),):
                selected = scope.resolve(path)
            case _:
                raise self.error(position, "Semi join sub-select must select exactly one field")
        if selected.parents:
            raise self.error(path.position, "Semi join sub-select can not select a field of a parent")
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
            column = self.order_column(key.expression)
            if not column.field.sortable or column.field.long_text or column.field.type in _UNSORTABLE:
                raise self.error(
                    key.expression.position, f"field '{column.field.name}' can not be sorted in a query call"
                )
            keys.append(sort_sql(sort_value(column, self.scope), key))
        id_sql = f'{self.scope.table}."Id"'
        if not keys or not keys[-1].startswith(id_sql):
            keys.append(id_sql)
        return ", ".join(keys)

    def order_column(self, expression: Expression) -> Column:
        """What is sorted by; picklists and money are sorted by their own rules, not by how they are shown."""
        if isinstance(expression, Call) and expression.function in SHAPING:
            raise self.error(expression.position, f"{SHAPING[expression.function]} can not be used in ORDER BY")
        return column_of(self.scope, expression)


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
