"""A report as one HTML file: chart, table, how it was reckoned. No script, nothing fetched; made to be printed, too."""

from collections.abc import Mapping
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from forcedex.analytics.charts.drawing import is_there, svg
from forcedex.analytics.charts.options import chart
from forcedex.analytics.reading import about, change, heading, notes, told
from forcedex.analytics.report import Report, ReportRow

_TEMPLATES = Environment(
    loader=PackageLoader("forcedex.analytics"),
    autoescape=True,
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)


def as_html(report: Report) -> str:
    """The whole file."""
    drawn = chart(report)
    picture = Markup(svg(drawn)) if drawn and is_there() else None
    return _TEMPLATES.get_template("report.html").render(
        title=report.title,
        by=" and ".join(report.by_labels).lower(),
        about=about(report),
        formula=report.formula,
        notes=notes(report),
        chart=drawn,
        picture=picture,
        undrawn=drawn is not None and picture is None,
        labels=report.by_labels or ("",),
        headings=[heading(each, report) for each in report.columns],
        compared=bool(report.compared_with),
        rows=[_row(each, report) for each in report.rows],
        total=_row(report.total, report),
    )


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
