"""Orgs for tests: in this process, on a random port, with a direct door.

    async with running_org(empty=True) as org:
        identifier = org.insert("Account", Name="Acme")
        … talk to org.url …

In a conftest: `pytest_plugins = ["localorg.fixture"]` gives `local_org` (empty, for one test) and
`demo_org` (a small demo company, for the session; leave it as it is).
"""

import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import date
from pathlib import Path

import pytest_asyncio

from localorg.creation import CompanySettings, OrgCredentials, credentials, database
from localorg.door import Door
from localorg.org import DAILY_REQUESTS, Org
from localorg.server import Server


class LocalOrg(Door):
    """A running org: its address, its credentials, and the direct door."""

    def __init__(self, org: Org, found: OrgCredentials) -> None:
        super().__init__(org)
        self.org = org
        self.credentials = found

    @property
    def url(self) -> str:
        """Where it listens."""
        return self.org.url

    @property
    def pubsub(self) -> str:
        """Host and port of its Pub/Sub API."""
        return self.org.pubsub

    @property
    def https_url(self) -> str:
        """Where it listens for HTTPS."""
        return self.org.https_url

    @property
    def ca_file(self) -> Path:
        """The authority that clients of both must trust."""
        return self.org.ca_file

    def session(self, username: str | None = None) -> str:
        """An access token without logging in: the integration user's, or another's."""
        name = username or self.credentials.username
        user_id = self.org.store.scalar('SELECT "Id" FROM "User" WHERE "Username" = ?', (name,))
        return self.org.sessions.open(self.org.id, str(user_id), self.credentials.client_id, "api").token


@asynccontextmanager
async def running_org(
    data: Path | None = None,
    *,
    size: float = 0.02,
    seed: int = 7,
    today: date | None = None,
    empty: bool = False,
    port: int = 0,
    daily_requests: int = DAILY_REQUESTS,
) -> AsyncIterator[LocalOrg]:
    """An org in this event loop; in a folder (kept) or a temporary one."""
    with tempfile.TemporaryDirectory(prefix="localorg-") as temporary:
        folder = data if data is not None else Path(temporary)
        folder.mkdir(parents=True, exist_ok=True)
        if not (folder / "org.db").exists():
            company = None if empty else CompanySettings(seed=seed, factor=size, today=today)
            database(folder, company, lambda done, total: None)
        org = Org(folder, daily_requests=daily_requests)
        server = Server(org, port)
        await server.start()
        try:
            yield LocalOrg(org, credentials(org))
        finally:
            await server.stop()
            org.close()


@pytest_asyncio.fixture(loop_scope="session")
async def local_org() -> AsyncIterator[LocalOrg]:
    """An org with nothing but its set-up, for one test."""
    async with running_org(empty=True) as org:
        yield org


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def demo_org() -> AsyncIterator[LocalOrg]:
    """An org with a small demo company, shared by all tests."""
    async with running_org() as org:
        yield org
