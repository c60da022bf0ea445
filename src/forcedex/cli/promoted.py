"""`forcedex promoted`: records that stand on top when somebody searches for a text, if he may see them."""

from collections.abc import Mapping, Sequence
from typing import Annotated

import typer
from rich.table import Table

from forcedex.app import opened_curating
from forcedex.cli.console import ConfigOption, JsonOption, out, print_json, run, safe
from forcedex.settings import Settings, load

app = typer.Typer(help="Records that stand on top for a search.", no_args_is_help=True)

Query = Annotated[str, typer.Argument(metavar="TEXT", help="What is searched for, as a whole.")]


@app.command(name="list")
def list_(json: JsonOption = False, config: ConfigOption = None) -> None:
    """Show which records stand on top for which searches."""
    promoted = run(_load(load(config)))
    if json:
        print_json(promoted)
        return
    if not promoted:
        out.print("No record was promoted.")
        return
    table = Table(box=None, pad_edge=False, header_style="bold")
    table.add_column("Search")
    table.add_column("Records")
    for query, ids in promoted.items():
        table.add_row(safe(query), safe(", ".join(ids)))
    out.print(table)


@app.command()
def add(
    query: Query,
    records: Annotated[list[str], typer.Argument(metavar="ID...", help="Record Ids, the first on top.")],
    config: ConfigOption = None,
) -> None:
    """Put records on top for a search, in place of those that were."""
    run(_add(load(config), query, records))
    out.print(f"From the next search for {safe(query)} on, who may see them finds them on top.")


@app.command()
def remove(query: Query, config: ConfigOption = None) -> None:
    """Put nothing on top any more."""
    run(_remove(load(config), query))
    out.print(f"Nothing is promoted for {safe(query)} any more.")


async def _load(settings: Settings) -> Mapping[str, Sequence[str]]:
    async with opened_curating(settings) as curating:
        return await curating.promoted()


async def _add(settings: Settings, query: str, records: list[str]) -> None:
    async with opened_curating(settings) as curating:
        await curating.promote(query, records)


async def _remove(settings: Settings, query: str) -> None:
    async with opened_curating(settings) as curating:
        await curating.unpromote(query)
