"""Subqueries over children, and how deep they go.

Source: SOQL and SOSL Reference, "Understanding Relationship Query Limitations", "OFFSET": up to 20 in a query;
one level up to version 57.0, four levels below the query's object from 58.0 on; not in the Bulk API.
"""

from typing import TYPE_CHECKING

from localorg.query.plan import ChildPlan
from localorg.query.scope import Scope, no_children
from localorg.soql.ast import Query, SelectChildren
from localorg.soql.position import query_error

if TYPE_CHECKING:
    from localorg.query.selection import RecordCompiler

_MOST = 20
_DEEP_VERSION = 58
_DEEPEST = 5
_DEEPEST_BEFORE = 2


def check_subqueries(query: Query) -> None:
    """The error for more subqueries than a query may have."""
    if _count(query) > _MOST:
        raise query_error(
            query.text, query.source.position, f"A query can include up to {_MOST} parent-to-child relationships"
        )


def _count(query: Query) -> int:
    return sum(1 + _count(item.query) for item in query.select if isinstance(item, SelectChildren))


def child_plan(item: SelectChildren, outer: "RecordCompiler") -> ChildPlan:
    """The plan of a subquery."""
    query, context = item.query, outer.context
    source = query.source
    if context.bulk:
        raise outer.error(source.position, "Aggregate Relationships not supported in Bulk Query")
    deepest = _DEEPEST if context.number >= _DEEP_VERSION else _DEEPEST_BEFORE
    if outer.level >= deepest:
        levels = f"{deepest - 1} level" + ("s" if deepest > 2 else "")
        raise outer.error(
            source.position,
            f"SOQL statements cannot query aggregate relationships more than {levels} away from the root entity "
            "object.",
        )
    name = source.names[-1]
    if len(source.names) == 1:
        name = outer.scope.child_aliases.get(name.lower(), name)
    elif len(source.names) > 2 or not outer.scope.is_own(source.names[0]):
        raise no_children(query.text, source.position, source.text)
    child = outer.scope.sobject.children_by_name.get(name.lower())
    if child is None or child.child not in context.readable:
        raise no_children(query.text, source.position, name)
    if query.group_by or query.count_only or query.having:
        raise outer.error(source.position, "Aggregate functions are not supported in a subquery")
    if query.offset is not None and outer.query.limit != 1:
        raise outer.error(query.offset_position, "OFFSET is not allowed in a subquery unless its query has LIMIT 1")
    sobject = context.schema.objects[child.child]
    scope = Scope(context, query.text, sobject, table="c", alias=query.alias, joined=query.joined)
    inner = type(outer)(query, context, scope)
    inner.level = outer.level + 1
    return ChildPlan(name=str(child.name), plan=inner.plan(), reference=f'c."{child.field}"')
