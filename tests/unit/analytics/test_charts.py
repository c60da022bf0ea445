"""Charts and pages of reports: plain data, drawn by the real library, nothing from a record taken for markup."""

import json
import re
from dataclasses import replace
from decimal import Decimal
from html.parser import HTMLParser

import pytest

from forcedex.analytics.charts.drawing import svg
from forcedex.analytics.charts.options import chart
from forcedex.analytics.definition import Shows
from forcedex.analytics.page import as_html
from forcedex.analytics.report import Column, Figure, Report, ReportRow

NASTY = '<script>alert(1)</script>" onload="x'
COLUMNS = (
    Column(name="amount", label="Amount", shows=Shows.MONEY),
    Column(name="rate", label="Rate", shows=Shows.SHARE),
)


def row(*keys: str, amount: str | None = "1234.50", rate: str | None = "0.25") -> ReportRow:
    figures = {
        "amount": Figure(value=Decimal(amount) if amount else None, why="" if amount else "no values"),
        "rate": Figure(value=Decimal(rate) if rate else None, why="" if rate else "no closed deals"),
    }
    return ReportRow(keys=keys, labels=keys, figures=figures)


def report(
    *rows: ReportRow, name: str = "closed-won", by: tuple[str, ...] = ("owner",), running: bool = False
) -> Report:
    return Report(
        name=name,
        title="Closed won",
        formula="What was won.",
        by=by,
        by_labels=tuple(each.capitalize() for each in by),
        columns=COLUMNS,
        rows=rows,
        total=replace(row(amount="2469.00"), labels=("Total",)),
        currency="EUR",
        decimal_places=2,
        period="2026-01-01..2026-03-31",
        running=running,
        row_count=len(rows),
    )


class Seen(HTMLParser):
    """Tags, and what would be fetched or run."""

    def __init__(self) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.fetched: list[str] = []
        self.cells: list[str] = []
        self._cell = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self._cell = tag in ("td", "th")
        self.fetched += [f"{key}={value}" for key, value in attrs if key in ("src", "href") or key.startswith("on")]

    def handle_data(self, data: str) -> None:
        if self._cell and data.strip():
            self.cells.append(data.strip())
            self._cell = False


@pytest.mark.parametrize(
    ("name", "by", "running"),
    [
        ("closed-won", ("owner",), False),
        ("closed-won", ("month",), True),
        ("closed-won", ("month", "type"), True),
        ("waterfall", ("change",), False),
        ("win-rate", ("owner",), False),
        ("funnel", ("stage",), False),
    ],
)
def test_a_page_has_its_chart_and_every_figure_and_runs_and_fetches_nothing(
    name: str, by: tuple[str, ...], running: bool
) -> None:
    keys = [("start", NASTY)[: len(by)], ("won", "Partner")[: len(by)], ("end", "Direct")[: len(by)]]
    shown = report(*(row(*key) for key in keys), name=name, by=by, running=running)
    shown = replace(shown, rows=(*shown.rows, replace(row(*(NASTY for _ in by)), keys=("x",) * len(by))))
    text = as_html(shown)
    seen = Seen()
    seen.feed(text)
    assert "svg" in seen.tags and "table" in seen.tags
    assert not {"script", "img", "link", "iframe"} & set(seen.tags) and not seen.fetched
    assert not re.search(r"https?://(?!www\.w3\.org/)", text)
    assert seen.cells.count("1,234.50") == 4 and "2,469.00" in seen.cells
    assert NASTY in seen.cells


def test_a_chart_is_plain_data_with_a_title_and_a_sentence() -> None:
    found = chart(report(row("Ann", amount="1234567.89"), row("Ben")))
    assert found is not None
    assert json.loads(json.dumps(found.options))["series"][0]["data"][0]["label"]["formatter"] == "1.2M"
    assert found.description == "Amount by owner: 2 rows, the largest Ann with 1.2M."
    drawn = svg(found)
    assert "<title>Closed won: amount by owner</title>" in drawn and 'role="img"' in drawn


def test_bars_begin_at_zero_and_ranks_stand_largest_on_top() -> None:
    found = chart(report(*(row(f"Owner {n}", amount=str(100 - n)) for n in range(30))))
    assert found is not None
    assert found.options["yAxis"]["inverse"] and len(found.options["yAxis"]["data"]) == 15
    assert "min" not in found.options["xAxis"] and "scale" not in found.options["xAxis"]


def test_a_waterfall_floats_from_where_the_change_before_ended() -> None:
    rows = [row("start", amount="100"), row("created", amount="50"), row("won", amount="-30"), row("end", amount="120")]
    found = chart(report(*rows, name="waterfall", by=("change",)))
    assert found is not None
    floor, bars = found.options["series"]
    assert floor["data"] == [0.0, 100.0, 120.0, 0.0]
    assert [each["value"] for each in bars["data"]] == [100.0, 50.0, 30.0, 120.0]


def test_more_than_seven_parts_are_six_and_the_others() -> None:
    rows = [row("2026-01", f"Type {n}", amount=str(n + 1)) for n in range(12)]
    found = chart(report(*rows, by=("month", "type"), running=True))
    assert found is not None
    series = found.options["series"]
    assert [each["name"] for each in series[:1]] == ["Type 11"] and series[-1]["name"] == "Other (6)"
    assert series[-1]["data"] == [float(sum(range(1, 7)))]


def test_where_there_is_nothing_there_is_no_chart_and_the_page_says_so() -> None:
    assert chart(report()) is None
    assert "There is nothing in this period." in as_html(report())
    text = as_html(report(row("Ann", amount=None, rate=None)))
    assert 'title="no values"' in text and "–" in text and "<svg" not in text
