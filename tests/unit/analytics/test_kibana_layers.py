"""Conditions as Kibana's query language has them, and what cannot be a panel."""

from dataclasses import replace

import pytest

from forcedex.analytics.definition import AnyOf, Condition, Filter, Op
from forcedex.analytics.kibana.board import BOARD
from forcedex.analytics.kibana.kql import kql
from forcedex.analytics.kibana.panels import Form, Panel, Shown
from forcedex.analytics.reports.leaderboard import LEADERBOARD
from forcedex.analytics.reports.pipeline import OPEN_PIPELINE
from forcedex.analytics.reports.win_rate import WIN_RATE


@pytest.mark.parametrize(
    ("condition", "text"),
    [
        (Filter("x.won", Op.IS, (1,)), "x.won : 1"),
        (Filter("Type", Op.IS, ("New", 'a "b" \\')), r'Type : ("New" or "a \"b\" \\")'),
        (Filter("Type", Op.NOT, ("and",)), 'not Type : "and"'),
        (Filter("IsWon", Op.IS, (True,)), "IsWon : true"),
        (Filter("x.n", Op.AT_LEAST, (3,)), "x.n >= 3"),
        (Filter("x.n", Op.LESS, (3,)), "x.n < 3"),
        (Filter("CloseDate", Op.AT_MOST, ("2026-01-31",)), 'CloseDate <= "2026-01-31"'),
        (Filter("x.n", Op.KNOWN), "x.n : *"),
        (Filter("x.n", Op.UNKNOWN), "not x.n : *"),
        (AnyOf((Filter("a", Op.IS, (1,)), Filter("b", Op.KNOWN))), "(a : 1 or b : *)"),
    ],
)
def test_a_condition_is_written_as_kibana_reads_it(condition: Condition, text: str) -> None:
    assert kql((condition,)) == text
    assert kql((condition, condition)) == f"{text} and {text}"


def test_a_day_that_moves_is_refused() -> None:
    with pytest.raises(ValueError, match="@today is another day"):
        kql((Filter("CloseDate", Op.LESS, ("@today",)),))


def test_a_quotient_without_a_field_to_take_the_mean_of_is_no_figure_of_lens() -> None:
    panel = Panel(key="k", title="t", report=WIN_RATE, form=Form.NUMBER, figures=())
    with pytest.raises(ValueError, match="is a quotient"):
        panel.figure(Shown(name="amount_rate"))
    with pytest.raises(ValueError, match="is not about x-deals"):
        replace(panel, report=LEADERBOARD).figure(Shown(name="open"))


def test_buckets_of_a_report_are_no_rows_of_lens() -> None:
    panel = Panel(key="k", title="t", report=OPEN_PIPELINE, form=Form.TABLE, figures=(), by="age")
    with pytest.raises(ValueError, match="cannot be shown by age"):
        _ = panel.dimension


def test_the_dashboard_has_10_to_15_panels_with_keys_of_their_own() -> None:
    assert 10 <= len(BOARD) <= 15
    assert len({each.key for each in BOARD}) == len({each.title for each in BOARD}) == len(BOARD)
