"""What Lens would ask Elasticsearch for a panel, and what it would show of the answer.

A compiler of its own over the saved objects, with the operations that the dashboard uses; Kibana's time zone is UTC.
"""

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from elasticsearch import AsyncElasticsearch

from tests.integration.kibana.kql_reading import query_of
from tests.integration.kibana.saved_file import layer_of, state_of, view_of

JSON = dict[str, Any]

MISSING, OTHER = "(missing)", "(other)"
_SIMPLE = {"sum": "sum", "average": "avg", "min": "min", "max": "max"}
_CALENDAR = {"1d", "1w", "1M", "1q", "1y"}

#: Row to column id to number; one row without name for a panel without rows.
Answer = dict[str, dict[str, float | None]]


@dataclass(frozen=True)
class Range:
    """Whole days, the last one in it."""

    first: date
    last: date


def resolved(text: str, now: date, *, end: bool) -> date:
    """Kibana's date math, as far as the dashboard uses it: `now`, `now/y`. At the end of a range it rounds up."""
    match text:
        case "now":
            return now
        case "now/y":
            return date(now.year, 12, 31) if end else date(now.year, 1, 1)
    raise ValueError(text)


class Lens:
    """Shows panels over an Elasticsearch, reading only what a role lets it read."""

    def __init__(self, client: AsyncElasticsearch, readable: list[str]) -> None:
        self._client = client
        self._readable = readable

    async def show(self, panel: JSON, objects: list[JSON], span: Range) -> Answer:
        """What a panel shows for a time range."""
        state, view = state_of(panel), view_of(panel, objects)["attributes"]
        _, layer = layer_of(panel)
        columns: JSON = {name: layer["columns"][name] for name in layer["columnOrder"]}
        filters = [query_of(state["query"]["query"])]
        if day := view.get("timeFieldName"):
            until = span.last + timedelta(days=1)
            filters.append({"range": {day: {"gte": str(span.first), "lt": str(until), "time_zone": "+00:00"}}})
        rows = [name for name, each in columns.items() if each["isBucketed"]]
        figures = {name: each for name, each in columns.items() if not each["isBucketed"]}
        inner = {name: agg for name, each in figures.items() if (agg := _figure(each)) is not None}
        if not rows:
            answer = await self._ask(view["title"], filters, inner)
            whole = {"doc_count": answer["hits"]["total"]["value"], **answer.get("aggregations", {})}
            return {"": _read(whole, figures)}
        (name,) = rows
        return await self._grouped(view["title"], filters, columns[name], columns, inner, figures)

    async def _grouped(
        self, alias: str, filters: list[JSON], rows: JSON, columns: JSON, inner: JSON, figures: JSON
    ) -> Answer:
        field, params = rows["sourceField"], rows["params"]
        if rows["operationType"] == "date_histogram":
            if params["interval"] not in _CALENDAR:
                raise ValueError(params["interval"])
            histogram = {"field": field, "calendar_interval": params["interval"], "time_zone": "UTC"}
            aggs = {"rows": {"date_histogram": {**histogram, "format": "uuuu-MM"}, "aggs": inner}}
            answer = await self._ask(alias, filters, aggs)
            buckets = answer["aggregations"]["rows"]["buckets"]
            return {each["key_as_string"]: _read(each, figures) for each in buckets if each["doc_count"]}
        assert rows["operationType"] == "terms", rows
        order, more = _order(params, columns)
        terms: JSON = {"field": field, "size": params["size"], "order": order, "shard_size": 1_000}
        if params["missingBucket"]:
            terms["missing"] = MISSING
        answer = await self._ask(alias, filters, {"rows": {"terms": terms, "aggs": {**inner, **more}}})
        buckets = answer["aggregations"]["rows"]["buckets"]
        found = {str(each["key"]): _read(each, figures) for each in buckets}
        if params["otherBucket"]:
            named: list[JSON] = [{"term": {field: each}} for each in found if each != MISSING]
            if MISSING in found or not params["missingBucket"]:
                named.append({"bool": {"must_not": [{"exists": {"field": field}}]}})
            rest = await self._ask(alias, [*filters, {"bool": {"must_not": named}}], inner)
            if count := rest["hits"]["total"]["value"]:
                found[OTHER] = _read({"doc_count": count, **rest.get("aggregations", {})}, figures)
        return found

    async def _ask(self, alias: str, filters: list[JSON], aggs: JSON) -> JSON:
        if alias not in self._readable:
            raise PermissionError(alias)
        answer = await self._client.search(
            index=alias, size=0, track_total_hits=True, query={"bool": {"filter": filters}}, aggs=aggs or None
        )
        return dict(answer.body)


def _figure(column: JSON) -> JSON | None:
    """The aggregation of a number; None for a plain count of the documents."""
    operation, field = column["operationType"], column["sourceField"]
    own: JSON | None = None
    if operation in _SIMPLE:
        own = {_SIMPLE[operation]: {"field": field}}
    elif operation != "count" or field != "___records___":
        raise ValueError(f"{operation} of {field}")
    if "filter" not in column:
        return own
    narrowed: JSON = {"filter": query_of(column["filter"]["query"])}
    return {**narrowed, "aggs": {"own": own}} if own else narrowed


def _order(params: JSON, columns: JSON) -> tuple[JSON, JSON]:
    by, direction = params["orderBy"], params["orderDirection"]
    match by["type"]:
        case "alphabetical":
            return {"_key": direction}, {}
        case "custom":
            return {"order": direction}, {"order": _figure(params["orderAgg"])}
        case "column":
            column = columns[by["columnId"]]
            if "filter" in column:
                raise ValueError("rows in the order of a filtered column")
            return {"_count" if column["operationType"] == "count" else by["columnId"]: direction}, {}
    raise ValueError(by)


def _read(bucket: JSON, figures: JSON) -> dict[str, float | None]:
    found: dict[str, float | None] = {}
    for name, column in figures.items():
        place = bucket[name] if name in bucket else bucket
        if "filter" in column and column["operationType"] != "count":
            place = place["own"]
        found[name] = place["doc_count"] if column["operationType"] == "count" else place["value"]
    return found
