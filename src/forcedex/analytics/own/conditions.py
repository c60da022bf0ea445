"""Conditions as a report's file has them: a text as after `--where`, or a table."""

import re
from collections.abc import Callable
from datetime import date, datetime
from decimal import Decimal
from typing import Any, TypeVar

from forcedex.analytics.conditions import condition
from forcedex.analytics.definition import AllOf, AnyOf, Condition, Filter, Op, Scalar
from forcedex.domain.errors import Refused

T = TypeVar("T")
_VALUES = 500  # of one condition
_LENGTH = 255  # of a text to compare with
_LARGEST = 2**53
#: Of a number, before or after its point.
DIGITS = 30
_PATH = re.compile(r"[A-Za-z][A-Za-z0-9_.]{0,199}")
_DAY = re.compile(r"@(today|start|end|since|asof|after)(-\d{1,4})?")
_OPS = ", ".join(each for each in Op if each is not Op.UNKNOWN)
_SHAPE = f'write "Amount>=1000", or {{ field = "Amount", at-least = 1000 }} with one of {_OPS}; or {{ any = [ … ] }}'


def as_scalar(value: Any) -> Scalar | None:
    """A value of TOML as conditions have it: numbers with a point and days as texts; None if it cannot be one."""
    match value:
        case bool():
            return value
        case int():
            return value if -_LARGEST < value < _LARGEST else None
        case str():
            return value if value and value.isprintable() and len(value) <= _LENGTH else None
        case Decimal():
            return f"{value:f}" if value.is_finite() and abs(value.adjusted()) < DIGITS else None
        case datetime():
            return None
        case date():
            return value.isoformat()
        case _:
            return None


def as_condition(value: Any) -> Condition | str:
    """A condition; or what is wrong, in words."""
    if isinstance(value, dict) and set(value) == {"any"}:
        several: tuple[Filter | AllOf, ...] | str = _several("any", value["any"], _all_or_one)
        return several if isinstance(several, str) else AnyOf(several)
    return _all_or_one(value)


def _all_or_one(value: Any) -> Filter | AllOf | str:
    if isinstance(value, dict) and set(value) == {"all"}:
        found = _several("all", value["all"], as_filter)
        return found if isinstance(found, str) else AllOf(found)
    return as_filter(value)


def _several(word: str, several: Any, each_as: Callable[[Any], T | str]) -> tuple[T, ...] | str:
    if not isinstance(several, list) or not 1 <= len(several) <= _VALUES:
        return f"{word} needs a list of conditions; {_SHAPE}"
    found: list[T] = []
    for each in several:
        one = each_as(each)
        if isinstance(one, str):
            return one
        found.append(one)
    return tuple(found)


def as_filter(value: Any) -> Filter | str:
    """A condition on one field; or what is wrong, in words."""
    if isinstance(value, str):
        try:
            return _checked(condition(value))
        except Refused as exc:
            return f"{exc.message} {exc.hint}"
    if not isinstance(value, dict) or not isinstance(value.get("field"), str):
        return f"this is no condition; {_SHAPE}"
    if len(value) == 1:
        return f"it does not say what {value['field'][:60]} must be; {_SHAPE}"
    names = [each for each in value if each != "field"]
    if len(names) != 1 or names[0] not in set(Op) - {Op.UNKNOWN}:
        return f"a condition asks one thing of a field, not {', '.join(map(repr, names))[:80]}; {_SHAPE}"
    op, wanted = Op(names[0]), value[names[0]]
    if op is Op.KNOWN:
        if not isinstance(wanted, bool):
            return "known is true or false"
        return _checked(Filter(value["field"], Op.KNOWN if wanted else Op.UNKNOWN))
    values = [as_scalar(each) for each in (wanted if isinstance(wanted, list) else [wanted])]
    if None in values:
        return "a value is a text, a whole number, a number such as 10.5, a day, true or false"
    return _checked(Filter(value["field"], op, tuple(each for each in values if each is not None)))


def _checked(found: Filter) -> Filter | str:
    if not _PATH.fullmatch(found.field):
        return f"{found.field[:60]!r} is no name of a field; write its API name, such as Amount or Region__c"
    if found.op in (Op.IS, Op.NOT):
        if not 1 <= len(found.values) <= _VALUES or "" in found.values:
            return f"{found.op} needs 1 to {_VALUES} values"
    elif found.op not in (Op.KNOWN, Op.UNKNOWN) and len(found.values) != 1:
        return f"{found.op} needs one value, not {len(found.values)}"
    if found.op in (Op.AT, Op.NOT_AT) and not _is_day(found.values[0]):
        return f"{found.op} needs a day, such as 2026-03-31 or @today"
    wrong = [
        each for each in found.values if isinstance(each, str) and each.startswith("@") and not _DAY.fullmatch(each)
    ]
    if wrong:
        return f"{wrong[0][:40]!r} is no day; write @today, @today-30, @start or @end"
    return found


def _is_day(value: Scalar) -> bool:
    if _DAY.fullmatch(str(value)):
        return True
    try:
        date.fromisoformat(str(value))
    except ValueError:
        return False
    return True
