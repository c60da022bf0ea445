"""A report's conditions in Kibana's query language.

Source: Kibana Guide, "Kibana Query Language". `not` leaves in what has no value, as ours does.
"""

import json
from collections.abc import Sequence

from forcedex.analytics.definition import AllOf, AnyOf, Condition, Filter, Op, Scalar

_BOUNDS = {Op.AT_LEAST: ">=", Op.MORE: ">", Op.AT_MOST: "<=", Op.LESS: "<"}


def kql(conditions: Sequence[Condition]) -> str:
    """All of some conditions; ValueError for one whose day depends on when it is asked."""
    return " and ".join(map(_condition, conditions))


def _condition(condition: Condition) -> str:
    if isinstance(condition, AnyOf):
        return f"({' or '.join(map(_condition, condition.filters))})"
    if isinstance(condition, AllOf):
        return f"({' and '.join(map(_condition, condition.filters))})"
    return _filter(condition)


def _filter(condition: Filter) -> str:
    field, values = condition.field, [_value(each) for each in condition.values]
    one = values[0] if len(values) == 1 else f"({' or '.join(values)})"
    match condition.op:
        case Op.KNOWN:
            return f"{field} : *"
        case Op.UNKNOWN:
            return f"not {field} : *"
        case Op.IS:
            return f"{field} : {one}"
        case Op.NOT:
            return f"not {field} : {one}"
        case _:
            return f"{field} {_BOUNDS[condition.op]} {one}"


def _value(value: Scalar) -> str:
    """A value as it is written; quoted where it is a text."""
    if isinstance(value, str) and value.startswith("@"):
        raise ValueError(f"{value} is another day each day, and Kibana's days are not the org's")
    return json.dumps(value, ensure_ascii=False)
