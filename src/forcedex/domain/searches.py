"""What people searched for and opened: the search log, and the figures of its quality.

R = N × Q / T is the brief's figure: results times query terms by seconds. It grows with long queries and with
unspecific ones, so it stands beside what search teams measure: click-through rate, mean rank of clicks, queries
without results, queries typed anew at once, latency.
Source: Manning, Raghavan, Schütze, "Introduction to Information Retrieval", 8.6.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from statistics import fmean

#: A query typed so soon after another of the same person is that one, put differently.
REFORMULATED_WITHIN = timedelta(seconds=30)

_Key = Callable[["SearchEntry"], str]


@dataclass(frozen=True, kw_only=True, slots=True)
class SearchEntry:
    """One search. The person is a user's Id, or empty for the operator."""

    number: int
    asked_at: datetime
    person: str
    text: str
    #: N, Q and T (seconds).
    results: int
    terms: int
    seconds: float
    relaxed: bool = False


@dataclass(frozen=True, kw_only=True, slots=True)
class Click:
    """A hit that was opened; the first of a list has rank 1."""

    search: int
    rank: int
    record_id: str
    clicked_at: datetime


@dataclass(frozen=True, kw_only=True, slots=True)
class SearchFigures:
    """The quality of some searches; None where there is nothing to divide by."""

    searches: int
    #: Mean of R over the searches.
    relevance_figure: float | None
    #: Share of searches after which something was opened.
    click_through: float | None
    mean_rank: float | None
    without_results: float | None
    reformulated: float | None
    p50_ms: float | None
    p95_ms: float | None


def relevance_figure(results: int, terms: int, seconds: float) -> float:
    """R = N × Q / T; 0 for a search that took no time."""
    return results * terms / seconds if seconds > 0 else 0.0


def figures(entries: Sequence[SearchEntry], clicks: Iterable[Click]) -> SearchFigures:
    """Over all of these searches."""
    numbers = {each.number for each in entries}
    own = [each for each in clicks if each.search in numbers]
    count = len(entries)
    if not count:
        return SearchFigures(
            searches=0,
            relevance_figure=None,
            click_through=None,
            mean_rank=None,
            without_results=None,
            reformulated=None,
            p50_ms=None,
            p95_ms=None,
        )
    times = sorted(each.seconds * 1000 for each in entries)
    return SearchFigures(
        searches=count,
        relevance_figure=fmean(relevance_figure(each.results, each.terms, each.seconds) for each in entries),
        click_through=len({each.search for each in own}) / count,
        mean_rank=fmean(each.rank for each in own) if own else None,
        without_results=sum(not each.results for each in entries) / count,
        reformulated=len(_reformulated(entries, own)) / count,
        p50_ms=_quantile(times, 0.5),
        p95_ms=_quantile(times, 0.95),
    )


def by_query(entries: Sequence[SearchEntry], clicks: Sequence[Click], most: int) -> Mapping[str, SearchFigures]:
    """Of the most frequent queries, in lower case."""
    return _ranked(entries, clicks, lambda each: " ".join(each.text.casefold().split()), most)


def by_day(entries: Sequence[SearchEntry], clicks: Sequence[Click]) -> Mapping[str, SearchFigures]:
    """Of every day (UTC, ISO), oldest first."""
    found = _grouped(entries, lambda each: each.asked_at.date().isoformat())
    return {day: figures(found[day], clicks) for day in sorted(found)}


def _ranked(
    entries: Sequence[SearchEntry], clicks: Sequence[Click], key: _Key, most: int
) -> Mapping[str, SearchFigures]:
    found = _grouped(entries, key)
    names = sorted(found, key=lambda name: (-len(found[name]), name))[:most]
    return {name: figures(found[name], clicks) for name in names}


def _grouped(entries: Sequence[SearchEntry], key: _Key) -> dict[str, list[SearchEntry]]:
    found: dict[str, list[SearchEntry]] = defaultdict(list)
    for each in entries:
        found[key(each)].append(each)
    return found


def _reformulated(entries: Sequence[SearchEntry], clicks: Sequence[Click]) -> set[int]:
    """Searches that the same person put differently at once, without opening anything."""
    clicked = {each.search for each in clicks}
    last: dict[str, SearchEntry] = {}
    found: set[int] = set()
    for each in sorted(entries, key=lambda each: (each.asked_at, each.number)):
        before = last.get(each.person)
        soon = before is not None and each.asked_at - before.asked_at <= REFORMULATED_WITHIN
        if before is not None and soon and before.text != each.text and before.number not in clicked:
            found.add(before.number)
        last[each.person] = each
    return found


def _quantile(ordered: Sequence[float], share: float) -> float:
    return ordered[max(0, -int(-share * len(ordered) // 1) - 1)]
