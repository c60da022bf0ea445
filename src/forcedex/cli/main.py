"""The `forcedex` command."""

import typer

from forcedex import __version__
from forcedex.cli import (
    access,
    backup,
    check,
    costs,
    dead_letters,
    demo,
    engine,
    init,
    kibana,
    local_org,
    promoted,
    rebuild,
    report,
    reports,
    restore,
    search,
    searches,
    serve,
    status,
    sync,
    synonyms,
    verify,
)
from forcedex.cli.console import out

app = typer.Typer(
    name="forcedex",
    help="Salesforce in Elasticsearch: every record searchable, every sales number live.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)


def _version(wanted: bool) -> None:
    if wanted:
        out.print(f"forcedex {__version__}")
        raise typer.Exit


@app.callback()
def main(
    version: bool = typer.Option(False, "--version", callback=_version, is_eager=True, help="Print the version."),
) -> None:
    """Salesforce in Elasticsearch: every record searchable, every sales number live."""


app.command()(demo.demo)
app.command()(init.init)
app.command()(check.check)
app.command()(sync.sync)
app.command()(status.status)
app.command()(verify.verify)
app.command()(rebuild.rebuild)
app.add_typer(access.app, name="access")
app.add_typer(dead_letters.app, name="dead-letters")
app.command()(search.search)
app.add_typer(synonyms.app, name="synonyms")
app.add_typer(promoted.app, name="promoted")
app.command()(searches.searches)
app.command()(report.report)
app.add_typer(costs.app, name="costs")
app.command()(kibana.kibana)
app.add_typer(reports.app, name="reports")
app.command()(serve.serve)
app.command()(backup.backup)
app.command()(restore.restore)
app.command()(engine.engine)
app.command(name="local-org")(local_org.local_org)


def run() -> None:
    """The console script."""
    app()
