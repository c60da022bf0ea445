"""Writes a report as TOML that reads as the same report again."""

import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from enum import StrEnum
from typing import Any

from forcedex.analytics.definition import AllOf, AnyOf, Bucket, Condition, Definition, Dimension, Measure, Op, Part
from forcedex.analytics.own.checking import Surroundings
from forcedex.analytics.own.problems import WrongReport
from forcedex.analytics.own.reading import read
from forcedex.domain.errors import Refused

#: Keys and values in the order in which they are written; None, empty texts, lists and tables are left out.
_Keys = Mapping[str, Any]
_WIDTH = 100  # characters of a list on one line


def written(definition: Definition, standard: Mapping[str, Definition]) -> str:
    """The text; Refused if the report holds what the grammar cannot say."""
    for like in ("", definition.name, *standard):
        text = "\n".join(_lines(definition, like)) + "\n"
        with suppress(WrongReport):
            if (not like or like in standard) and read(text, Surroundings(standard=standard)) == definition:
                return text
    raise Refused(
        f"{definition.title} does more than a file of one's own can say.",
        f"See `forcedex report {definition.name} --definition`.",
    )


def _lines(definition: Definition, like: str) -> Iterator[str]:
    yield from _table(
        {
            "name": definition.name,
            "title": definition.title,
            "formula": definition.formula if definition.formula != definition.title else "",
            "notes": list(definition.notes),
            "by": definition.by,
            "period": definition.period,
            "compare": definition.compare,
            "top": definition.top,
            "order": definition.order,
            "overlapping": definition.overlapping,
            "like": like,
        }
    )
    sections: list[tuple[str, list[_Keys]]] = [
        ("parts", [_part(each) for each in definition.parts]),
        ("measures", [_measure(each) for each in definition.measures]),
        (
            "ratios",
            [
                {
                    "name": each.name,
                    "label": each.label,
                    "over": each.over,
                    "under": each.under,
                    "shows": each.shows,
                    "why": each.why,
                }
                for each in definition.ratios
            ],
        ),
        (
            "shares",
            [
                {"name": each.name, "label": each.label, "measure": each.measure, "of": each.of}
                for each in definition.shares
            ],
        ),
        ("dimensions", [_dimension(each) for each in definition.dimensions]),
    ]
    for name, tables in sections:
        for each in tables:
            yield from ("", f"[[{name}]]", *_table(each))


def _part(each: Part) -> _Keys:
    return {
        "source": each.source,
        "name": each.name,
        "where": _conditions(each.where),
        "day": each.day,
        "lag": each.lag,
        "optional": each.optional,
    }


def _measure(each: Measure) -> _Keys:
    return {
        "name": each.name,
        "label": each.label,
        "function": each.function,
        "field": each.field,
        "where": _conditions(each.where),
        "shows": each.shows,
        "part": each.part,
        "per": each.per if each.per != 1 else None,
        "optional": each.optional,
    }


def _dimension(each: Dimension) -> _Keys:
    return {
        "name": each.name,
        "label": each.label,
        "field": each.field,
        "fields": dict(each.fields),
        "unit": each.unit,
        "points": each.points,
        "partial": each.partial,
        "buckets": [_bucket(one) for one in each.buckets],
        "names": each.names,
        "none": each.none,
    }


def _bucket(each: Bucket) -> _Keys:
    return {"name": each.name, "label": each.label, "where": _conditions(each.where)}


def _conditions(conditions: Sequence[Condition]) -> list[_Keys]:
    return [_condition(each) for each in conditions]


def _condition(each: Condition) -> _Keys:
    if isinstance(each, AnyOf):
        return {"any": _conditions(each.filters)}
    if isinstance(each, AllOf):
        return {"all": _conditions(each.filters)}
    match each.op:
        case Op.KNOWN | Op.UNKNOWN:
            return {"field": each.field, "known": each.op is Op.KNOWN}
        case Op.IS | Op.NOT:
            return {"field": each.field, str(each.op): list(each.values)}
        case _:
            return {"field": each.field, str(each.op): each.values[0]}


def _table(keys: _Keys) -> Iterator[str]:
    for key, value in keys.items():
        if value:
            yield f"{key} = {_value(value)}"


def _value(value: Any, *, within: bool = False) -> str:
    match value:
        case bool():
            return "true" if value else "false"
        case StrEnum() | str():
            return _text(str(value))
        case int():
            return str(value)
        case list():
            inner = [_value(each, within=True) for each in value]
            one = f"[{', '.join(inner)}]"
            return one if within or len(one) <= _WIDTH else "[\n" + "".join(f"  {each},\n" for each in inner) + "]"
        case dict():
            return "{ " + ", ".join(f"{_key(key)} = {_value(each, within=True)}" for key, each in value.items()) + " }"
        case _:
            raise TypeError(type(value).__name__)


def _key(key: str) -> str:
    return key if key.isascii() and key.replace("-", "a").replace("_", "a").isalnum() else _text(key)


def _text(text: str) -> str:
    """A basic string: JSON's escapes are TOML's; DEL must be escaped as well."""
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")
