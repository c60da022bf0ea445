"""Whether a panel shows what the report says."""

import json
from collections import defaultdict
from decimal import Decimal

from tests.integration.kibana.conftest import Board
from tests.integration.kibana.lens_queries import MISSING, OTHER, Answer, Lens, Range
from tests.integration.kibana.saved_file import JSON, layer_of

_SHARES = Decimal("0.000001")


def readable(board: Board) -> list[str]:
    """What the role lets a reader ask."""
    return [
        name for each in json.loads(board.made.files["role.json"])["elasticsearch"]["indices"] for name in each["names"]
    ]


async def differences(board: Board, panel: JSON, objects: list[JSON], span: Range, period: str) -> list[str]:
    """Where a panel and its report differ; empty: nowhere."""
    title = panel["title"]
    shown = await Lens(board.client, readable(board)).show(panel, objects, span)
    report = await board.report(title, period)
    kinds = {each["name"]: each["shows"] for each in report["columns"]}
    _, layer = layer_of(panel)
    names = [name for name in layer["columnOrder"] if not layer["columns"][name]["isBucketed"]]
    told = _told(report, shown, names)
    found = [f"{title}: {name} is no figure of the report" for name in names if name not in kinds]
    if told.keys() != shown.keys():
        found.append(f"{title}: rows {sorted(told.keys() ^ shown.keys())} are only in one of them")
    if not _largest_first(layer, shown, names):
        found.append(f"{title}: the rows are not in their order")
    for row in told.keys() & shown.keys():
        for name in names:
            ours, theirs = told[row].get(name), _number(shown[row].get(name), kinds.get(name, ""), report)
            if not _same(ours, theirs, kinds.get(name, "")):
                found.append(f"{title}, {row}: {name} is {ours}, and in Kibana {theirs}")
    return found


def _largest_first(layer: JSON, shown: Answer, names: list[str]) -> bool:
    """Whether the rows that the panel names come in the order of its first figure."""
    if layer["columns"].get("rows", {}).get("params", {}).get("orderBy", {}).get("type") != "column":
        return True
    figures = [each[names[0]] or 0 for label, each in shown.items() if label != OTHER]
    return figures == sorted(figures, reverse=True)


def _told(report: JSON, shown: Answer, names: list[str]) -> dict[str, dict[str, Decimal | None]]:
    """The rows of the report as the panel has them: by label, those that it does not name as one."""
    if not report["by"]:
        return {"": {name: _decimal(report["totals"][name]) for name in names}}
    rows: dict[str, list[JSON]] = defaultdict(list)
    for each in report["rows"]:
        (key,) = each["key"]
        label = each["label"] if key is not None else MISSING
        rows[label if label in shown else key if key in shown else OTHER if OTHER in shown else label].append(each)
    return {label: {name: _sum(name, some) for name in names} for label, some in rows.items()}


def _sum(name: str, rows: list[JSON]) -> Decimal | None:
    """A figure of several rows together; a share from what it was made of."""
    if len(rows) == 1:
        return _decimal(rows[0][name])
    if name in rows[0].get("ratios", {}):
        told = [each["ratios"][name] for each in rows]
        over = sum((Decimal(each["numerator"]) for each in told), Decimal(0))
        under = sum((Decimal(each["denominator"]) for each in told), Decimal(0))
        return round(over / under, 6) if under else None
    return sum((Decimal(each[name] or 0) for each in rows), Decimal(0))


def _decimal(value: object) -> Decimal | None:
    return None if value is None else Decimal(str(value))


def _number(value: float | None, shows: str, report: JSON) -> Decimal | None:
    if value is None:
        return None
    return round(Decimal(str(value)), int(report["decimal_places"])) if shows == "money" else Decimal(str(value))


def _same(ours: Decimal | None, theirs: Decimal | None, shows: str) -> bool:
    """Money and counts to the last digit, an empty sum being zero; shares as they are written."""
    if shows != "share":
        return (ours or 0) == (theirs or 0)
    if ours is None or theirs is None:
        return ours is theirs
    return abs(ours - theirs) <= _SHARES
