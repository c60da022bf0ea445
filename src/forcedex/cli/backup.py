"""`forcedex backup`: what the org does not keep, in one file."""

from pathlib import Path
from typing import Annotated

import typer

from forcedex.app import backed_up
from forcedex.cli.console import ConfigOption, JsonOption, out, print_json, run, safe, say
from forcedex.settings import load


def backup(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="A file that is not there yet.")],
    json: JsonOption = False,
    config: ConfigOption = None,
) -> None:
    """Write to a file what Salesforce does not keep: vocabulary, reports, schedules, logs. A sync may be running."""
    made = run(backed_up(load(config), file))
    if json:
        print_json({"file": str(made.path), "org_id": made.header.org_id, "rows": dict(made.rows)})
        return
    out.print(f"{sum(made.rows.values()):,} rows of {safe(made.header.org_name)} are in {safe(str(made.path))}.")
    say("The key file (\\[server] key_file) is not in it: keep a copy of that elsewhere.")
