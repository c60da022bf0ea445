"""WHERE and HAVING in SQL, with SOQL's meaning of null, case and dates.

Source: SOQL and SOSL Reference, "Comparison Operators", "Use NULL in WHERE". Conditions are two-valued: `!=`
and `NOT IN` keep rows without a value, and NOT turns whatever is not true into true. Text compares without
regard to case unless the field is case-sensitive; a boolean without a value is false.
"""

from collections.abc import Callable
from datetime import UTC
from decimal import ROUND_FLOOR, Decimal

import orjson

from localorg.query.distance import DISTANCE
from localorg.query.functions import SHAPING, column_of, grouping, is_aggregate
from localorg.query.literals import IDS, TEXT, LiteralReader, time_of
from localorg.query.money import corporate
from localorg.query.scope import Column, Scope
from localorg.soql.ast import (
    And,
    Call,
    Compare,
    Condition,
    Expression,
    Includes,
    InQuery,
    InValues,
    Literal,
    Not,
    Or,
    Path,
    Query,
)
from localorg.soql.dates import LITERALS
from localorg.store.functions import fold
from localorg.store.values import Stored, format_datetime

_DECIMALS = frozenset({"double", "currency", "percent"})
#: Longer lists are passed as one JSON parameter.
_LIST_AS_JSON = 50

#: Compiles a semi-join's inner query to the SQL of a SELECT.
InnerQuery = Callable[[Query, Column], str]


class ConditionCompiler(LiteralReader):
    """Turns conditions over one scope into SQL; parameters gather in `params`, in order of appearance."""

    def __init__(self, scope: Scope, params: list[Stored], inner: InnerQuery, *, having: bool = False) -> None:
        super().__init__(scope)
        self.params = params
        self.inner = inner
        self.having = having

    def compile(self, condition: Condition) -> str:
        """The SQL, true or not (false or null)."""
        match condition:
            case And(conditions=parts):
                return _joined(" AND ", [self.compile(part) for part in parts])
            case Or(conditions=parts):
                return _joined(" OR ", [self.compile(part) for part in parts])
            case Not(condition=part):
                return f"(({self.compile(part)}) IS NOT TRUE)"
            case Compare():
                return self._compare(condition)
            case InValues():
                return self._in_values(condition)
            case InQuery():
                return self._in_query(condition)
            case Includes():
                return self._includes(condition)

    # -- helpers --

    def _column(self, expression: Expression) -> Column:
        if is_aggregate(expression) and not self.having:
            raise self.error(
                expression.position, "Grouped field should not be aggregated: aggregate in WHERE", "MALFORMED_QUERY"
            )
        if isinstance(expression, Call) and expression.function in ("CONVERTCURRENCY", "FORMAT"):
            name = SHAPING[expression.function]
            raise self.error(expression.position, f"{name} can not be used in a condition", "MALFORMED_QUERY")
        if isinstance(expression, Call) and expression.function == "GROUPING" and self.having:
            return grouping(self.scope, expression)
        column = column_of(self.scope, expression)
        if not column.field.filterable or column.field.long_text or column.field.compound:
            raise self.error(expression.position, f"field '{column.field.name}' can not be filtered in a query call")
        return column

    def _bind(self, value: Stored) -> str:
        self.params.append(value)
        return "?"

    # -- one comparison --

    def _compare(self, condition: Compare) -> str:
        column = self._column(condition.left)
        literal, operator = condition.right, condition.operator
        if operator == "LIKE":
            return self._like(column, literal, condition.position)
        if literal.kind == "null":
            return self._null(column, operator, condition.position)
        kind = column.field.type
        if kind == "boolean":
            if literal.kind != "boolean":
                raise self.wrong_type(column, literal)
            if operator not in ("=", "!="):
                raise self.error(condition.position, "invalid operator", "INVALID_QUERY_FILTER_OPERATOR")
            wanted = bool(literal.value) == (operator == "=")
            value = f"coalesce({column.sql}, 0)" if column.of_parent else column.sql
            return f"{value} = {int(wanted)}"
        if kind == "multipicklist":
            if operator not in ("=", "!="):
                raise self.error(condition.position, "invalid operator", "INVALID_QUERY_FILTER_OPERATOR")
            if literal.kind != "string":
                raise self.wrong_type(column, literal)
            order = {value.value: place for place, value in enumerate(column.field.picklist_values)}
            chosen = sorted(str(literal.value).split(";"), key=lambda item: order.get(item, 9999))
            return self._simple(column.sql, operator, ";".join(chosen), text=True)
        if kind in TEXT:
            if literal.kind != "string":
                raise self.wrong_type(column, literal)
            text = str(literal.value)
            if text == "":
                return self._null(column, operator, condition.position)
            return self._text(column, operator, text)
        if kind in IDS:
            if literal.kind == "string" and literal.value == "":
                return self._null(column, operator, condition.position)
            return self._simple(column.sql, operator, self.identifier(column, literal))
        if kind in ("date", "datetime"):
            return self._date(column, operator, literal)
        if kind == "time":
            if literal.kind != "time":
                raise self.wrong_type(column, literal)
            return self._simple(column.sql, operator, time_of(str(literal.value)))
        return self._number(column, operator, literal)

    def _simple(self, sql: str, operator: str, value: Stored, *, text: bool = False) -> str:
        collate = " COLLATE NOCASE" if text else ""
        if operator == "!=":
            return f"{sql} IS NOT {self._bind(value)}{collate}"
        return f"{sql} {operator} {self._bind(value)}{collate}"

    def _text(self, column: Column, operator: str, text: str) -> str:
        if column.field.case_sensitive:
            return self._simple(column.sql, operator, text)
        if operator in ("=", "!=") and text.isascii():
            return self._simple(column.sql, operator, text, text=True)
        return self._simple(f"fold({column.sql})", operator, fold(text))

    def _null(self, column: Column, operator: str, position: int) -> str:
        if operator not in ("=", "!="):
            raise self.error(position, "invalid operator", "INVALID_QUERY_FILTER_OPERATOR")
        if column.field.type == "boolean":
            return f"coalesce({column.sql}, 0) = {int(operator == '!=')}"
        return f"{column.sql} IS {'NOT ' if operator == '!=' else ''}NULL"

    def _like(self, column: Column, literal: Literal, position: int) -> str:
        if column.field.type not in TEXT - {"multipicklist"}:
            raise self.error(position, "invalid operator", "INVALID_QUERY_FILTER_OPERATOR")
        if literal.kind != "string":
            raise self.wrong_type(column, literal)
        pattern = literal.pattern
        if pattern.isascii():
            return f"{column.sql} LIKE {self._bind(pattern)} ESCAPE '\\'"
        return f"fold({column.sql}) LIKE {self._bind(fold(pattern))} ESCAPE '\\'"

    def _number(self, column: Column, operator: str, literal: Literal) -> str:
        if literal.kind not in ("number", "currency") or (
            literal.kind == "currency" and column.field.type != "currency"
        ):
            raise self.wrong_type(column, literal)
        assert isinstance(literal.value, Decimal)
        unit = Decimal(10) ** (column.field.scale if column.field.type in _DECIMALS else 0)
        if column.field is DISTANCE:
            if operator not in ("<", ">"):
                raise self.error(literal.position, "invalid operator", "INVALID_QUERY_FILTER_OPERATOR")
            self.params.append(str(literal.value))
            return f"{column.sql} {operator} CAST(? AS REAL)"
        if literal.kind == "currency":
            if self.having:
                raise self.error(literal.position, "Currency codes can not be used with aggregates", "MALFORMED_QUERY")
            rate = self.scope.context.rates.get(literal.detail)
            if rate is None:
                raise self.error(literal.position, f"Invalid currency: {literal.detail}", "MALFORMED_QUERY")
            self.params.append(str(literal.value * unit / rate))
            return f"{corporate(column, self.scope)} {'<>' if operator == '!=' else operator} CAST(? AS REAL)"
        exact = literal.value * unit
        whole = exact.to_integral_value(ROUND_FLOOR)
        if self.having or abs(whole) >= 2**63:
            self.params.append(str(exact))
            left = f"({column.sql} IS NOT CAST(? AS NUMERIC))"
            return left if operator == "!=" else f"{column.sql} {operator} CAST(? AS NUMERIC)"
        if whole == exact:
            return self._simple(column.sql, operator, int(whole))
        match operator:
            case "=":
                return "0"
            case "!=":
                return "1"
            case "<" | "<=":
                return self._simple(column.sql, "<=", int(whole))
        return self._simple(column.sql, ">", int(whole))

    def _date(self, column: Column, operator: str, literal: Literal) -> str:
        if literal.kind == "range":
            return self._range(column, operator, literal)
        if literal.kind != column.field.type:
            raise self.wrong_type(column, literal)
        if literal.kind == "date":
            return self._simple(column.sql, operator, self.day(literal))
        return self._simple(column.sql, operator, self.instant(literal))

    def _range(self, column: Column, operator: str, literal: Literal) -> str:
        context = self.scope.context
        try:
            span = LITERALS[str(literal.value)].span(context.calendar, int(literal.detail or 0))
        except (ValueError, OverflowError):
            raise self.error(literal.position, f"Invalid date: {literal.value}:{literal.detail}") from None
        if column.field.type == "date":
            start, end, closed = span.first.isoformat(), span.last.isoformat(), True
        else:
            start = format_datetime(context.midnight(span.first).astimezone(UTC))
            closed = span.until_now
            last = context.now if closed else context.midnight(span.last, 1)
            end = format_datetime(last.astimezone(UTC))
        inside_end = "<=" if closed else "<"
        sql = column.sql
        match operator:
            case "=":
                return f"({sql} >= {self._bind(start)} AND {sql} {inside_end} {self._bind(end)})"
            case "!=":
                inside = f"({sql} >= {self._bind(start)} AND {sql} {inside_end} {self._bind(end)})"
                return f"({inside} IS NOT TRUE)"
            case "<":
                return f"{sql} < {self._bind(start)}"
            case ">=":
                return f"{sql} >= {self._bind(start)}"
            case "<=":
                return f"{sql} {inside_end} {self._bind(end)}"
        return f"{sql} {'>' if closed else '>='} {self._bind(end)}"

    # -- lists --

    def _in_values(self, condition: InValues) -> str:
        column = self._column(condition.left)
        kind = column.field.type
        literals = [one for one in condition.values if one.kind != "null" and one.value != ""]
        has_null = len(literals) < len(condition.values)
        if len({one.kind == "currency" for one in literals}) > 1:
            raise self.error(
                condition.position, "Values with and without a currency code can not be mixed", "MALFORMED_QUERY"
            )
        special = (
            column.field is DISTANCE
            or kind in ("boolean", "multipicklist")
            or any(one.kind in ("range", "currency") for one in literals)
        )
        if special or not literals:
            each = [self._compare(Compare(condition.left, "=", one, condition.position)) for one in condition.values]
            sql = _joined(" OR ", each)
            return f"({sql} IS NOT TRUE)" if condition.negated else sql
        sql = self._list(column, literals)
        null = f" OR {column.sql} IS NULL" if has_null else ""
        return f"(({sql}{null}) IS NOT TRUE)" if condition.negated else f"({sql}{null})"

    def _list(self, column: Column, literals: list[Literal]) -> str:
        kind = column.field.type
        left = column.sql
        values: list[Stored]
        if kind in TEXT:
            for one in literals:
                if one.kind != "string":
                    raise self.wrong_type(column, one)
            values = [str(one.value) for one in literals]
            if not column.field.case_sensitive:
                if all(str(value).isascii() for value in values):
                    left = f"{left} COLLATE NOCASE"
                else:
                    left, values = f"fold({left})", [fold(str(value)) for value in values]
        elif kind in IDS:
            values = [self.identifier(column, one) for one in literals]
        elif kind in ("date", "datetime"):
            for one in literals:
                if one.kind != kind:
                    raise self.wrong_type(column, one)
            values = [self.day(one) if kind == "date" else self.instant(one) for one in literals]
        elif kind == "time":
            for one in literals:
                if one.kind != "time":
                    raise self.wrong_type(column, one)
            values = [time_of(str(one.value)) for one in literals]
        else:
            return self._numbers(column, literals)
        if len(values) > _LIST_AS_JSON:
            return f"{left} IN (SELECT value FROM json_each({self._bind(orjson.dumps(values).decode())}))"
        return f"{left} IN ({', '.join(map(self._bind, values))})"

    def _numbers(self, column: Column, literals: list[Literal]) -> str:
        unit = Decimal(10) ** (column.field.scale if column.field.type in _DECIMALS else 0)
        values = []
        for one in literals:
            if one.kind != "number":
                raise self.wrong_type(column, one)
            assert isinstance(one.value, Decimal)
            exact = one.value * unit
            if exact == exact.to_integral_value() and abs(exact) < 2**63:
                values.append(int(exact))
        if len(values) > _LIST_AS_JSON:
            return f"{column.sql} IN (SELECT value FROM json_each({self._bind(orjson.dumps(values).decode())}))"
        return f"{column.sql} IN ({', '.join(map(self._bind, values))})"

    def _includes(self, condition: Includes) -> str:
        column = self._column(condition.left)
        if column.field.type != "multipicklist":
            raise self.error(condition.position, "invalid operator", "INVALID_QUERY_FILTER_OPERATOR")
        groups = []
        for literal in condition.values:
            if literal.kind != "string":
                raise self.wrong_type(column, literal)
            wanted = [item for item in str(literal.value).split(";") if item]
            each = [f"instr(fold(';' || {column.sql} || ';'), {self._bind(fold(f';{item};'))}) > 0" for item in wanted]
            groups.append("(" + " AND ".join(each or ["0"]) + ")")
        sql = "(" + " OR ".join(groups) + ")"
        return f"({sql} IS NOT TRUE)" if condition.negated else sql

    def _in_query(self, condition: InQuery) -> str:
        if not isinstance(condition.left, Path):
            raise self.error(condition.position, "The left operand of a semi-join must be a field", "MALFORMED_QUERY")
        if self.having:
            raise self.error(condition.position, "Semi join sub-selects are not allowed in HAVING", "MALFORMED_QUERY")
        column = self._column(condition.left)
        sql = self.inner(condition.query, column)
        inside = f"{column.sql} IN ({sql})"
        return f"({inside} IS NOT TRUE)" if condition.negated else inside


def _joined(operator: str, parts: list[str]) -> str:
    """Conditions in a tree of little depth, for SQLite limits the depth of an expression."""
    if len(parts) == 1:
        return parts[0]
    middle = len(parts) // 2
    return f"({_joined(operator, parts[:middle])}{operator}{_joined(operator, parts[middle:])})"
