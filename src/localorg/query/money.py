"""Amounts in other currencies, in SQL.

Source: SOQL and SOSL Reference, "convertCurrency()": the user's currency; amounts of opportunities, their
products and their history at the rate of their close date where the org has dated rates. Aggregates, sorting and
comparisons with `USD5000` are made in the corporate currency.
"""

from dataclasses import replace

from localorg.query.scope import Column, Scope
from localorg.soql.ast import Call, Path
from localorg.soql.position import query_error

#: Objects whose amounts have dated rates, and the SQL of the day that the rate is for.
_DATED = {
    "Opportunity": '{t}."CloseDate"',
    "OpportunityLineItem": '(SELECT o."CloseDate" FROM "Opportunity" o WHERE o."Id" = {t}."OpportunityId")',
    "OpportunityHistory": '{t}."CloseDate"',
}
_RATE_SCALE = 1_000_000.0


def corporate(column: Column, scope: Scope) -> str:
    """SQL of an amount in the corporate currency, still scaled."""
    rates = {iso: rate for iso, rate in scope.context.rates.items() if rate != 1}
    if column.field.type != "currency" or column.currency is None or not rates:
        return column.sql
    return f"({column.sql} / {_static(column.currency, scope)})"


def _static(currency: str, scope: Scope) -> str:
    """SQL of a currency's rate as it is now."""
    rates = {iso: rate for iso, rate in scope.context.rates.items() if rate != 1}
    whens = " ".join(f"WHEN '{iso}' THEN {float(rate)!r}" for iso, rate in rates.items())
    return f"CASE {currency} {whens} ELSE 1.0 END" if whens else "1.0"


def convert_currency(scope: Scope, call: Call) -> Column:
    """The column of an amount in the user's currency."""
    if not isinstance(call.argument, Path):
        raise query_error(scope.text, call.position, "convertCurrency can be used with a currency field only")
    resolved = scope.resolve(call.argument)
    column, context = resolved.column, scope.context
    if column.field.type != "currency" or column.currency is None:
        raise query_error(
            scope.text, call.position, f"field {column.field.name} does not support the function convertCurrency"
        )
    mine = f"'{context.currency}'"
    theirs_now, mine_now = _static(column.currency, scope), _static(mine, scope)
    day = _DATED.get(resolved.sobject.name if resolved.sobject else "")
    if day is not None:
        moment = day.replace("{t}", resolved.table)
        theirs = f"coalesce({_dated(column.currency, moment)}, {theirs_now})"
        rate = f"({theirs}) / coalesce({_dated(mine, moment)}, {mine_now})"
    else:
        rate = f"({theirs_now}) / ({mine_now})"
    # An amount in the user's own currency stays exactly what it is.
    sql = f"(CASE WHEN {column.currency} = {mine} THEN {column.sql} ELSE {column.sql} / ({rate}) END)"
    return replace(column, sql=sql, currency=mine)


def _dated(currency: str, day: str) -> str:
    return (
        f'(SELECT r."ConversionRate" / {_RATE_SCALE} FROM "DatedConversionRate" r WHERE r."IsoCode" = {currency}'
        f' AND r."StartDate" <= {day} AND (r."NextStartDate" IS NULL OR r."NextStartDate" > {day})'
        ' ORDER BY r."StartDate" DESC LIMIT 1)'
    )
