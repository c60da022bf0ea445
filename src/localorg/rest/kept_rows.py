"""Queries of what is deployed: records that are no rows of the database, under simple conditions (=, IN, AND).

What a user may not see is no type for him, as for every object. Source: REST and Tooling API Developer Guides, "Query".
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from localorg.errors import ApiError, NotImplementedByOrg
from localorg.rest.call import Call
from localorg.soql.ast import And, Compare, Condition, InValues, Literal, Path, Query, SelectField
from localorg.soql.position import query_error

Row = Mapping[str, str | float | bool | None]


@dataclass(frozen=True)
class KeptObject:
    """An object whose records are what is deployed, as far as it is known here."""

    name: str
    prefix: str
    #: Texts can be compared, but for long ones.
    fields: tuple[str, ...]
    long: tuple[str, ...] = ()
    needs_setup: bool = False


def records(call: Call, query: Query, sobject: KeptObject, rows: Sequence[Row], url: str) -> list[dict[str, Any]]:
    """The records that a query selects; `url` is where they are. ApiError as Salesforce refuses it."""
    if sobject.needs_setup and not call.user.views_setup:
        raise no_type(query)
    if query.group_by or query.order_by or query.limit is not None or query.offset is not None:
        raise NotImplementedByOrg(f"queries with more than WHERE of {sobject.name}")
    names = [_selected(query, sobject, item) for item in query.select]
    fits = _condition(query, sobject, query.where)
    return [
        {"attributes": {"type": sobject.name, "url": f"{url}/{row['Id']}"}, **{each: row[each] for each in names}}
        for row in rows
        if fits(row)
    ]


_NO_TYPE = (
    "sObject type '{}' is not supported. If you are attempting to use a custom object, be sure to append the '__c' "
    "after the entity name. Please reference your WSDL or the describe call for the appropriate names."
)


def no_type(query: Query) -> ApiError:
    """There is no such object, or not for this user."""
    return query_error(query.text, query.source.position, _NO_TYPE.format(query.source.text), "INVALID_TYPE")


def _field(query: Query, sobject: KeptObject, path: Path) -> str:
    known = {name.lower(): name for name in ("Id", *sobject.fields)}
    found = known.get(path.text.lower())
    if found is None:
        text = f"No such column '{path.text}' on entity '{sobject.name}'."
        raise query_error(query.text, path.position, text, "INVALID_FIELD")
    return found


def _selected(query: Query, sobject: KeptObject, item: object) -> str:
    if isinstance(item, SelectField) and isinstance(item.expression, Path):
        return _field(query, sobject, item.expression)
    raise NotImplementedByOrg(f"functions in queries of {sobject.name}")


def _condition(query: Query, sobject: KeptObject, where: Condition | None) -> Callable[[Row], bool]:
    """Whether a row fits."""
    match where:
        case None:
            return lambda row: True
        case And(conditions=conditions):
            parts = [_condition(query, sobject, each) for each in conditions]
            return lambda row: all(part(row) for part in parts)
        case Compare(left=Path() as path, operator="=", right=literal):
            field = _compared(query, sobject, path)
            return lambda row: _is(row[field], literal)
        case InValues(left=Path() as path, values=values, negated=False):
            field = _compared(query, sobject, path)
            return lambda row: any(_is(row[field], each) for each in values)
    raise NotImplementedByOrg(f"queries with conditions other than =, IN and AND of {sobject.name}")


def _compared(query: Query, sobject: KeptObject, path: Path) -> str:
    field = _field(query, sobject, path)
    if field in sobject.long:
        text = f"field '{field}' can not be filtered in a query call"
        raise query_error(query.text, path.position, text, "INVALID_FIELD")
    return field


def _is(value: str | float | bool | None, literal: Literal) -> bool:
    """Texts regardless of case."""
    if isinstance(value, str):
        return value.lower() == str(literal.value).lower()
    return value == literal.value
