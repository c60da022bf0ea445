"""Records around a record: its children, similar ones, likely duplicates. All asked as the person who looks."""

import time
from collections.abc import Mapping
from enum import StrEnum
from typing import Any

from forcedex.access.gate import gate
from forcedex.access.view import View, readable
from forcedex.domain.errors import Refused
from forcedex.domain.indexed import IndexedObject
from forcedex.domain.phones import national_digits
from forcedex.domain.roles import Role
from forcedex.elasticsearch.query import QueryClient
from forcedex.search.answer import Related
from forcedex.search.filters import any_of
from forcedex.search.hits import at, hit, shown_paths
from forcedex.search.ways import UNLIMITED, constant

JSON = dict[str, Any]

_ALIKE = ("Industry", "Type", "StageName", "BillingCountry", "Priority", "Title", "Account.Name", "Company")
_FEWEST_DIGITS = 6
#: Points of what makes a duplicate likely.
_SAME_EMAIL, _SAME_PHONE, _SAME_NAME, _NEAR_NAME, _SAME_COMPANY = 4.0, 3.0, 3.0, 2.0, 1.5


class Kind(StrEnum):
    """How records are related."""

    CHILDREN = "children"
    SIMILAR = "similar"
    DUPLICATES = "duplicates"


class RelatedRecords:
    """Finds records around others."""

    def __init__(self, client: QueryClient, objects: Mapping[str, IndexedObject], instance_url: str) -> None:
        self._client = client
        self._objects = objects
        self._instance_url = instance_url

    async def related(self, view: View, sobject: str, record_id: str, kind: Kind, *, size: int) -> Related:
        """Refused if there is no such record for this person."""
        began = time.perf_counter()
        indexed = self._objects.get(sobject)
        source = await self._record(view, indexed, record_id) if indexed and view.may_read(sobject) else None
        if indexed is None or source is None:
            raise Refused(f"There is no {sobject[:80]} {record_id[:20]} that can be shown.", "Search for it.")
        match kind:
            case Kind.CHILDREN:
                asked, query = self._children(view, sobject, record_id)
            case Kind.SIMILAR:
                asked, query = [indexed], _similar(indexed, source)
            case Kind.DUPLICATES:
                asked, query = [indexed], _duplicates(indexed, source)
        body: JSON = {
            "query": {"bool": {"must": [query], "must_not": [{"terms": {"Id": [record_id]}}]}},
            "size": size,
            "track_total_hits": True,
            "sort": ["_score", {"Id": "asc"}],
            "_source": shown_paths(asked),
            "aggs": {"objects": {"terms": {"field": "forcedex.object", "size": 100}}},
        }
        response = await self._client.search(gate(view, asked, body))
        buckets = response.get("aggregations", {}).get("objects", {}).get("buckets", ())
        return Related(
            kind=kind.value,
            total=response["hits"]["total"]["value"],
            hits=tuple(
                hit(each, self._objects, self._instance_url, score=view.unlimited) for each in response["hits"]["hits"]
            ),
            counts={self._objects[each["key"]].label_plural: each["doc_count"] for each in buckets},
            took_ms=(time.perf_counter() - began) * 1000,
        )

    async def _record(self, view: View, indexed: IndexedObject, record_id: str) -> JSON | None:
        alike = [path for path in _ALIKE if path in indexed.columns]
        needed = [path for path, each in indexed.fields.items() if each.role in (Role.EMAIL, Role.PHONE)]
        name = [indexed.name_field] if indexed.name_field else []
        body = {"query": {"term": {"Id": record_id}}, "size": 1, "_source": [*name, *alike, *needed]}
        response = await self._client.search(gate(view, [indexed], body))
        return next((each["_source"] for each in response["hits"]["hits"]), None)

    def _children(self, view: View, sobject: str, record_id: str) -> tuple[list[IndexedObject], JSON]:
        asked, ways = [], []
        for each in readable(view, list(self._objects.values())):
            fields = sorted({way.field for way in each.relationships.values() if sobject in way.objects})
            if fields:
                asked.append(each)
                ways += [{"term": {path: record_id}} for path in fields]
        unique = [dict(way) for way in {str(way): way for way in ways}.values()]
        # In the order of Ids: how rare a reference is among hidden records has no part in it.
        return asked, constant(1.0, any_of(unique)) if unique else {"match_none": {}}


def _similar(indexed: IndexedObject, source: JSON) -> JSON:
    """Words of its name, and the same values in what tells most."""
    should: list[JSON] = []
    name = source.get(indexed.name_field or "")
    if name and indexed.fields[indexed.name_field or ""].role is Role.NAME:
        should.append({"match": {indexed.name_field: {"query": str(name)}}})
    for path in _ALIKE:
        value = at(source, path)
        known = indexed.fields.get(path)
        if not value or known is None:
            continue
        exact = f"{path}.keyword" if known.role in (Role.TITLE, Role.TEXT, Role.NAME) else path
        should.append(constant(1.0, {"term": {exact: value}}))
    fewest = 2 if len(should) > 2 else 1
    return {"bool": {"should": should, "minimum_should_match": fewest}} if should else {"match_none": {}}


def _duplicates(indexed: IndexedObject, source: JSON) -> JSON:
    """The same e-mail, phone or name, or nearly the name at the same company."""
    ways: list[JSON] = []
    for path, each in indexed.fields.items():
        value = at(source, path)
        if not value:
            continue
        if each.role is Role.EMAIL:
            ways.append(constant(_SAME_EMAIL, {"term": {path: value}}))
        elif each.role is Role.PHONE and len(national_digits(str(value))) >= _FEWEST_DIGITS:
            there = f"forcedex.phones.{path}"
            ways.append(constant(_SAME_PHONE, {"prefix": {there: national_digits(str(value))[::-1]}}))
    name_field = indexed.name_field or ""
    name = source.get(name_field)
    if name and indexed.fields[name_field].role is Role.NAME:
        same: JSON = {"term": {f"{name_field}.keyword": str(name)}}
        ways.append(constant(_SAME_NAME, same))
        near: JSON = {"query": str(name), "operator": "and", "fuzziness": "AUTO:4,8", **UNLIMITED}
        company = at(source, "Account.Name") or source.get("Company")
        path = "Account.Name" if at(source, "Account.Name") else "Company"
        if company:
            at_same: JSON = {"term": {f"{path}.keyword": str(company)}}
            both: JSON = {"bool": {"filter": [{"match": {name_field: near}}, at_same]}}
            ways.append(constant(_NEAR_NAME + _SAME_COMPANY, both))
        else:
            ways.append(constant(_NEAR_NAME, {"match": {name_field: near}}))
    return {"bool": {"should": ways, "minimum_should_match": 1}} if ways else {"match_none": {}}
