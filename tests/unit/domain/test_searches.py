from datetime import UTC, datetime, timedelta

import pytest

from forcedex.domain.searches import Click, SearchEntry, by_day, by_query, figures, relevance_figure

NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)


def entry(number: int, text: str, *, after: float = 0, results: int = 10, person: str = "a") -> SearchEntry:
    return SearchEntry(
        number=number,
        asked_at=NOON + timedelta(seconds=after),
        person=person,
        text=text,
        results=results,
        terms=len(text.split()),
        seconds=0.01 * number,
    )


def click(search: int, rank: int) -> Click:
    return Click(search=search, rank=rank, record_id="001", clicked_at=NOON)


def test_r_is_results_times_terms_by_seconds() -> None:
    assert relevance_figure(10, 2, 0.01) == 2_000
    assert relevance_figure(10, 2, 0) == 0


def test_figures_are_those_of_search_teams() -> None:
    entries = [
        entry(1, "acme", results=0),
        entry(2, "acme inc", after=10),  # the first one, put differently
        entry(3, "zanteco", after=20, person="b"),
        entry(4, "zanteco foods", after=60, person="b"),  # too late for that
    ]
    found = figures(entries, [click(2, 1), click(4, 3), click(99, 7)])
    assert (found.searches, found.click_through, found.mean_rank) == (4, 0.5, 2)
    assert (found.without_results, found.reformulated) == (0.25, 0.25)
    assert (found.p50_ms, found.p95_ms) == (20, 40)
    assert found.relevance_figure == pytest.approx((0 + 20 / 0.02 + 10 / 0.03 + 20 / 0.04) / 4)


def test_no_searches_have_no_figures() -> None:
    assert figures([], []).click_through is None


def test_figures_are_told_by_query_and_by_day() -> None:
    entries = [entry(1, "Acme"), entry(2, " acme"), entry(3, "other", after=-86_400)]
    assert {name: each.searches for name, each in by_query(entries, [], 1).items()} == {"acme": 2}
    assert list(by_day(entries, [])) == ["2026-11-22", "2026-11-23"]
