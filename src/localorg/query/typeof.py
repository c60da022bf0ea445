"""TYPEOF: other fields for each object behind a polymorphic relationship.

Source: SOQL and SOSL Reference, "TYPEOF", "Understanding Relationship Fields and Polymorphic Fields". Only in
SELECT, from version 46.0; not with functions, grouping, COUNT() or in semi-joins, not in the Bulk API. A record
that no WHEN and no ELSE is for reads as null.
"""

from collections.abc import Callable

from localorg.errors import ApiError
from localorg.query.scope import Polymorphic, Resolved, Scope
from localorg.query.shape import Node, SplitNode
from localorg.soql.ast import Call, Path, Query, SelectField, SelectTypeof
from localorg.soql.position import query_error

_FIRST_VERSION = 46

#: Selects a field into a node, and places a column; the record compiler's own.
Select = Callable[[Node, Resolved, Path], None]
Place = Callable[[str], int]


def check_typeof(query: Query, scope: Scope) -> None:
    """The error for a TYPEOF that the query may not have."""
    found = next((item for item in query.select if isinstance(item, SelectTypeof)), None)
    if found is None:
        return
    if scope.context.bulk:
        raise ApiError("API_ERROR", "TYPEOF is not supported in Bulk Query")
    if scope.context.number < _FIRST_VERSION:
        raise query_error(query.text, found.relationship.position, f"unexpected token: '{found.relationship.names[0]}'")
    for item in query.select:
        if isinstance(item, SelectField) and isinstance(item.expression, Call):
            raise query_error(
                query.text, item.expression.position, "TYPEOF is not allowed in queries with functions in SELECT"
            )


def split_node(item: SelectTypeof, scope: Scope, select: Select, place: Place) -> tuple[Polymorphic, SplitNode]:
    """What a TYPEOF reads, and the relationship that it is for."""
    split = scope.polymorphic(item.relationship)
    branches: dict[str, Node] = {}
    for when in item.whens:
        target = scope.context.schema.object(when.sobject)
        if target is None or target.name not in split.reference.reference_to:
            raise query_error(
                scope.text, when.position, f"{when.sobject} is not an object that '{split.parent.name}' can refer to"
            )
        if target.name not in scope.context.readable:
            raise query_error(
                scope.text, when.position, f"sObject type '{when.sobject}' is not supported.", "INVALID_TYPE"
            )
        if target.name in branches:
            raise query_error(scope.text, when.position, f"duplicate object in TYPEOF: {when.sobject}")
        node: Node | None = None
        for path in when.fields:
            resolved = scope.of_target(path, split, target)
            # The field's parents begin with those that lead to the object itself.
            parent = resolved.parents[len(split.parents)]
            if node is None:
                node = branches[target.name] = Node(parent=parent, id_at=place(parent.id_sql))
            select(node, resolved.below(len(split.parents) + 1), path)
    otherwise = None
    if item.otherwise:
        otherwise = Node(parent=split.parent, id_at=place(split.parent.id_sql))
        for path in item.otherwise:
            select(otherwise, scope.of_name(path, split).below(len(split.parents) + 1), path)
    return split, SplitNode(key_at=place(split.parent.id_sql), branches=branches, otherwise=otherwise)
