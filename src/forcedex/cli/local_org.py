"""`forcedex local-org`: a local Salesforce org with a demo company."""

import asyncio
from pathlib import Path
from typing import Annotated

import typer

from forcedex.app import local_org as running_org
from forcedex.cli.console import JsonOption, out, print_json, run, say
from forcedex.cli.local import LocalNews

DataOption = Annotated[Path, typer.Option(file_okay=False, help="Where the org is kept.")]
SeedOption = Annotated[int, typer.Option(help="Another seed makes another company.")]
SizeOption = Annotated[float, typer.Option(min=0.01, help="1 is some 2,000 accounts; 100 is a hundred times that.")]


def local_org(
    port: Annotated[int, typer.Option(min=1, max=65535, help="A free one is used when it is taken.")] = 8000,
    data: DataOption = Path(".forcedex/org"),
    seed: SeedOption = 7,
    size: SizeOption = 1.0,
    json: JsonOption = False,
) -> None:
    """Run a local Salesforce org until stopped."""
    run(_local_org(port, data, seed, size, json))


async def _local_org(port: int, data: Path, seed: int, size: float, json: bool) -> None:
    with LocalNews() as news:
        async with running_org(data, port=port, seed=seed, size=size, told=news) as ready:
            news.done()
            if json:
                print_json({**ready})
            else:
                out.print(f"The org answers at {ready['url']}")
                out.print(f"Credentials: {data / 'credentials.json'}")
                say("Ctrl-C stops it.")
            await asyncio.Event().wait()
