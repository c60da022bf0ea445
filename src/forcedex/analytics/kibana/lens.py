"""A panel as Lens keeps it inside a dashboard (by value).

Source: elastic/kibana, the Lens plugin's saved object as of type version 8.9.0, which every 9.x reads.
"""

from typing import Any

from forcedex.analytics.kibana.layers import ROWS, Layer
from forcedex.analytics.kibana.panels import Form, Panel

JSON = dict[str, Any]

_PAGE = 10  # rows of a table


def lens(panel: Panel, layer: Layer, layer_id: str, references: list[JSON]) -> JSON:
    """The attributes of a Lens visualization."""
    columns = {"columns": dict(layer.columns), "columnOrder": list(layer.columns), "incompleteColumns": {}}
    return {
        "title": panel.title,
        "description": panel.report.formula,
        "type": "lens",
        "visualizationType": str(panel.form),
        "references": references,
        "state": {
            "query": {"language": "kuery", "query": layer.query},
            "filters": [],
            "datasourceStates": {"formBased": {"layers": {layer_id: {**columns, "sampling": 1}}}},
            "internalReferences": [],
            "adHocDataViews": {},
            "visualization": _visualization(panel, layer, layer_id),
        },
    }


def _visualization(panel: Panel, layer: Layer, layer_id: str) -> JSON:
    about = {"layerId": layer_id, "layerType": "data"}
    match panel.form:
        case Form.NUMBER:
            return {**about, "metricAccessor": layer.figures[0]}
        case Form.TABLE:
            columns = [{"columnId": each, "isTransposed": False} for each in layer.columns]
            return {**about, "columns": columns, "paging": {"enabled": True, "size": _PAGE}}
        case Form.BARS:
            bars = {**about, "seriesType": "bar", "xAccessor": ROWS, "accessors": layer.figures, "position": "top"}
            several = len(layer.figures) > 1
            return {
                "preferredSeriesType": "bar",
                "legend": {"isVisible": several, "position": "bottom"},
                "valueLabels": "hide",
                "layers": [{**bars, "showGridlines": False}],
            }
