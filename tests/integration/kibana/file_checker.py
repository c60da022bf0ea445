"""What Kibana would refuse, or take and show broken, found without Kibana: each problem is a sentence.

Kibana checks hardly anything of what it imports, so a broken panel shows itself only when somebody looks at it.
"""

import json
from collections import Counter
from collections.abc import Iterator
from typing import Any

from tests.integration.kibana.kql_reading import NotKql, each_text, fields_of
from tests.integration.kibana.saved_file import JSON, layer_of, panels_of, state_of

#: The newest version of each type that every Kibana 9 reads.
_NEWEST = {"dashboard": (10, 2, 0), "index-pattern": (8, 0, 0), "lens": (8, 9, 0)}
_CORE = (8, 8, 0)
_ENVELOPE = {
    *("type", "id", "attributes", "references", "managed", "coreMigrationVersion", "typeMigrationVersion"),
}
_ALLOWED = {
    "dashboard": {
        *("title", "description", "kibanaSavedObjectMeta", "timeRestore", "timeFrom", "timeTo", "refreshInterval"),
        *("controlGroupInput", "panelsJSON", "optionsJSON", "hits", "version"),
    },
    "index-pattern": {
        *("title", "name", "timeFieldName", "fieldFormatMap", "fieldAttrs", "fields", "runtimeFieldMap"),
        *("sourceFilters", "typeMeta", "allowHidden", "type"),
    },
}
_NESTED = {
    "dashboard": ("panelsJSON", "optionsJSON"),
    "index-pattern": ("fieldFormatMap", "fieldAttrs", "fields", "runtimeFieldMap", "sourceFilters"),
}
_COLUMNS = 48
_PREFIX = "indexpattern-datasource-layer-"
_NUMBERS = {"long", "double", "integer"}
_SUITABLE = {
    **dict.fromkeys(("sum", "average", "min", "max"), _NUMBERS),
    "terms": {"keyword", "boolean", "long"},
    "date_histogram": {"date"},
}
_OPERATIONS = {*_SUITABLE, "count"}


def problems(objects: list[JSON], mappings: dict[str, dict[str, str]], minor: dict[str, set[str]]) -> list[str]:
    """All that is wrong. `mappings`: alias to path to field type; `minor`: alias to paths in minor units."""
    found = list(_envelopes(objects))
    if found:  # nothing else can be read
        return found
    views = {each["id"]: each for each in objects if each["type"] == "index-pattern"}
    found += [one for each in views.values() for one in _view(each["attributes"], mappings)]
    dashboards = [each for each in objects if each["type"] == "dashboard"]
    if len(dashboards) != 1:
        return [*found, f"{len(dashboards)} dashboards"]
    (dashboard,) = dashboards
    panels = panels_of(dashboard)
    found += [*_places(panels), *_references(dashboard, panels, views)]
    for panel in panels:
        title = panel.get("title")
        found += [f"{title}: {each}" for each in _panel(panel)]
        alias = _alias(panel, views)
        if alias in mappings:
            found += [f"{title}: {each}" for each in _fields(panel, mappings[alias], minor[alias])]
    return found


def _version(text: object) -> tuple[int, ...]:
    return tuple(int(each) for each in str(text).split("."))


def _envelopes(objects: list[JSON]) -> Iterator[str]:
    for key, times in Counter((each.get("type"), each.get("id")) for each in objects).items():
        if times > 1:
            yield f"{key} is there {times} times"
    for each in objects:
        kind = each.get("type")
        if kind not in _ALLOWED:
            yield f"{kind} is not a type that is expected"
            continue
        if set(each) != _ENVELOPE:
            yield f"{kind}: the envelope has {sorted(set(each) ^ _ENVELOPE)} too much or too little"
            continue
        if _version(each["typeMigrationVersion"]) > _NEWEST[kind] or _version(each["coreMigrationVersion"]) > _CORE:
            yield f"{kind} is newer than the oldest Kibana 9"
        if unknown := set(each["attributes"]) - _ALLOWED[kind]:
            yield f"{kind} has unknown attributes {sorted(unknown)}"
        for name in _NESTED[kind]:
            yield from _parses(kind, name, each["attributes"].get(name))
        if kind == "dashboard":
            meta = each["attributes"].get("kibanaSavedObjectMeta", {})
            yield from _parses(kind, "searchSourceJSON", meta.get("searchSourceJSON"))


def _parses(kind: str, name: str, text: object) -> Iterator[str]:
    try:
        json.loads(str(text))
    except ValueError:
        yield f"{name} of {kind} is no JSON"


def _view(attributes: JSON, mappings: dict[str, dict[str, str]]) -> Iterator[str]:
    alias = attributes.get("title", "")
    if alias not in mappings:
        yield f"{alias} is no alias of the org"
        return
    fields = mappings[alias]
    if (day := attributes.get("timeFieldName")) is not None and fields.get(day) != "date":
        yield f"{alias} has no day {day}"
    for name in ("fieldAttrs", "fieldFormatMap"):
        for path in json.loads(attributes[name]):
            if path not in fields:
                yield f"{name} of {alias} names {path}, which is not mapped"


def _places(panels: list[JSON]) -> Iterator[str]:
    for index, times in Counter(each["panelIndex"] for each in panels).items():
        if times > 1:
            yield f"panel {index} is there {times} times"
    taken: set[tuple[int, int]] = set()
    for each in panels:
        grid = each["gridData"]
        if grid["i"] != each["panelIndex"]:
            yield f"{each['title']}: i is not its panelIndex"
        if grid["x"] < 0 or grid["y"] < 0 or grid["w"] < 1 or grid["h"] < 1 or grid["x"] + grid["w"] > _COLUMNS:
            yield f"{each['title']}: outside of the {_COLUMNS} columns"
        cells = {
            (x, y) for x in range(grid["x"], grid["x"] + grid["w"]) for y in range(grid["y"], grid["y"] + grid["h"])
        }
        if cells & taken:
            yield f"{each['title']}: on top of another panel"
        taken |= cells


def _references(dashboard: JSON, panels: list[JSON], views: dict[str, Any]) -> Iterator[str]:
    given = Counter((each["name"], each["id"], each["type"]) for each in dashboard["references"])
    needed = Counter(
        (f"{panel['panelIndex']}:{each['name']}", each["id"], each["type"])
        for panel in panels
        for each in panel["embeddableConfig"].get("attributes", {}).get("references", ())
    )
    for each in (given - needed) + (needed - given):
        yield f"reference {each[0]} is only in the dashboard, only in the panel, or twice"
    for name, target, kind in given | needed:
        if kind != "index-pattern" or target not in views:
            yield f"reference {name} leads nowhere"
    used = {target for _, target, _ in needed}
    for target in views.keys() - used:
        yield f"data view {views[target]['attributes']['title']} is used by nobody"


def _alias(panel: JSON, views: dict[str, Any]) -> str:
    try:
        layer_id, _ = layer_of(panel)
        references = panel["embeddableConfig"]["attributes"]["references"]
        target = next(each["id"] for each in references if each["name"] == f"{_PREFIX}{layer_id}")
        return str(views[target]["attributes"]["title"])
    except (KeyError, StopIteration, ValueError):
        return ""


def _panel(panel: JSON) -> Iterator[str]:
    """What is wrong with it by itself."""
    config = panel["embeddableConfig"]
    if panel["type"] != "lens" or "attributes" not in config or "savedObjectId" in config or "panelRefName" in panel:
        yield "not a Lens visualization by value"
        return
    layers = state_of(panel)["datasourceStates"]["formBased"]["layers"]
    if len(layers) != 1:
        yield f"{len(layers)} layers"
        return
    layer_id, layer = layer_of(panel)
    names = [each["name"] for each in config["attributes"]["references"]]
    if names != [f"{_PREFIX}{layer_id}"]:
        yield "the layer has no data view of its own"
    columns = layer["columns"]
    if sorted(layer["columnOrder"]) != sorted(columns) or len(set(layer["columnOrder"])) != len(columns):
        yield "the order of the columns is not that of these columns"
    buckets = [columns[each]["isBucketed"] for each in layer["columnOrder"] if each in columns]
    if buckets != sorted(buckets, reverse=True):
        yield "a number stands before a row"
    accessors = list(_accessors(config["attributes"]["visualizationType"], state_of(panel)["visualization"], layer_id))
    if "" in accessors:
        yield "the visualization is about another layer, or of no known kind"
    if sorted(accessors) != sorted(columns):
        yield "the visualization does not show these columns"
    for column in columns.values():
        yield from _column(column, columns)


def _accessors(kind: str, visualization: JSON, layer_id: str) -> Iterator[str]:
    match kind:
        case "lnsMetric":
            yield from _own(visualization, layer_id)
            yield visualization.get("metricAccessor", "")
        case "lnsDatatable":
            yield from _own(visualization, layer_id)
            yield from (each["columnId"] for each in visualization["columns"])
        case "lnsXY":
            for each in visualization["layers"]:
                yield from _own(each, layer_id)
                yield each.get("xAccessor", "")
                yield from each["accessors"]
        case _:
            yield ""


def _own(part: JSON, layer_id: str) -> Iterator[str]:
    if part.get("layerId") != layer_id or part.get("layerType") != "data":
        yield ""


def _column(column: JSON, columns: JSON) -> Iterator[str]:
    operation = column["operationType"]
    if operation not in _OPERATIONS:
        yield f"{operation} needs a formula, or is not exact"
        return
    if column["isBucketed"] != (operation in ("terms", "date_histogram")):
        yield f"{operation} is not what it says to be"
    if operation == "terms":
        by = column["params"]["orderBy"]
        if by["type"] == "column" and (by["columnId"] not in columns or columns[by["columnId"]]["isBucketed"]):
            yield "ordered by a column that is not there"
        if not 0 < column["params"]["size"] <= 1_000:
            yield "too many rows"


def _fields(panel: JSON, mapped: dict[str, str], minor: set[str]) -> Iterator[str]:
    """What is wrong with the fields that it asks for."""
    if len(state_of(panel)["datasourceStates"]["formBased"]["layers"]) != 1:
        return
    _, layer = layer_of(panel)
    columns = [*layer["columns"].values()]
    columns += [each["params"]["orderAgg"] for each in columns if "orderAgg" in each.get("params", {})]
    for column in columns:
        operation, path = column["operationType"], column["sourceField"]
        if operation == "count":
            if path != "___records___":
                yield "a count is of records"
        elif mapped.get(path) not in _SUITABLE.get(operation, set()):
            yield f"{path} is {mapped.get(path, 'not mapped')}: nothing for {operation}"
        elif path in minor:
            yield f"{path} is in minor units"
    for text in each_text(layer, state_of(panel)):
        try:
            yield from (f"{each} is not mapped" for each in fields_of(text) if each not in mapped)
        except NotKql:
            yield f"“{text}” is not the query language"
