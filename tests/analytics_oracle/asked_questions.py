"""Questions to both sides: every report, every grouping, usual and random days."""

from collections.abc import Iterator
from datetime import date, timedelta
from itertools import permutations
from random import Random

from tests.analytics_oracle.duckdb_oracle import Ask, days_of
from tests.analytics_oracle.groupings import ENDS, REPORTS


def questions(random: Random, today: date, fiscal_month: int, *, custom_years: bool = False) -> Iterator[Ask]:
    """All of them: each grouping by itself, and some pairs."""
    for name in REPORTS:
        report, _, then = name.partition("@")
        for by in _groupings(random, name):
            for period in _periods(random, name):
                word = period == "fiscal-quarter" or "fiscal" in period
                if word and custom_years:
                    continue
                first, last = _days(random, period, today, fiscal_month)
                text = period if period == "all" or period in _WORDS else f"{first}..{last}"
                as_of = today - timedelta(days=random.choice((0, 1, 40, 200, 400))) if then else None
                since = None
                if name.startswith(("waterfall", "push")):
                    assert first is not None
                    as_of = random.choice((None, today - timedelta(days=random.randrange(60))))
                    until = as_of or today
                    since = min(first, until) - timedelta(days=random.randrange(120))
                if name == "pipeline-trend" and text == "last-12-months":
                    last = today
                yield Ask(report, by, text, first, last, as_of, since)


_WORDS = frozenset(
    {"this-quarter", "last-quarter", "last-2-quarters", "this-year", "last-12-months", "this-fiscal-quarter"}
)


def _groupings(random: Random, name: str) -> list[tuple[str, ...]]:
    asked = REPORTS[name]
    if not asked.by:
        return [()]
    if name == "pipeline-trend":
        others = [each for each in asked.by if each not in ENDS]
        return [(each,) for each in ENDS] + [(random.choice(sorted(ENDS)), each) for each in others]
    names = [each for each in asked.by if each not in asked.refused]
    pairs = list(permutations(names, 2)) if name.partition("@")[0] not in _ALONE else []
    return [(each,) for each in names] + random.sample(pairs, min(2, len(pairs)))


#: Rows of these are told apart by one dimension alone.
_ALONE = frozenset({"forecast", "waterfall", "push-rate", "top-customers"})


def _periods(random: Random, name: str) -> list[str]:
    asked = REPORTS[name]
    usual = ["all"] if asked.period == "all" else [asked.period]
    return [*usual, "random"]


def _days(random: Random, period: str, today: date, fiscal_month: int) -> tuple[date | None, date | None]:
    if period == "all":
        return None, None
    if period != "random":
        return days_of(period, today, fiscal_month)
    first = today - timedelta(days=random.randrange(500))
    return first, first + timedelta(days=random.randrange(1, 110))
