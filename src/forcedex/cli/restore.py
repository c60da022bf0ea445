"""`forcedex restore`: a backup into the state store."""

from pathlib import Path
from typing import Annotated

import typer

from forcedex.app import restored
from forcedex.cli.console import ConfigOption, JsonOption, out, print_json, run, safe
from forcedex.settings import load


def restore(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="What `forcedex backup` has written.")],
    replace: Annotated[
        bool, typer.Option("--replace", help="Let it take the place of what the state store keeps already.")
    ] = False,
    json: JsonOption = False,
    config: ConfigOption = None,
) -> None:
    """Put a backup into the state store, while no sync is running."""
    done = run(restored(load(config), file, replace=replace))
    header, rows = done.backup.header, done.backup.rows
    if json:
        print_json({"org_id": header.org_id, "made_at": header.made_at, "rows": dict(rows), "synced": done.synced})
        return
    out.print(
        f"{sum(rows.values()):,} rows of {safe(header.org_name)}, as they were at {header.made_at}, are restored."
    )
    if done.synced:
        out.print("The next sync goes on from where the index is.")
    else:
        out.print("Run `forcedex sync`: every index is built anew beside the one that is there.")
