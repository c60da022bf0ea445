"""A PostgreSQL that wants a password, which is in a file and in no URL, as docs/deployment.md says."""

import os
import secrets
from collections.abc import AsyncIterator
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import asyncpg
import pytest
import pytest_asyncio

from forcedex.domain.errors import StateRefused
from forcedex.state.store import open_state
from tests.integration.state.conftest import ORG

PASSWORD = "correct horse"


@pytest_asyncio.fixture
async def role(postgresql_server: str) -> AsyncIterator[str]:
    """Somebody whom the server asks for a password, with a schema of his own of the same name."""
    if "FORCEDEX_TEST_POSTGRES" in os.environ:
        pytest.skip("The server that is named is not ours to set up.")
    name = f"t{secrets.token_hex(6)}"
    connection = await asyncpg.connect(postgresql_server)
    await connection.execute(f"CREATE ROLE {name} LOGIN PASSWORD '{PASSWORD}'")
    await connection.execute(f"CREATE SCHEMA {name} AUTHORIZATION {name}")
    file = Path(await connection.fetchval("SHOW hba_file"))
    before = file.read_text()
    file.write_text(f"local all {name} scram-sha-256\n{before}")
    await connection.execute("SELECT pg_reload_conf()")
    yield name
    file.write_text(before)
    await connection.execute("SELECT pg_reload_conf()")
    await connection.execute(f"DROP SCHEMA {name} CASCADE")
    await connection.execute(f"DROP ROLE {name}")
    await connection.close()


async def test_the_password_of_the_state_store_may_be_in_a_file(
    role: str, postgresql_server: str, tmp_path: Path
) -> None:
    [folder] = parse_qs(urlsplit(postgresql_server).query)["host"]
    passfile = tmp_path / "pgpass"
    url = f"postgresql://{role}@/postgres?host={folder}&passfile={passfile}&search_path={role}"
    for told in (f"*:*:*:{role}:wrong\n", f"*:*:*:{role}:{PASSWORD}\n"):
        passfile.write_text(told)
        passfile.chmod(0o600)
        if "wrong" in told:
            with pytest.raises(StateRefused, match="password authentication failed"):
                async with open_state(url):
                    pass
            continue
        async with open_state(url) as state:
            await state.of(ORG).audit("root", "search", "a@b", "zebra")
            assert [line.what for line in await state.of(ORG).audited()] == ["zebra"]
