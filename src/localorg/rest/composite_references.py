"""`@{reference.path[0].field}`: values of earlier answers in later subrequests.

Source: REST API Developer Guide, "Composite Subrequest" (referenceId), "Behavior for References to Null Fields".
Names are case-sensitive. A value that was read as null can be passed on as null from version 52.0 on, if it was
read by sObject Rows.
"""

import re
from collections.abc import Iterator
from typing import Any
from urllib.parse import quote

from localorg.errors import ApiError

#: By reference: the answer's body, and whether it is the answer of sObject Rows.
Results = dict[str, tuple[Any, bool]]

_REFERENCE = re.compile(r"@\{([^{}]*)\}")
_NAME = re.compile(r"[^.\[\]]+")
_STEP = re.compile(r"\.([^.\[\]]+)|\[(\d+)\]")
_MISSING = object()


def names_in(value: Any) -> Iterator[str]:
    """The names that texts refer to, wherever they are."""
    match value:
        case str():
            for found in _REFERENCE.findall(value):
                if name := _NAME.match(found):
                    yield name[0]
        case dict():
            for one in value.values():
                yield from names_in(one)
        case list():
            for one in value:
                yield from names_in(one)


def resolve(value: Any, results: Results, *, null: bool) -> Any:
    """A body with values in place of references; PROCESSING_HALTED if one has none."""
    match value:
        case dict():
            return {key: resolve(one, results, null=null) for key, one in value.items()}
        case list():
            return [resolve(one, results, null=null) for one in value]
        case str() if whole := _REFERENCE.fullmatch(value):
            return _value(whole[1], results, null=null)
        case str():
            return _REFERENCE.sub(lambda found: _text(_value(found[1], results, null=False)), value)
    return value


def resolve_url(url: str, results: Results) -> str:
    """A URL with values, percent-encoded, in place of references."""
    return _REFERENCE.sub(lambda found: quote(_text(_value(found[1], results, null=False)), safe=""), url)


def _text(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def _value(reference: str, results: Results, *, null: bool) -> Any:
    start = _NAME.match(reference)
    name = start[0] if start else reference
    body, is_row = results.get(name, (_MISSING, False))
    value, at = body, len(name)
    while value is not _MISSING and at < len(reference):
        step = _STEP.match(reference, at)
        value = _MISSING if step is None else _step(value, step)
        at = len(reference) if step is None else step.end()
    if value is None and null and is_row:
        return None
    if value is _MISSING or value is None or isinstance(value, dict | list):
        raise ApiError("PROCESSING_HALTED", f"Invalid reference specified. No value for {reference} found in {name}")
    return value


def _step(value: Any, step: re.Match[str]) -> Any:
    if step[1] is not None:
        return value.get(step[1], _MISSING) if isinstance(value, dict) else _MISSING
    place = int(step[2])
    return value[place] if isinstance(value, list) and place < len(value) else _MISSING
