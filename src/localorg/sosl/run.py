"""Running a search: the index finds, the limits cut, and SOQL shows what the user may see of the rest.

The limits come before the user's rights, as in Salesforce: whoever sees little may find nothing of a frequent word.
In which order records come is not public. Here those come first that hold more of the words in their name, then
those that changed last.
Source: SOQL and SOSL Reference, "RETURNING FieldSpec", "SOSL Limits on Search Results".
"""

import threading
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import orjson

from localorg.errors import ApiError
from localorg.query import compile_query
from localorg.query.context import QueryContext
from localorg.query.plan import QueryPlan
from localorg.query.run import QueryRunner
from localorg.schema import SObjectDef
from localorg.soql import parse as parse_soql
from localorg.soql.ast import And, InValues, Literal, Path, Query
from localorg.sosl.ast import Find, Returning, Terms
from localorg.sosl.fields import ACCOUNT_NAME, ALWAYS_ALL, names, of_group, searched
from localorg.sosl.index import Found, ObjectIndex
from localorg.sosl.limits import MOST, bounds, shares
from localorg.sosl.terms import malformed
from localorg.store import Store

Json = dict[str, Any]

#: Records whose names are looked at for the order.
_RANKED = 5_000


class Searcher:
    """Searches the store."""

    def __init__(self, store: Store, queries: QueryRunner) -> None:
        self._store = store
        self._queries = queries
        self._indexes: dict[str, tuple[int, ObjectIndex]] = {}
        self._lock = threading.Lock()

    def search(self, find: Find, context: QueryContext) -> list[Json]:
        """The records found, as `searchRecords` of the answer has them."""
        wanted = find.returning or _everything(context)
        found = [self._object(find, one, context, bounded=len(wanted)) for one in wanted]
        most = MOST if find.limit is None else min(MOST, find.limit)
        taken = shares([len(records) for records in found], most)
        return [record for records, number in zip(found, taken, strict=True) for record in records[:number]]

    def _object(self, find: Find, one: Returning, context: QueryContext, *, bounded: int) -> list[Json]:
        sobject = context.schema.object(one.sobject)
        if sobject is None or sobject.name not in context.readable:
            raise ApiError("INVALID_TYPE", f"sObject type '{one.sobject}' is not supported.")
        if "search" not in sobject.abilities:
            raise ApiError("INVALID_TYPE", f"entity type {sobject.name} does not support search")
        limits = bounds(one, bounded)
        query = _query(one, sobject)
        # What is wrong with the query is told before anything is found.
        _compiled(query, (), context)
        ids = [] if find.terms is None else self._found(find.terms, find.fields, sobject, context)[: limits.looked_at]
        if not ids:
            return []
        records = self._shown(_compiled(query, ids, context), context)
        if not one.order_by:
            place = {record: number for number, record in enumerate(ids)}
            records.sort(key=lambda each: place[each["attributes"]["url"].rsplit("/", 1)[1]])
        end = None if one.limit is None else one.offset + one.limit
        return records[: limits.returned][one.offset : end]

    def _shown(self, plan: QueryPlan, context: QueryContext) -> list[Json]:
        answer = self._queries.first(plan, context, MOST)
        records: list[Json] = answer["records"]
        while not answer["done"]:
            locator = answer["nextRecordsUrl"].rsplit("/", 1)[1]
            answer = self._queries.more(locator, context.user_id, context.now, context.version)
            records += answer["records"]
        return records

    def _found(self, terms: Terms, group: str, sobject: SObjectDef, context: QueryContext) -> list[str]:
        """The Ids of the records found, best first; the user's fields decide what is looked at."""
        index = self._index(self._store.schema.objects[sobject.name])
        places = self._places(terms, searched(sobject, group, context), index, context)
        recent = sorted(places)[:_RANKED]  # the index begins with what changed last
        shown = names(sobject)
        best = sorted(recent, key=lambda place: -index.hits(terms, place, shown))
        return [index.ids[place] for place in best]

    def _places(self, terms: Terms, fields: Sequence[str], index: ObjectIndex, context: QueryContext) -> Found:
        """An account's name counts for its contacts where the user may read the account."""
        found = index.search(terms, fields)
        if ACCOUNT_NAME not in fields or context.condition("Account") is None:
            return found
        without = index.search(terms, [each for each in fields if each != ACCOUNT_NAME])
        doubtful = found ^ without
        shown = self._with_readable_account([index.ids[place] for place in doubtful], context)
        hidden = {place for place in doubtful if index.ids[place] not in shown}
        return (found - hidden) | (without & hidden)

    def _with_readable_account(self, contacts: Sequence[str], context: QueryContext) -> set[str]:
        sql = (
            'SELECT "Id" FROM "Contact" WHERE "Id" IN (SELECT value FROM json_each(?)) '
            f'AND "AccountId" IN (SELECT "Id" FROM {context.records("Account")})'
        )
        return {row[0] for row in self._store.reader.execute(sql, (orjson.dumps(contacts).decode(),))}

    def _index(self, sobject: SObjectDef) -> ObjectIndex:
        with self._lock:
            transactions = self._store.transactions
            known = self._indexes.get(sobject.name)
            if known is not None and known[0] == transactions:
                return known[1]
            kept = {ACCOUNT_NAME, *(each.name for each in self._store.columns(sobject))}
            fields = [each for each in of_group(sobject) if each in kept]
            columns = ", ".join(map(_column, ("Id", *fields)))
            alive = ' WHERE t."IsDeleted" = 0' if sobject.has("IsDeleted") else ""
            order = 't."SystemModstamp" DESC, t."Id"' if sobject.has("SystemModstamp") else 't."Id"'
            sql = f'SELECT {columns} FROM "{sobject.name}" t{alive} ORDER BY {order}'
            rows = self._store.reader.execute(sql).fetchall()
            unchanged = known is not None and known[1].rows == rows and known[1].fields == fields
            index = known[1] if known is not None and unchanged else ObjectIndex(fields, rows)
            self._indexes[sobject.name] = transactions, index
            return index


def _everything(context: QueryContext) -> list[Returning]:
    """Every object that the user may read and that need not be asked for by its name."""
    searchable = (name for name in context.readable - ALWAYS_ALL if "search" in context.schema.objects[name].abilities)
    return [Returning(sobject=name) for name in sorted(searchable)]


def _column(name: str) -> str:
    if name == ACCOUNT_NAME:
        return '(SELECT a."Name" FROM "Account" a WHERE a."Id" = t."AccountId")'
    return f't."{name}"'


def _query(one: Returning, sobject: SObjectDef) -> Query:
    """What stands within an object's parentheses, as a query."""
    where = f" WHERE {one.where}" if one.where else ""
    order = f" ORDER BY {one.order_by}" if one.order_by else ""
    query = parse_soql(f"SELECT {one.fields or 'Id'} FROM {sobject.name}{where}{order}")
    if query.source.text != sobject.name or query.limit is not None or query.offset is not None:
        raise malformed(f"unexpected clause in RETURNING {sobject.name}")
    return query


def _compiled(query: Query, ids: Sequence[str], context: QueryContext) -> QueryPlan:
    """The query over these records alone."""
    listed = tuple(Literal("string", each, 0) for each in ids or ("000000000000000AAA",))
    found = InValues(Path(("Id",), 0), listed, negated=False, position=0)
    plan = compile_query(replace(query, where=And((found, query.where)) if query.where else found), context)
    if plan.aggregate or plan.count_only:
        raise malformed("Searches return records: aggregates belong into queries")
    return plan
