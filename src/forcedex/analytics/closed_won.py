"""Closed won: the amount of won opportunities.

Amount won = Σ Amount over opportunities with IsWon, each converted to the corporate currency and rounded once; summed
as whole minor units, so the sum is exact (below 2^53 minor units, some 90 trillion).
"""

from collections.abc import AsyncIterator, Sequence
from decimal import Decimal
from typing import Any, Literal

from forcedex.access.gate import gate
from forcedex.access.view import View
from forcedex.analytics.report import Report, ReportRow
from forcedex.domain.errors import Refused
from forcedex.domain.indexed import IndexedObject
from forcedex.elasticsearch.query import QueryClient

JSON = dict[str, Any]
By = Literal["month", "owner", "account"]

_AMOUNT = "forcedex.minor.Amount"
_WON: JSON = {"term": {"IsWon": True}}
_GROUPS: dict[str, JSON] = {
    "month": {"date_histogram": {"field": "CloseDate", "calendar_interval": "month", "format": "yyyy-MM"}},
    "owner": {"terms": {"field": "OwnerId"}},
    "account": {"terms": {"field": "AccountId", "missing_bucket": True}},
}
#: Where the names of a group's records are.
_NAMED_BY = {"owner": "User", "account": "Account"}
_PAGE = 1_000  # groups of one request


async def closed_won(client: QueryClient, objects: Sequence[IndexedObject], view: View, by: By) -> Report:
    """The amount won by month of the close date, by owner or by account; Refused if Opportunity was not synced."""
    opportunity = next((each for each in objects if each.name == "Opportunity"), None)
    if opportunity is None:
        raise Refused(
            "Opportunities are not in the index.", "Add Opportunity to [sync] objects and run `forcedex sync`."
        )
    missing = [path for path in ("IsWon", "Amount", "CloseDate", "OwnerId") if path not in opportunity.fields]
    if missing:
        raise Refused(f"The sync user may not read Opportunity.{missing[0]}.", "Give it read permission on that field.")
    hidden = [path for path in ("IsWon", _AMOUNT, "CloseDate", "OwnerId") if not view.may_use(opportunity, path)]
    if hidden:
        raise Refused(view.blind or "Opportunity amounts are hidden from this person.", "Ask the administrator.")
    groups = [each async for each in _groups(client, opportunity, view, by)]
    names = await _names(client, objects, view, by, [str(key) for key, _, _ in groups if key])
    rows = [
        ReportRow(label=_label(key, names, by), amount=Decimal(minor).scaleb(-opportunity.decimal_places), count=count)
        for key, minor, count in groups
    ]
    if by != "month":
        rows.sort(key=lambda row: (-row.amount, row.label))
    count = sum(row.count for row in rows)
    return Report(
        name="closed-won",
        title=f"Closed won by {by}",
        by=by,
        currency=opportunity.currency,
        decimal_places=opportunity.decimal_places,
        rows=tuple(rows),
        total=sum((row.amount for row in rows), Decimal(0)),
        count=count,
        notes=await _notes(client, opportunity, view),
    )


async def _groups(
    client: QueryClient, opportunity: IndexedObject, view: View, by: str
) -> AsyncIterator[tuple[str | None, int, int]]:
    """Key, amount in minor units and number of records of every group, in key order."""
    after: JSON = {}
    while True:
        composite: JSON = {"size": _PAGE, "sources": [{"key": _GROUPS[by]}], **after}
        aggs = {"groups": {"composite": composite, "aggs": {"won": {"sum": {"field": _AMOUNT}}}}}
        body = {"query": _WON, "size": 0, "aggs": aggs}
        answer = await client.search(gate(view, [opportunity], body))
        found = answer["aggregations"]["groups"]
        for bucket in found["buckets"]:
            yield bucket["key"]["key"], round(bucket["won"]["value"]), bucket["doc_count"]
        if "after_key" not in found:
            return
        after = {"after": found["after_key"]}


async def _names(
    client: QueryClient, objects: Sequence[IndexedObject], view: View, by: str, ids: list[str]
) -> dict[str, str]:
    """The names of owners or accounts, as far as the principal may see them."""
    named = next((each for each in objects if each.name == _NAMED_BY.get(by)), None)
    if named is None:
        return {}
    names: dict[str, str] = {}
    for start in range(0, len(ids), _PAGE):
        some = ids[start : start + _PAGE]
        body = {"query": {"terms": {"Id": some}}, "size": len(some), "_source": ["Name"]}
        answer = await client.search(gate(view, [named], body))
        names |= {hit["_id"]: str(hit["_source"].get("Name", hit["_id"])) for hit in answer["hits"]["hits"]}
    return names


def _label(key: str | None, names: dict[str, str], by: str) -> str:
    if key is None:
        return f"(no {by})"
    return names.get(key, key)


async def _notes(client: QueryClient, opportunity: IndexedObject, view: View) -> tuple[str, ...]:
    without: JSON = {"bool": {"must": [_WON], "must_not": [{"exists": {"field": _AMOUNT}}]}}
    answer = await client.search(gate(view, [opportunity], {"query": without, "size": 0, "track_total_hits": True}))
    number = answer["hits"]["total"]["value"]
    if not number:
        return ()
    are = "opportunity has" if number == 1 else "opportunities have"
    return (f"{number:,} won {are} no amount, or one in a currency without a rate, and add nothing.",)
