"""Kibana's saved objects: data views and a dashboard, one JSON per line, the same bytes for the same index.

Source: elastic/kibana, the saved object types `index-pattern` and `dashboard`; the type versions are the oldest that
hold what is needed, as a Kibana refuses what is newer than itself. The dashboard's attributes are a closed list.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import NAMESPACE_URL, uuid5

import orjson

from forcedex.analytics.kibana.layers import TWINS, Layer
from forcedex.analytics.kibana.lens import lens
from forcedex.analytics.kibana.panels import Panel
from forcedex.domain.indexed import IndexedObject

JSON = dict[str, Any]

COLUMNS = 48
_CORE = "8.8.0"
_DASHBOARD, _DATA_VIEW = "10.2.0", "8.0.0"
_LAYER = "indexpattern-datasource-layer-"


@dataclass(frozen=True, slots=True)
class Ids:
    """Ids that are the same each time, and others for another org."""

    #: What the names of the org's indices begin with.
    root: str

    def of(self, *parts: str) -> str:
        """The id of something."""
        return str(uuid5(NAMESPACE_URL, "/".join(("urn:forcedex:kibana", self.root, *parts))))


@dataclass(frozen=True, kw_only=True, slots=True)
class DataView:
    """The documents of one kind, with the day that a time range is about."""

    alias: str
    indexed: IndexedObject
    #: Empty: the time range does not matter.
    day: str = ""

    @property
    def name(self) -> str:
        """What people read."""
        if not self.day:
            return f"{self.indexed.label_plural}, every day"
        return f"{self.indexed.label_plural} by {self.indexed.columns[self.day].label}"


@dataclass(frozen=True, kw_only=True, slots=True)
class Placed:
    """A panel with its layer, over its data view."""

    panel: Panel
    layer: Layer
    view: DataView


def ndjson(objects: Sequence[JSON]) -> str:
    """A file that Kibana imports: the objects, and a summary of them."""
    summary = {
        "exportedCount": len(objects),
        "missingRefCount": 0,
        "missingReferences": [],
        "excludedObjects": [],
        "excludedObjectsCount": 0,
    }
    return "".join(f"{_text(each)}\n" for each in (*objects, summary))


def data_view(ids: Ids, view: DataView, org_name: str) -> JSON:
    """A data view: an alias, its time field, and how its fields are called and written."""
    derived = {path: each for path, each in view.indexed.fields.items() if path.startswith("x.")}
    minor = " in minor units"
    labels = {path: f"{each.label}{minor if each.type == 'minor' else ''}" for path, each in derived.items()}
    money = "0,0." + "0" * view.indexed.decimal_places if view.indexed.decimal_places else "0,0"
    formats = {path: {"id": "number", "params": {"pattern": money}} for path in TWINS.values() if path in derived}
    attributes: JSON = {
        "title": view.alias,
        "name": f"{view.name} ({org_name})",
        "fieldAttrs": _text({path: {"customLabel": each} for path, each in labels.items()}),
        "fieldFormatMap": _text(formats),
        "fields": "[]",
        "runtimeFieldMap": "{}",
        "sourceFilters": "[]",
    }
    if view.day:
        attributes["timeFieldName"] = view.day
    return _object("index-pattern", _DATA_VIEW, ids.of("view", view.alias, view.day), attributes, [])


def dashboard(ids: Ids, placed: Sequence[Placed], title: str, description: str) -> JSON:
    """The dashboard with its panels, over the current calendar year until the reader says otherwise."""
    panels, references = [], []
    for each, grid in zip(placed, _grid(placed), strict=True):
        panel_id, layer_id = ids.of("panel", each.panel.key), ids.of("layer", each.panel.key)
        view_id = ids.of("view", each.view.alias, each.view.day)
        reference = {"id": view_id, "name": f"{_LAYER}{layer_id}", "type": "index-pattern"}
        references.append({**reference, "name": f"{panel_id}:{reference['name']}"})
        panels.append(
            {
                "type": "lens",
                "title": each.panel.title,
                "panelIndex": panel_id,
                "gridData": {**grid, "i": panel_id},
                "embeddableConfig": {
                    "attributes": lens(each.panel, each.layer, layer_id, [reference]),
                    "enhancements": {},
                },
            }
        )
    options = {"hidePanelTitles": False, "syncColors": False, "syncCursor": True, "useMargins": True}
    search: JSON = {"filter": [], "query": {"language": "kuery", "query": ""}}
    attributes = {
        "title": title,
        "description": description,
        "timeRestore": True,
        "timeFrom": "now/y",
        "timeTo": "now/y",
        "panelsJSON": _text(panels),
        "optionsJSON": _text(options),
        "kibanaSavedObjectMeta": {"searchSourceJSON": _text(search)},
    }
    return _object("dashboard", _DASHBOARD, ids.of("dashboard"), attributes, references)


def _grid(placed: Iterable[Placed]) -> list[JSON]:
    """Places from left to right; a panel that is left out leaves no hole."""
    found: list[JSON] = []
    x = y = deepest = 0
    for each in placed:
        width, height = each.panel.width, each.panel.height
        if x + width > COLUMNS or (found and height != deepest):
            x, y, deepest = 0, y + deepest, 0
        found.append({"x": x, "y": y, "w": width, "h": height})
        x, deepest = x + width, max(deepest, height)
    return found


def _object(kind: str, version: str, object_id: str, attributes: JSON, references: list[JSON]) -> JSON:
    return {
        "type": kind,
        "id": object_id,
        "attributes": attributes,
        "references": references,
        "managed": False,
        "coreMigrationVersion": _CORE,
        "typeMigrationVersion": version,
    }


def _text(value: object) -> str:
    return orjson.dumps(value, option=orjson.OPT_SORT_KEYS).decode()
