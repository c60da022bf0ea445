"""`forcedex check`: is everything fine, and if not, what to do."""

from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from forcedex.app import needed_keys
from forcedex.cli.console import ConfigOption, JsonOption, err, out, print_json, run, safe, say
from forcedex.cli.local import LocalNews
from forcedex.org_side import check_org_side
from forcedex.overview import Finding
from forcedex.overview import check as findings
from forcedex.settings import Settings, load


def check(
    privileges: Annotated[
        bool, typer.Option("--privileges", help="Print the API keys that Elasticsearch is to make, and end.")
    ] = False,
    salesforce_package: Annotated[
        bool,
        typer.Option("--salesforce-package", help="Check what is needed inside Salesforce: docs/salesforce.md."),
    ] = False,
    json: JsonOption = False,
    config: ConfigOption = None,
) -> None:
    """Check Salesforce, the sync user's permissions, Elasticsearch and the state store."""
    if privileges:
        _privileges(json, load(config))
        return
    code = run(_check_org_side(json, config) if salesforce_package else _check(json, config))
    if code:
        raise typer.Exit(code)


async def _check(json: bool, config: ConfigOption) -> int:
    settings: Settings = load(config)
    found: list[Finding] = []
    with LocalNews() as news, err.status("Checking …"):
        async for finding in findings(settings, news):
            news.done()
            found.append(finding)
            if not json:
                _show(finding)
    if json:
        print_json([asdict(each) for each in found])
    return max((each.exit_code for each in found), default=0)


async def _check_org_side(json: bool, config: Path | None) -> int:
    settings: Settings = load(config)
    with err.status("Looking into Salesforce …"):
        found = await check_org_side(settings)
    if json:
        print_json([asdict(each) for each in found])
    else:
        for finding in found:
            _show(finding)
    return max((each.exit_code for each in found), default=0)


def _privileges(json: bool, settings: Settings) -> None:
    keys = run(needed_keys(settings))
    if json:
        print_json({each.setting: each.body for each in keys})
        return
    for each in keys:
        say(f"POST /_security/api_key; keep `encoded` of the answer in the file of \\[elasticsearch] {each.setting}:")
        print_json(each.body)


def _show(finding: Finding) -> None:
    mark = "[green]✓[/green]" if finding.ok else "[red]✗[/red]"
    out.print(f"{mark} {finding.subject:<14} {safe(finding.detail)}")
    if finding.hint:
        out.print(f"  {'':<14} [yellow]→ {safe(finding.hint)}[/yellow]")
