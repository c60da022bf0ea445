"""`forcedex sync`: bring the index up to the org."""

import asyncio
import signal
from typing import Annotated

import typer

from forcedex.app import Syncing, opened_sync
from forcedex.cli.console import ConfigOption, JsonOption, out, print_json, run, say
from forcedex.cli.local import LocalNews
from forcedex.cli.progress import SyncProgress
from forcedex.settings import load
from forcedex.sync.engine import SyncOutcome


def sync(
    full: Annotated[bool, typer.Option("--full", help="Read everything again into new indices.")] = False,
    watch: Annotated[bool, typer.Option("--watch", help="Go on until stopped.")] = False,
    sobject: Annotated[
        list[str] | None, typer.Option("--object", metavar="X", help="Only this object; may be repeated.")
    ] = None,
    json: JsonOption = False,
    config: ConfigOption = None,
) -> None:
    """Copy every record, then what changes."""
    if not run(_sync(full, watch, tuple(sobject or ()), json, config)):
        raise typer.Exit(1)


async def _sync(full: bool, watch: bool, objects: tuple[str, ...], json: bool, config: ConfigOption) -> bool:
    settings = load(config)
    progress = SyncProgress(json=json)
    with LocalNews() as news:
        async with opened_sync(settings, progress, told=news, objects=objects or None) as syncing:
            news.done()
            with progress:
                await syncing.engine.prepare(full=full)
                outcome = await syncing.engine.run_once()
            _tell(progress, outcome, json)
            if watch:
                await _watch(syncing, json)
            return not outcome.failed and not outcome.rejected


async def _watch(syncing: Syncing, json: bool) -> None:
    if not json:
        say("Watching for changes. Ctrl-C stops.")
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for name in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(name, stop.set)
    await syncing.engine.watch(stop)


def _tell(progress: SyncProgress, outcome: SyncOutcome, json: bool) -> None:
    written = sum(progress.written.values())
    if json:
        print_json(
            {
                "event": "SyncCompleted",
                "written": written,
                "rejected": outcome.rejected,
                "failed": dict(outcome.failed),
                "seconds": round(progress.seconds, 3),
            }
        )
        return
    out.print(f"{written:,} records written in {progress.seconds:.1f} s.")
    if outcome.rejected:
        out.print(f"[yellow]{outcome.rejected:,} records were refused; `forcedex status` lists them.[/yellow]")
    if outcome.failed:
        out.print(f"[red]{len(outcome.failed)} objects failed.[/red]")
