"""Reports and definitions as programs read them: JSON, CSV."""

import csv
import io
from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from forcedex.analytics.definition import AllOf, AnyOf, Condition, Definition, Shows
from forcedex.analytics.report import Column, Report, ReportRow

#: What a spreadsheet takes for the beginning of a formula.
_FORMULA = ("=", "+", "-", "@", "\t", "\r")


def as_json(report: Report) -> dict[str, Any]:
    """The report for scripts: money as exact texts, each row with its measures by name."""
    return {
        "name": report.name,
        "title": report.title,
        "formula": report.formula,
        "by": report.by[0] if len(report.by) == 1 else list(report.by),
        "period": report.period,
        "compared_with": report.compared_with or None,
        "as_of": report.as_of or None,
        "since": report.since or None,
        "filters": list(report.filters),
        "time_zone": report.time_zone,
        "currency": report.currency,
        "decimal_places": report.decimal_places,
        "columns": [{"name": each.name, "label": each.label, "shows": str(each.shows)} for each in report.columns],
        "rows": [_row(each, report.columns) for each in report.rows],
        "total": _told(report.total, report.columns[0]),
        "count": _plain(report.total.value("count")),
        "totals": _row(report.total, report.columns),
        "row_count": report.row_count,
        "missing": dict(report.missing),
        "overlapping": report.overlapping,
        "synced_at": report.synced_at or None,
        "notes": list(report.notes),
    }


def _row(row: ReportRow, columns: Sequence[Column]) -> dict[str, Any]:
    found: dict[str, Any] = {"key": list(row.keys), "label": row.label}
    found |= {each.name: _told(row, each) for each in columns}
    reasons = {name: each.why for name, each in row.figures.items() if each.value is None and each.why}
    ratios = {
        name: {"numerator": each.over, "denominator": each.under, "value": each.value}
        for name, each in row.figures.items()
        if each.over is not None or each.under is not None
    }
    if reasons:
        found["none"] = reasons
    if ratios:
        found["ratios"] = ratios
    if row.before:
        found["before"] = {each.name: row.before[each.name].value for each in columns if each.name in row.before}
    return found


def _told(row: ReportRow, column: Column) -> Decimal | int | None:
    """Money and shares as exact texts, whole numbers as numbers."""
    value = row.value(column.name)
    return _plain(value) if column.shows is Shows.NUMBER else value


def _plain(value: Decimal | None) -> Decimal | int | None:
    return int(value) if value is not None and value == value.to_integral_value() else value


def as_csv(report: Report) -> str:
    """The report for spreadsheets: plain numbers, no formulas."""
    target = io.StringIO()
    writer = csv.writer(target)
    writer.writerow([*map(_cell, report.by_labels or ("",)), *(_cell(each.name) for each in report.columns)])
    for row in (*report.rows, report.total):
        labels = [*row.labels, *[""] * (max(1, len(report.by)) - len(row.labels))]
        numbers = (row.value(each.name) for each in report.columns)
        writer.writerow([*map(_cell, labels), *("" if each is None else f"{each:f}" for each in numbers)])
    return target.getvalue()


def _cell(text: str) -> str:
    return f"'{text}" if text.startswith(_FORMULA) else text


def definition_json(definition: Definition) -> dict[str, Any]:
    """How a report is made."""
    return {
        "name": definition.name,
        "title": definition.title,
        "formula": definition.formula,
        "period": definition.period,
        "by": definition.by,
        "dimensions": {each.name: each.field for each in definition.dimensions},
        "parts": [
            {"source": each.source, "day": each.day or None, "where": list(map(_condition, each.where))}
            for each in definition.parts
        ],
        "measures": [
            {
                "name": each.name,
                "label": each.label,
                "function": str(each.function),
                "field": each.field or None,
                "where": list(map(_condition, each.where)),
                "part": each.part or None,
            }
            for each in definition.measures
        ],
        "ratios": [{"name": each.name, "over": each.over, "under": each.under} for each in definition.ratios],
        "notes": list(definition.notes),
    }


def _condition(condition: Condition) -> str:
    if isinstance(condition, AnyOf):
        return " or ".join(map(_condition, condition.filters))
    if isinstance(condition, AllOf):
        return f"({' and '.join(map(_condition, condition.filters))})"
    return " ".join((condition.field, str(condition.op), ", ".join(map(str, condition.values)))).strip()
