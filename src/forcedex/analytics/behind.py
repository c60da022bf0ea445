"""The records behind a figure."""

from collections.abc import AsyncIterator, Mapping, Sequence
from decimal import Decimal
from typing import Any

from forcedex.access.gate import gate
from forcedex.access.view import View
from forcedex.analytics.planning import Plan
from forcedex.domain.indexed import IndexedObject
from forcedex.elasticsearch.query import QueryClient

JSON = dict[str, Any]

_PAGE = 1_000


async def listed(
    client: QueryClient, view: View, plan: Plan, conditions: Sequence[JSON]
) -> AsyncIterator[Mapping[str, Any]]:
    """The records of a plan under further conditions, by Id, each with the fields that the plan is about."""
    shown = [each for each in ("Id", plan.indexed.name_field, *plan.fields) if each]
    order = ["Id", *(each for each in ("x.seq", "x.line", "x.key") if each in plan.indexed.fields)]
    after: list[Any] = []
    async with client.moment(plan.indexed) as moment:
        while True:
            body: JSON = {
                "query": plan.query(conditions),
                "size": _PAGE,
                "sort": [{each: "asc"} for each in order],
                "_source": shown,
                **({"search_after": after} if after else {}),
            }
            hits = (await client.search(gate(view, [plan.indexed], body), moment))["hits"]["hits"]
            for hit in hits:
                yield {"Id": hit["_source"].get("Id", hit["_id"]), **_shown(plan.indexed, hit["_source"], shown)}
            if len(hits) < _PAGE:
                return
            after = hits[-1]["sort"]


def _shown(indexed: IndexedObject, source: Mapping[str, Any], paths: Sequence[str]) -> dict[str, Any]:
    """The fields of a hit that have a value; minor units as amounts."""
    found: dict[str, Any] = {}
    for path in paths:
        value: Any = source
        for part in [path] if path in source else path.split("."):
            value = value.get(part) if isinstance(value, Mapping) else None
        column = indexed.columns.get(path)
        minor = path.startswith("forcedex.minor.") or (column is not None and column.type == "minor")
        if value is not None:
            found[path] = Decimal(value).scaleb(-indexed.decimal_places) if minor else value
    return found
