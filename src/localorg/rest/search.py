"""Searches.

    GET  search?q=FIND {…} …
    GET  parameterizedSearch?q=words&sobject=Account&sobject=Lead&Account.fields=Id,Name&in=NAME&overallLimit=20
    POST parameterizedSearch    the same as JSON

Up to version 36.0 the records come as a list of their own.

Source: REST API Developer Guide, "Search", "Parameterized Search".
"""

import re
from collections.abc import Mapping
from typing import Any

from localorg.errors import ApiError, NotImplementedByOrg, not_found
from localorg.rest.call import Answer, Call, Resource
from localorg.sosl import Find, parse
from localorg.sosl.ast import Returning
from localorg.sosl.parser import GROUPS, find
from localorg.sosl.terms import malformed

_FIRST_PARAMETERIZED, _FIRST_WITH_KEY = 36, 37
_NUMBER = re.compile(r"\d{1,9}")
_SHARED = ("q", "in", "overallLimit", "defaultLimit", "offset", "spellCorrection")
_NOT_YET = ("netWorkIds", "dataCategories", "snippet", "division", "metadata", "pricebookId")


def _run(call: Call, wanted: Find) -> Answer:
    context = call.org.query_context(call.user, call.version, all_rows=False)
    found = call.org.searcher.search(wanted, context)
    return Answer(json={"searchRecords": found} if call.number >= _FIRST_WITH_KEY else found)


def _search(call: Call) -> Answer:
    sosl = call.query.get("q")
    if not sosl:
        raise malformed("A search string has to be specified")
    return _run(call, parse(sosl))


def _by_parameters(call: Call) -> Answer:
    query = call.query
    # One that comes more than once has its values with commas.
    names = [each for each in query.get("sobject", "").split(",") if each]
    found: dict[str, Any] = {name: query[name] for name in _SHARED if name in query}
    found["fields"] = [each for each in query.get("fields", "").split(",") if each]
    found["sobjects"] = [
        {
            "name": name,
            "fields": [each for each in query.get(f"{name}.fields", "").split(",") if each],
            **{part: query[f"{name}.{part}"] for part in ("limit", "where", "orderBy") if f"{name}.{part}" in query},
        }
        for name in names
    ]
    return _parameterized(call, found)


def _by_json(call: Call) -> Answer:
    return _parameterized(call, call.json)


def _parameterized(call: Call, given: Mapping[str, Any]) -> Answer:
    if call.number < _FIRST_PARAMETERIZED:
        raise not_found()
    return _run(call, _find(given))


def _find(given: Mapping[str, Any]) -> Find:
    for name in _NOT_YET:
        if name in given:
            raise NotImplementedByOrg(f"{name} in searches")
    if str(given.get("spellCorrection")).lower() == "true":
        raise NotImplementedByOrg("spellCorrection in searches")
    if not isinstance(given.get("q"), str) or not given["q"].strip():
        raise malformed("A search string has to be specified")
    group = str(given.get("in") or "ALL").upper()
    if group not in GROUPS:
        raise malformed(f"unknown search group: {given['in']}")
    shared, most = given.get("fields") or [], given.get("defaultLimit")
    objects = given.get("sobjects") or []
    if not isinstance(objects, list) or not all(isinstance(each, dict) and each.get("name") for each in objects):
        raise ApiError("JSON_PARSER_ERROR", "sobjects is a list of objects with a name")
    if not all(isinstance(each, list) for each in (shared, *(one.get("fields") or [] for one in objects))):
        raise ApiError("JSON_PARSER_ERROR", "fields is a list of names")
    returning = tuple(
        Returning(
            sobject=str(each["name"]),
            fields=", ".join(map(str, each.get("fields") or shared)),
            where=str(each.get("where") or ""),
            order_by=str(each.get("orderBy") or ""),
            limit=_number(each.get("limit", most), "limit"),
            offset=_number(given.get("offset"), "offset") or 0,
        )
        for each in objects
    )
    return find(given["q"], fields=group, returning=returning, limit=_number(given.get("overallLimit"), "overallLimit"))


def _number(value: object, name: str) -> int | None:
    if value is None:
        return None
    if isinstance(value, bool) or not _NUMBER.fullmatch(str(value)):
        raise malformed(f"{name} is not a number: {value}")
    return int(str(value))


RESOURCES = (
    Resource("search", {"GET": _search}),
    Resource("parameterizedSearch", {"GET": _by_parameters, "POST": _by_json}),
)
