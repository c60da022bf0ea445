"""`forcedex kibana`: data views, a dashboard and a role for Kibana."""

from pathlib import Path
from typing import Annotated

import typer

from forcedex.analytics.kibana.artefacts import Artefacts
from forcedex.analytics.kibana.guide import WARNING
from forcedex.app import opened_asking
from forcedex.cli.console import ConfigOption, JsonOption, out, print_json, run, safe, say
from forcedex.cli.local import LocalNews
from forcedex.domain.errors import Refused
from forcedex.settings import load


def kibana(
    output: Annotated[Path, typer.Option("--output", metavar="DIR", help="The folder to write to.")] = Path("kibana"),
    json: JsonOption = False,
    config: ConfigOption = None,
) -> None:
    """Write data views, a dashboard and a role for Kibana, made of the standard reports."""
    made = run(_written(output, config))
    say(WARNING)
    files = [str(output / each) for each in made.files]
    if json:
        print_json({"files": files, "panels": made.panels, "left_out": made.left_out})
        return
    for each in files:
        out.print(safe(each))
    out.print(f"{len(made.panels)} panels")
    for each in made.left_out:
        out.print(f"[yellow]Left out:[/yellow] {safe(each)}")


async def _written(output: Path, config: ConfigOption) -> Artefacts:
    with LocalNews() as news:
        async with opened_asking(load(config), news) as asking:
            news.done()
            made = await asking.kibana()
    try:
        output.mkdir(parents=True, exist_ok=True)
        for name, content in made.files.items():
            (output / name).write_text(content, encoding="utf-8")
    except OSError as exc:
        raise Refused(f"Cannot write to {output}: {exc.strerror}.", "Choose another folder with --output.") from exc
    return made
