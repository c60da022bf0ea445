"""A report by two dimensions as a matrix: a row for each value of the first, a column for each of the second."""

from collections.abc import Sequence
from dataclasses import replace
from decimal import Decimal

from forcedex.analytics.definition import Definition, Function
from forcedex.analytics.report import Column, Figure, Report, ReportRow
from forcedex.domain.errors import Refused

_MOST = 40  # columns
_ADDED = frozenset({Function.SUM, Function.COUNT})
_TOTAL = "total"
_NO_SUM = "not a sum"


def matrix(report: Report, definition: Definition, measure: str = "") -> Report:
    """One figure of the report, its first unless named, as a matrix; sums and counts with their totals.

    Refused for a report by another number of dimensions than two, and for too many columns.
    """
    if len(report.by) != 2:
        raise Refused("A matrix is by two dimensions.", "Use --by ONE,OTHER --matrix.")
    column = next((each for each in report.columns if each.name == measure), report.columns[0])
    if measure and column.name != measure:
        known = ", ".join(each.name for each in report.columns)
        raise Refused(f"{report.title} has no figure {measure}.", f"Choose from {known}.")
    seconds = {row.keys[1]: row.labels[1] for row in report.rows}
    if len(seconds) > _MOST:
        raise Refused(f"That would be {len(seconds)} columns.", "Put the dimension with fewer values second.")
    second = definition.dimension(report.by[1])
    in_time = second is not None and (second.unit or second.points) is not None
    ordered = sorted(seconds, key=lambda key: (key is None, key or "")) if in_time else list(seconds)
    names = {key: f"column{number}" for number, key in enumerate(ordered, start=1)}
    added = any(each.name == column.name and each.function in _ADDED for each in definition.measures)
    added = added and not report.overlapping
    rows: dict[str | None, list[ReportRow]] = {}
    for row in report.rows:
        rows.setdefault(row.keys[0], []).append(row)
    made = tuple(_row(some, column, names, added) for some in rows.values())
    total = ReportRow(
        keys=(None,),
        labels=report.total.labels[:1],
        figures={
            name: _sum([row.figures[name] for row in made if name in row.figures], added) for name in names.values()
        }
        | {_TOTAL: report.total.figures.get(column.name, Figure(value=None, why=_NO_SUM))},
    )
    columns = [Column(name=names[key], label=seconds[key], shows=column.shows) for key in ordered]
    return replace(
        report,
        by=report.by[:1],
        by_labels=report.by_labels[:1],
        title=f"{report.title}: {column.label.lower()} by {report.by_labels[1].lower()}",
        columns=(*columns, Column(name=_TOTAL, label="Total", shows=column.shows)),
        rows=made,
        total=total,
        row_count=len(made),
        running=False,
        missing={},
    )


def _row(some: Sequence[ReportRow], column: Column, names: dict[str | None, str], added: bool) -> ReportRow:
    figures = {names[row.keys[1]]: row.figures[column.name] for row in some if column.name in row.figures}
    return ReportRow(
        keys=some[0].keys[:1],
        labels=some[0].labels[:1],
        figures={**figures, _TOTAL: _sum(list(figures.values()), added)},
    )


def _sum(figures: Sequence[Figure], added: bool) -> Figure:
    if not added:
        return Figure(value=None, why=_NO_SUM)
    return Figure(value=sum((each.value for each in figures if each.value is not None), Decimal(0)))
