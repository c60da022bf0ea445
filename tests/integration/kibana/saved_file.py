"""The import file as Kibana reads it: lines into objects, nested texts into values."""

import json
from typing import Any

JSON = dict[str, Any]


def objects_of(text: str) -> list[JSON]:
    """The saved objects of a file, without the summary at its end."""
    return [each for each in map(json.loads, text.splitlines()) if "exportedCount" not in each]


def dashboard_of(objects: list[JSON]) -> JSON:
    """The one dashboard."""
    (found,) = (each for each in objects if each["type"] == "dashboard")
    return found


def panels_of(dashboard: JSON) -> list[JSON]:
    """Its panels."""
    found: list[JSON] = json.loads(dashboard["attributes"]["panelsJSON"])
    return found


def with_panels(dashboard: JSON, panels: list[JSON]) -> None:
    """Put panels back."""
    dashboard["attributes"]["panelsJSON"] = json.dumps(panels)


def state_of(panel: JSON) -> JSON:
    """The state of a panel's visualization."""
    found: JSON = panel["embeddableConfig"]["attributes"]["state"]
    return found


def layer_of(panel: JSON) -> tuple[str, JSON]:
    """The id and content of its only layer."""
    ((layer_id, layer),) = state_of(panel)["datasourceStates"]["formBased"]["layers"].items()
    return layer_id, layer


def view_of(panel: JSON, objects: list[JSON]) -> JSON:
    """The data view that its layer is about."""
    layer_id, _ = layer_of(panel)
    references = panel["embeddableConfig"]["attributes"]["references"]
    wanted = next(each["id"] for each in references if each["name"] == f"indexpattern-datasource-layer-{layer_id}")
    return next(each for each in objects if each["type"] == "index-pattern" and each["id"] == wanted)
