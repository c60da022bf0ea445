"""`forcedex status`: how far the sync is, per object."""

from datetime import UTC, datetime
from typing import Annotated

import typer
from rich.table import Table

from forcedex.cli.console import ConfigOption, JsonOption, out, print_json, run, safe
from forcedex.cli.local import LocalNews
from forcedex.domain.upkeep import Mode
from forcedex.overview import ObjectStatus, SyncStatus, sync_status
from forcedex.settings import load


def status(
    counts: Annotated[bool, typer.Option("--counts", help="Count in Salesforce too: a call per object.")] = False,
    json: JsonOption = False,
    config: ConfigOption = None,
) -> None:
    """Show what is synced, how fresh it is, and what needs a person."""
    run(_status(counts, json, config))


async def _status(counts: bool, json: bool, config: ConfigOption) -> None:
    with LocalNews() as news:
        found = await sync_status(load(config), news, counts=counts)
    if json:
        print_json(found)
        return
    out.print(f"[bold]{safe(found.org_name)}[/bold] [dim]{found.org_id}, Elasticsearch {found.elasticsearch}[/dim]")
    running = f"[green]running[/green]: {safe(found.running)}" if found.running else "[yellow]not running[/yellow]"
    out.print(f"Sync {running}; {_calls(found)}\n")
    out.print(_table(found))
    out.print(f"\nWho may see what: people and rights as of {_age(found.people_read_at)}, {_shares(found)}.")
    _reports(found)
    _problems(found)


def _calls(found: SyncStatus) -> str:
    if found.usage is None or found.calls_of_ours is None:
        return f"{found.calls:,} API calls of ours in 24 hours"
    return (
        f"{found.calls:,} of our {found.calls_of_ours:,} API calls in 24 hours; "
        f"the org had used {found.usage.used:,} of {found.usage.allowed:,}"
    )


def _table(found: SyncStatus) -> Table:
    table = Table(box=None, pad_edge=False, header_style="bold", show_footer=True, footer_style="bold")
    table.add_column("Object", "Total")
    table.add_column("Records", f"{sum(each.records for each in found.objects):,}", justify="right")
    table.add_column("In the org", justify="right")
    table.add_column("State")
    table.add_column("As of", justify="right")
    table.add_column("Changes come")
    table.add_column("Last clean check", justify="right")
    table.add_column("Refused", f"{len(found.dead_letters):,}", justify="right")
    for each in found.objects:
        there = "–" if each.records_in_org is None else f"{each.records_in_org:,}"
        table.add_row(
            each.object,
            f"{each.records:,}",
            there,
            _state(each),
            _age(each.synced_at),
            _changes(each),
            _age(each.last_clean),
            f"{each.dead_letters:,}" if each.dead_letters else "[dim]0[/dim]",
        )
    return table


def _state(each: ObjectStatus) -> str:
    if each.report is not None and each.report.mode is Mode.FROZEN:
        return "[red]frozen[/red]"
    match each.phase:
        case "incremental":
            return "[green]in sync[/green]"
        case "snapshot":
            return "[yellow]first read under way[/yellow]"
        case _:
            return "[dim]not known here[/dim]"


def _changes(each: ObjectStatus) -> str:
    report = each.report
    if report is None:
        return "[dim]–[/dim]"
    if report.mode is Mode.STREAM:
        limit = " (budget)" if report.window_limit == "budget" else ""
        return f"as events, {report.window_seconds:.1f} s{limit}"
    limit = " (budget)" if report.poll_limit == "budget" else ""
    return f"every {report.poll_seconds:,.0f} s{limit}" if report.poll_seconds else "[dim]–[/dim]"


def _shares(found: SyncStatus) -> str:
    """How old the oldest full listing of shares is."""
    if not found.shares_listed_at:
        return "shares not listed yet"
    name, oldest = min(found.shares_listed_at.items(), key=lambda item: item[1])
    return f"all shares as of {_age(oldest)} ({safe(name)}) or later"


def _reports(found: SyncStatus) -> None:
    """Reports that are sent by themselves, and those that are not although they should be."""
    if not found.schedules:
        return
    following = min(each.ready for each in found.schedules)
    out.print(f"{len(found.schedules):,} scheduled reports, the next at {following:%Y-%m-%d %H:%M} UTC.")
    for each in found.schedules:
        if each.problem:
            again = "tried again" if each.retry else "due again"
            out.print(
                f"  [yellow]not sent[/yellow]  {each.number} ({safe(each.report)}): {safe(each.problem)} "
                f"[dim]{again} at {each.ready:%Y-%m-%d %H:%M} UTC[/dim]"
            )


def _problems(found: SyncStatus) -> None:
    notices = [each for each in found.notices if each.cleared_at is None]
    streams = [each for each in found.objects if each.report is not None and each.report.stream_problem]
    if notices:
        out.print("\n[bold]Needs a person[/bold]")
        for notice in notices:
            out.print(f"  [yellow]{notice.kind}[/yellow]  {safe(notice.text)} [dim]{_age(notice.since)}[/dim]")
    for each in streams:
        assert each.report is not None
        out.print(f"  [dim]{each.object}: no events: {safe(each.report.stream_problem)}[/dim]")
    if found.dead_letters:
        out.print(f"\n[yellow]{len(found.dead_letters):,} records were refused:[/yellow] `forcedex dead-letters list`")


def _age(time: datetime | None) -> str:
    if time is None:
        return "–"
    seconds = max(0, int((datetime.now(UTC) - time).total_seconds()))
    for unit, length in (("d", 86_400), ("h", 3_600), ("min", 60)):
        if seconds >= 2 * length:
            return f"{seconds // length} {unit} ago"
    return f"{seconds} s ago"
