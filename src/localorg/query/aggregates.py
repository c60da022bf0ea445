"""Grouped queries and aggregates.

Source: SOQL and SOSL Reference, "Considerations When Using GROUP BY", "Aggregate Functions", "GROUP BY ROLLUP",
"GROUP BY CUBE", "GROUPING(fieldName)".
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations

from localorg.errors import NotImplementedByOrg
from localorg.query.clauses import ClauseCompiler, sort_sql, sort_value
from localorg.query.conditions import ConditionCompiler
from localorg.query.formats import formatted
from localorg.query.functions import SHAPING, column_of, grouping, is_aggregate, uses_aggregate
from localorg.query.plan import QueryPlan, reader_of
from localorg.query.scope import Column
from localorg.query.shape import Reader, reader
from localorg.soql.ast import Call, Expression, Path, SelectField, SelectTypeof
from localorg.store.values import Stored

_MOST_SUBTOTALS = 3


@dataclass(frozen=True, slots=True)
class _Output:
    """A column of the answer."""

    name: str
    expression: Expression
    column: Column
    formatted: bool


class AggregateCompiler(ClauseCompiler):
    """Compiles queries whose rows are groups."""

    def plan(self) -> QueryPlan:
        """The query's plan."""
        query = self.query
        groups = self._groups()
        outputs = self._outputs(groups)
        if not query.group_by and query.limit is not None:
            raise self.error(
                query.source.position, "Non-grouped query that uses overall aggregate functions cannot also use LIMIT"
            )
        return self._with_subtotals(groups, outputs) if query.subtotals else self._plain(groups, outputs)

    # -- what is grouped and what is shown --

    def _groups(self) -> dict[str, Column]:
        query = self.query
        for expression in query.group_by:
            if isinstance(expression, Call) and expression.function in (*SHAPING, "DISTANCE"):
                name = SHAPING.get(expression.function, expression.function)
                raise self.error(expression.position, f"{name} can not be used in GROUP BY")
            if is_aggregate(expression):
                raise self.error(expression.position, f"Invalid function: {_key(expression)}")
            field = column_of(self.scope, expression).field
            if isinstance(expression, Path) and not field.groupable:
                raise self.error(expression.position, f"field '{field.name}' can not be grouped in a query call")
        if query.subtotals is not None and len(query.group_by) > _MOST_SUBTOTALS:
            raise self.error(
                query.subtotals.position, f"GROUP BY {query.subtotals.text} takes up to {_MOST_SUBTOTALS} fields"
            )
        return {_key(expression): column_of(self.scope, expression) for expression in query.group_by}

    def _outputs(self, groups: dict[str, Column]) -> list[_Output]:
        found: dict[str, _Output] = {}
        unnamed = 0
        for item in self.query.select:
            if isinstance(item, SelectTypeof):
                raise self.error(item.position, "TYPEOF is not allowed in queries that group or aggregate")
            if not isinstance(item, SelectField):
                raise self.error(self.query.source.position, "Grouped queries select fields and aggregates only")
            expression, shown = item.expression, False
            if isinstance(expression, Call) and expression.function == "FORMAT" and expression.argument is not None:
                expression, shown = expression.argument, True
            column = self._column(expression, groups)
            name = item.alias
            if name is None and isinstance(item.expression, Path):
                name = column.field.name
            elif name is None:
                name, unnamed = f"expr{unnamed}", unnamed + 1
            if name in found:
                raise self.error(expression.position, f"duplicate alias: {name}")
            found[name] = _Output(name, expression, column, shown)
        return list(found.values())

    def _column(self, expression: Expression, groups: dict[str, Column]) -> Column:
        """What an expression is in this row of subtotals (or in the only kind of row)."""
        if is_aggregate(expression):
            return column_of(self.scope, expression)
        if isinstance(expression, Call):
            if expression.function == "GROUPING":
                return self._grouping(expression, groups)
            if expression.function == "CONVERTCURRENCY":
                raise self.error(expression.position, "convertCurrency can not be used with GROUP BY and aggregates")
            if expression.function in SHAPING:
                raise NotImplementedByOrg(f"{SHAPING[expression.function]}() in grouped queries")
        column = column_of(self.scope, expression)
        if _key(expression) not in groups and not (
            isinstance(expression, Path) and any(group.sql == column.sql for group in groups.values())
        ):
            raise self.error(expression.position, f"Field must be grouped or aggregated: {_name(expression)}")
        return column

    def _grouping(self, call: Call, groups: dict[str, Column]) -> Column:
        if self.query.subtotals is None:
            raise self.error(call.position, "GROUPING can only be used with GROUP BY ROLLUP and GROUP BY CUBE")
        if call.argument is None or _key(call.argument) not in groups:
            raise self.error(call.position, "GROUPING takes a grouped field")
        return grouping(self.scope, call)

    def _record(self, outputs: Sequence[_Output]) -> Reader:
        entries: list[tuple[str, Reader]] = []
        for at, output in enumerate(outputs):
            read = reader(output.column.field, at)
            if self.query.subtotals is not None:
                read = _nullable(read, at)
            if output.formatted:
                read = formatted(output.column, read, self.context)
            entries.append((output.name, read))
        return reader_of(entries)

    # -- SQL --

    def _plain(self, groups: dict[str, Column], outputs: Sequence[_Output]) -> QueryPlan:
        where = self.where()
        having, having_params = self._having()
        order = [
            sort_sql(sort_value(self._sorted_by(key.expression, groups, outputs), self.scope), key)
            for key in self.query.order_by
        ]
        group_sql = ", ".join(column.sql for column in groups.values())
        return QueryPlan(
            sobject=self.scope.sobject,
            columns=tuple(output.column.sql for output in outputs),
            from_sql=self.scope.from_sql,
            where=where,
            params=tuple(self.params),
            order=", ".join(order) or group_sql,
            limit=self.query.limit,
            offset=self.query.offset or 0,
            record=self._record(outputs),
            aggregate=True,
            group_by=group_sql,
            having=having,
            having_params=having_params,
        )

    def _with_subtotals(self, groups: dict[str, Column], outputs: Sequence[_Output]) -> QueryPlan:
        """One SELECT for each set of groups that is kept, all rows of them together."""
        names = [f"c{at}" for at in range(len(outputs))]
        keys = [f"o{at}" for at in range(len(self.query.order_by) or 2 * len(groups))]
        where = self.where()
        selects: list[str] = []
        params: list[Stored] = []
        for kept in self._kept(tuple(groups)):
            self.scope.rolled_up = frozenset(column.sql for key, column in groups.items() if key not in kept)
            columns = [self._column(output.expression, groups).sql for output in outputs]
            order = [
                sort_value(self._sorted_by(key.expression, groups, outputs), self.scope) for key in self.query.order_by
            ]
            for key, column in () if order else groups.items():
                order += [str(int(key not in kept)), sort_value(column, self.scope) if key in kept else "NULL"]
            having, having_params = self._having()
            listed = ", ".join(f"{sql} AS {name}" for sql, name in zip(columns + order, names + keys, strict=True))
            # Grouped by a constant, so that nothing has no total.
            by = ", ".join(groups[key].sql for key in kept) or "NULL"
            selects.append(
                f"SELECT {listed} FROM {self.scope.from_sql} WHERE {where} GROUP BY {by}"
                + (f" HAVING {having}" if having else "")
            )
            params += [*self.params, *having_params]
        self.scope.rolled_up = frozenset()
        ordered = [sort_sql(name, key) for name, key in zip(keys, self.query.order_by, strict=False)]
        return QueryPlan(
            sobject=self.scope.sobject,
            columns=tuple(names),
            from_sql=f"({' UNION ALL '.join(selects)}) g",
            where="1",
            params=tuple(params),
            order=", ".join(ordered or keys),
            limit=self.query.limit,
            offset=self.query.offset or 0,
            record=self._record(outputs),
            aggregate=True,
        )

    def _kept(self, keys: tuple[str, ...]) -> list[tuple[str, ...]]:
        """The sets of groups: ROLLUP drops from the right, CUBE drops any."""
        assert self.query.subtotals is not None
        if self.query.subtotals.text == "ROLLUP":
            return [keys[:length] for length in range(len(keys), -1, -1)]
        return [kept for length in range(len(keys), -1, -1) for kept in combinations(keys, length)]

    def _having(self) -> tuple[str, tuple[Stored, ...]]:
        if self.query.having is None:
            return "", ()
        params: list[Stored] = []
        sql = ConditionCompiler(self.scope, params, self.inner, having=True).compile(self.query.having)
        return sql, tuple(params)

    def _sorted_by(self, expression: Expression, groups: dict[str, Column], outputs: Sequence[_Output]) -> Column:
        if isinstance(expression, Path) and len(expression.names) == 1:
            for output in outputs:
                if output.name == expression.names[0]:
                    return self._column(output.expression, groups)
        if isinstance(expression, Call) and expression.function == "GROUPING":
            return self._grouping(expression, groups)
        return self.order_column(expression)


def _nullable(read: Reader, at: int) -> Reader:
    """Reads null where a group is rolled up, even of a boolean."""
    return lambda row: None if row[at] is None else read(row)


def is_grouped(items: Sequence[object], group_by: Sequence[Expression]) -> bool:
    """Whether a query's rows are groups: it has GROUP BY or an aggregate."""
    return bool(group_by) or any(isinstance(item, SelectField) and uses_aggregate(item.expression) for item in items)


def _name(expression: Expression) -> str:
    return expression.text if isinstance(expression, Path) else _key(expression)


def _key(expression: Expression) -> str:
    if isinstance(expression, Path):
        return expression.text.lower()
    return f"{expression.function}({_key(expression.argument) if expression.argument else ''})".lower()
