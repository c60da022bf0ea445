"""`forcedex verify`: is the index equal to the org, record by record and field by field?"""

from dataclasses import asdict
from typing import Annotated, Any

import typer
from rich.table import Table

from forcedex.app import Syncing
from forcedex.cli.ask import here_or_there
from forcedex.cli.console import ConfigOption, JsonOption, out, print_json, run
from forcedex.settings import load


def verify(
    repair: Annotated[bool, typer.Option("--repair", help="Put right what differs.")] = False,
    sobject: Annotated[str, typer.Option("--object", metavar="X", help="Only this object.")] = "",
    json: JsonOption = False,
    config: ConfigOption = None,
) -> None:
    """Compare every record and field with Salesforce, now."""
    if not run(_verify(repair, sobject, json, config)):
        raise typer.Exit(1)


async def _verify(repair: bool, sobject: str, json: bool, config: ConfigOption) -> bool:
    async def here(syncing: Syncing) -> dict[str, Any]:
        await syncing.engine.prepare()
        await syncing.engine.run_once()
        checks = await syncing.engine.verify(sobject, repair=repair)
        return {"checks": [asdict(each) for each in checks]}

    answer = await here_or_there(load(config), "repair" if repair else "verify", sobject, here)
    rows = [_joined(answer["checks"], name) for name in dict.fromkeys(each["object"] for each in answer["checks"])]
    fine = all(row["wrong"] <= (row["repaired"] if repair else 0) for row in rows)
    if json:
        print_json({"equal": fine, "objects": rows})
        return fine
    table = Table(box=None, pad_edge=False, header_style="bold")
    table.add_column("Object")
    for title in ("Compared", "Missing", "Different", "Deleted in the org", "Out of sight", "Put right"):
        table.add_column(title, justify="right")
    for row in rows:
        numbers = [row[name] for name in ("records", "missing", "different", "extra", "unexplained", "repaired")]
        table.add_row(row["object"], *[f"{number:,}" for number in numbers])
    out.print(table)
    if not rows:
        out.print("Nothing to compare: no object is completely synced yet.")
        return False
    if not fine:
        out.print("\n[red]The index differs from Salesforce.[/red] `forcedex verify --repair` puts it right.")
    elif any(row["wrong"] for row in rows):
        out.print("\n[yellow]What differed was put right.[/yellow]")
    else:
        out.print("\n[green]The index is equal to Salesforce.[/green]")
    return fine


def _joined(checks: list[dict[str, Any]], name: str) -> dict[str, Any]:
    """The comparisons of one object in one row: Ids and fields may both have found the same record."""
    mine = [each for each in checks if each["object"] == name]
    row: dict[str, Any] = {"object": name}
    for key in ("records", "missing", "different", "extra", "unexplained"):
        row[key] = max(each[key] for each in mine)
    row["repaired"] = sum(each["repaired"] for each in mine)
    row["wrong"] = row["missing"] + row["different"] + row["extra"] + row["unexplained"]
    return row
