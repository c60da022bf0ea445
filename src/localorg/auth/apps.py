"""Connected apps of the org: ids, secrets, certificates, policies."""

import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from typing import Any

import orjson

from localorg.store import Store

#: What is no policy: the admin API tells nobody the secrets, and names the app by itself.
_OWN = frozenset({"name", "client_id", "client_secret", "certificate"})
#: Absolute, without a fragment; http on this machine only. Source: Salesforce Help, "Configure a Connected App".
_CALLBACK = re.compile(
    r"(https://[^/\\#\s]|http://(localhost|127\.0\.0\.1)(:\d+)?/|(?!(?:https?|javascript|data|file):)[a-z][a-z0-9+.-]*:)[!-\"$-~]*"
)


@dataclass(frozen=True, kw_only=True)
class ConnectedApp:
    """One connected app.

    Source: Salesforce Help, "Connected App OAuth Policies".
    """

    name: str
    client_id: str
    client_secret: str
    #: Certificate (PEM) that JWT assertions are checked with; empty: no JWT.
    certificate: str = ""
    scopes: tuple[str, ...] = ("api", "refresh_token", "openid", "id")
    #: Usernames that an administrator pre-authorized; "*" is everybody.
    preauthorized: tuple[str, ...] = ()
    #: Username whom the client credentials flow runs as; empty: none set.
    run_as: str = ""
    client_credentials: bool = True
    #: "Allow OAuth Username-Password Flows".
    password_flow: bool = True
    #: Callback URLs of the web server flow.
    redirect_uris: tuple[str, ...] = ()
    #: "All users may self-authorize", by a page that asks them; otherwise only the pre-authorized may use the app.
    self_authorize: bool = True
    #: "Require Proof Key for Code Exchange (PKCE) Extension for Supported Authorization Flows".
    pkce_required: bool = True
    #: "Require Secret for Web Server Flow".
    secret_required: bool = True

    def __post_init__(self) -> None:
        """ValueError for a callback that Salesforce does not take."""
        for one in self.redirect_uris:
            if not _CALLBACK.fullmatch(one):
                raise ValueError(f"{one!r} is no callback: use https, or http on localhost, and no fragment.")

    def approves(self, username: str) -> bool:
        """Whether a user may use the app without being asked."""
        return "*" in self.preauthorized or username.lower() in {one.lower() for one in self.preauthorized}

    def with_policies(self, values: Mapping[str, Any]) -> "ConnectedApp":
        """The app with other policies, given by name as JSON has them; other names are an error."""
        changes: dict[str, Any] = {
            key: tuple(value) if isinstance(value, list) else value for key, value in values.items()
        }
        added = changes.pop("add_redirect_uris", ())
        if added:
            callbacks = changes.get("redirect_uris", self.redirect_uris)
            changes["redirect_uris"] = tuple(dict.fromkeys((*callbacks, *added)))
        return replace(self, **changes)

    @property
    def policies(self) -> dict[str, Any]:
        """What with_policies takes, with its name and client id; no secrets."""
        policies = {key: value for key, value in asdict(self).items() if key not in _OWN}
        return {"name": self.name, "client_id": self.client_id, **policies}


class Apps:
    """The org's connected apps."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def put(self, app: ConnectedApp) -> None:
        """Add or change an app."""
        with self._store.transaction() as connection:
            connection.execute(
                'INSERT OR REPLACE INTO "_app" VALUES (?, ?)',
                (app.client_id, orjson.dumps(asdict(app)).decode()),
            )

    def find(self, client_id: str) -> ConnectedApp | None:
        """The app with this consumer key."""
        text = self._store.scalar('SELECT definition FROM "_app" WHERE client_id = ?', (client_id,))
        return None if text is None else _app(text)

    def all(self) -> list[ConnectedApp]:
        """All apps."""
        rows = self._store.reader.execute('SELECT definition FROM "_app" ORDER BY rowid')
        return [_app(text) for (text,) in rows]


def _app(text: str) -> ConnectedApp:
    values = orjson.loads(text)
    app = ConnectedApp(name=values["name"], client_id=values["client_id"], client_secret=values["client_secret"])
    return app.with_policies(values)
