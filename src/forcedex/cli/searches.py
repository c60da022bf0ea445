"""`forcedex searches`: what people search for, and how well it works."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Annotated

import typer
from rich.table import Table

from forcedex.app import opened_store
from forcedex.cli.console import ConfigOption, JsonOption, out, print_json, run, safe
from forcedex.domain.searches import Click, SearchEntry, SearchFigures, by_day, by_query, figures
from forcedex.settings import Settings, load

_COLUMNS = ("searches", "R", "clicked", "rank", "no hits", "anew", "p50 ms", "p95 ms")


def searches(
    days: Annotated[int, typer.Option(min=1, max=3650, help="How far back to look.")] = 30,
    most: Annotated[int, typer.Option(min=1, max=1000, help="How many queries to list.")] = 15,
    json: JsonOption = False,
    config: ConfigOption = None,
) -> None:
    """Show what was searched for and how well it works: R = N × Q / T beside clicks, misses and latency."""
    entries, clicks = run(_load(load(config), timedelta(days=days)))
    whole, queries, over_time = figures(entries, clicks), by_query(entries, clicks, most), by_day(entries, clicks)
    misses = by_query([each for each in entries if not each.results], clicks, most)
    if json:
        print_json({"total": whole, "queries": queries, "days": over_time, "without_results": list(misses)})
        return
    if not entries:
        out.print(f"Nobody searched in the last {days} days.")
        return
    _table("Query", {**queries, "all": whole})
    _table("Day", over_time)
    if misses:
        out.print(f"[bold]Without results:[/bold] {safe(', '.join(misses))}\n")
    out.print(
        "[dim]R = N × Q / T: results times query terms by seconds, mean. clicked: share of searches after which a hit "
        "was opened; rank: mean rank of those; anew: share that was typed differently within 30 s.[/dim]"
    )


async def _load(settings: Settings, back: timedelta) -> tuple[Sequence[SearchEntry], Sequence[Click]]:
    async with opened_store(settings) as store:
        await store.purge_searches(settings.retention.search_log)
        return await store.searches(datetime.now(UTC) - back)


def _table(title: str, rows: Mapping[str, SearchFigures]) -> None:
    table = Table(box=None, pad_edge=False, header_style="bold")
    table.add_column(title, max_width=40, no_wrap=True)
    for column in _COLUMNS:
        table.add_column(column, justify="right")
    for name, each in rows.items():
        table.add_row(safe(name), *_cells(each))
    out.print(table)
    out.print()


def _cells(each: SearchFigures) -> tuple[str, ...]:
    return (
        f"{each.searches:,}",
        _number(each.relevance_figure, ",.0f"),
        _number(each.click_through, ".0%"),
        _number(each.mean_rank, ".1f"),
        _number(each.without_results, ".0%"),
        _number(each.reformulated, ".0%"),
        _number(each.p50_ms, ".0f"),
        _number(each.p95_ms, ".0f"),
    )


def _number(value: float | None, form: str) -> str:
    return "–" if value is None else format(value, form)
