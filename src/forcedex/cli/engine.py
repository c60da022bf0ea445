"""`forcedex engine`: the embedded Elasticsearch alone."""

import asyncio
from typing import Annotated

import typer

from forcedex.app import elasticsearch_url
from forcedex.cli.console import ConfigOption, JsonOption, out, print_json, run, say
from forcedex.cli.local import LocalNews
from forcedex.domain.errors import ConfigurationError
from forcedex.settings import load


def engine(
    port: Annotated[int | None, typer.Option(min=1, max=65535, help="A free one is used when it is taken.")] = None,
    json: JsonOption = False,
    config: ConfigOption = None,
) -> None:
    """Run the embedded Elasticsearch until stopped; other commands find it."""
    run(_engine(port, json, config))


async def _engine(port: int | None, json: bool, config: ConfigOption) -> None:
    section = load(config).elasticsearch
    if section.url != "embedded":
        raise ConfigurationError(
            f"[elasticsearch] url is {section.url}: that cluster is not ours to run.", 'Set url = "embedded".'
        )
    if port is not None:
        section = section.model_copy(update={"port": port})
    with LocalNews() as news:
        async with elasticsearch_url(section, news) as url:
            news.done()
            if json:
                print_json({"event": "ready", "url": url})
            else:
                out.print(f"Elasticsearch answers at {url}")
                say("Ctrl-C stops it.")
            await asyncio.Event().wait()
