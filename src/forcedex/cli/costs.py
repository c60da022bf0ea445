"""`forcedex costs`: the table of what sales costs, for what is not recorded in Salesforce."""

import getpass
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import asdict
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Annotated

import typer
from rich.table import Table

from forcedex.app import opened_store
from forcedex.cli.console import ConfigOption, JsonOption, err, out, print_json, run, safe, say
from forcedex.domain.cost_file import LARGEST
from forcedex.domain.cost_rows import Known, WrongCosts, cost_rows
from forcedex.domain.costs import CostTable
from forcedex.domain.errors import ConfigurationError, Refused
from forcedex.domain.rights import Person
from forcedex.settings import Settings, load

app = typer.Typer(help="The table of what sales costs.", no_args_is_help=True)


@app.command(name="load")
def load_(
    file: Annotated[
        Path, typer.Argument(metavar="FILE", help="CSV or JSON: period,scope,of,amount,currency,category.")
    ],
    config: ConfigOption = None,
) -> None:
    """Use this table in place of the one before, whole or not at all. The sync writes it into the index."""
    settings = load(config)
    found = run(_load(settings, file))
    if isinstance(found, WrongCosts):
        for line in found.lines:
            err.print(f"[red]Error:[/red] {safe(line)}")
        say(str(found))
        raise typer.Exit(found.exit_code)
    out.print(f"{len(found.rows):,} rows. A running sync uses them within seconds, otherwise the next `forcedex sync`.")
    if "table" not in settings.costs.sources:
        say('Reports count them with "table" among [costs] sources.')


@app.command()
def show(json: JsonOption = False, config: ConfigOption = None) -> None:
    """Print the table that is used."""
    table = run(_show(load(config)))
    if json:
        print_json({"name": table.name, "loaded_at": table.loaded_at, "rows": [asdict(each) for each in table.rows]})
        return
    grid = Table(box=None, pad_edge=False, header_style="bold")
    for title in ("Row", "Scope", "Of", "From", "To", "Category"):
        grid.add_column(title)
    grid.add_column("Amount", justify="right")
    grid.add_column("Currency")
    sums: dict[str, Decimal] = defaultdict(Decimal)
    for each in table.rows:
        texts = (str(each.number), str(each.scope), each.of, str(each.first), str(each.last), each.category)
        grid.add_row(*map(safe, texts), f"{Decimal(each.amount):,f}", safe(each.currency))
        sums[each.currency] += Decimal(each.amount)
    out.print(grid)
    totals = ", ".join(f"{amount:,f} {currency or '(corporate currency)'}" for currency, amount in sorted(sums.items()))
    out.print(f"{safe(table.name)}, loaded {table.loaded_at:%Y-%m-%d %H:%M} UTC: {len(table.rows):,} rows, {totals}.")


@app.command()
def remove(config: ConfigOption = None) -> None:
    """Take the table out."""
    run(_remove(load(config)))
    out.print(
        "The cost table is removed. A running sync takes it out of the index, otherwise the next `forcedex sync`."
    )


async def _load(settings: Settings, file: Path) -> CostTable | WrongCosts:
    """The table as it was kept; or every problem of the file, each for a line of its own."""
    try:
        with file.open("rb") as opened:
            content = opened.read(LARGEST + 1)
    except OSError as exc:
        raise ConfigurationError(f"{file} cannot be read: {exc.strerror}.", "Check the path.") from exc
    async with opened_store(settings) as store:
        company, known = await store.company(), await store.directory()
        if company is None or known is None:
            raise Refused("The org's currencies and people were not read yet.", "Run `forcedex sync` first.")
        users, ambiguous = _users(known[0].people)
        try:
            rows = cost_rows(content, Known(currencies=company.currencies, users=users, ambiguous=ambiguous))
        except WrongCosts as exc:
            return exc
        table = CostTable(name=file.name, rows=rows, loaded_at=datetime.now(UTC))
        await store.save_cost_table(table)
        await store.audit(getpass.getuser(), "costs load", "operator", f"{file.name}: {len(rows)} rows")
    return table


def _users(people: Iterable[Person]) -> tuple[dict[str, str], frozenset[str]]:
    """Ids by what may stand for them; and e-mail addresses of several users."""
    by_email: dict[str, set[str]] = defaultdict(set)
    users: dict[str, str] = {}
    for each in people:
        by_email[each.email.casefold()].add(each.user_id)
    for email, ids in by_email.items():
        if email and len(ids) == 1:
            users[email] = min(ids)
    names = {each.username.casefold(): each.user_id for each in people}
    users |= names | {each.user_id.casefold(): each.user_id for each in people}
    return users, frozenset(email for email, ids in by_email.items() if len(ids) > 1 and email not in names)


async def _show(settings: Settings) -> CostTable:
    async with opened_store(settings) as store:
        table = await store.cost_table()
    if table is None or not table.rows:
        raise Refused("No cost table is loaded.", "Load one with `forcedex costs load FILE`.")
    return table


async def _remove(settings: Settings) -> None:
    async with opened_store(settings) as store:
        table = await store.cost_digest()
        if table is None or not (found := await store.cost_table()) or not found.rows:
            raise Refused("No cost table is loaded.")
        await store.save_cost_table(CostTable(name="", rows=(), loaded_at=datetime.now(UTC)))
        await store.audit(getpass.getuser(), "costs remove", "operator", found.name)
