"""Running a search: the index finds, at most 2,000 records count, and SOQL shows what the user may see of them.

The limit comes before the user's rights, as in Salesforce: whoever sees little may find nothing of a frequent word.
In which order records come is not public. Here those come first that hold more of the words in their name, then
those that changed last.
Source: SOQL and SOSL Reference, "SOSL Limits on Search Results"; Salesforce Help, "Search Fields by Object".
"""

import threading
from collections.abc import Sequence
from typing import Any

from localorg.errors import ApiError
from localorg.query import compile_query
from localorg.query.context import QueryContext
from localorg.query.run import QueryRunner
from localorg.schema import SObjectDef
from localorg.soql import parse as parse_soql
from localorg.sosl.ast import Find, Returning
from localorg.sosl.index import ObjectIndex
from localorg.store import Store

Json = dict[str, Any]

#: Records of one search.
MOST = 2_000
#: Records whose names are looked at for the order.
_RANKED = 5_000
_TEXT = frozenset({"string", "textarea", "phone", "email", "url", "combobox"})
_OF_GROUP = {"EMAIL": "email", "PHONE": "phone"}
#: Parts of a person's name.
_NAMES = frozenset({"FirstName", "LastName", "MiddleName"})


class Searcher:
    """Searches the store."""

    def __init__(self, store: Store, queries: QueryRunner) -> None:
        self._store = store
        self._queries = queries
        self._indexes: dict[str, tuple[int, ObjectIndex]] = {}
        self._lock = threading.Lock()

    def search(self, find: Find, context: QueryContext) -> list[Json]:
        """The records found, as `searchRecords` of the answer has them."""
        if find.terms is None:
            return []
        wanted = find.returning or [
            Returning(sobject=name)
            for name in sorted(context.readable)
            if "search" in context.schema.objects[name].abilities
        ]
        left = min(MOST, find.limit if find.limit is not None else MOST)
        found: list[Json] = []
        for one in wanted:
            records = self._object(find, one, context)[:left]
            left -= len(records)
            found += records
        return found

    def _object(self, find: Find, one: Returning, context: QueryContext) -> list[Json]:
        sobject = context.schema.object(one.sobject)
        if sobject is None or sobject.name not in context.readable:
            raise ApiError("INVALID_TYPE", f"sObject type '{one.sobject}' is not supported.")
        if "search" not in sobject.abilities:
            raise ApiError("INVALID_TYPE", f"entity type {sobject.name} does not support search")
        ids = self._found(find, sobject)
        soql = _soql(one, sobject, ids)
        plan = compile_query(parse_soql(soql), context)
        if not ids:
            return []
        records: list[Json] = self._queries.first(plan, context, MOST)["records"]
        if not one.order_by:
            place = {record: number for number, record in enumerate(ids)}
            records = sorted(records, key=lambda each: place[each["attributes"]["url"].rsplit("/", 1)[1]])
        end = None if one.limit is None else one.offset + one.limit
        return records[one.offset : end]

    def _found(self, find: Find, sobject: SObjectDef) -> list[str]:
        """The Ids of the records found, best first, as many as count; the user's fields decide what is looked at."""
        assert find.terms is not None
        index = self._index(self._store.schema.objects[sobject.name])
        searched = _fields(sobject, find.fields)
        names = _fields(sobject, "NAME")
        places = index.search(find.terms, searched)
        terms = find.terms
        recent = sorted(places)[:_RANKED]  # the index begins with what changed last
        best = sorted(recent, key=lambda place: -index.hits(terms, place, names))
        return [index.ids[place] for place in best[:MOST]]

    def _index(self, sobject: SObjectDef) -> ObjectIndex:
        writes = self._store.writes
        with self._lock:
            known = self._indexes.get(sobject.name)
            if known is not None and known[0] == writes:
                return known[1]
            fields = _fields(sobject, "ALL")
            columns = ", ".join(f'"{name}"' for name in ("Id", *fields))
            alive = ' WHERE "IsDeleted" = 0' if sobject.has("IsDeleted") else ""
            order = ' ORDER BY "SystemModstamp" DESC, "Id"' if sobject.has("SystemModstamp") else ' ORDER BY "Id"'
            rows = self._store.reader.execute(f'SELECT {columns} FROM "{sobject.name}"{alive}{order}')
            index = ObjectIndex(fields, ((row[0], row[1:]) for row in rows))
            self._indexes[sobject.name] = writes, index
            return index


def _fields(sobject: SObjectDef, group: str) -> Sequence[str]:
    """The fields that a group of fields stands for: lists of values, formulas and encrypted text are not searched."""
    searchable = [each for each in sobject.fields if each.type in _TEXT and not each.calculated and each.stored]
    if group in _OF_GROUP:
        return [each.name for each in searchable if each.type == _OF_GROUP[group]]
    names = [each.name for each in searchable if each.name_field or each.name in _NAMES]
    if group == "NAME":
        return names
    if group == "SIDEBAR":
        return [*names, *(each.name for each in searchable if each.type in ("phone", "email"))]
    return [each.name for each in searchable]


def _soql(one: Returning, sobject: SObjectDef, ids: Sequence[str]) -> str:
    listed = ", ".join(f"'{each}'" for each in ids or ("000000000000000AAA",))
    condition = f"Id IN ({listed})" + (f" AND ({one.where})" if one.where else "")
    order = f" ORDER BY {one.order_by}" if one.order_by else ""
    return f"SELECT {one.fields or 'Id'} FROM {sobject.name} WHERE {condition}{order}"
