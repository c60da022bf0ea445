"""One node with security for all tests of this folder."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio

from tests.security.authority import Authority
from tests.security.secured import Secured, running


@pytest.fixture(scope="session")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    return Authority(tmp_path_factory.mktemp("authority"), "Forcedex test authority")


@pytest.fixture(scope="session")
def stranger(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The certificate of an authority that has certified nothing."""
    return Authority(tmp_path_factory.mktemp("stranger"), "Some other authority").file


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def secured(authority: Authority, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Secured]:
    async with running(tmp_path_factory.mktemp("secured"), authority) as node:
        yield node
