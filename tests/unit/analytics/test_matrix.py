"""A report by two dimensions as a matrix."""

from dataclasses import replace
from decimal import Decimal

import pytest

from forcedex.analytics.definition import Shows
from forcedex.analytics.matrix import matrix
from forcedex.analytics.report import Column, Figure, Report, ReportRow
from forcedex.analytics.reports.catalogue import REPORTS
from forcedex.domain.errors import Refused

CLOSED = REPORTS["closed-won"]


def row(owner: str, month: str | None, amount: int) -> ReportRow:
    figures = {"amount": Figure(value=Decimal(amount)), "count": Figure(value=Decimal(1))}
    return ReportRow(keys=(owner, month), labels=(owner, month or "(none)"), figures=figures)


def report(*rows: ReportRow) -> Report:
    total = ReportRow(
        keys=(None,), labels=("Total",), figures={"amount": Figure(value=Decimal(60)), "count": Figure(value=None)}
    )
    columns = (
        Column(name="amount", label="Amount", shows=Shows.MONEY),
        Column(name="count", label="Deals", shows=Shows.NUMBER),
    )
    return Report(
        name="closed-won",
        title="Closed won",
        formula="",
        by=("owner", "month"),
        by_labels=("Owner", "Month"),
        columns=columns,
        rows=rows,
        total=total,
        currency="USD",
        decimal_places=2,
        period="all",
        overlapping=False,
    )


ROWS = (row("Ann", "2026-02", 30), row("Bob", "2026-01", 20), row("Ann", None, 6), row("Ann", "2026-01", 4))


def values(made: Report) -> list[list[Decimal | None]]:
    return [[each.value(column.name) for column in made.columns] for each in (*made.rows, made.total)]


def test_rows_are_the_first_dimension_and_columns_the_second_in_its_order() -> None:
    made = matrix(report(*ROWS), CLOSED)
    assert [each.label for each in made.columns] == ["2026-01", "2026-02", "(none)", "Total"]
    assert [each.labels for each in made.rows] == [("Ann",), ("Bob",)]
    assert values(made) == [[4, 30, 6, 40], [20, None, None, 20], [24, 30, 6, 60]]


def test_what_is_no_sum_has_no_totals_but_that_of_all() -> None:
    rate = Column(name="rate", label="Rate", shows=Shows.SHARE)
    some = replace(ROWS[0], figures={"rate": Figure(value=Decimal("0.5"))})
    made = matrix(replace(report(some), columns=(rate,)), REPORTS["win-rate"])
    assert values(made) == [[Decimal("0.5"), None], [None, None]]
    assert made.rows[0].figures["total"].why == "not a sum"


def test_another_figure_can_be_named_and_an_unknown_one_is_refused() -> None:
    assert values(matrix(report(*ROWS), CLOSED, "count"))[0] == [1, 1, 1, 3]
    with pytest.raises(Refused, match="no figure nope"):
        matrix(report(*ROWS), CLOSED, "nope")


def test_a_matrix_is_by_two_dimensions_and_not_too_wide() -> None:
    with pytest.raises(Refused, match="by two dimensions"):
        matrix(replace(report(*ROWS), by=("owner",)), CLOSED)
    with pytest.raises(Refused, match="41 columns"):
        matrix(report(*(row("Ann", f"m{number}", 1) for number in range(41))), CLOSED)
