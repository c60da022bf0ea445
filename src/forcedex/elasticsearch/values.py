"""Texts of Salesforce become values of JSON, a column at a time; ValueError and KeyError for what does not fit.

A converter sees a whole column of a batch, because a loop in C over a column is what makes this fast. Null is None.
"""

from collections.abc import Callable, Sequence
from datetime import datetime
from decimal import Context, Decimal
from math import isfinite
from typing import Any

import orjson

from forcedex.domain.record_id import to_18
from forcedex.domain.schema import Field

Converter = Callable[[Sequence[str]], list[Any]]

#: Longer number texts may hold more digits than a double; their text is kept as it is.
_EXACT_DOUBLE_DIGITS = 15
_WIDE = Context(prec=1_000)
_LONG = 2**63
_BOOLEANS = {"true": True, "false": False, "": None}
_RECORD_ID_LENGTHS = {0, 18}
#: Salesforce's own range. Source: SOAP API Developer Guide, "Primitive Data Types".
_FIRST_YEAR, _AFTER_LAST_YEAR = "1700", "4001"


def converter(field: Field) -> Converter:
    """How the texts of this field become values; as they are for types that nobody knows."""
    return _CONVERTERS.get(field.type, texts)


def texts(values: Sequence[str]) -> list[Any]:
    """As they are."""
    return [value or None for value in values]


def record_ids(values: Sequence[str]) -> list[str]:
    """Ids of records, 18 characters each."""
    return [value if len(value) == 18 and value.isalnum() and value.isascii() else to_18(value) for value in values]


def seconds(values: Sequence[str]) -> list[int]:
    """Seconds since 1970 of times."""
    known: dict[str, int] = {}
    result = []
    for value in values:
        second = known.get(value)
        if second is None:
            second = known[value] = int(datetime.fromisoformat(value).timestamp())
        result.append(second)
    return result


def coordinate(text: str, most: int) -> float | None:
    """Degrees, or None if they lie outside -`most` to `most`, or there are none."""
    degrees = float(text) if text else most + 1.0
    return degrees if -most <= degrees <= most else None


def whole_characters(text: str) -> str:
    """The text without halves of surrogate pairs, which UTF-8 cannot hold: each becomes U+FFFD."""
    return text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")


def _references(values: Sequence[str]) -> list[Any]:
    """Ids in their 18-character form; references to external objects may be any text."""
    if _RECORD_ID_LENGTHS.issuperset(map(len, values)):
        return texts(values)
    return [_reference(value) or None for value in values]


def _reference(value: str) -> str:
    try:
        return to_18(value) if len(value) == 15 else value
    except ValueError:
        return value


def _booleans(values: Sequence[str]) -> list[Any]:
    return [_BOOLEANS[value] for value in values]


def _integers(values: Sequence[str]) -> list[Any]:
    return [_integer(value) if value else None for value in values]


def _integer(text: str) -> int:
    try:
        value = int(text)
    except ValueError:  # `5.0`
        exact = Decimal(text)
        if not exact.is_finite() or abs(exact) > _LONG or exact != (value := int(exact)):
            raise ValueError(f"{text[:40]!r} is not a whole number of 64 bits") from None
    if not -_LONG <= value < _LONG:
        raise ValueError(f"{text[:40]!r} is not a whole number of 64 bits")
    return value


def _numbers(values: Sequence[str]) -> list[Any]:
    return [_number(value) if value else None for value in values]


def _number(text: str) -> float | orjson.Fragment:
    value = float(text)
    if not isfinite(value):
        raise ValueError(f"{text[:40]!r} is not a number that a double can hold")
    if len(text) <= _EXACT_DOUBLE_DIGITS:
        return value
    exact = Decimal(text)
    if Decimal(repr(value)) == exact:
        return value
    # As digits, not in powers of ten, unless it is so small that those would be thousands of zeros.
    return orjson.Fragment(format(exact.normalize(_WIDE), "f" if value else "E"))


def _times(values: Sequence[str]) -> list[Any]:
    """Dates and times as they are, if they lie in the years that Salesforce knows."""
    distinct = set(values)
    distinct.discard("")
    if distinct and not (_FIRST_YEAR <= min(distinct) and max(distinct) < _AFTER_LAST_YEAR):
        wrong = next(value for value in distinct if not _FIRST_YEAR <= value < _AFTER_LAST_YEAR)
        raise ValueError(f"{wrong[:40]!r} is no date from 1700 to 4000")
    return texts(values)


def _lists(values: Sequence[str]) -> list[Any]:
    return [[each for each in value.split(";") if each] or None if value else None for value in values]


_CONVERTERS: dict[str, Converter] = {
    "id": _references,
    "reference": _references,
    "boolean": _booleans,
    "int": _integers,
    "long": _integers,
    "double": _numbers,
    "percent": _numbers,
    "currency": _numbers,
    "date": _times,
    "datetime": _times,
    "multipicklist": _lists,
}
