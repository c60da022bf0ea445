"""`forcedex demo`: one command to a working product."""

import asyncio
import json as json_module
import os
import signal
import sys
import webbrowser
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any

import httpx2
import typer
from rich.table import Table

from forcedex.analytics.question import Question
from forcedex.analytics.reports.closed_won import CLOSED_WON
from forcedex.app import Syncing, local_org, local_service, opened_asking, opened_sync
from forcedex.cli import search as search_command
from forcedex.cli.console import out, run, safe, say
from forcedex.cli.examples import examples
from forcedex.cli.local import LocalNews
from forcedex.cli.local_org import SeedOption, SizeOption
from forcedex.cli.progress import SyncProgress
from forcedex.cli.report_output import show
from forcedex.domain.principal import Operator
from forcedex.keys import make_key
from forcedex.search.request import SearchRequest
from forcedex.settings import DEMO_FILE, load
from forcedex.sync.events import ChangesCaughtUp, Event, EventsFollowed, ObjectFailed, SyncPaused

_HOME = Path(".forcedex")
_MONTHS = 12


def demo(
    seed: SeedOption = 7,
    size: SizeOption = 1.0,
    port: Annotated[int, typer.Option(min=1, max=65535, help="Port of the local org; a free one if taken.")] = 8000,
    once: Annotated[bool, typer.Option("--once", help="End after the first answers instead of staying up.")] = False,
) -> None:
    """Start Elasticsearch and a local Salesforce org with a demo company, sync it, and show what comes back."""
    run(_demo(seed, size, port, once))


async def _demo(seed: int, size: float, port: int, once: bool) -> None:
    stop = asyncio.Event()
    with LocalNews() as news:
        async with local_org(_HOME / "org", port=port, seed=seed, size=size, told=news) as org:
            news.done()
            say(f"Local Salesforce org: [bold]{org['url']}[/bold]")
            write_settings(org)
            settings = load(DEMO_FILE)
            progress = SyncProgress()
            quiet = _Quiet(progress)
            async with opened_sync(settings, quiet, told=news) as syncing:
                news.done()
                say(f"Elasticsearch: [bold]{syncing.elasticsearch_url}[/bold]")
                with progress:
                    await syncing.engine.prepare()
                    outcome = await syncing.engine.run_once()
                out.print(await _counts(syncing, progress))
                for name, error in outcome.failed.items():
                    out.print(f"[red]{safe(name)}: {safe(error)}[/red]")
                await _first_answers()
                if once:
                    return
                async with local_service(DEMO_FILE) as url:
                    await _allow_login(org, url)
                    _what_next(org, url)
                    _open(url)
                    quiet.live = True
                    loop = asyncio.get_running_loop()
                    for number in (signal.SIGINT, signal.SIGTERM):
                        loop.add_signal_handler(number, stop.set)
                    await syncing.engine.watch(stop)
                say("\nStopping …")
    say("Stopped. Everything is kept in .forcedex; `make demo` goes on from there.")


def write_settings(org: Mapping[str, Any]) -> None:
    """The configuration that leads to this local org, for every command in this folder."""
    make_key(_HOME / "key")
    secret = _HOME / "login_secret"
    secret.touch(mode=0o600)
    secret.write_text(str(_credentials().get("login_client_secret", "")), encoding="utf-8")
    names = ("url", "client_id", "login_client_id", "username", "private_key_file", "pubsub", "ca_file")
    quoted = {name: json_module.dumps(str(org[name])) for name in names}
    DEMO_FILE.write_text(
        "# Written by `forcedex demo`; used by every command in this folder that has no forcedex.toml.\n"
        "[salesforce]\n"
        f"login_url = {quoted['url']}\n"
        'auth = "jwt"\n'
        f"client_id = {quoted['client_id']}\n"
        f"username = {quoted['username']}\n"
        f"private_key_file = {quoted['private_key_file']}\n"
        f"pubsub_url = {quoted['pubsub']}\n"
        f"ca_file = {quoted['ca_file']}\n\n"
        '[elasticsearch]\nurl = "embedded"\n\n'
        f"[server]\nlogin_client_id = {quoted['login_client_id']}\n"
        f'login_client_secret_file = "{secret}"\n\n'
        f'[state]\nurl = "sqlite:///{_HOME}/state.db"\n\n'
        '[costs]\nobject = "Sales_Cost__c"\namount = "Amount__c"\nday = "Month__c"\nowner = "User__c"\n'
        'campaign = "Campaign__c"\nalike = { Region__c = "Region__c" }\n',
        encoding="utf-8",
    )


async def _allow_login(org: Mapping[str, Any], url: str) -> None:
    """Register our callback with the org's app for logins, as an administrator would in Setup."""
    change = {"add_redirect_uris": [f"{url}/auth/callback"]}
    async with httpx2.AsyncClient(trust_env=False) as http:
        await http.post(f"{org['url']}/__org/apps/{org['login_client_id']}", json=change)


def _open(url: str) -> None:
    """Show the page in the person's browser, where there is one."""
    if not os.environ.get("FORCEDEX_NO_BROWSER") and sys.stdout.isatty():
        webbrowser.open(url)


class _Quiet:
    """Shows the first sync as bars, later changes as one line each."""

    def __init__(self, progress: SyncProgress) -> None:
        self._progress = progress
        self.live = False

    def __call__(self, event: Event) -> None:
        if not self.live:
            self._progress(event)
            return
        match event:
            case ChangesCaughtUp() | EventsFollowed() if event.changes:
                noun = "change" if event.changes == 1 else "changes"
                say(f"[green]✓[/green] {event.object}: {event.changes:,} {noun} searchable")
            case SyncPaused() | ObjectFailed():
                self._progress(event)


async def _counts(syncing: Syncing, progress: SyncProgress) -> Table:
    table = Table(box=None, pad_edge=False, header_style="bold", show_footer=True, footer_style="bold")
    counts = {each.name: await syncing.queries.count(each.name) for each in await syncing.queries.objects()}
    table.add_column("Object", "Total")
    table.add_column("Records", f"{sum(counts.values()):,}", justify="right")
    for name, count in sorted(counts.items(), key=lambda item: -item[1]):
        table.add_row(name, f"{count:,}")
    return table


async def _first_answers() -> None:
    async with opened_asking(load(DEMO_FILE)) as asking:
        texts = await examples(asking)
        for text in texts:
            # A node that has just started is slow at everything once.
            await asking.search(Operator(), SearchRequest(text=text, size=3))
        for text in texts:
            out.print(f"\n[bold]forcedex search {json_module.dumps(text, ensure_ascii=False)}[/bold]")
            search_command.show(await asking.search(Operator(), SearchRequest(text=text, size=3)), text)
        out.print("\n[bold]forcedex report closed-won --by month[/bold]")
        show(await asking.report(Operator(), CLOSED_WON, Question(top=_MONTHS)))


def _what_next(org: Mapping[str, Any], url: str) -> None:
    forcedex = "forcedex" if os.environ.get("VIRTUAL_ENV") else ".venv/bin/forcedex"
    out.print(f"\n[bold]Open {url}[/bold] and log in as somebody of the company: search, reports, and what is synced.")
    out.print("It stays up and keeps syncing. In another terminal, in this folder, try:")
    for command in (
        f'{forcedex} search "any name you saw above" --explain',
        f"{forcedex} report closed-won --by owner",
        f"{forcedex} status",
    ):
        out.print(f"  {safe(command)}")
    people = _personas()
    if people:
        name = next(iter(people.values()))["username"]
        out.print("\nSearch with the eyes of somebody in the company:")
        out.print(f'  {forcedex} search "any name" --as {safe(name)}')
        table = Table(box=None, pad_edge=False, header_style="bold")
        for title in ("Login", "Password", "Sees"):
            table.add_column(title)
        for each in people.values():
            table.add_row(safe(each["username"]), safe(each["password"]), safe(each["sees"]))
        out.print(table)
    out.print("\nChange a record in the local org and see it in search seconds later:")
    out.print(f"  {safe(_CHANGE.format(url=org['url']))}")
    out.print(f'  {forcedex} search "Zebra Testworks"')
    out.print(f"\n[dim]Logins and keys of the local org: {_HOME}/org/credentials.json. Ctrl-C stops everything.[/dim]")


def _credentials() -> dict[str, Any]:
    """What the local org wrote down for those who log in."""
    try:
        found: dict[str, Any] = json_module.loads((_HOME / "org" / "credentials.json").read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return found


def _personas() -> dict[str, dict[str, str]]:
    """The people of the demo company to log in as."""
    found = _credentials().get("personas", {})
    return {key: each for key, each in found.items() if key not in ("inactive", "frozen")}


#: The local org's own door for people and scripts; see src/localorg/README.md.
_CHANGE = """curl -s {url}/__org/records/Account -d '{{"Name": "Zebra Testworks"}}'"""
