"""Where a semi-join or anti-join may stand, and what it may hold.

Source: SOQL and SOSL Reference, "Comparison Operators" (semi-joins and anti-joins, considerations).
"""

from localorg.errors import ApiError
from localorg.query.scope import Scope
from localorg.soql.ast import And, Condition, InQuery, Not, Or, Path, Query, SelectTypeof
from localorg.soql.position import query_error

_MOST = 2
#: Objects that cannot be selected from inside.
_NOT_INSIDE = frozenset({"activityhistory", "attachment", "event", "note", "openactivity", "task"})


def check_semi_joins(query: Query, scope: Scope) -> None:
    """The error for the first semi-join of a WHERE that is not allowed."""
    if query.where is None:
        return
    for count, one in enumerate(_found(query, query.where), 1):
        if count > _MOST:
            raise _error(one.query, "Semi join sub-selects are only allowed twice in a WHERE clause")
        _check(one, scope)


def _found(query: Query, condition: Condition, *, nested: bool = False) -> list[InQuery]:
    """The semi-joins of a condition; those under OR and NOT are refused."""
    match condition:
        case And(conditions=parts):
            return [one for part in parts for one in _found(query, part, nested=nested)]
        case Or(conditions=parts):
            return [one for part in parts for one in _found(query, part, nested=True)]
        case Not(condition=part):
            return _found(query, part, nested=True)
        case InQuery() if nested:
            raise _error(
                condition.query,
                "Semi join sub-selects are only allowed at the top level WHERE expressions and not in nested WHERE "
                "expressions",
            )
        case InQuery():
            return [condition]
    return []


def _check(one: InQuery, scope: Scope) -> None:
    inner = one.query
    if isinstance(one.left, Path) and scope.resolve(one.left).parents:
        raise query_error(scope.text, one.left.position, "The left operand of a semi-join can not be a parent's field")
    if inner.order_by or inner.limit is not None or inner.group_by or inner.having or inner.offset is not None:
        raise _error(inner, "Semi join sub-select does not support ORDER BY, LIMIT, OFFSET or GROUP BY")
    if inner.count_only:
        raise _error(inner, "Semi join sub-select does not support COUNT()")
    if any(isinstance(item, SelectTypeof) for item in inner.select):
        raise _error(inner, "TYPEOF is not allowed in a semi join sub-select")
    name = inner.source.text
    if name.lower() in _NOT_INSIDE:
        raise _error(inner, f"Entity '{name}' is not supported for semi join inner selects")
    if name.lower() == scope.sobject.name.lower():
        raise _error(inner, "The inner and outer selects should not be on the same object type")
    if inner.where is not None and _has_semi_join(inner.where):
        raise _error(inner, "Nesting of semi join sub-selects is not supported")


def _has_semi_join(condition: Condition) -> bool:
    match condition:
        case And(conditions=parts) | Or(conditions=parts):
            return any(map(_has_semi_join, parts))
        case Not(condition=part):
            return _has_semi_join(part)
    return isinstance(condition, InQuery)


def _error(inner: Query, message: str) -> ApiError:
    return query_error(inner.text, inner.source.position, message)
