"""A real node for tests: `pytest_plugins = ["localelastic.fixture"]` gives the fixture `elasticsearch_url`."""

import os
import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest_asyncio

from localelastic.installation import install
from localelastic.memory import choose_heap, machine_memory
from localelastic.node import Node


@asynccontextmanager
async def running_node(data: Path | None = None, *, heap: str = "512m") -> AsyncIterator[Node]:
    """A node on any free port, on its own temporary data directory unless one is given."""
    with tempfile.TemporaryDirectory(prefix="localelastic-") as temporary:
        installation = await install(lambda event: None)
        node = await Node.start(installation, data or Path(temporary), port=0, heap=choose_heap(heap, machine_memory()))
        try:
            yield node
        finally:
            await node.stop()


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def elasticsearch_url() -> AsyncIterator[str]:
    """The URL of a node that all tests of the session share: `LOCALELASTIC_URL`, or one that is started now."""
    if url := os.environ.get("LOCALELASTIC_URL"):
        yield url
        return
    async with running_node() as node:
        yield node.url
