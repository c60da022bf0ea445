"""Figures from sums and counts: exact, and honest where there is none."""

import csv
import io
from decimal import Decimal
from fractions import Fraction

import pytest

from forcedex.analytics.conditions import condition
from forcedex.analytics.definition import Definition, Filter, Function, Measure, Op, Part, Ratio, Shows
from forcedex.analytics.groups import Group, Stats, figures, together
from forcedex.analytics.planning import days_of
from forcedex.analytics.report import Column, Figure, Report, ReportRow
from forcedex.analytics.reports.catalogue import REPORTS
from forcedex.analytics.reports.win_rate import wilson
from forcedex.analytics.written import as_csv
from forcedex.cli.report_output import sparkline
from forcedex.domain.days import Unit
from forcedex.domain.errors import Refused

SIZE = Definition(
    name="size",
    title="Size",
    formula="As it is.",
    parts=(Part(source="x-deals"),),
    measures=(
        Measure(name="count", label="Deals"),
        Measure(name="sum", label="Amount", function=Function.SUM, field="x.amt", shows=Shows.MONEY),
        Measure(name="mean", label="Mean", function=Function.MEAN, field="x.amt", shows=Shows.MONEY),
        Measure(name="median", label="Median", function=Function.MEDIAN, field="x.amt", shows=Shows.MONEY),
    ),
    ratios=(Ratio(name="each", label="Each", over="sum", under="count", shows=Shows.MONEY, why="no deals"),),
)


def group(documents: int, *cents: int, median: Fraction | None = None) -> Group:
    stats = Stats(documents=documents, count=len(cents), sum=Fraction(sum(cents)), quantile=median)
    return Group({each.name: stats for each in SIZE.measures})


def test_money_is_an_amount_rounded_once_and_a_mean_leaves_out_what_has_no_value() -> None:
    found = figures(SIZE, group(4, 100, 100, 1, median=Fraction(100)), 2)
    assert {name: each.value for name, each in found.items()} == {
        "count": Decimal(4),
        "sum": Decimal("2.01"),
        "mean": Decimal("0.67"),
        "median": Decimal("1.00"),
        "each": Decimal("0.50"),
    }


def test_half_a_cent_goes_to_the_even_one() -> None:
    for cents, mean in (((1, 2), "0.02"), ((2, 3), "0.02"), ((3, 4), "0.04"), ((-1, -2), "-0.02")):
        assert figures(SIZE, group(2, *cents), 2)["mean"].value == Decimal(mean)


def test_what_cannot_be_divided_is_no_number_and_says_why() -> None:
    found = figures(SIZE, Group(), 2)
    assert found["sum"] == Figure(value=Decimal("0.00"))
    assert (found["mean"].value, found["mean"].why) == (None, "no values")
    assert (found["each"].value, found["each"].why) == (None, "no deals")


def test_several_rows_as_one_have_their_sums_and_no_median() -> None:
    both = together([group(2, 100, median=Fraction(100)), group(3, 7, 8, median=Fraction(7))])
    found = figures(SIZE, both, 2)
    assert (found["count"].value, found["sum"].value, found["median"].value) == (Decimal(5), Decimal("1.15"), None)
    assert found["median"].why


def test_the_interval_of_a_rate_is_wilsons() -> None:
    # Newcombe 1998, table I: 81 of 263, and 0 of 20.
    assert [round(each, 4) for each in wilson(81, 263)] == [Decimal("0.2553"), Decimal("0.3662")]
    assert [round(each, 4) for each in wilson(0, 20)] == [Decimal(0), Decimal("0.1611")]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Region__c=EMEA,AMER", Filter("Region__c", Op.IS, ("EMEA", "AMER"))),
        ("Type != Renewal", Filter("Type", Op.NOT, ("Renewal",))),
        ("Amount>=1000", Filter("Amount", Op.AT_LEAST, ("1000",))),
        ("CloseDate<2026-01-01", Filter("CloseDate", Op.LESS, ("2026-01-01",))),
        ("LeadSource=", Filter("LeadSource", Op.UNKNOWN)),
        ("LeadSource!=", Filter("LeadSource", Op.KNOWN)),
    ],
)
def test_a_condition_is_read_as_it_is_written(text: str, expected: Filter) -> None:
    assert condition(text) == expected


@pytest.mark.parametrize("text", ["", "Region__c", "=EMEA", " >= 3"])
def test_what_is_no_condition_is_refused(text: str) -> None:
    with pytest.raises(Refused, match="is no condition"):
        condition(text)


def test_a_key_of_the_calendar_has_its_days() -> None:
    for key, unit, first in (("2026-Q2", Unit.QUARTER, "2026-04-01"), ("2026", Unit.YEAR, "2026-01-01")):
        assert str(days_of(key, unit).first) == first
    assert str(days_of("2024-02", Unit.MONTH).last) == "2024-02-29"


def test_every_report_can_be_broken_down_as_it_usually_is_and_has_its_figures() -> None:
    for each in REPORTS.values():
        names = [*(one.name for one in each.measures), *(one.name for one in each.ratios)]
        assert len(set(names)) == len(names), each.name
        assert not each.by or each.dimension(each.by), each.name
        assert not each.order or each.order in names, each.name
        for ratio in each.ratios:
            assert {ratio.over, ratio.under} <= set(names), each.name
        for measure in each.measures:
            assert each.part(measure.part), each.name


def test_no_cell_of_a_csv_file_begins_a_formula() -> None:
    def row(label: str) -> ReportRow:
        return ReportRow(keys=(label,), labels=(label,), figures={"sum": Figure(value=Decimal("-1.50"))})

    labels = ("=1+1", "+1", "-1", "@SUM(A1)", "\tx", "Plain, with a comma")
    report = Report(
        name="r",
        title="R",
        formula="",
        by=("a",),
        by_labels=("A",),
        columns=(Column(name="sum", label="Sum", shows=Shows.MONEY),),
        rows=tuple(map(row, labels)),
        total=ReportRow(keys=(), labels=("Total",), figures={"sum": Figure(value=None, why="none")}),
        currency="USD",
        decimal_places=2,
        period="all",
    )
    lines = list(csv.reader(io.StringIO(as_csv(report))))
    assert [line[0] for line in lines[1:-1]] == [f"'{each}" for each in labels[:-1]] + [labels[-1]]
    assert {line[1] for line in lines[1:-1]} == {"-1.50"}
    assert lines[-1] == ["Total", ""]


def test_a_sparkline_begins_at_zero() -> None:
    assert sparkline([Decimal(0), Decimal(5), Decimal(10)]) == "▁▅█"
    assert sparkline([Decimal(0)]) == ""
