"""Aggregate and date functions, in SQL.

Source: SOQL and SOSL Reference, "Aggregate Functions", "Date Functions", "Support for Field Types in
Aggregate Functions". Money is aggregated in the corporate currency.
"""

from dataclasses import replace

from localorg.errors import NotImplementedByOrg
from localorg.query.scope import Column, Scope
from localorg.schema import FieldDef
from localorg.soql.ast import Call, Expression, Path
from localorg.soql.position import query_error

AGGREGATES = frozenset({"COUNT", "COUNT_DISTINCT", "SUM", "AVG", "MIN", "MAX"})
_NUMBERS = frozenset({"int", "double", "currency", "percent"})
_MONTH = "CAST(strftime('%m', {x}) AS INTEGER)"
_YEAR = "CAST(strftime('%Y', {x}) AS INTEGER)"
_DAY_OF_YEAR = "CAST(strftime('%j', {x}) AS INTEGER)"
_DAY = "CAST(strftime('%d', {x}) AS INTEGER)"
#: {x} the value, {f} the months before the fiscal year's first one (0 for January).
_DATE_FUNCTIONS = {
    "CALENDAR_MONTH": _MONTH,
    "CALENDAR_QUARTER": f"(({_MONTH} + 2) / 3)",
    "CALENDAR_YEAR": _YEAR,
    "DAY_IN_MONTH": _DAY,
    "DAY_IN_WEEK": "(CAST(strftime('%w', {x}) AS INTEGER) + 1)",
    "DAY_IN_YEAR": _DAY_OF_YEAR,
    "DAY_ONLY": "substr({x}, 1, 10)",
    "FISCAL_MONTH": f"(({_MONTH} - 1 - {{f}} + 12) % 12 + 1)",
    "FISCAL_QUARTER": f"((({_MONTH} - 1 - {{f}} + 12) % 12) / 3 + 1)",
    "FISCAL_YEAR": f"({_YEAR} + ({{f}} > 0 AND {_MONTH} - 1 >= {{f}}))",
    "HOUR_IN_DAY": "CAST(strftime('%H', {x}) AS INTEGER)",
    "WEEK_IN_MONTH": f"(({_DAY} - 1) / 7 + 1)",
    "WEEK_IN_YEAR": f"(({_DAY_OF_YEAR} - 1) / 7 + 1)",
}
_INTEGER = FieldDef(name="", label="", type="int", digits=9, filterable=True, sortable=True)


def is_aggregate(expression: Expression) -> bool:
    """Whether this is an aggregate function."""
    return isinstance(expression, Call) and expression.function in AGGREGATES


def column_of(scope: Scope, expression: Expression) -> Column:
    """The column that a field or function is."""
    if isinstance(expression, Path):
        return scope.resolve(expression).column
    if expression.function in AGGREGATES:
        return _aggregate(scope, expression)
    if expression.function in _DATE_FUNCTIONS:
        return _date_function(scope, expression)
    if expression.function in ("TOLABEL", "CONVERTCURRENCY", "FORMAT", "CONVERTTIMEZONE", "DISTANCE", "GROUPING"):
        raise NotImplementedByOrg(f"{expression.function}()")
    raise query_error(scope.text, expression.position, f"Invalid function: {expression.function}")


def corporate(column: Column, scope: Scope) -> str:
    """SQL of an amount in the corporate currency, still scaled."""
    rates = {iso: rate for iso, rate in scope.context.rates.items() if rate != 1}
    if column.field.type != "currency" or column.currency is None or not rates:
        return column.sql
    whens = " ".join(f"WHEN '{iso}' THEN {float(rate)!r}" for iso, rate in rates.items())
    return f"({column.sql} / CASE {column.currency} {whens} ELSE 1.0 END)"


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
    if call.argument is None:
        return Column(sql="count(*)", field=_INTEGER, entity="AggregateResult")
    column = column_of(scope, call.argument)
    field = column.field
    if not isinstance(call.argument, Path) and call.function != "COUNT_DISTINCT":
        raise query_error(scope.text, call.position, f"Invalid function: {call.function}")
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
            return Column(sql=f"count({column.sql})", field=_INTEGER, entity="AggregateResult")
        case "COUNT_DISTINCT":
            value = f"fold({column.sql})" if _is_text(field) and not field.case_sensitive else column.sql
            return Column(sql=f"count(DISTINCT {value})", field=_INTEGER, entity="AggregateResult")
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


def _date_function(scope: Scope, call: Call) -> Column:
    if call.argument is None:
        raise query_error(scope.text, call.position, f"Invalid function: {call.function}")
    if isinstance(call.argument, Call):
        raise NotImplementedByOrg(f"{call.argument.function}()")
    column = column_of(scope, call.argument)
    only_datetime = call.function in ("DAY_ONLY", "HOUR_IN_DAY")
    if column.field.type not in (("datetime",) if only_datetime else ("date", "datetime")):
        raise query_error(
            scope.text, call.position, f"field {column.field.name} does not support the function {call.function}"
        )
    months = str(scope.context.fiscal_start_month - 1)
    sql = _DATE_FUNCTIONS[call.function].replace("{x}", column.sql).replace("{f}", months)
    kind = replace(_INTEGER, type="date") if call.function == "DAY_ONLY" else _INTEGER
    return replace(column, sql=f"({sql})", field=kind, currency=None)
