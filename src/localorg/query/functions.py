"""What an expression is as a column: fields, aggregates, and the functions of the modules beside this one.

Source: SOQL and SOSL Reference, "SOQL SELECT Functions", "Aggregate Functions", "Support for Field Types in
Aggregate Functions", "GROUPING(fieldName)".
"""

from dataclasses import replace

from localorg.query.dates import DATE_FUNCTIONS, INTEGER, date_function
from localorg.query.distance import distance
from localorg.query.labels import to_label
from localorg.query.money import convert_currency, corporate
from localorg.query.scope import Column, Scope
from localorg.schema import FieldDef
from localorg.soql.ast import Call, Expression, Path
from localorg.soql.position import query_error

AGGREGATES = frozenset({"COUNT", "COUNT_DISTINCT", "SUM", "AVG", "MIN", "MAX"})
#: Functions that shape what is shown.
SHAPING = {"TOLABEL": "toLabel", "CONVERTCURRENCY": "convertCurrency", "FORMAT": "FORMAT"}
_NUMBERS = frozenset({"int", "double", "currency", "percent"})


def is_aggregate(expression: Expression) -> bool:
    """Whether this is an aggregate function."""
    return isinstance(expression, Call) and expression.function in AGGREGATES


def uses_aggregate(expression: Expression) -> bool:
    """Whether this is an aggregate function, or something made of one."""
    if isinstance(expression, Path):
        return False
    return is_aggregate(expression) or any(
        isinstance(one, Call) and uses_aggregate(one) for one in expression.arguments
    )


def column_of(scope: Scope, expression: Expression) -> Column:
    """The column that a field or function is."""
    if is_aggregate(expression):
        assert isinstance(expression, Call)
        return _aggregate(scope, expression)
    column = _value(scope, expression)
    return replace(column, sql="NULL") if column.sql in scope.rolled_up else column


def _value(scope: Scope, expression: Expression) -> Column:
    if isinstance(expression, Path):
        return scope.resolve(expression).column
    function = expression.function
    if function in DATE_FUNCTIONS:
        return date_function(scope, expression)
    match function:
        case "TOLABEL":
            return to_label(scope, expression)
        case "CONVERTCURRENCY":
            return convert_currency(scope, expression)
        case "DISTANCE":
            return distance(scope, expression)
    raise query_error(scope.text, expression.position, f"Invalid function: {function}")


def grouping(scope: Scope, call: Call) -> Column:
    """GROUPING(field) in a query with subtotals: 1 where the field is rolled up."""
    if call.argument is None:
        raise query_error(scope.text, call.position, "GROUPING takes a grouped field")
    rolled_up = _value(scope, call.argument).sql in scope.rolled_up
    return Column(sql=str(int(rolled_up)), field=INTEGER, entity="AggregateResult")


def picklist_rank(column: Column) -> str:
    """SQL of a picklist value's place in the list."""
    whens = " ".join(
        f"WHEN '{value.value.replace(chr(39), chr(39) * 2)}' THEN {place}"
        for place, value in enumerate(column.field.picklist_values)
    )
    if not whens:
        return f"fold({column.sql})"
    return f"(CASE {column.sql} {whens} ELSE iif({column.sql} IS NULL, NULL, 9999) END)"


def _aggregate(scope: Scope, call: Call) -> Column:
    if not call.arguments:
        return Column(sql="count(*)", field=INTEGER, entity="AggregateResult")
    if isinstance(call.argument, Call) and call.argument.function == "CONVERTCURRENCY":
        raise query_error(scope.text, call.position, "convertCurrency can not be used with aggregate functions")
    if call.argument is None or (isinstance(call.argument, Call) and call.function != "COUNT_DISTINCT"):
        raise query_error(scope.text, call.position, f"Invalid function: {call.function}")
    column = _value(scope, call.argument)
    field = column.field
    if not (field.aggregatable or field.type == "id") or field.compound:
        raise query_error(
            scope.text, call.position, f"field {field.name} does not support aggregate operator {call.function}"
        )
    if call.function in ("SUM", "AVG") and field.type not in _NUMBERS:
        raise query_error(
            scope.text, call.position, f"field {field.name} does not support aggregate operator {call.function}"
        )
    match call.function:
        case "COUNT":
            return Column(sql=f"count({column.sql})", field=INTEGER, entity="AggregateResult")
        case "COUNT_DISTINCT":
            value = f"fold({column.sql})" if _is_text(field) and not field.case_sensitive else column.sql
            return Column(sql=f"count(DISTINCT {value})", field=INTEGER, entity="AggregateResult")
        case "SUM":
            return replace(column, sql=f"sum({corporate(column, scope)})", currency=None)
        case "AVG":
            kind = replace(field, type="double") if field.type == "int" else field
            return replace(column, sql=f"avg({corporate(column, scope)})", field=kind, currency=None)
    smallest = call.function.lower()
    if field.type == "picklist" and field.picklist_values:
        ranked = f"{smallest}(printf('%05d', {picklist_rank(column)}) || {column.sql})"
        return replace(column, sql=f"substr({ranked}, 6)")
    if _is_text(field):
        return replace(column, sql=f"{smallest}({column.sql} COLLATE NOCASE)")
    return replace(column, sql=f"{smallest}({corporate(column, scope)})", currency=None)


def _is_text(field: FieldDef) -> bool:
    return field.type in ("string", "textarea", "email", "phone", "url", "combobox", "picklist")
