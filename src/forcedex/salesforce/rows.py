"""Turning REST records into the rows of text that the Bulk API would give for them.

Differences that are evened out (see `forcedex.domain.record`): null and a missing parent are empty, booleans are
`true`/`false`, datetimes end in `Z` instead of `+0000`, numbers keep the digits that were sent.
"""

import json
import re
from collections.abc import Callable, Container, Mapping, Sequence
from operator import itemgetter

from forcedex.domain.errors import SourceDataError
from forcedex.domain.schema import SObject

#: A datetime as REST spells it: `2026-01-31T10:00:00.000+0000`.
_REST_DATETIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}\+0000")

#: Paths that may end in a datetime: standard ones are named so, custom ones may have any name.
_PARENTS_DATETIME = re.compile(r".*(Date|DateTime|Modstamp|__c)")

#: Half of an emoji, left over where Salesforce cut a text at a field's length; JSON can say it, UTF-8 cannot.
_SURROGATE_ESCAPE = re.compile(rb"\\u[dD][89a-fA-F]")

#: Numbers as they were sent, so that no digit is lost; control characters in texts are taken as they are.
_decoder = json.JSONDecoder(parse_float=str, parse_int=str, parse_constant=str, strict=False)


def parse_exactly(body: bytes) -> object:
    """The JSON value, its numbers as texts; ValueError for invalid JSON or UTF-8."""
    value = _decoder.decode(body.decode())
    return _without_half_characters(value) if _SURROGATE_ESCAPE.search(body) else value


def maybe_datetimes(sobject: SObject, columns: Sequence[str]) -> frozenset[str]:
    """The columns whose text may be a datetime: own fields by their type, parents' fields by their name.

    (A parent's describe is not at hand.) Everywhere else a text that looks like a datetime stays as it is.
    """
    return frozenset(
        column
        for column in columns
        if (
            _PARENTS_DATETIME.fullmatch(column)
            if "." in column
            else sobject.by_name[column].type in ("datetime", "anytype")
        )
    )


def row_from_json(record: Mapping[str, object], columns: Sequence[str], datetimes: Container[str] = ()) -> list[str]:
    """One record as a row; `datetimes` names the columns whose text may be a datetime.

    SourceDataError if the record lacks a column or holds an object where a value should be.
    """
    return row_reader(columns, datetimes)(record)


def row_reader(columns: Sequence[str], datetimes: Container[str]) -> Callable[[Mapping[str, object]], list[str]]:
    """`row_from_json` for many records of the same columns."""
    cells = [(_getter(column), column in datetimes) for column in columns]

    def read(record: Mapping[str, object]) -> list[str]:
        row = []
        try:
            for get, datetime in cells:
                value = get(record)
                if value.__class__ is str:
                    row.append(_zulu(value) if datetime else value)
                else:
                    row.append(_text(value))
        except KeyError as exc:
            raise SourceDataError(f"Salesforce sent a record without the field {exc} that was asked for.") from exc
        return row

    return read


def _without_half_characters(value: object) -> object:
    """The value with U+FFFD for every half of a surrogate pair, which no UTF-8 document can hold."""
    match value:
        case str():
            return value.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")
        case list():
            return [_without_half_characters(each) for each in value]
        case dict():
            return {key: _without_half_characters(each) for key, each in value.items()}
        case _:
            return value


def _getter(column: str) -> Callable[[Mapping[str, object]], object]:
    steps = column.split(".")
    if len(steps) == 1:
        return itemgetter(column)

    def follow(record: Mapping[str, object]) -> object:
        value: object = record
        for step in steps:
            if value is None:
                return None
            if not isinstance(value, dict):
                raise SourceDataError(f"Salesforce sent no parent record on the path {column}.")
            value = value[step]
        return value

    return follow


def _zulu(text: str) -> str:
    return text[:-5] + "Z" if _REST_DATETIME.fullmatch(text) else text


def _text(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    raise SourceDataError("Salesforce sent an object or a list where a single value was asked for.")
