"""Ways to break the import file, each by chance at one place; every one must be caught."""

from collections.abc import Callable
from random import Random

from tests.integration.kibana.saved_file import JSON, dashboard_of, layer_of, panels_of, state_of, with_panels

Broken = Callable[[list[JSON], Random], str]


def _in_a_panel(change: Callable[[JSON, Random], bool]) -> Broken:
    """The change at one of the panels in which there is something to change."""

    def broken(objects: list[JSON], chance: Random) -> str:
        dashboard = dashboard_of(objects)
        panels = panels_of(dashboard)
        chance.shuffle(order := list(range(len(panels))))
        for number in order:
            if change(panels[number], chance):
                with_panels(dashboard, panels)
                return f"{change.__name__} in {panels[number]['title']}"
        raise AssertionError(f"nowhere to do {change.__name__}")

    broken.__name__ = change.__name__.strip("_")
    return broken


def _numbers(panel: JSON, *operations: str) -> list[JSON]:
    found = [each for each in layer_of(panel)[1]["columns"].values() if not each["isBucketed"]]
    return [each for each in found if not operations or each["operationType"] in operations]


def _unknown_field(panel: JSON, chance: Random) -> bool:
    columns = [each for each in layer_of(panel)[1]["columns"].values() if each["operationType"] != "count"]
    for column in columns[:1]:
        column["sourceField"] = "x.amont"
    return bool(columns)


def _minor_units(panel: JSON, chance: Random) -> bool:
    columns = [each for each in _numbers(panel, "sum") if each["sourceField"] == "x.amount"]
    for column in columns[:1]:
        column["sourceField"] = "x.amt"
    return bool(columns)


def _own_currency(panel: JSON, chance: Random) -> bool:
    columns = [each for each in _numbers(panel, "sum") if each["sourceField"] == "x.amount"]
    for column in columns[:1]:
        column["sourceField"] = "Amount"
    return bool(columns)


def _weighted_instead(panel: JSON, chance: Random) -> bool:
    columns = [each for each in _numbers(panel, "sum") if each["sourceField"] == "x.amount"]
    for column in columns[:1]:
        column["sourceField"] = "x.weighted"
    return bool(columns) and "won" not in panel["title"] and "customers" not in panel["title"]


def _largest_instead_of_sum(panel: JSON, chance: Random) -> bool:
    columns = _numbers(panel, "sum")
    for column in columns[:1]:
        column["operationType"] = "max"
    return bool(columns)


def _sum_instead_of_mean(panel: JSON, chance: Random) -> bool:
    columns = _numbers(panel, "average")
    for column in columns[:1]:
        column["operationType"] = "sum"
    return bool(columns)


def _formula(panel: JSON, chance: Random) -> bool:
    column = chance.choice(_numbers(panel))
    column["operationType"] = "formula"
    column["params"] = {"formula": "count()"}
    return True


def _median(panel: JSON, chance: Random) -> bool:
    chance.choice(_numbers(panel))["operationType"] = "median"
    return True


def _text_is_summed(panel: JSON, chance: Random) -> bool:
    columns = _numbers(panel, "sum")
    for column in columns[:1]:
        column["sourceField"] = "OwnerId"
    return bool(columns)


def _no_filter(panel: JSON, chance: Random) -> bool:
    column = next((each for each in _numbers(panel) if "filter" in each), None)
    return column is not None and column.pop("filter") is not None


def _no_query(panel: JSON, chance: Random) -> bool:
    query = state_of(panel)["query"]
    found = bool(query["query"])
    query["query"] = ""
    return found and panel["title"] != "Win rate"  # open deals have no won_flag


def _other_query(panel: JSON, chance: Random) -> bool:
    query = state_of(panel)["query"]
    found = "x.open : 1" in query["query"] or "x.won : 1" in query["query"]
    query["query"] = query["query"].replace("x.open : 1", "x.open : 0").replace("x.won : 1", "x.lost : 1")
    return found


def _omitted_too(panel: JSON, chance: Random) -> bool:
    query = state_of(panel)["query"]
    before = query["query"]
    query["query"] = before.replace('not ForecastCategory : "Omitted"', "x.amt : *").replace("x.amt : * and ", "")
    return bool(query["query"] != before) and panel["title"] != "Forecast by category"


def _stage_names(panel: JSON, chance: Random) -> bool:
    query = state_of(panel)["query"]
    found = "x.won : 1" in query["query"]
    query["query"] = 'StageName : "Won"'
    return found


def _not_the_query_language(panel: JSON, chance: Random) -> bool:
    state_of(panel)["query"]["query"] = chance.choice(("x.won = 1", "x.won : ", "(x.won : 1", "x.won : 1 x.open : 0"))
    return True


def _query_of_an_unknown_field(panel: JSON, chance: Random) -> bool:
    state_of(panel)["query"]["query"] = "x.wonn : 1"
    return True


def _no_such_column_order(panel: JSON, chance: Random) -> bool:
    _, layer = layer_of(panel)
    layer["columnOrder"] = layer["columnOrder"][:-1]
    return True


def _no_accessor(panel: JSON, chance: Random) -> bool:
    visualization = state_of(panel)["visualization"]
    if "metricAccessor" in visualization:
        visualization["metricAccessor"] = "nothing"
    elif "columns" in visualization:
        visualization["columns"].pop()
    else:
        visualization["layers"][0]["accessors"] = ["nothing"]
    return True


def _another_layer(panel: JSON, chance: Random) -> bool:
    visualization = state_of(panel)["visualization"]
    (visualization["layers"][0] if "layers" in visualization else visualization)["layerId"] = "another"
    return True


def _ordered_by_nothing(panel: JSON, chance: Random) -> bool:
    rows = layer_of(panel)[1]["columns"].get("rows", {})
    found = rows.get("params", {}).get("orderBy", {}).get("type") == "column"
    if found:
        rows["params"]["orderBy"]["columnId"] = "nothing"
    return bool(found)


def _smallest_first(panel: JSON, chance: Random) -> bool:
    found = panel["title"] in ("Top customers", "Win rate by owner")
    if found:
        layer_of(panel)[1]["columns"]["rows"]["params"]["orderDirection"] = "asc"
    return found


def _no_row_for_what_is_missing(panel: JSON, chance: Random) -> bool:
    rows = layer_of(panel)[1]["columns"].get("rows", {})
    found = bool(rows.get("sourceField") == "x.family")
    if found:
        rows["params"]["missingBucket"] = False
        rows["params"]["otherBucket"] = False
    return found


def _other_rows_left_out(panel: JSON, chance: Random) -> bool:
    found = bool(panel["title"] == "Top customers")
    if found:
        layer_of(panel)[1]["columns"]["rows"]["params"]["otherBucket"] = False
    return found


def _by_something_else(panel: JSON, chance: Random) -> bool:
    rows = layer_of(panel)[1]["columns"].get("rows", {})
    found = rows.get("operationType") == "terms"
    if found:
        rows["sourceField"] = "Id"
    return bool(found)


def _by_quarter(panel: JSON, chance: Random) -> bool:
    rows = layer_of(panel)[1]["columns"].get("rows", {})
    found = rows.get("operationType") == "date_histogram"
    if found:
        rows["params"]["interval"] = "1q"
    return bool(found)


def _too_wide(panel: JSON, chance: Random) -> bool:
    panel["gridData"]["w"] = 49
    return True


def _another_index(panel: JSON, chance: Random) -> bool:
    panel["gridData"]["i"] = "another"
    return True


def _also_a_saved_object(panel: JSON, chance: Random) -> bool:
    panel["embeddableConfig"]["savedObjectId"] = "another"
    return True


def _no_reference(panel: JSON, chance: Random) -> bool:
    panel["embeddableConfig"]["attributes"]["references"] = []
    return True


def _unknown_visualization(panel: JSON, chance: Random) -> bool:
    panel["embeddableConfig"]["attributes"]["visualizationType"] = "lnsChoropleth3d"
    return True


def overlapping(objects: list[JSON], chance: Random) -> str:
    """One panel on top of another."""
    dashboard = dashboard_of(objects)
    panels = panels_of(dashboard)
    one, other = chance.sample(range(len(panels)), 2)
    for name in ("x", "y"):
        panels[one]["gridData"][name] = panels[other]["gridData"][name]
    with_panels(dashboard, panels)
    return "overlapping"


def twice(objects: list[JSON], chance: Random) -> str:
    """The same panel again, further down."""
    dashboard = dashboard_of(objects)
    panels = panels_of(dashboard)
    again = chance.choice(panels_of(dashboard))
    again["gridData"]["y"] += 500
    with_panels(dashboard, [*panels, again])
    return "twice"


def too_new(objects: list[JSON], chance: Random) -> str:
    """A version that an early Kibana 9 does not know."""
    name = chance.choice(("typeMigrationVersion", "coreMigrationVersion"))
    chance.choice(objects)[name] = "10.9.0"
    return name


def unknown_attribute(objects: list[JSON], chance: Random) -> str:
    """An attribute that the closed list of the type lacks."""
    chance.choice(objects)["attributes"]["panels"] = []
    return "panels"


def broken_json(objects: list[JSON], chance: Random) -> str:
    """A nested text that is no JSON."""
    name = chance.choice(("panelsJSON", "optionsJSON"))
    dashboard_of(objects)["attributes"][name] += "}"
    return name


def dangling(objects: list[JSON], chance: Random) -> str:
    """A reference to a data view that is not in the file."""
    chance.choice(dashboard_of(objects)["references"])["id"] = "nowhere"
    return "dangling"


def reference_too_few(objects: list[JSON], chance: Random) -> str:
    """A reference of a panel that the dashboard does not repeat."""
    references = dashboard_of(objects)["references"]
    references.remove(chance.choice(references))
    return "too few"


def reference_too_many(objects: list[JSON], chance: Random) -> str:
    """A reference that nobody needs."""
    references = dashboard_of(objects)["references"]
    references.append({**chance.choice(references), "name": "controlGroup_1:optionsListDataView"})
    return "too many"


def no_data_view(objects: list[JSON], chance: Random) -> str:
    """A data view that was forgotten."""
    views = [each for each in objects if each["type"] == "index-pattern"]
    objects.remove(chance.choice(views))
    return "no data view"


def no_such_alias(objects: list[JSON], chance: Random) -> str:
    """A data view over what is no alias of the org."""
    view = chance.choice([each for each in objects if each["type"] == "index-pattern"])
    view["attributes"]["title"] = chance.choice((view["attributes"]["title"] + "*", view["attributes"]["title"][:-1]))
    return str(view["attributes"]["title"])


def another_day(objects: list[JSON], chance: Random) -> str:
    """A time range about a day of another kind, or none."""
    views = [each["attributes"] for each in objects if "timeFieldName" in each["attributes"]]
    view = chance.choice([each for each in views if each["title"].endswith(("x-deals", "x-leads", "x-cases"))])
    view["timeFieldName"] = chance.choice(("LastModifiedDate", "x.nothing", "OwnerId"))
    return str(view["timeFieldName"])


def no_day(objects: list[JSON], chance: Random) -> str:
    """A panel that should follow the time range does not."""
    views = [each["attributes"] for each in objects if "timeFieldName" in each["attributes"]]
    del chance.choice(views)["timeFieldName"]
    return "no day"


_IN_PANELS = (
    *(_unknown_field, _minor_units, _own_currency, _weighted_instead, _largest_instead_of_sum, _sum_instead_of_mean),
    *(_formula, _median, _text_is_summed, _no_filter, _no_query, _other_query, _omitted_too, _stage_names),
    *(_not_the_query_language, _query_of_an_unknown_field, _no_such_column_order, _no_accessor, _another_layer),
    *(
        _ordered_by_nothing,
        _no_row_for_what_is_missing,
        _other_rows_left_out,
        _by_something_else,
        _by_quarter,
        _smallest_first,
    ),
    *(_too_wide, _another_index, _also_a_saved_object, _no_reference, _unknown_visualization),
)
BREAKS: tuple[Broken, ...] = (
    *map(_in_a_panel, _IN_PANELS),
    *(overlapping, twice, too_new, unknown_attribute, broken_json, dangling, reference_too_few, reference_too_many),
    *(no_data_view, no_such_alias, another_day, no_day),
)
