"""`forcedex report`: sales numbers."""

from enum import StrEnum
from typing import Annotated

import typer
from rich.table import Table

from forcedex.analytics.report import Report, ReportRow
from forcedex.app import opened_asking
from forcedex.cli.console import ConfigOption, JsonOption, out, print_json, run, safe, say
from forcedex.cli.local import LocalNews
from forcedex.cli.principal import asked_as
from forcedex.settings import load

_BAR = 24  # characters of the longest bar


class Name(StrEnum):
    """The reports there are."""

    CLOSED_WON = "closed-won"


class Grouping(StrEnum):
    """What the rows of a report are."""

    MONTH = "month"
    OWNER = "owner"
    ACCOUNT = "account"


def report(
    name: Annotated[Name, typer.Argument(help="Which report.")],
    as_user: Annotated[str, typer.Option("--as", metavar="USER", help="Ask as this user of the org.")] = "",
    by: Annotated[Grouping, typer.Option(help="What each row is.")] = Grouping.MONTH,
    top: Annotated[int, typer.Option(min=1, help="Rows to show; the total is of all.")] = 40,
    json: JsonOption = False,
    config: ConfigOption = None,
) -> None:
    """Print a report over everything that was synced."""
    run(_report(name, as_user, by, top, json, config))


async def _report(name: Name, as_user: str, by: Grouping, top: int, json: bool, config: ConfigOption) -> None:
    with LocalNews() as news:
        async with opened_asking(load(config), news) as asking:
            news.done()
            who = await asked_as(asking, as_user, "report", name.value)
            match name:
                case Name.CLOSED_WON:
                    found = await asking.closed_won(who.principal, by.value)
    if json:
        print_json(found)
        return
    say(who.line)
    show(found, top)


def show(report: Report, top: int) -> None:
    """The report as people read it: the newest months, or the largest rows."""
    rows = report.rows[-top:] if report.by == "month" else report.rows[:top]
    largest = max((row.amount for row in rows), default=0)
    table = Table(box=None, pad_edge=False, show_footer=True, header_style="bold", footer_style="bold")
    cut = len(rows) < len(report.rows)
    table.add_column(report.by.capitalize(), f"All {len(report.rows):,}" if cut else "Total")
    unit = f"Amount ({report.currency})" if report.currency else "Amount"
    table.add_column(unit, f"{report.total:,.{report.decimal_places}f}", justify="right")
    table.add_column("Won", f"{report.count:,}", justify="right")
    table.add_column("")
    for row in rows:
        table.add_row(safe(row.label), f"{row.amount:,.{report.decimal_places}f}", f"{row.count:,}", _bar(row, largest))
    out.print(f"[bold]{report.title}[/bold]")
    out.print(table)
    if cut:
        which = "newest" if report.by == "month" else "largest"
        out.print(
            f"[dim]The {len(rows)} {which} of {len(report.rows):,} rows; the last line is of all. More: --top[/dim]"
        )
    for note in report.notes:
        out.print(f"[yellow]{safe(note)}[/yellow]")


def _bar(row: ReportRow, largest: object) -> str:
    if not largest or row.amount <= 0:
        return ""
    eighths = round(float(row.amount) / float(str(largest)) * _BAR * 8)
    return f"[cyan]{'█' * (eighths // 8)}{' ▏▎▍▌▋▊▉'[eighths % 8].strip()}[/cyan]"
