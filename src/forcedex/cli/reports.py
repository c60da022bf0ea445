"""`forcedex reports`: reports of one's own, and those that are sent by themselves."""

import sys
from pathlib import Path
from typing import Annotated

import typer
from rich.table import Table

from forcedex.analytics.definition import Definition
from forcedex.analytics.own.problems import WrongReport
from forcedex.cli import schedules
from forcedex.cli.console import ConfigOption, JsonOption, err, out, print_json, run, safe
from forcedex.cli.local import LocalNews
from forcedex.domain.errors import ConfigurationError
from forcedex.reporting import Saved, opened_reporting, save_report
from forcedex.settings import Settings, load

app = typer.Typer(help="Reports of one's own, and reports that are sent by themselves.", no_args_is_help=True)

AsUser = Annotated[str, typer.Option("--as", metavar="USER", help="Whose report; the operator's are for everybody.")]
Name = Annotated[str, typer.Argument(help="Which report.")]


@app.command(name="list")
def list_(as_user: AsUser = "", json: JsonOption = False, config: ConfigOption = None) -> None:
    """Show the reports that were saved."""
    found = run(_listed(load(config), as_user))
    if json:
        print_json(found)
        return
    if not found:
        out.print("No report was saved.")
        return
    table = Table(box=None, pad_edge=False, header_style="bold")
    for column in ("Report", "Whose", "What it says"):
        table.add_column(column)
    for each in found:
        said = f"[yellow]{safe(each.problem)}[/yellow]" if each.problem else safe(each.formula)
        table.add_row(safe(each.name), safe(each.owner) or "[dim]everybody's[/dim]", said)
    out.print(table)


@app.command()
def save(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="A report as TOML; - for standard input.")],
    as_user: AsUser = "",
    config: ConfigOption = None,
) -> None:
    """Keep a report, in place of the one of the same name and owner."""
    made = run(_save(load(config), file, as_user))
    if isinstance(made, WrongReport):
        for line in made.lines:
            err.print(f"[red]Error:[/red] {safe(line)}")
        raise typer.Exit(made.exit_code)
    out.print(f"Saved. `forcedex report {made.name}` prints it.")


@app.command()
def remove(name: Name, as_user: AsUser = "", config: ConfigOption = None) -> None:
    """Forget a report."""
    run(_remove(load(config), name, as_user))
    out.print(f"{safe(name)} is forgotten.")


@app.command()
def export(name: Name, as_user: AsUser = "", config: ConfigOption = None) -> None:
    """Print a report as TOML, a standard one, too: rename it, change it, save it as your own."""
    sys.stdout.write(run(_exported(load(config), name, as_user)))


app.command()(schedules.schedule)
app.command(name="schedules")(schedules.schedules)
app.command()(schedules.unschedule)
app.command(name="run-due")(schedules.run_due_)


async def _listed(settings: Settings, who: str) -> list[Saved]:
    async with opened_reporting(settings) as reporting:
        return await reporting.listed(who)


async def _save(settings: Settings, file: Path, who: str) -> Definition | WrongReport:
    """The report; or every problem of its file, each for a line of its own."""
    try:
        text = sys.stdin.read() if str(file) == "-" else file.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as exc:
        cause = exc.strerror if isinstance(exc, OSError) else "it is not UTF-8 text"
        raise ConfigurationError(f"{file} cannot be read: {cause}.", "Check the path.") from exc
    with LocalNews() as news:
        try:
            return await save_report(settings, text, who, news)
        except WrongReport as exc:
            return exc


async def _remove(settings: Settings, name: str, who: str) -> None:
    async with opened_reporting(settings) as reporting:
        await reporting.remove(name, who)


async def _exported(settings: Settings, name: str, who: str) -> str:
    async with opened_reporting(settings) as reporting:
        return await reporting.exported(name, who)
