"""`forcedex synonyms`: words that stand for each other in searches, besides those that are shipped."""

from collections.abc import Mapping, Sequence
from typing import Annotated

import typer
from rich.table import Table

from forcedex.app import opened_curating
from forcedex.cli.console import ConfigOption, JsonOption, out, print_json, run, safe
from forcedex.settings import Settings, load

app = typer.Typer(help="Words that stand for each other in searches.", no_args_is_help=True)

Words = Annotated[list[str], typer.Argument(metavar="WORD WORD...", help="Words or quoted expressions.")]


@app.command(name="list")
def list_(json: JsonOption = False, config: ConfigOption = None) -> None:
    """Show the groups that were added."""
    groups = run(_load(load(config)))
    if json:
        print_json(list(groups.values()))
        return
    if not groups:
        out.print("No synonyms were added.")
        return
    table = Table(box=None, pad_edge=False, show_header=False)
    for group in groups.values():
        table.add_row(safe(group[0]), "[dim]" + safe(", ".join(group[1:])) + "[/dim]")
    out.print(table)


@app.command()
def add(words: Words, config: ConfigOption = None) -> None:
    """Let these words stand for each other; the first one names the group."""
    run(_add(load(config), words))
    out.print(f"{safe(', '.join(words))} stand for each other from the next search on.")


@app.command()
def remove(word: Annotated[str, typer.Argument(help="First word of the group.")], config: ConfigOption = None) -> None:
    """Forget a group."""
    run(_remove(load(config), word))
    out.print(f"The synonyms of {safe(word)} are forgotten.")


async def _load(settings: Settings) -> Mapping[str, Sequence[str]]:
    async with opened_curating(settings) as curating:
        return await curating.synonyms()


async def _add(settings: Settings, words: list[str]) -> None:
    async with opened_curating(settings) as curating:
        await curating.add_synonyms(words)


async def _remove(settings: Settings, word: str) -> None:
    async with opened_curating(settings) as curating:
        await curating.remove_synonyms(word)
