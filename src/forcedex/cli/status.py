"""`forcedex status`: how far the sync is, per object."""

from datetime import UTC, datetime

from rich.table import Table

from forcedex.cli.console import ConfigOption, JsonOption, out, print_json, run, safe
from forcedex.cli.local import LocalNews
from forcedex.overview import ObjectStatus, SyncStatus, sync_status
from forcedex.settings import load

_MOST_LETTERS = 10


def status(json: JsonOption = False, config: ConfigOption = None) -> None:
    """Show what is synced, how fresh it is, and what was refused."""
    run(_status(json, config))


async def _status(json: bool, config: ConfigOption) -> None:
    with LocalNews() as news:
        found = await sync_status(load(config), news)
    if json:
        print_json(found)
        return
    out.print(f"[bold]{safe(found.org_name)}[/bold] [dim]{found.org_id}, Elasticsearch {found.elasticsearch}[/dim]")
    out.print(_table(found))
    if found.dead_letters:
        out.print(f"\n[yellow]{len(found.dead_letters):,} records were refused:[/yellow]")
        for letter in found.dead_letters[:_MOST_LETTERS]:
            out.print(f"  {letter.object} {letter.record_id}  {safe(letter.reason)}")
        if len(found.dead_letters) > _MOST_LETTERS:
            out.print("  … `forcedex status --json` lists all")


def _table(found: SyncStatus) -> Table:
    table = Table(box=None, pad_edge=False, header_style="bold", show_footer=True, footer_style="bold")
    table.add_column("Object", "Total")
    table.add_column("Records", f"{sum(each.records for each in found.objects):,}", justify="right")
    table.add_column("State")
    table.add_column("As of", justify="right")
    for each in found.objects:
        table.add_row(each.object, f"{each.records:,}", _state(each), _age(each.synced_at))
    return table


def _state(each: ObjectStatus) -> str:
    match each.phase:
        case "incremental":
            return "[green]in sync[/green]"
        case "snapshot":
            return "[yellow]first read under way[/yellow]"
        case _:
            return "[dim]not known here[/dim]"


def _age(synced_at: datetime | None) -> str:
    if synced_at is None:
        return "–"
    seconds = max(0, int((datetime.now(UTC) - synced_at).total_seconds()))
    for unit, length in (("d", 86_400), ("h", 3_600), ("min", 60)):
        if seconds >= 2 * length:
            return f"{seconds // length} {unit} ago"
    return f"{seconds} s ago"
