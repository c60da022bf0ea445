"""A report, or the dashboard, as one HTML file: charts, tables, how they were reckoned.

No script, nothing fetched; made to be printed, too.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from forcedex.analytics.charts.drawing import is_there, svg
from forcedex.analytics.charts.options import chart, compact
from forcedex.analytics.dashboard import TITLE, TileAnswer
from forcedex.analytics.reading import NOTHING, about, change, heading, notes, told
from forcedex.analytics.report import Report, ReportRow

_NARROW = 440  # pixels of a chart in a tile
_TEMPLATES = Environment(
    loader=PackageLoader("forcedex.analytics"),
    autoescape=True,
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)


def as_html(report: Report) -> str:
    """The whole file."""
    return _TEMPLATES.get_template("report.html").render(it=_parts(report))


def dashboard_html(tiles: Sequence[TileAnswer], asked: Sequence[str]) -> str:
    """All tiles in one file; `asked` says of which days and under which conditions."""
    shown = [_tile(each) for each in tiles]
    return _TEMPLATES.get_template("dashboard.html").render(title=TITLE, about=asked, tiles=shown)


def _tile(answer: TileAnswer) -> Mapping[str, Any]:
    report, tile = answer.report, answer.tile
    if report is None:
        return {"title": answer.title, "by": "", "why": answer.why, "wide": False}
    column = next((each for each in report.columns if each.name == tile.headline), report.columns[0])
    row = report.rows[-1] if tile.last and report.rows else report.total
    value = row.value(column.name)
    figure = row.figures.get(column.name)
    return {
        **_parts(report, None if tile.wide else _NARROW),
        "wide": tile.wide,
        "why": "",
        "headline": NOTHING if value is None else compact(value, column, report.decimal_places),
        "headed": heading(column, report) if value is not None or figure is None else figure.why,
        "change": change(row, column) if report.compared_with else "",
    }


def _parts(report: Report, width: int | None = None) -> Mapping[str, Any]:
    drawn = chart(report)
    if drawn is not None and width is not None:
        drawn = replace(drawn, width=width)
    picture = Markup(svg(drawn)) if drawn and is_there() else None
    return {
        "title": report.title,
        "by": " and ".join(report.by_labels).lower(),
        "about": about(report),
        "formula": report.formula,
        "notes": notes(report),
        "chart": drawn,
        "picture": picture,
        "undrawn": drawn is not None and picture is None,
        "labels": report.by_labels or ("",),
        "headings": [heading(each, report) for each in report.columns],
        "compared": bool(report.compared_with),
        "rows": [_row(each, report) for each in report.rows],
        "total": _row(report.total, report),
    }


def _row(row: ReportRow, report: Report) -> Mapping[str, Any]:
    width = max(1, len(report.by))
    cells = []
    for each in report.columns:
        figure = row.figures.get(each.name)
        why = figure.why if figure is not None and figure.value is None else ""
        cells.append({"text": told(figure, each, report.decimal_places), "why": why})
        if report.compared_with:
            cells.append({"text": change(row, each), "why": ""})
    return {"labels": [*row.labels, *[""] * (width - len(row.labels))][:width], "cells": cells, "rest": row.rest}
