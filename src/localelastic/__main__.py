"""The command line: `python -m localelastic run --data DIR`."""

import asyncio
import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Final

import typer
from rich.console import Console
from rich.progress import Progress

from localelastic.events import LICENCE, Event, Fetching, Report, to_json
from localelastic.memory import parse_heap
from localelastic.run import RunOptions, run

USUAL_PORT: Final = 9200

app = typer.Typer(add_completion=False, no_args_is_help=True)


@app.callback()
def main() -> None:
    """A real single-node Elasticsearch on this machine."""


def _heap(text: str) -> str:
    try:
        parse_heap(text)
    except ValueError as exc:
        raise typer.BadParameter(str(exc)) from exc
    return text


@app.command("run")
def run_command(
    data: Annotated[Path, typer.Option(help="Where the node keeps its data between runs.", file_okay=False)],
    port: Annotated[int, typer.Option(min=0, max=65535, help="A free one is used when it is taken.")] = USUAL_PORT,
    heap: Annotated[str | None, typer.Option(parser=_heap, help="Such as 512m or 1g.", metavar="SIZE")] = None,
    json: Annotated[bool, typer.Option("--json", help="Print one JSON object per line.")] = False,
    parent_stdin: Annotated[bool, typer.Option("--parent-stdin", help="Stop when standard input closes.")] = False,
) -> None:
    """Run a node until SIGTERM or Ctrl-C, or attach to the one that runs on this data directory already."""
    options = RunOptions(data=data.absolute(), port=port, heap=heap, parent_stdin=parent_stdin)
    report = _print_json if json else _sentences(Console())
    raise typer.Exit(asyncio.run(run(options, _unless_nobody_listens(report))))


def _print_json(event: Event) -> None:
    print(to_json(event), flush=True)


def _sentences(console: Console) -> Report:
    def say(text: str) -> None:
        console.print(text, markup=False, highlight=False, soft_wrap=True)

    downloads: list[Progress] = []

    def report(event: Event) -> None:
        if isinstance(event, Fetching):
            if not downloads:
                say(LICENCE)
                downloads.append(Progress(console=console))
                downloads[0].add_task("Downloading", total=event.total)
                downloads[0].start()
            downloads[0].update(downloads[0].task_ids[0], completed=event.done)
        else:
            while downloads:
                downloads.pop().stop()
            say(str(event))

    return report


def _unless_nobody_listens(report: Callable[[Event], None]) -> Report:
    """The one that reads our output may be dead, which must not keep us from stopping the node in order."""

    def safely(event: Event) -> None:
        try:
            report(event)
        except BrokenPipeError:
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())

    return safely


if __name__ == "__main__":
    app()
