"""Figures as people read them, the same in a terminal and on a page."""

from decimal import Decimal

from forcedex.analytics.definition import Shows
from forcedex.analytics.report import Column, Figure, Report, ReportRow

NOTHING = "–"
_TWO_DAYS, _DAY, _HOUR = 2_880, 1_440, 60  # minutes


def told(figure: Figure | None, column: Column, places: int) -> str:
    """A figure in full; a dash where there is none."""
    if figure is None or figure.value is None:
        return NOTHING
    match column.shows:
        case Shows.MONEY:
            return f"{figure.value:,.{places}f}"
        case Shows.SHARE:
            return f"{figure.value * 100:.1f} %"
        case Shows.DAYS:
            return f"{figure.value:,.1f} d"
        case Shows.MINUTES:
            return _duration(figure.value)
        case Shows.NUMBER:
            whole = figure.value == figure.value.to_integral_value()
            return f"{figure.value:,.0f}" if whole else f"{figure.value:,.2f}"


def _duration(minutes: Decimal) -> str:
    if abs(minutes) < _HOUR:
        return f"{minutes:,.0f} min"
    return f"{minutes / _HOUR:,.1f} h" if abs(minutes) < _TWO_DAYS else f"{minutes / _DAY:,.1f} d"


def change(row: ReportRow, column: Column) -> str:
    """How much more than in the period before; points of per cent for shares."""
    now, before = row.figures.get(column.name), row.before.get(column.name)
    if now is None or before is None or now.value is None or before.value is None:
        return NOTHING
    if column.shows is Shows.SHARE:
        return f"{(now.value - before.value) * 100:+.1f} pp"
    if before.value <= 0:
        return NOTHING
    return f"{(now.value / before.value - 1) * 100:+.1f} %"


def heading(column: Column, report: Report) -> str:
    """A column's label, with its currency."""
    return f"{column.label} ({report.currency})" if column.shows is Shows.MONEY and report.currency else column.label


def about(report: Report) -> list[str]:
    """What was asked: the days, what they are compared with, conditions."""
    parts = []
    if report.period != "all":
        parts.append(report.period.replace("..", " to "))
    if report.as_of:
        parts.append(f"as of the end of {report.as_of}")
    if report.since:
        parts.append(f"changes since {report.since}")
    if report.compared_with:
        parts.append(f"compared with {report.compared_with.replace('..', ' to ')}")
    return [*parts, *report.filters]


def notes(report: Report) -> list[str]:
    """What a reader must know: missing values, rows not shown, how fresh it is."""
    found = list(report.notes)
    for number in sorted(set(report.missing.values())):
        columns = [each for each in report.columns if report.missing.get(each.name) == number]
        has = "record has" if number == 1 else "records have"
        rate = ", or one in a currency without a rate" if any(each.shows is Shows.MONEY for each in columns) else ""
        found.append(f"{', '.join(each.label for each in columns)}: {number:,} {has} no value{rate}.")
    if any(each.rest for each in report.rows):
        found.append(f"{report.row_count:,} rows in all; the line “Other” and the last one are of all. More: --top")
    if report.synced_at:
        found.append(f"As of {report.synced_at[:19].replace('T', ' ')} UTC; days in {report.time_zone}.")
    return found
