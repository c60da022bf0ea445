"""What a query's columns are, for `query?columns=true`: an answer of its own, without records.

Source: recorded answers (key sets); undocumented. A parent and a subquery have the columns below them in
`joinColumns`; a subquery and a function are `aggregate`.
"""

from typing import Any

from localorg.query.aggregates import is_grouped
from localorg.query.compile import compile_query
from localorg.query.context import QueryContext
from localorg.query.functions import AGGREGATES, SHAPING
from localorg.query.scope import Parent, Scope
from localorg.schema import FieldDef, SObjectDef
from localorg.soql.ast import Call, Path, Query, SelectChildren, SelectField, SelectFields, SelectTypeof

Json = dict[str, Any]

_APEX = {
    "id": "Id",
    "reference": "Id",
    "boolean": "Boolean",
    "int": "Integer",
    "date": "Date",
    "datetime": "Datetime",
    "time": "Time",
    "address": "System.Address",
    "location": "System.Location",
} | dict.fromkeys(("double", "currency", "percent"), "Double")
_NUMBERS = ("Integer", "Double")


def column_metadata(query: Query, context: QueryContext) -> Json:
    """The columns of a query; the errors are those that running it would have."""
    plan = compile_query(query, context)
    grouped = is_grouped(query.select, query.group_by)
    columns = _columns(query, context, plan.sobject, grouped)
    return {
        "columnMetadata": columns,
        "entityName": plan.sobject.name,
        "groupBy": bool(query.group_by),
        "idSelected": not grouped and any(column["columnName"] == "Id" for column in columns),
        "keyPrefix": plan.sobject.key_prefix,
    }


def _columns(query: Query, context: QueryContext, sobject: SObjectDef, grouped: bool) -> list[Json]:
    scope = Scope(context, query.text, sobject, alias=query.alias, joined=query.joined)
    columns: list[Json] = []
    unnamed = 0
    for item in query.select:
        match item:
            case SelectChildren(query=inner):
                child = sobject.children_by_name[_child_name(scope, inner).lower()]
                below = _columns(inner, context, context.schema.objects[child.child], grouped=False)
                columns.append(_column(str(child.name), aggregate=True, apex=child.child, joined=below))
            case SelectFields(kind=kind):
                chosen = [one for one in sobject.fields if kind == "ALL" or one.custom == (kind == "CUSTOM")]
                columns += [_of_field(one) for one in chosen]
            case SelectTypeof(relationship=path):
                split = scope.polymorphic(path)
                _enter(columns, split.parents, _column(split.parent.name, apex="Name"))
            case SelectField(expression=Path() as path, alias=alias):
                resolved = scope.resolve(path)
                if grouped:
                    columns.append(_of_field(resolved.field, alias))
                else:
                    _enter(columns, resolved.parents, _of_field(resolved.field))
            case SelectField(expression=Call() as call, alias=alias):
                if not call.arguments:
                    continue
                if call.function in SHAPING and isinstance(call.argument, Path) and alias is None and not grouped:
                    resolved = scope.resolve(call.argument)
                    _enter(columns, resolved.parents, _of_field(resolved.field))
                    continue
                if alias is None:
                    alias, unnamed = f"expr{unnamed}", unnamed + 1
                apex = "Double" if call.function in AGGREGATES else "String"
                columns.append(_column(alias, aggregate=True, apex=apex))
    return columns


def _child_name(scope: Scope, inner: Query) -> str:
    name = inner.source.names[-1]
    return scope.child_aliases.get(name.lower(), name) if len(inner.source.names) == 1 else name


def _enter(columns: list[Json], parents: tuple[Parent, ...], column: Json) -> None:
    """Put a column below its parents, which are there once."""
    for parent in parents:
        found = next((one for one in columns if one["columnName"] == parent.name and one["joinColumns"]), None)
        if found is None:
            found = _column(parent.name, apex=parent.sobject.name if parent.sobject else "Name")
            columns.append(found)
        columns = found["joinColumns"]
    columns.append(column)


def _of_field(field: FieldDef, alias: str | None = None) -> Json:
    column = _column(alias or field.name, apex=_APEX.get(field.type, "String"))
    return column | {"custom": field.custom, "insertable": field.createable, "updatable": field.updateable}


def _column(name: str, *, apex: str, aggregate: bool = False, joined: list[Json] | None = None) -> Json:
    return {
        "aggregate": aggregate,
        "apexType": apex,
        "booleanType": apex == "Boolean",
        "columnName": name,
        "custom": False,
        "displayName": name,
        "foreignKeyName": None,
        "insertable": False,
        "joinColumns": joined if joined is not None else [],
        "numberType": apex in _NUMBERS,
        "textType": apex == "String",
        "updatable": False,
    }
