"""Records with their children, created together or not at all.

    POST  composite/tree/{object}    up to 200 records of up to 5 objects, up to 5 levels

Source: REST API Developer Guide, "sObject Tree". Level by level, so a failure names the records of its level only.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from localorg.errors import ApiError
from localorg.rest.call import Answer, Call
from localorg.rest.collections import Result, errors_of
from localorg.schema import SObjectDef

_MOST_RECORDS = 200
_MOST_OBJECTS = 5
_DEEPEST = 5


@dataclass(frozen=True, slots=True)
class _Node:
    """A record of a tree."""

    reference: str
    sobject: SObjectDef
    body: dict[str, Any]
    level: int
    #: The record above it and the field that refers to that.
    parent: "_Node | None" = None
    field: str = ""


class _Failed(Exception):
    """Some records cannot be created."""

    def __init__(self, results: Sequence[Result]) -> None:
        super().__init__()
        self.results = list(results)


def tree(call: Call) -> Answer:
    """The Ids of the new records by reference, or the records at fault."""
    try:
        nodes = sorted(_read(call, call.json, call.sobject(), 1), key=lambda node: node.level)
        _check(nodes)
        with call.org.store.transaction():
            created = _create(call, nodes)
    except _Failed as failed:
        return Answer(status=400, json={"hasErrors": True, "results": failed.results})
    results = [{"referenceId": node.reference, "id": created[node.reference]} for node in nodes]
    return Answer(status=201, json={"hasErrors": False, "results": results})


def _failure(reference: str, error: ApiError) -> Result:
    return {"referenceId": reference, "errors": errors_of(error)}


def _read(
    call: Call, holder: dict[str, Any], sobject: SObjectDef, level: int, parent: _Node | None = None, field: str = ""
) -> Iterator[_Node]:
    records = holder.get("records")
    if not isinstance(records, list) or not all(isinstance(record, dict) for record in records):
        raise ApiError("JSON_PARSER_ERROR", "records is required and must be an array of sObjects")
    for record in records:
        attributes = record.get("attributes")
        reference = attributes.get("referenceId") if isinstance(attributes, dict) else None
        if not isinstance(attributes, dict) or not isinstance(reference, str):
            raise ApiError("INVALID_INPUT", "attributes.type and attributes.referenceId are required for every sObject")
        if str(attributes.get("type", "")).lower() != sobject.name.lower():
            text = f"Record of type {attributes.get('type')} where {sobject.name} is expected"
            raise _Failed([_failure(reference, ApiError("INVALID_INPUT", text))])
        body, below = {}, []
        for name, value in record.items():
            child = sobject.children_by_name.get(name.lower()) if isinstance(value, dict) else None
            if name == "attributes":
                continue
            if child is not None and child.child in call.user.readable and "records" in value:
                below.append((value, call.user.schema.objects[child.child], child.field))
            else:
                body[name] = value
        node = _Node(reference, sobject, body, level, parent, field)
        yield node
        for value, child_object, child_field in below:
            yield from _read(call, value, child_object, level + 1, node, child_field)


def _check(nodes: Sequence[_Node]) -> None:
    references = [node.reference for node in nodes]
    doubled = ApiError("INVALID_INPUT", "Duplicate ReferenceId provided in the request.")
    if failures := [_failure(one, doubled) for one in references if references.count(one) > 1]:
        raise _Failed(failures)
    for count, most, what in (
        (len(nodes), _MOST_RECORDS, "records"),
        (len({node.sobject.name for node in nodes}), _MOST_OBJECTS, "types of records"),
        (max((node.level for node in nodes), default=0), _DEEPEST, "levels"),
    ):
        if count > most:
            raise _Failed(
                [_failure(nodes[-1].reference, ApiError("INVALID_INPUT", f"Cannot create more than {most} {what}."))]
            )


def _create(call: Call, nodes: Sequence[_Node]) -> dict[str, str]:
    """Create every level after the one above it."""
    created: dict[str, str] = {}
    failures: list[Result] = []
    level = 1
    for node in nodes:
        if node.level > level and failures:
            break
        level = node.level
        body = dict(node.body)
        if node.parent is not None:
            body[node.field] = created[node.parent.reference]
        try:
            with call.org.store.transaction():
                created[node.reference] = call.writer.create(node.sobject, body)
        except ApiError as error:
            failures.append(_failure(node.reference, error))
    if failures:
        raise _Failed(failures)
    return created
