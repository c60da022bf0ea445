"""`forcedex check`: is everything fine, and if not, what to do."""

from dataclasses import asdict

import typer

from forcedex.cli.console import ConfigOption, JsonOption, err, out, print_json, run, safe
from forcedex.cli.local import LocalNews
from forcedex.overview import Finding
from forcedex.overview import check as findings
from forcedex.settings import Settings, load


def check(json: JsonOption = False, config: ConfigOption = None) -> None:
    """Check Salesforce, the sync user's permissions, Elasticsearch and the state store."""
    code = run(_check(json, config))
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


def _show(finding: Finding) -> None:
    mark = "[green]✓[/green]" if finding.ok else "[red]✗[/red]"
    out.print(f"{mark} {finding.subject:<14} {safe(finding.detail)}")
    if finding.hint:
        out.print(f"  {'':<14} [yellow]→ {safe(finding.hint)}[/yellow]")
