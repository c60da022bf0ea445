"""The state store on both databases: every test that asks for `url` runs on SQLite and on a real PostgreSQL."""

import os
import secrets
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path

import asyncpg
import pytest
import pytest_asyncio

from forcedex.keys import Keys
from forcedex.state.database import Database, Result, Work
from forcedex.state.store import SqlStateStore, State, open_state
from tests.integration.state import postgresql
from tests.integration.state.clock import RealClock

ORG = "00D000000000001AAA"
OTHER_ORG = "00D000000000002AAA"


@pytest.fixture(scope="session")
def postgresql_server() -> Iterator[str]:
    """URL of a PostgreSQL database; without one the tests that need it are skipped, in CI they fail."""
    if named := os.environ.get("FORCEDEX_TEST_POSTGRES"):
        yield named
    elif programs := postgresql.installed():
        with postgresql.running(programs) as url:
            yield url
    elif os.environ.get("FORCEDEX_CI"):
        pytest.fail("There is no PostgreSQL: apt-get install postgresql, or set FORCEDEX_TEST_POSTGRES.")
    else:
        pytest.skip("There is no PostgreSQL: apt-get install postgresql, or set FORCEDEX_TEST_POSTGRES.")


@pytest_asyncio.fixture
async def postgresql_url(postgresql_server: str) -> AsyncIterator[str]:
    """An empty schema of its own."""
    schema = f"t{secrets.token_hex(6)}"
    connection = await asyncpg.connect(postgresql_server)
    await connection.execute(f"CREATE SCHEMA {schema}")
    yield f"{postgresql_server}{'&' if '?' in postgresql_server else '?'}search_path={schema}"
    await connection.execute(f"DROP SCHEMA {schema} CASCADE")
    await connection.close()


@pytest.fixture
def sqlite_url(tmp_path: Path) -> str:
    return f"sqlite:///{tmp_path}/deep/state.db"


@pytest.fixture(params=["sqlite", "postgresql"])
def url(request: pytest.FixtureRequest) -> str:
    """A store that is not there yet."""
    found: str = request.getfixturevalue(f"{request.param}_url")
    return found


@pytest.fixture
def keys(tmp_path: Path) -> Keys:
    return Keys([tmp_path / "key"])


@asynccontextmanager
async def leased(state: State, org: str = ORG) -> AsyncIterator[SqlStateStore]:
    """The store as the running sync has it."""
    async with state.lease(org, clock=RealClock()) as lease:
        yield state.of(org, fence=lease.fence)


@asynccontextmanager
async def opened(url: str, keys: Keys | None = None) -> AsyncIterator[SqlStateStore]:
    """Open the store and hold the lease."""
    async with open_state(url, keys) as state, leased(state) as store:
        yield store


async def underhand(url: str, work: Work[Result]) -> Result:
    """Do something to the database that no command does."""
    database = Database(url)
    try:
        return await database.write(work)
    finally:
        await database.close()
