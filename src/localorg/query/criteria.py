"""Which records satisfy a condition in SOQL, whoever asks: for what the org itself decides by criteria."""

from collections.abc import Collection
from datetime import UTC, datetime

import orjson

from localorg.query.compile import compile_query
from localorg.query.context import QueryContext
from localorg.query.plan import QueryPlan
from localorg.soql import parse
from localorg.store import Store


def check(store: Store, name: str, criteria: str) -> None:
    """Raise the ApiError of a condition that cannot be."""
    _plan(store, name, criteria)


def matching(store: Store, name: str, criteria: str, records: Collection[str]) -> set[str]:
    """Those of some records of an object that satisfy a condition."""
    plan = _plan(store, name, criteria)
    sql = f'SELECT t."Id" FROM {plan.from_sql} WHERE ({plan.where}) AND t."Id" IN (SELECT value FROM json_each(?))'
    rows = store.reader.execute(sql, (*plan.params, orjson.dumps(list(records)).decode()))
    return {record for (record,) in rows}


def _plan(store: Store, name: str, criteria: str) -> QueryPlan:
    schema = store.schema
    context = QueryContext(schema=schema, readable=frozenset(schema.objects), user_id="", now=datetime.now(UTC))
    return compile_query(parse(f"SELECT Id FROM {name} WHERE {criteria}"), context)
