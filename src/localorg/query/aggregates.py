"""Grouped queries and aggregates.

Source: SOQL and SOSL Reference, "Considerations When Using GROUP BY", "Aggregate Functions".
"""

from localorg.query.clauses import ClauseCompiler, sort_sql, sort_value
from localorg.query.conditions import ConditionCompiler
from localorg.query.functions import column_of, is_aggregate
from localorg.query.plan import QueryPlan, reader_of
from localorg.query.scope import Column
from localorg.query.shape import Reader, reader
from localorg.soql.ast import Call, Expression, Path, SelectField
from localorg.store.values import Stored


class AggregateCompiler(ClauseCompiler):
    """Compiles queries whose rows are groups."""

    def plan(self) -> QueryPlan:
        """The query's plan."""
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
        where = self.where()
        having_params: list[Stored] = []
        having = ""
        if query.having is not None:
            having = ConditionCompiler(self.scope, having_params, self.inner, having=True).compile(query.having)
        order = []
        for key in query.order_by:
            column = self._order_column(key.expression, aliases)
            order.append(sort_sql(sort_value(column, self.scope), key))
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


def _key(expression: Expression) -> str:
    if isinstance(expression, Path):
        return expression.text.lower()
    return f"{expression.function}({_key(expression.argument) if expression.argument else ''})".lower()
