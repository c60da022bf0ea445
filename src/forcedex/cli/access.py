"""`forcedex access`: who may see what, and why."""

from dataclasses import asdict
from typing import Annotated

import typer
from rich.table import Table

from forcedex.access.explain import Explanation
from forcedex.app import opened_asking
from forcedex.cli.console import ConfigOption, JsonOption, out, print_json, run, safe
from forcedex.cli.local import LocalNews
from forcedex.settings import load

app = typer.Typer(help="Who may see what, and why.", no_args_is_help=True)


@app.callback()
def access() -> None:
    """Who may see what, and why."""


@app.command()
def explain(
    user: Annotated[str, typer.Argument(metavar="USER", help="Username, full name or user Id.")],
    record: Annotated[str, typer.Argument(metavar="RECORD", help="Record Id.")],
    json: JsonOption = False,
    config: ConfigOption = None,
) -> None:
    """Tell which rule lets a user see a record and each of its fields, or what is missing."""
    run(_explain(user, record, json, config))


async def _explain(user: str, record: str, json: bool, config: ConfigOption) -> None:
    with LocalNews() as news:
        async with opened_asking(load(config), news) as asking:
            news.done()
            person = await asking.person(user)
            await asking.note("explain", person.username, record)
            indexed, found = await asking.explain_access(person, record)
    if json:
        print_json({"user": person.username, "record": record, "object": indexed.name, **asdict(found)})
        return
    _show(person.name, indexed.label, record, found)


def _show(name: str, label: str, record: str, found: Explanation) -> None:
    verb = "[green]sees[/green]" if found.seen else "[red]does not see[/red]"
    out.print(f"[bold]{safe(name)}[/bold] {verb} {safe(label)} {safe(record)}")
    for reason in found.reasons:
        out.print(f"  {safe(reason)}")
    hidden = [each for each in found.fields if not each.shown]
    if not found.seen:
        return
    out.print(f"\n{len(found.fields) - len(hidden)} of {len(found.fields)} fields are shown.")
    if hidden:
        table = Table(box=None, pad_edge=False, header_style="bold")
        for title in ("Hidden field", "Label", "Because"):
            table.add_column(title)
        for each in hidden:
            table.add_row(safe(each.path), safe(each.label), safe(each.reason))
        out.print(table)
