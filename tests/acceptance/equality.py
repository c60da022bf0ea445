"""Is the index the org? Read by an independent client (simple-salesforce) and compared field by field."""

import asyncio
from collections.abc import Sequence
from typing import Any

import requests
from elasticsearch import AsyncElasticsearch
from elasticsearch.helpers import async_scan
from requests.adapters import HTTPAdapter
from simple_salesforce.api import Salesforce

from localorg.fixture import LocalOrg

#: Formulas whose value depends on the moment or on who looks are no property of a record.
_VOLATILE = ("NOW(", "$User")
_PER_USER = {"LastViewedDate", "LastReferencedDate"}


async def assert_index_is_org(org: LocalOrg, client: AsyncElasticsearch, prefix: str, objects: Sequence[str]) -> int:
    """Every live record of the org is a document with exactly its values, and there is no other; how many."""
    compared = 0
    for name in objects:
        expected = await asyncio.to_thread(_org_records, org, name)
        alias = f"{prefix}-{org.org.id.lower()}-{name.lower()}"
        await client.indices.refresh(index=f"{alias}*")
        found = {hit["_id"]: hit["_source"] async for hit in async_scan(client, index=alias)}
        missing, extra = expected.keys() - found.keys(), found.keys() - expected.keys()
        assert not missing, f"{name}: not in the index: {sorted(missing)[:5]} of {len(missing)}"
        assert not extra, f"{name}: only in the index (extra): {sorted(extra)[:5]} of {len(extra)}"
        for record, values in expected.items():
            document = found[record]
            for field, value in values.items():
                assert document.get(field) == value, f"{name} {record} {field}: {document.get(field)!r} != {value!r}"
        compared += len(expected)
    return compared


async def assert_deals_follow(org: LocalOrg, client: AsyncElasticsearch, prefix: str) -> None:
    """There is a deal for every opportunity of the index and no other, and it says what the opportunities say."""
    alias = f"{prefix}-{org.org.id.lower()}"
    await client.indices.refresh(index=f"{alias}-x-*")
    opportunities = {hit["_id"]: hit["_source"] async for hit in async_scan(client, index=f"{alias}-opportunity")}
    deals = {hit["_id"]: hit["_source"] async for hit in async_scan(client, index=f"{alias}-x-deals")}
    assert deals.keys() == opportunities.keys(), f"deals: {sorted(deals.keys() ^ opportunities.keys())[:5]}"
    wins: dict[str, list[tuple[str, str]]] = {}
    for key, each in opportunities.items():
        if each.get("IsWon") and each.get("AccountId"):
            wins.setdefault(each["AccountId"], []).append((each["CloseDate"], key))
    for key, each in opportunities.items():
        held, derived = deals[key], deals[key]["x"]
        for path in ("Name", "Amount", "OwnerId", "StageName", "SystemModstamp"):
            assert held.get(path) == each.get(path), f"deal {key} {path}: {held.get(path)!r} != {each.get(path)!r}"
        assert held["forcedex"]["acl"] == each["forcedex"]["acl"], f"deal {key} is seen by others"
        state = (int(not each["IsClosed"]), int(each["IsWon"]), int(each["IsClosed"] and not each["IsWon"]))
        assert (derived["open"], derived["won"], derived["lost"]) == state, f"deal {key}: {derived}"
        of_account = sorted(wins.get(each.get("AccountId"), ()))
        place = (each["CloseDate"], key)
        expected = of_account.index(place) + 1 if place in of_account else None
        assert derived.get("win_seq") == expected, f"deal {key} is win {derived.get('win_seq')}, not {expected}"


class _Plain(HTTPAdapter):
    """simple-salesforce speaks https to every org; the local one is plain http on loopback."""

    def get_connection_with_tls_context(self, request: Any, *arguments: Any, **options: Any) -> Any:
        request.url = request.url.replace("https://", "http://", 1)
        return super().get_connection_with_tls_context(request, *arguments, **options)


def _org_records(org: LocalOrg, name: str) -> dict[str, dict[str, Any]]:
    with requests.Session() as session:
        session.mount("https://", _Plain())
        salesforce = Salesforce(instance=org.url.removeprefix("http://"), session_id=org.session(), session=session)
        described: Any = salesforce.restful(f"sobjects/{name}/describe")
        fields = {
            field["name"]: field["type"]
            for field in described["fields"]
            if field["name"] not in _PER_USER
            and field["type"] != "base64"
            and not any(word in (field.get("calculatedFormula") or "") for word in _VOLATILE)
        }
        # Archived activities are shown by queryAll alone, which shows deleted ones as well.
        archive = name in ("Task", "Event")
        soql = f"SELECT {', '.join(fields)} FROM {name}{' WHERE IsDeleted = false' if archive else ''}"
        answer = salesforce.query_all(soql, include_deleted=archive)
    return {
        record["Id"]: {field: _value(record[field], kind) for field, kind in fields.items()}
        for record in answer["records"]
    }


def _value(value: Any, kind: str) -> Any:
    if value is None:
        return None
    if kind == "datetime":
        return value.replace("+0000", "Z")
    if kind == "multipicklist":
        return value.split(";")
    if kind == "address":
        return {key: each for key, each in value.items() if each is not None} or None
    if kind == "location":
        return {"lat": value["latitude"], "lon": value["longitude"]}
    return value
