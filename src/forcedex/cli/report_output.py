"""Reports in a terminal: a table with bars."""

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

from rich.table import Table

from forcedex.analytics.charts.options import main_column
from forcedex.analytics.reading import about, change, heading, notes, told
from forcedex.analytics.report import Column, Report, ReportRow
from forcedex.cli.console import out, safe
from forcedex.domain.indexed import IndexedObject

_BAR = 20  # characters of the longest bar
_SPARKS = "▁▂▃▄▅▆▇█"
_LISTED = 200  # records in a table
_MOST_CHANGES = 3  # columns beside each of which there is room for its change


def show(report: Report) -> None:
    """The report as a table."""
    line = sparkline([_size(row, report) for row in report.rows if not row.rest]) if report.running else ""
    by = f" by {' and '.join(report.by_labels).lower()}" if report.by else ""
    spark = f"  [cyan]{line}[/cyan]" if line else ""
    out.print(f"[bold]{safe(report.title + by)}[/bold]{_dim(about(report))}{spark}")
    if not report.rows and report.by:
        out.print("[dim]There is nothing in this period.[/dim]")
    else:
        out.print(_table(report))
    for note in notes(report):
        out.print(f"[dim]{safe(note)}[/dim]")


def _dim(parts: Sequence[str]) -> str:
    return f"  [dim]{', '.join(map(safe, parts))}[/dim]" if parts else ""


def _shown(report: Report, row: ReportRow, column: Column) -> str:
    return told(row.figures.get(column.name), column, report.decimal_places)


def _compared(report: Report) -> Sequence[Column]:
    """The columns whose change is told: all, or where there is no room what the report is about."""
    if not report.compared_with:
        return ()
    return report.columns if len(report.columns) <= _MOST_CHANGES else (main_column(report),)


def _table(report: Report) -> Table:
    table = Table(box=None, pad_edge=False, show_footer=True, header_style="bold", footer_style="bold")
    compared = _compared(report)
    for number, label in enumerate(report.by_labels or ("",)):
        table.add_column(safe(label), (safe(report.total.label) if number == 0 else ""))
    for column in report.columns:
        table.add_column(heading(column, report), _shown(report, report.total, column), justify="right", no_wrap=True)
        if column in compared:
            table.add_column("Change", change(report.total, column), justify="right", no_wrap=True)
    table.add_column("")
    largest = max((_size(row, report) for row in report.rows if not row.rest), default=Decimal(0))
    for row in report.rows:
        cells = [safe(each) for each in row.labels]
        cells += [""] * (len(report.by) - len(cells))
        for column in report.columns:
            cells.append(_shown(report, row, column))
            if column in compared:
                cells.append(change(row, column))
        table.add_row(*cells, "" if row.rest else _bar(_size(row, report), largest))
    return table


def _size(row: ReportRow, report: Report) -> Decimal:
    return row.value(report.columns[0].name) or Decimal(0)


def _bar(value: Decimal, largest: Decimal) -> str:
    if largest <= 0 or value <= 0:
        return ""
    eighths = round(float(value) / float(largest) * _BAR * 8)
    return f"[cyan]{'█' * (eighths // 8)}{' ▏▎▍▌▋▊▉'[eighths % 8].strip()}[/cyan]"


def sparkline(values: Sequence[Decimal]) -> str:
    """Numbers as a line of small bars, from zero."""
    largest = max(values, default=Decimal(0))
    if largest <= 0:
        return ""
    return "".join(_SPARKS[min(7, max(0, int(each / largest * 8)))] for each in values)


def show_records(indexed: IndexedObject, records: Sequence[Mapping[str, Any]]) -> None:
    """The records behind a figure."""
    out.print(f"[bold]{len(records):,} {safe(indexed.label_plural if len(records) != 1 else indexed.label)}[/bold]")
    paths = list(dict.fromkeys(path for each in records[:_LISTED] for path in each))
    table = Table(box=None, pad_edge=False, header_style="bold")
    for path in paths:
        column = indexed.columns.get(path)
        table.add_column(safe(column.label if column else path))
    for each in records[:_LISTED]:
        table.add_row(*(safe(str(each.get(path, "–"))) for path in paths))
    out.print(table)
    if len(records) > _LISTED:
        out.print(f"[dim]The first {_LISTED} of {len(records):,}; --json gives all.[/dim]")
