"""`forcedex sync`: bring the index up to the org."""

import sys
from typing import Annotated

import typer
from rich.table import Table

from forcedex.app import Syncing, opened_sync
from forcedex.cli.console import ConfigOption, JsonOption, out, print_json, run, say
from forcedex.cli.local import LocalNews
from forcedex.cli.progress import SyncProgress
from forcedex.domain.lease import LeaseHolder
from forcedex.operations.draining import draining
from forcedex.operations.logs import configure_logging
from forcedex.overview import SyncPlan, sync_plan
from forcedex.reporting import sending
from forcedex.settings import Settings, load
from forcedex.sync.budget import purposes
from forcedex.sync.engine import SyncOutcome

#: SIGTERM ends the daemon within so many seconds.
_DRAIN = 10.0


def sync(
    full: Annotated[bool, typer.Option("--full", help="Read everything again into new indices.")] = False,
    watch: Annotated[bool, typer.Option("--watch", help="Go on until stopped: the daemon.")] = False,
    plan: Annotated[bool, typer.Option("--plan", help="Show what it costs in API calls, and end.")] = False,
    sobject: Annotated[
        list[str] | None, typer.Option("--object", metavar="X", help="Only this object; may be repeated.")
    ] = None,
    json: JsonOption = False,
    config: ConfigOption = None,
) -> None:
    """Copy every record, then what changes."""
    if plan:
        run(_plan(json, config))
        return
    if not run(_sync(full, watch, tuple(sobject or ()), json, config)):
        raise typer.Exit(1)


async def _sync(full: bool, watch: bool, objects: tuple[str, ...], json: bool, config: ConfigOption) -> bool:
    settings = load(config)
    if not watch:
        return await _once(settings, full, objects, json)
    with draining(_DRAIN) as stop:
        progress = SyncProgress(json=json)
        with LocalNews() as news:
            async with opened_sync(settings, progress, told=news, objects=objects or None, wait=_wait_for) as syncing:
                news.done()
                _log(syncing, json)
                async with syncing.monitor.serving() as server:
                    if not json:
                        say(f"Health and metrics: {server.url}/healthz, /readyz, /metrics")
                    with progress:
                        await syncing.engine.prepare(full=full)
                        # One round first: what it cannot do, the watching tries again.
                        outcome = await syncing.engine.first_round(stop)
                    if outcome is not None:
                        _tell(progress, outcome, json)
                    if not json:
                        say("Watching for changes. Ctrl-C stops.")
                    async with sending(settings, syncing):
                        await syncing.engine.watch(stop)
    return True


async def _once(settings: Settings, full: bool, objects: tuple[str, ...], json: bool) -> bool:
    progress = SyncProgress(json=json)
    with LocalNews() as news:
        async with opened_sync(settings, progress, told=news, objects=objects or None) as syncing:
            news.done()
            with progress:
                await syncing.engine.prepare(full=full)
                outcome = await syncing.engine.run_once()
            _tell(progress, outcome, json)
            return not outcome.failed and not outcome.rejected and not outcome.frozen


def _wait_for(holder: LeaseHolder) -> None:
    say(f"Another sync of this org is running ({holder}). Waiting for it to end.")


def _log(syncing: Syncing, json: bool) -> None:
    """A daemon without a terminal logs; in a terminal a person sees the progress instead."""
    if not json and not sys.stderr.isatty():
        configure_logging(syncing.logging, syncing.redactor)
        syncing.monitor.logging = True


def _tell(progress: SyncProgress, outcome: SyncOutcome, json: bool) -> None:
    written = sum(progress.written.values())
    if json:
        print_json(
            {
                "event": "SyncCompleted",
                "written": written,
                "rejected": outcome.rejected,
                "failed": dict(outcome.failed),
                "frozen": dict(outcome.frozen),
                "seconds": round(progress.seconds, 3),
            }
        )
        return
    out.print(f"{written:,} records written in {progress.seconds:.1f} s.")
    if outcome.rejected:
        out.print(f"[yellow]{outcome.rejected:,} records were refused; `forcedex dead-letters list` says why.[/yellow]")
    for problem in outcome.frozen.values():
        out.print(f"[yellow]{problem}[/yellow]")
    if outcome.failed:
        out.print(f"[red]{len(outcome.failed)} objects failed.[/red]")


async def _plan(json: bool, config: ConfigOption) -> None:
    found = await sync_plan(load(config))
    if json:
        print_json(found)
        return
    _show_plan(found)


def _show_plan(found: SyncPlan) -> None:
    planned = found.plan
    out.print(
        f"The org allows {planned.allowed:,} API calls in 24 hours; {planned.ours:,} of them are ours, "
        f"{found.calls:,} were used.\n"
    )
    share = Table(box=None, pad_edge=False, header_style="bold")
    share.add_column("Our share")
    share.add_column("Calls a day", justify="right")
    for name, calls in purposes(planned):
        share.add_row(name, f"{calls:,}")
    out.print(share)
    out.print()
    table = Table(box=None, pad_edge=False, header_style="bold", show_footer=True, footer_style="bold")
    table.add_column("Object", "Total")
    table.add_column("Records", f"{sum(each.records for each in found.objects):,}", justify="right")
    table.add_column("First read", f"{sum(each.first_read for each in found.objects):,} calls", justify="right")
    table.add_column("Changes")
    for each in found.objects:
        how = "by events, at once" if each.streamed else f"asked for every {planned.poll_seconds:,.0f} s"
        table.add_row(each.object, f"{each.records:,}", f"{each.first_read:,} calls", how)
    out.print(table)
    if planned.poll_limit == "budget" and planned.polled:
        out.print("\nMore often would exceed our share: raise [sync] api_share, or select more objects for events.")
