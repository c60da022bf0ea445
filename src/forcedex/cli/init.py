"""`forcedex init`: write a commented configuration file."""

from pathlib import Path
from typing import Annotated

import typer
from rich.table import Table

from forcedex.cli.console import out, run
from forcedex.domain.errors import ConfigurationError
from forcedex.keys import make_key
from forcedex.overview import event_candidates
from forcedex.settings import FILE, load

TEMPLATE = """\
# Forcedex configuration. Every value is also an environment variable, such as
# FORCEDEX_SALESFORCE__CLIENT_ID; the environment goes first. Secrets belong into
# files (…_file) or the environment, never in here. `forcedex check` tests it.

[salesforce]
# Where you log in: login.salesforce.com, test.salesforce.com for a sandbox, or your My Domain.
login_url = "{login_url}"
# jwt | client_credentials | refresh_token | password | access_token
auth = "jwt"
# jwt: consumer key of your external client app, the integration user, the private key of its certificate.
client_id = ""
username = ""
private_key_file = ""
# Only if your login host is not the audience of the assertion.
jwt_audience = ""
# client_credentials: client_id and client_secret_file.
# password: username, password_file, security_token_file (and client_id for OAuth).
api_version = "67.0"
# Where change events come from.
pubsub_url = "api.pubsub.salesforce.com:7443"
# Extra trusted CA (PEM) for a private endpoint.
ca_file = ""

[elasticsearch]
# "embedded" runs a node on this machine; or the URL of your cluster (9.x).
url = "embedded"
# `forcedex check --privileges` prints the two API keys that suffice: the worker's, and one that can only read.
# api_key_file = ""
# read_api_key_file = ""
# username = ""
# password_file = ""
# ca_file = ""
index_prefix = "forcedex"
# Primary shards of indices that are made from now on; one does for tens of millions of records.
shards = 1

[sync]
# "auto": the sales and service objects that the org has, and searchable custom ones; or a list.
objects = "auto"
# Part of the org's daily API calls that the sync may use; `forcedex sync --plan` shows what that buys.
api_share = 0.5
# Whose change events are followed: "auto" is every object selected in Setup, Change Data Capture; or a list.
# `forcedex init --events` proposes which to select. All other objects are polled.
events = "auto"
# How often the index is compared with the org: Ids and stamps, all fields; write 12h, 7d.
sweep_every = "1d"
compare_every = "7d"

# [objects.Contact]
# exclude = ["Birthdate"]
# where = "IsEmailBounced = false"

[access]
# People and rights that were read longer ago: nobody but the operator sees anything.
max_age = "60m"
# How often people and rights are read, and all shares; the API budget may stretch it. Those of a changed record are
# read with it.
people_every = "60s"
shares_every = "1h"
# Custom objects for which "Grant Access Using Hierarchies" is off in Sharing Settings: no API of Salesforce tells it.
# without_hierarchies = ["Cost__c"]

# Which costs count for the reports efficiency, lagged-efficiency and cac: records of an object, the table of
# `forcedex costs load`, the actual cost of campaigns. team and region name fields of opportunities for the table's.
# [costs]
# sources = ["object", "table", "campaigns"]
# lag = "3m"
# region = "Region__c"
# object = "Sales_Cost__c"
# amount = "Amount__c"
# day = "Month__c"
# owner = "User__c"

# Scheduled reports (`forcedex reports schedule`): where those go that are not mailed, and through which server the
# others are mailed to the users whose they are. The password is better in password_file.
# loss_reason is the field that says why deals were lost; forecasting_type says whose quotas count, if there are more.
# [reports]
# folder = "reports"
# loss_reason = "Loss_Reason__c"
# forecasting_type = "0Db000000000001AAA"
# [mail]
# url = "smtps://mail.example.com"
# sender = "reports@example.com"
# user = ""
# password_file = ""

[state]
# Checkpoints. SQLite here; PostgreSQL where several processes run.
url = "sqlite:///.forcedex/state.db"

[server]
# Health and metrics of `forcedex sync --watch`, on this machine only.
operations_port = 9090
# Seals what is kept of refused records; a list of files rotates it.
key_file = ".forcedex/key"

[alerts]
# Whom to tell when something needs a person: a webhook (https), mail, or both. See docs/operations.md.
# webhook_url_file = ""
# mail_to = ["crm-admins@example.com"]
# mail_from = "forcedex@example.com"
# smtp_url = "smtps://mail.example.com"
lag = "5m"
"""

#: Objects that an org without the add-on may select.
_WITHOUT_ADD_ON = 5


def init(
    path: Annotated[Path, typer.Argument(metavar="FILE", help="Where to write it.", dir_okay=False)] = FILE,
    login_url: Annotated[str, typer.Option(help="Where you log in to Salesforce.")] = "https://login.salesforce.com",
    force: Annotated[bool, typer.Option("--force", help="Replace the file if it is there.")] = False,
    events: Annotated[
        bool, typer.Option("--events", help="Log in, and propose whose change events to select in Salesforce.")
    ] = False,
) -> None:
    """Write a commented forcedex.toml to fill in."""
    run(_propose(path if path.exists() else None) if events else _init(path, login_url, force))


async def _propose(path: Path | None) -> None:
    candidates = await event_candidates(load(path))
    best = [each.object for each in candidates if each.changed][:_WITHOUT_ADD_ON]
    table = Table(box=None, pad_edge=False, header_style="bold")
    table.add_column("Object")
    table.add_column("Changed in 30 days", justify="right")
    table.add_column("Selected")
    table.add_column("Proposal")
    for each in candidates:
        proposal = "[green]select[/green]" if each.object in best else ""
        table.add_row(each.object, f"{each.changed:,}", "yes" if each.selected else "", proposal)
    out.print(table)
    missing = [name for name in best if name not in {each.object for each in candidates if each.selected}]
    if missing:
        out.print(f"\nIn Salesforce: Setup, Integrations, Change Data Capture: select {', '.join(missing)}.")
        out.print(f"An org without the add-on may select {_WITHOUT_ADD_ON} objects; the others are polled.")
    else:
        out.print("\nThe objects that change most are selected already.")


async def _init(path: Path, login_url: str, force: bool) -> None:
    if not login_url.startswith(("https://", "http://")) or any(char in login_url for char in '"\\\n'):
        raise ConfigurationError(
            f"{login_url!r} is not a login URL.", "Give it as https://your-domain.my.salesforce.com."
        )
    if path.exists() and not force:
        raise ConfigurationError(f"{path} is there already.", "Edit it, or replace it with --force.")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(TEMPLATE.format(login_url=login_url), encoding="utf-8")
        make_key(Path(".forcedex/key"))
    except OSError as exc:
        raise ConfigurationError(f"{path} cannot be written: {exc.strerror}.", "Choose another place.") from exc
    out.print(f"Wrote {path}. Fill in the [salesforce] part, then run `forcedex check`.")
