"""Date functions, in SQL.

Source: SOQL and SOSL Reference, "Date Functions", "convertTimezone()": days and hours are those of UTC, or with
convertTimezone() those of the user's time zone.
"""

from dataclasses import replace

from localorg.query.scope import Column, Scope
from localorg.schema import FieldDef
from localorg.soql.ast import Call, Path
from localorg.soql.position import query_error

_MONTH = "CAST(strftime('%m', {x}) AS INTEGER)"
_YEAR = "CAST(strftime('%Y', {x}) AS INTEGER)"
_DAY_OF_YEAR = "CAST(strftime('%j', {x}) AS INTEGER)"
_DAY = "CAST(strftime('%d', {x}) AS INTEGER)"
#: {x} the value, {f} the months before the fiscal year's first one (0 for January), {e} 1 if the year is named for the
#: calendar year after the one that it starts in.
DATE_FUNCTIONS = {
    "CALENDAR_MONTH": _MONTH,
    "CALENDAR_QUARTER": f"(({_MONTH} + 2) / 3)",
    "CALENDAR_YEAR": _YEAR,
    "DAY_IN_MONTH": _DAY,
    "DAY_IN_WEEK": "(CAST(strftime('%w', {x}) AS INTEGER) + 1)",
    "DAY_IN_YEAR": _DAY_OF_YEAR,
    "DAY_ONLY": "substr({x}, 1, 10)",
    "FISCAL_MONTH": f"(({_MONTH} - 1 - {{f}} + 12) % 12 + 1)",
    "FISCAL_QUARTER": f"((({_MONTH} - 1 - {{f}} + 12) % 12) / 3 + 1)",
    "FISCAL_YEAR": f"({_YEAR} - ({_MONTH} - 1 < {{f}}) + {{e}})",
    "HOUR_IN_DAY": "CAST(strftime('%H', {x}) AS INTEGER)",
    "WEEK_IN_MONTH": f"(({_DAY} - 1) / 7 + 1)",
    "WEEK_IN_YEAR": f"(({_DAY_OF_YEAR} - 1) / 7 + 1)",
}
_ONLY_DATETIMES = ("DAY_ONLY", "HOUR_IN_DAY")
INTEGER = FieldDef(name="", label="", type="int", digits=9, filterable=True, sortable=True)


def date_function(scope: Scope, call: Call) -> Column:
    """The column that a date function is, or the error for what it cannot be applied to."""
    column = _argument(scope, call)
    allowed = ("datetime",) if call.function in _ONLY_DATETIMES else ("date", "datetime")
    if column.field.type not in allowed:
        raise query_error(
            scope.text, call.position, f"field {column.field.name} does not support the function {call.function}"
        )
    fiscal = scope.context.fiscal
    if fiscal.custom and call.function.startswith("FISCAL_"):
        raise query_error(
            scope.text, call.position, f"{call.function} is not supported in an org with custom fiscal years"
        )
    later = str(int(fiscal.start_month > 1 and not fiscal.by_start))
    sql = DATE_FUNCTIONS[call.function].replace("{f}", str(fiscal.start_month - 1)).replace("{e}", later)
    sql = sql.replace("{x}", column.sql)
    kind = replace(INTEGER, type="date") if call.function == "DAY_ONLY" else INTEGER
    return replace(column, sql=f"({sql})", field=kind, currency=None)


def _argument(scope: Scope, call: Call) -> Column:
    match call.argument:
        case Path() as path:
            return scope.resolve(path).column
        case Call(function="CONVERTTIMEZONE", argument=Path() as path):
            column = scope.resolve(path).column
            if column.field.type != "datetime":
                raise query_error(
                    scope.text,
                    path.position,
                    f"field {column.field.name} does not support the function convertTimezone",
                )
            return replace(column, sql=f"local_time({column.sql}, '{scope.context.zone.key}')")
    raise query_error(scope.text, call.position, f"Invalid function: {call.function}")
