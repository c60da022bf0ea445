"""`forcedex rebuild X`: read an object again into a new index, beside the one that people search."""

from typing import Annotated, Any

import typer

from forcedex.app import Syncing
from forcedex.cli.ask import here_or_there
from forcedex.cli.console import ConfigOption, JsonOption, out, print_json, run
from forcedex.domain.errors import Refused
from forcedex.settings import load


def rebuild(
    sobject: Annotated[str, typer.Argument(metavar="X", help="API name, such as Account.")],
    drop_hidden: Annotated[
        bool, typer.Option("--drop-hidden", help="Without records that the sync user does not see any more.")
    ] = False,
    json: JsonOption = False,
    config: ConfigOption = None,
) -> None:
    """Build the index of one object anew; searches go on meanwhile."""
    run(_rebuild(sobject, drop_hidden, json, config))


async def _rebuild(sobject: str, drop_hidden: bool, json: bool, config: ConfigOption) -> None:
    async def here(syncing: Syncing) -> dict[str, Any]:
        chosen = await syncing.engine.prepare(anew=[sobject], drop_hidden=[sobject] if drop_hidden else [])
        if sobject.lower() not in {each.sobject.name.lower() for each in chosen}:
            raise Refused(f"{sobject} is not synced.", "`forcedex status` lists what is.")
        outcome = await syncing.engine.run_once()
        if outcome.failed:
            raise Refused("; ".join(outcome.failed.values()))
        return {"rebuilt": sobject}

    answer = await here_or_there(load(config), "rebuild visible" if drop_hidden else "rebuild", sobject, here)
    if json:
        print_json(answer)
    elif "started" in answer:
        out.print(f"The running sync builds {answer['started']} anew; `forcedex status` shows how far it is.")
    else:
        out.print(f"{sobject} was built anew.")
