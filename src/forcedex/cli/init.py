"""`forcedex init`: write a commented configuration file."""

from pathlib import Path
from typing import Annotated

import typer

from forcedex.cli.console import out, run
from forcedex.domain.errors import ConfigurationError
from forcedex.keys import make_key
from forcedex.settings import FILE

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
# Extra trusted CA (PEM) for a private endpoint.
ca_file = ""

[elasticsearch]
# "embedded" runs a node on this machine; or the URL of your cluster (8.19 or newer).
url = "embedded"
# api_key_file = ""
# username = ""
# password_file = ""
# ca_file = ""
index_prefix = "forcedex"

[sync]
# "auto": the sales and service objects that the org has, and searchable custom ones; or a list.
objects = "auto"
# Part of the org's daily API calls that the sync may use.
api_share = 0.5

# [objects.Contact]
# exclude = ["Birthdate"]
# where = "IsEmailBounced = false"

[state]
# Checkpoints. SQLite here; PostgreSQL where several processes run.
url = "sqlite:///.forcedex/state.db"
"""


def init(
    path: Annotated[Path, typer.Argument(metavar="FILE", help="Where to write it.", dir_okay=False)] = FILE,
    login_url: Annotated[str, typer.Option(help="Where you log in to Salesforce.")] = "https://login.salesforce.com",
    force: Annotated[bool, typer.Option("--force", help="Replace the file if it is there.")] = False,
) -> None:
    """Write a commented forcedex.toml to fill in."""
    run(_init(path, login_url, force))


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
