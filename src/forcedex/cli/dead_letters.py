"""`forcedex dead-letters`: records that could not be indexed: why, what they hold, and once more."""

from dataclasses import asdict
from typing import Annotated, Any

import typer
from rich.table import Table

from forcedex.app import Syncing, opened_state
from forcedex.cli.ask import here_or_there
from forcedex.cli.console import ConfigOption, JsonOption, out, print_json, run, safe
from forcedex.domain.checkpoint import DeadLetter
from forcedex.domain.errors import Refused
from forcedex.settings import Settings, load

app = typer.Typer(help="Records that could not be indexed.", no_args_is_help=True)

ObjectOption = Annotated[str, typer.Option("--object", metavar="X", help="Only this object.")]


@app.command(name="list")
def list_(sobject: ObjectOption = "", json: JsonOption = False, config: ConfigOption = None) -> None:
    """Show which records were refused, and why."""
    letters = [each for each in run(_letters(load(config))) if not sobject or each.object.lower() == sobject.lower()]
    if json:
        print_json([{key: value for key, value in asdict(each).items() if key != "payload"} for each in letters])
        return
    if not letters:
        out.print("No record was refused.")
        return
    table = Table(box=None, pad_edge=False, header_style="bold")
    for title in ("Object", "Record", "Since", "Reason"):
        table.add_column(title)
    for each in letters:
        since = f"{each.refused_at:%Y-%m-%d %H:%M}" if each.refused_at else "–"
        table.add_row(each.object, each.record_id, since, safe(each.reason))
    out.print(table)


@app.command()
def show(
    record: Annotated[str, typer.Argument(metavar="ID", help="18-character record Id.")],
    json: JsonOption = False,
    config: ConfigOption = None,
) -> None:
    """Show a refused record with the values that were read."""
    letters = [each for each in run(_letters(load(config))) if each.record_id == record]
    if not letters:
        run(_none(record))
    for each in letters:
        if json:
            print_json(each)
            continue
        out.print(f"[bold]{each.object} {each.record_id}[/bold]\n{safe(each.reason)}\n")
        for column, text in each.payload.items():
            out.print(f"  {safe(column)}: {safe(text[:500])}{' …' if len(text) > 500 else ''}")
        if not each.payload:
            out.print("  Its values are not kept, or cannot be read with the configured key.")


@app.command()
def replay(
    records: Annotated[list[str] | None, typer.Argument(metavar="[ID]...", help="Record Ids; none: all.")] = None,
    json: JsonOption = False,
    config: ConfigOption = None,
) -> None:
    """Read refused records from Salesforce once more and index them."""
    run(_replay(list(records or []), json, load(config)))


async def _letters(settings: Settings) -> list[DeadLetter]:
    async with opened_state(settings) as state:
        org = await state.known_org(settings.salesforce.login_url)
        if org is None:
            raise Refused("Nothing was synced yet.", "Run `forcedex sync` first, or try `forcedex demo`.")
        return list(await state.of(org.org_id).dead_letters())


async def _none(record: str) -> None:
    raise Refused(f"{record} was not refused.", "`forcedex dead-letters list` shows which were.")


async def _replay(records: list[str], json: bool, settings: Settings) -> None:
    async def here(syncing: Syncing) -> dict[str, Any]:
        await syncing.engine.prepare()
        return {"replayed": await syncing.engine.replay(records)}

    answer = await here_or_there(settings, "replay", " ".join(records), here)
    left = len(await _letters(settings))
    if json:
        print_json({**answer, "left": left})
        return
    out.print(f"{answer['replayed']:,} records are indexed now; {left:,} are still refused.")
