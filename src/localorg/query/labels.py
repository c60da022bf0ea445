"""toLabel(): a picklist value as a person reads it, in SQL.

Source: SOQL and SOSL Reference, "toLabel()". The org has no translations: labels are the same in every language.
"""

from dataclasses import replace

from localorg.query.scope import Column, Scope
from localorg.soql.ast import Call, Path
from localorg.soql.position import query_error

_PICKLISTS = ("picklist", "multipicklist")


def to_label(scope: Scope, call: Call) -> Column:
    """The column of a label. A record type's name is its own label."""
    if not isinstance(call.argument, Path):
        raise query_error(scope.text, call.position, "toLabel can be used with a field only")
    column = scope.resolve(call.argument).column
    field = column.field
    if field.type not in _PICKLISTS and (column.entity, field.name) != ("RecordType", "Name"):
        raise query_error(scope.text, call.position, f"field {field.name} does not support the function toLabel")
    labels = {value.value: value.label for value in field.picklist_values if value.label != value.value}
    sql = column.sql
    if labels and field.type == "picklist":
        whens = " ".join(f"WHEN {_quoted(value)} THEN {_quoted(label)}" for value, label in labels.items())
        sql = f"(CASE {sql} {whens} ELSE {sql} END)"
    elif labels:
        sql = f"';' || {sql} || ';'"
        for value, label in labels.items():
            sql = f"replace({sql}, {_quoted(f';{value};')}, {_quoted(f';{label};')})"
        sql = f"trim({sql}, ';')"
    text = replace(field, type="string", picklist_values=(), filterable=True, case_sensitive=False)
    return replace(column, sql=sql, field=text)


def _quoted(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"
