"""Opportunities with histories and lines for the bench of the reports, derived and written by the product's parts."""

import asyncio
import random
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack
from datetime import UTC, date, datetime, timedelta
from itertools import islice
from pathlib import Path
from typing import Any

import orjson
from elasticsearch import AsyncElasticsearch

from bench.relevance.index import SELECTIONS, bulk_body, make
from bench.relevance.records import GROUPS, OWNERS
from forcedex.domain.company import Company
from forcedex.domain.derived.kinds import Record, Root, Setting, Stage
from forcedex.domain.derived.opportunities import FAMILY
from forcedex.domain.fiscal import FiscalCalendar
from forcedex.domain.money import Currencies
from forcedex.domain.ports import ShelfDocument
from forcedex.domain.record_id import to_18
from forcedex.domain.schema import Field, SObject
from forcedex.domain.selection import select
from forcedex.domain.shares import RecordTokens
from forcedex.elasticsearch.indices import ElasticsearchSink
from forcedex.elasticsearch.layout import plan
from forcedex.elasticsearch.mapping import index_body
from forcedex.elasticsearch.naming import Names

_NAMES = (
    *("Prospecting", "Qualification", "Needs Analysis", "Value Proposition", "Id. Decision Makers"),
    *("Perception Analysis", "Proposal/Price Quote", "Negotiation/Review"),
)
_CATEGORIES = ("Pipeline",) * 5 + ("BestCase",) * 2 + ("Forecast",)
STAGES = {
    name: Stage(rank=n, closed=False, won=False, forecast_category=_CATEGORIES[n], probability=10.0 * (n + 1))
    for n, name in enumerate(_NAMES)
} | {
    "Closed Won": Stage(rank=8, closed=True, won=True, forecast_category="Closed", probability=100.0),
    "Closed Lost": Stage(rank=9, closed=True, won=False, forecast_category="Omitted", probability=0.0),
}
SETTING = Setting(
    company=Company(time_zone="America/New_York", locale="en_US", fiscal=FiscalCalendar(), currencies=Currencies()),
    stages=STAGES,
)
_BATCH = 500
_BUDGET = 900
_TYPES = {
    **dict.fromkeys(("CreatedDate", "LastModifiedDate", "SystemModstamp"), "datetime"),
    **dict.fromkeys(("CloseDate", "PrevCloseDate", "LastActivityDate"), "date"),
    **dict.fromkeys(("Amount", "PrevAmount", "TotalPrice", "ListPrice"), "currency"),
    **dict.fromkeys(("IsClosed", "IsWon", "IsDeleted"), "boolean"),
    **dict.fromkeys(("Probability",), "percent"),
    **dict.fromkeys(("Quantity",), "double"),
}
_REFERENCES = {
    "OwnerId": ("User", "Owner"),
    "AccountId": ("Account", "Account"),
    "CampaignId": ("Campaign", "Campaign"),
    "OpportunityId": ("Opportunity", "Opportunity"),
    "Product2Id": ("Product2", "Product2"),
    "ContactId": ("Contact", "Contact"),
}
_OBJECTS = {
    "Opportunity": (
        "Name AccountId OwnerId StageName Amount Probability CloseDate Type LeadSource CampaignId IsClosed IsWon"
        " ForecastCategory ForecastCategoryName NextStep LastActivityDate Loss_Reason__c LastModifiedDate"
    ),
    "OpportunityHistory": "OpportunityId StageName Amount CloseDate ForecastCategory PrevAmount PrevCloseDate",
    "OpportunityFieldHistory": "OpportunityId Field OldValue NewValue",
    "OpportunityContactRole": "OpportunityId ContactId",
    "OpportunityLineItem": "OpportunityId Product2Id ProductCode Quantity TotalPrice ListPrice",
    "Product2": "Name Family",
}


def _described(name: str) -> SObject:
    def field(path: str) -> Field:
        if path in _REFERENCES:
            to, relationship = _REFERENCES[path]
            return Field(
                name=path, label=path, type="reference", reference_to=(to,), relationship_name=relationship, length=18
            )
        kind = _TYPES.get(path, "id" if path == "Id" else "string")
        return Field(name=path, label=path, type=kind, length=120, scale=2, name_field=path == "Name")

    fields = ("Id", "IsDeleted", "CreatedDate", "SystemModstamp", *_OBJECTS[name].split())
    return SObject(
        name=name,
        label=name,
        label_plural=name,
        key_prefix=None,
        queryable=True,
        searchable=False,
        replicateable=True,
        fields=tuple(map(field, fields)),
    )


async def set_up(client: AsyncElasticsearch, names: Names) -> None:
    """The indices of what deals are made of; they stay empty, for only their mappings matter to the derived ones."""
    for name in _OBJECTS:
        layout = plan(select(_described(name), {}), _BUDGET)
        body = index_body(layout, Currencies(), shards=1, replicas="false", refresh_interval="30s", budget=_BUDGET)
        await client.indices.create(
            index=names.index(name, 1), aliases={names.read_alias(name): {}, names.write_alias(name): {}}, **body
        )


async def accounts(client: AsyncElasticsearch, names: Names, count: int) -> None:
    """Accounts with names: reports show them."""
    builder = await make(client, names, "Account")
    for start in range(0, count, _BATCH):
        rows = [
            {"Id": account(each), "Name": f"Customer {each:06}", "IsDeleted": "false", "OwnerId": owner(each)}
            for each in range(start, min(start + _BATCH, count))
        ]
        stamped = [{**row, "SystemModstamp": "2026-11-01T00:00:00.000Z"} for row in rows]
        tokens = [RecordTokens(acl=("o:Account",), see={"Owner": ("o:User",)}) for _ in rows]
        body = bulk_body(names.index("Account", 1), builder, SELECTIONS["Account"], stamped, tokens)
        await client.bulk(operations=body)  # type: ignore[arg-type]
    await client.indices.refresh(index=names.index("Account", 1))


def account(number: int) -> str:
    """Its Id."""
    return to_18(f"001000{number:09d}")


def owner(number: int) -> str:
    """The Id of one of the people that records belong to."""
    return to_18(f"005000{number % OWNERS:09d}")


def deals(count: int, today: date, seed: int = 7) -> Iterator[Root]:
    """Roots: a deal with five history rows or so and two lines; three years of them."""
    pick = random.Random(seed)
    many = max(1, count // 15)
    for number in range(count):
        yield _deal(number, many, today, pick)


def _deal(number: int, many: int, today: date, pick: random.Random) -> Root:
    began = datetime(today.year, today.month, today.day, 12, tzinfo=UTC) - timedelta(
        days=pick.randrange(3 * 365), seconds=pick.randrange(86_400)
    )
    amount = round(pick.lognormvariate(10, 1), 2) if pick.random() > 0.03 else None
    length = pick.randrange(20, 240)
    over = began.date() + timedelta(days=length) < today
    won = over and pick.random() < 0.42
    top = 7 if won else pick.randrange(8)
    path = [_NAMES[round(top * step / 4)] for step in range(5)]
    path += ["Closed Won" if won else "Closed Lost"] if over else []
    close = began.date() + timedelta(days=length)
    record_id = to_18(f"006000{number:09d}")
    history: list[Record] = []
    lasted = 86_400 * max(1, min(length, (today - began.date()).days))
    stamps = sorted({began} | {began + timedelta(seconds=pick.randrange(lasted)) for _ in path[1:]})
    path = path[: len(stamps) - 1] + path[-1:] if len(stamps) < len(path) else path
    before: tuple[Any, Any] = (None, None)
    for place, (stage, stamp) in enumerate(zip(path, stamps, strict=True)):
        last = place == len(path) - 1
        expected = close if last or pick.random() < 0.5 else close - timedelta(days=pick.randrange(1, 60))
        told = amount if last or amount is None else round(amount * pick.choice((1, 1, 0.8, 1.3)), 2)
        history.append(
            {
                "Id": to_18(f"008{place:03}{number:09d}"),
                "CreatedDate": f"{stamp:%Y-%m-%dT%H:%M:%S}.000Z",
                "StageName": stage,
                "Amount": told,
                "CloseDate": str(expected),
                "ForecastCategory": STAGES[stage].forecast_category,
                "PrevAmount": before[0],
                "PrevCloseDate": before[1],
            }
        )
        before = told, str(expected)
    ended = STAGES[path[-1]]
    values: dict[str, Any] = {
        "Id": record_id,
        "Name": f"Deal {number}",
        "AccountId": account(number % many),
        "OwnerId": owner(pick.randrange(OWNERS)),
        "StageName": path[-1],
        "Amount": amount,
        "Probability": ended.probability,
        "CloseDate": str(close),
        "Type": pick.choice(("New Customer", "Upgrade", "Replacement")),
        "LeadSource": pick.choice(("Web", "Phone", "Partner", "List", None)),
        "CampaignId": to_18(f"701000{pick.randrange(200):09d}") if pick.random() < 0.4 else None,
        "IsClosed": ended.closed,
        "IsWon": ended.won,
        "ForecastCategory": ended.forecast_category,
        "ForecastCategoryName": ended.forecast_category,
        "NextStep": "Call" if pick.random() < 0.7 else None,
        "LastActivityDate": str(stamps[-1].date()) if pick.random() < 0.9 else None,
        "Loss_Reason__c": pick.choice(("Price", "Timing")) if ended.closed and not ended.won else None,
        "CreatedDate": f"{began:%Y-%m-%dT%H:%M:%S}.000Z",
        "LastModifiedDate": f"{stamps[-1]:%Y-%m-%dT%H:%M:%S}.000Z",
        "SystemModstamp": f"{stamps[-1]:%Y-%m-%dT%H:%M:%S}.000Z",
    }
    lines: list[Record] = [
        {
            "Id": to_18(f"00k{place:03}{number:09d}"),
            "Product2Id": to_18(f"01t000{pick.randrange(300):09d}"),
            "Quantity": pick.randrange(1, 40),
            "TotalPrice": round((amount or 0) / 2, 2),
            "ListPrice": round(pick.uniform(10, 900), 2),
        }
        for place in range(2)
    ]
    products = {
        str(each["Product2Id"]): {"Name": f"Product {each['Product2Id'][8:15]}", "Family": f"Family {number % 8}"}
        for each in lines
    }
    record = {name: value for name, value in values.items() if value is not None}
    return Root(
        record=record,
        members={
            "OpportunityHistory": history,
            "OpportunityLineItem": lines,
            "OpportunityContactRole": [{"ContactId": "x"}],
        },
        looked_up={"Product2": products},
        peers=[record],
    )


async def fill(sink: ElasticsearchSink, roots: Iterator[Root], folder: Path) -> dict[str, int]:
    """Derive and write everything, and the same values as JSON lines into files of a folder; how many of each kind."""
    others = sorted(set(_OBJECTS) - {"Opportunity"})
    shelves = {kind.name: await sink.shelf(kind, "Opportunity", others, "bench") for kind in FAMILY.kinds}
    counts = dict.fromkeys(shelves, 0)
    with ExitStack() as stack:
        files = {name: stack.enter_context((folder / f"{name}.json").open("wb")) for name in shelves}
        while some := list(islice(roots, _BATCH)):
            made: dict[str, list[ShelfDocument]] = {name: [] for name in shelves}
            for root in some:
                _derive(root, made, {name: shelf.columns for name, shelf in shelves.items()})
            await asyncio.gather(*(shelves[name].put(documents, 1) for name, documents in made.items() if documents))
            for name, documents in made.items():
                counts[name] += len(documents)
                files[name].write(b"".join(orjson.dumps(dict(each.values)) + b"\n" for each in documents))
    for shelf in shelves.values():
        await shelf.publish()
    return counts


def _derive(root: Root, made: dict[str, list[ShelfDocument]], columns: Mapping[str, Sequence[str]]) -> None:
    key = str(root.record["Id"])
    group = to_18(f"00G000{int(key[6:15]) % GROUPS:09d}")
    see = {name: ["o:User"] for name in ("Owner", "Account", "Campaign")}
    acl = ["o:Opportunity", f"u:{root.record['OwnerId']}", f"g:{group}"]
    about = {"acl": acl, "see": see, "synced_at": "2026-11-01T00:00:00Z"}
    for each in FAMILY.derive(root, SETTING):
        repeated = {path: root.record[path] for path in columns[each.kind] if path in root.record}
        made[each.kind].append(ShelfDocument(id=each.id, root=key, values={**repeated, **each.values}, about=about))
