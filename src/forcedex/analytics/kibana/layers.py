"""A panel as a layer of Lens: its columns, and which records they are about.

Only operations that Lens has without a formula: count, sum, average, largest, terms, date histogram. Money is shown by
the twin of each amount that has digits after the point: Lens would show whole minor units a hundred times too large.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from forcedex.analytics.definition import Condition, Dimension, Function, Measure, Ratio, Shows, filters
from forcedex.analytics.kibana.kql import kql
from forcedex.analytics.kibana.panels import Form, Panel, Shown
from forcedex.domain.days import Unit
from forcedex.domain.indexed import IndexedObject

JSON = dict[str, Any]

#: Amounts in minor units, and the same amounts for display.
TWINS: Mapping[str, str] = {
    "x.amt": "x.amount",
    "x.wamt": "x.weighted",
    "x.line_amt": "x.line_amount",
    "x.rest_amt": "x.rest_amount",
}
_RECORDS = "___records___"
_FUNCTIONS = {Function.SUM: "sum", Function.MEAN: "average", Function.LARGEST: "max", Function.SMALLEST: "min"}
_INTERVALS = {Unit.DAY: "1d", Unit.WEEK: "1w", Unit.MONTH: "1M", Unit.QUARTER: "1q", Unit.YEAR: "1y"}
ROWS = "rows"


class NotIndexedError(Exception):
    """The index has no such field."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Layer:
    """One layer."""

    #: By id, buckets first: the order of Lens.
    columns: Mapping[str, JSON]
    #: Which records, in KQL.
    query: str

    @property
    def figures(self) -> list[str]:
        """The ids of the columns that are numbers."""
        return [each for each in self.columns if each != ROWS]


def layer(panel: Panel, indexed: IndexedObject) -> Layer:
    """The layer of a panel; NotIndexedError naming the field that the index lacks."""
    made = _Columns(panel, indexed)
    figures = {each.name: made.figure(each) for each in panel.figures}
    rows = {ROWS: made.rows(panel.dimension)} if panel.dimension else {}
    return Layer(columns={**rows, **figures}, query=made.conditions(panel.part.where))


class _Columns:
    """Makes columns over the fields that there are."""

    def __init__(self, panel: Panel, indexed: IndexedObject) -> None:
        self._panel = panel
        self._indexed = indexed
        if panel.day:
            self._there(panel.day)

    def _there(self, path: str) -> str:
        if path not in self._indexed.fields:
            raise NotIndexedError(path)
        return path

    def conditions(self, where: tuple[Condition, ...]) -> str:
        """As `kql`, over fields that are there."""
        for each in filters(where):
            if self._there(each.field) in TWINS:
                raise ValueError(f"{each.field} is in minor units, and Kibana's readers see none")
        return kql(where)

    def figure(self, shown: Shown) -> JSON:
        """A column with a number."""
        found = self._panel.figure(shown)
        if isinstance(found, Ratio):
            return self._number(found.label, "average", self._there(shown.mean_of), Shows.SHARE)
        if found.function is Function.COUNT and not found.field:
            return self._number(found.label, "count", _RECORDS, found.shows, found)
        path = self._there(TWINS.get(found.field, found.field))
        return self._number(found.label, _FUNCTIONS[found.function], path, found.shows, found)

    def _number(self, label: str, operation: str, path: str, shows: Shows, measure: Measure | None = None) -> JSON:
        params: JSON = {"format": self._format(shows, path)}
        if operation in ("count", "sum"):
            params["emptyAsNull"] = False
        column: JSON = {
            "label": label,
            "customLabel": True,
            "dataType": "number",
            "isBucketed": False,
            "scale": "ratio",
            "operationType": operation,
            "sourceField": path,
            "params": params,
        }
        if measure is not None and measure.where:
            column["filter"] = {"language": "kuery", "query": self.conditions(measure.where)}
        return column

    def _format(self, shows: Shows, path: str) -> JSON:
        if shows is Shows.SHARE:
            return {"id": "percent", "params": {"decimals": 1}}
        if shows is Shows.MONEY:
            short = self._panel.form is Form.NUMBER
            suffix = f" {self._indexed.currency}" if self._indexed.currency else ""
            decimals = 1 if short else self._indexed.decimal_places
            return {"id": "number", "params": {"decimals": decimals, "compact": short, "suffix": suffix}}
        whole = path == _RECORDS or self._indexed.fields[path].type == "int"
        return {"id": "number", "params": {"decimals": 0 if whole else 2}}

    def rows(self, dimension: Dimension) -> JSON:
        """The column that makes the rows."""
        path = self._there(self._named(dimension))
        column: JSON = {"label": dimension.label, "customLabel": True, "isBucketed": True, "sourceField": path}
        if dimension.unit is not None:
            return {
                **column,
                "dataType": "date",
                "scale": "interval",
                "operationType": "date_histogram",
                "params": {
                    "interval": _INTERVALS[dimension.unit],
                    "includeEmptyRows": True,
                    "dropPartials": False,
                },
            }
        return {
            **column,
            "dataType": "string",
            "scale": "ordinal",
            "operationType": "terms",
            "params": {
                "size": self._panel.size,
                **self._order(),
                "otherBucket": True,
                "missingBucket": True,
                "accuracyMode": True,
                "parentFormat": {"id": "terms"},
            },
        }

    def _order(self) -> JSON:
        if not self._panel.order:
            first = self._panel.figures[0].name
            return {"orderBy": {"type": "column", "columnId": first}, "orderDirection": "desc"}
        by: JSON = {
            "label": "Order",
            "customLabel": True,
            "dataType": "number",
            "isBucketed": False,
            "scale": "ratio",
            "operationType": "min",
            "sourceField": self._there(self._panel.order),
        }
        return {"orderBy": {"type": "custom"}, "orderAgg": by, "orderDirection": "asc"}

    def _named(self, dimension: Dimension) -> str:
        """The name of the record that a reference leads to, where the documents hold it."""
        path = dimension.of(self._panel.part.name)
        names = [f"{name}.Name" for name, each in self._indexed.relationships.items() if each.field == path]
        return next((each for each in names if each in self._indexed.fields), path)
