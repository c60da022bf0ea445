"""`forcedex serve`: the HTTP service and its page."""

import sys
from typing import Annotated

import typer

from forcedex.cli.console import ConfigOption, JsonOption, out, print_json, run, say
from forcedex.cli.local import LocalNews
from forcedex.operations.draining import draining
from forcedex.operations.logs import configure_logging
from forcedex.operations.redaction import Redactor
from forcedex.operations.secrets import configured_secrets
from forcedex.server.application import description
from forcedex.server.serving import opened_serving
from forcedex.settings import load

#: SIGTERM ends the service within so many seconds.
_DRAIN = 15.0


def serve(
    openapi: Annotated[bool, typer.Option("--openapi", help="Print the description of the API, and end.")] = False,
    json: JsonOption = False,
    config: ConfigOption = None,
) -> None:
    """Answer searches and reports over HTTP, with a page for people, until stopped."""
    if openapi:
        print_json(description())
        return
    run(_serve(json, config))


async def _serve(json: bool, config: ConfigOption) -> None:
    settings = load(config)
    with draining(_DRAIN) as stop:
        with LocalNews() as news:
            async with opened_serving(settings, news) as serving:
                news.done()
                if not sys.stderr.isatty():
                    configure_logging(settings.logging, Redactor(configured_secrets(settings)))
                if json:
                    print_json({"event": "ready", "url": serving.url})
                else:
                    out.print(f"Forcedex answers at [bold]{serving.url}[/bold]")
                    if not settings.server.login_client_id:
                        say("Nobody can log in with a browser yet: name an app in \\[server] login_client_id.")
                    say("Ctrl-C stops it.")
                await serving.run(stop)
