"""`forcedex serve`: the HTTP service and its page."""

import asyncio
import sys
import threading
from typing import Annotated

import typer

from forcedex.cli.console import ConfigOption, JsonOption, out, print_json, run, say
from forcedex.cli.local import LocalNews
from forcedex.operations.draining import draining
from forcedex.operations.logs import configure_logging
from forcedex.operations.redaction import Redactor
from forcedex.operations.secrets import configured_secrets
from forcedex.settings import load

#: SIGTERM ends the service within so many seconds.
_DRAIN = 15.0


def serve(
    openapi: Annotated[bool, typer.Option("--openapi", help="Print the description of the API, and end.")] = False,
    parent_stdin: Annotated[
        bool, typer.Option("--parent-stdin", hidden=True, help="Stop when standard input ends.")
    ] = False,
    json: JsonOption = False,
    config: ConfigOption = None,
) -> None:
    """Answer searches and reports over HTTP, with a page for people, until stopped."""
    if openapi:
        from forcedex.server.application import description  # what it brings along no other command needs

        print_json(description())
        return
    run(_serve(parent_stdin, json, config))


async def _serve(parent_stdin: bool, json: bool, config: ConfigOption) -> None:
    from forcedex.server.serving import opened_serving

    settings = load(config)
    with draining(_DRAIN) as stop:
        with LocalNews() as news:
            async with opened_serving(settings, news) as serving:
                news.done()
                configure_logging(settings.logging, Redactor(configured_secrets(settings)))
                if parent_stdin:
                    threading.Thread(target=_wait_for_end, args=(asyncio.get_running_loop(), stop), daemon=True).start()
                if json:
                    print_json({"event": "ready", "url": serving.url})
                else:
                    out.print(f"Forcedex answers at [bold]{serving.url}[/bold]")
                    if not settings.server.login_client_id:
                        say("Nobody can log in with a browser yet: name an app in \\[server] login_client_id.")
                    say("Ctrl-C stops it.")
                await serving.run(stop)


def _wait_for_end(loop: asyncio.AbstractEventLoop, stop: asyncio.Event) -> None:
    """Whoever started us keeps our standard input open for as long as it lives."""
    sys.stdin.buffer.read()
    loop.call_soon_threadsafe(stop.set)
