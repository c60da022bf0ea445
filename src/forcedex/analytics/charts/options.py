"""A report as the options of an ECharts chart: plain data, the same for a page and for an export.

Bars begin at zero; ranks lie on their side with the largest on top; what runs through time runs to the right; stages
and steps keep their order. Colours are never the only sign: values stand at the bars, series are named, and what is
not over yet is hatched. Texts take the colour of the page around them.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from forcedex.analytics.definition import Shows
from forcedex.analytics.reading import told
from forcedex.analytics.report import Column, Figure, Report, ReportRow

JSON = dict[str, Any]

#: What a report is about, where that is not its first column.
_DRAWN: Mapping[str, str] = {
    "win-rate": "rate",
    "lead-conversion": "rate",
    "sales-cycle": "median",
    "time-in-stage": "median",
    "first-response": "median",
    "time-to-close": "median",
    "velocity": "velocity",
    "coverage": "coverage",
    "quota": "attainment",
    "pacing": "pace",
    "efficiency": "efficiency",
    "campaign-return": "return",
    "loss-drivers": "lift",
    "forecast-accuracy": "accuracy",
    "service-quality": "escalation",
}
_WATERFALLS = frozenset({"waterfall", "waterfall-gross"})
#: Rows whose order says something.
_STEPS = frozenset({"funnel", "forecast", "forecast-accuracy"})
_COLOURS = ("#2563eb", "#d97706", "#059669", "#9333ea", "#dc2626", "#0891b2", "#737373")
_UP, _DOWN, _END = "#059669", "#dc2626", "#737373"
_MOST_BARS, _MOST_COLUMNS, _MOST_SERIES = 15, 40, 7
_WIDTH, _BAR, _FRAME, _TALL = 760, 28, 64, 300
_TEXT = {"color": "currentColor", "fontFamily": "inherit", "fontSize": 12}
_LONGEST = 28  # characters of a label
_UNITS = ((Decimal(10**9), "bn"), (Decimal(10**6), "M"), (Decimal(1_000), "k"))


@dataclass(frozen=True, kw_only=True, slots=True)
class Chart:
    """One chart."""

    title: str
    #: What it shows, in one sentence.
    description: str
    options: JSON
    width: int
    height: int


def chart(report: Report) -> Chart | None:
    """The chart of a report; None where there is nothing to draw."""
    column = main_column(report)
    rows = [row for row in report.rows if not row.rest and row.value(column.name) is not None]
    if not rows or not report.by:
        return None
    if report.name in _WATERFALLS:
        return _made(report, column, rows, _floating(report, column, rows), _TALL)
    if len(report.by) > 1:
        return _made(report, column, rows, _stacked(report, column, rows), _TALL)
    if report.running:
        shown = rows[-_MOST_COLUMNS:]
        return _made(report, column, shown, _columns(report, column, shown), _TALL)
    shown = rows[:_MOST_BARS]
    return _made(report, column, shown, _bars(report, column, shown), _FRAME + _BAR * len(shown))


def compact(value: Decimal, column: Column, places: int) -> str:
    """A number for little room: 1.2M."""
    if column.shows not in (Shows.MONEY, Shows.NUMBER):
        return told_value(value, column, places)
    for size, unit in _UNITS:
        if abs(value) >= size:
            return f"{value / size:,.1f}{unit}"
    return f"{value:,.0f}" if value == value.to_integral_value() or column.shows is Shows.MONEY else f"{value:,.2f}"


def told_value(value: Decimal, column: Column, places: int) -> str:
    """A number in full."""
    return told(Figure(value=value), column, places)


def main_column(report: Report) -> Column:
    """What the report is about."""
    wanted = _DRAWN.get(report.name, "")
    return next((each for each in report.columns if each.name == wanted), report.columns[0])


def _made(report: Report, column: Column, rows: Sequence[ReportRow], options: JSON, height: int) -> Chart:
    by = " and ".join(report.by_labels).lower()
    values = [row.value(column.name) or Decimal(0) for row in rows]
    most = rows[values.index(max(values))]
    largest = compact(max(values), column, report.decimal_places)
    sentence = f"{column.label} by {by}: {len(rows)} rows, the largest {most.label} with {largest}."
    base: JSON = {"animation": False, "color": list(_COLOURS), "textStyle": _TEXT, "aria": {"enabled": True}}
    title = f"{report.title}: {column.label.lower()} by {by}"
    return Chart(title=title, description=sentence, options={**base, **options}, width=_WIDTH, height=height)


def _number(value: Decimal | None, column: Column) -> float | None:
    if value is None:
        return None
    return float(value * 100) if column.shows is Shows.SHARE else float(value)


def _axis(report: Report, column: Column) -> JSON:
    unit = "%" if column.shows is Shows.SHARE else report.currency if column.shows is Shows.MONEY else ""
    line = {"lineStyle": {"color": "currentColor", "opacity": 0.15}}
    return {
        "type": "value",
        "name": unit,
        "axisLabel": {**_TEXT, "hideOverlap": True},
        "splitLine": line,
        "nameTextStyle": _TEXT,
    }


def _category(labels: Sequence[str], **more: Any) -> JSON:
    short = [each if len(each) <= _LONGEST else f"{each[: _LONGEST - 1]}…" for each in labels]
    line = {"lineStyle": {"color": "currentColor", "opacity": 0.4}}
    return {
        "type": "category",
        "data": short,
        "axisLabel": _TEXT,
        "axisLine": line,
        "axisTick": {"show": False},
        **more,
    }


def _grid(top: int = 16) -> JSON:
    return {"left": 8, "right": 72, "top": top, "bottom": 8, "containLabel": True}


def _point(report: Report, row: ReportRow, column: Column, place: str) -> JSON:
    value = row.value(column.name)
    text = "" if value is None else compact(value, column, report.decimal_places)
    label = {**_TEXT, "show": bool(text), "position": place, "formatter": text}
    return {"value": _number(value, column), "label": label}


def _bars(report: Report, column: Column, rows: Sequence[ReportRow]) -> JSON:
    """The largest on top, or the order of steps."""
    return {
        "grid": _grid(),
        "xAxis": {**_axis(report, column), "axisLabel": {"show": False}, "name": ""},
        "yAxis": _category([row.label for row in rows], inverse=True),
        "series": [
            {
                "name": column.label,
                "type": "bar",
                "barMaxWidth": 20,
                "data": [_point(report, row, column, "right") for row in rows],
            }
        ],
    }


def _columns(report: Report, column: Column, rows: Sequence[ReportRow]) -> JSON:
    """Through time, to the right; with the days before beside them where they are compared."""
    few = len(rows) <= _MOST_BARS
    series: list[JSON] = [
        {
            "name": column.label,
            "type": "bar" if few else "line",
            "barMaxWidth": 36,
            "showSymbol": False,
            "data": [
                _point(report, row, column, "top") if few else {"value": _number(row.value(column.name), column)}
                for row in rows
            ],
        }
    ]
    if report.compared_with:
        before = [row.before.get(column.name) for row in rows]
        series.append(
            {
                "name": "Before",
                "type": "line",
                "lineStyle": {"type": "dashed"},
                "data": [_number(each.value, column) if each else None for each in before],
            }
        )
    return {
        "grid": {**_grid(40 if len(series) > 1 else 28), "right": 16},
        "legend": {"show": len(series) > 1, "textStyle": _TEXT, "top": 0},
        "xAxis": _category([row.label for row in rows]),
        "yAxis": _axis(report, column),
        "series": series,
    }


def _stacked(report: Report, column: Column, rows: Sequence[ReportRow]) -> JSON:
    """The first dimension along the axis, the second as parts: six and the others."""
    names = list(dict.fromkeys(row.labels[0] for row in rows))[-_MOST_COLUMNS if report.running else None :]
    names = names if report.running else names[:_MOST_BARS]
    sums: dict[str, Decimal] = {}
    values: dict[tuple[str, str], Decimal] = {}
    for row in rows:
        value = row.value(column.name) or Decimal(0)
        sums[row.labels[1]] = sums.get(row.labels[1], Decimal(0)) + value
        values[row.labels[0], row.labels[1]] = value
    parts = sorted(sums, key=lambda each: (-sums[each], each))
    shown, others = parts[: _MOST_SERIES - 1], parts[_MOST_SERIES - 1 :]
    adds = column.shows in (Shows.MONEY, Shows.NUMBER)

    def series(name: str, members: Sequence[str]) -> JSON:
        data = [
            _number(sum((values.get((x, each), Decimal(0)) for each in members), Decimal(0)), column) for x in names
        ]
        return {"name": name, "type": "bar", "barMaxWidth": 36, "data": data, **({"stack": "all"} if adds else {})}

    drawn = [series(each, [each]) for each in shown]
    if others and adds:
        drawn.append(series(f"Other ({len(others)})", others))
    slanted = {**_TEXT, "interval": 0, "rotate": 30}
    return {
        "grid": {**_grid(76), "right": 16},
        "legend": {"textStyle": _TEXT, "top": 0, "left": 8, "itemGap": 20},
        "xAxis": _category(names) if report.running else _category(names, axisLabel=slanted),
        "yAxis": _axis(report, column),
        "series": drawn,
    }


def _floating(report: Report, column: Column, rows: Sequence[ReportRow]) -> JSON:
    """Each change from where the one before ended; both ends in grey from zero."""
    floor, bars, level = [], [], Decimal(0)
    for row in rows:
        value = row.value(column.name) or Decimal(0)
        whole = row.keys[0] in ("start", "end")
        low = Decimal(0) if whole else min(level, level + value)
        level = value if whole else level + value
        point = _point(report, row, column, "top")
        colour = _END if whole else _UP if value >= 0 else _DOWN
        floor.append(float(low))
        bars.append({**point, "value": float(abs(value)), "itemStyle": {"color": colour}})
    hidden = {"color": "transparent"}
    return {
        "grid": {**_grid(28), "right": 16},
        "xAxis": _category([row.label for row in rows], axisLabel={**_TEXT, "interval": 0, "rotate": 30}),
        "yAxis": _axis(report, column),
        "series": [
            {"name": "", "type": "bar", "stack": "all", "itemStyle": hidden, "data": floor, "silent": True},
            {"name": column.label, "type": "bar", "stack": "all", "barMaxWidth": 48, "data": bars},
        ],
    }
