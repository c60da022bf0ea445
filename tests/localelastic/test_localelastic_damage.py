"""Data directories that cannot be used, each with its own clear error."""

import shutil
import zlib
from pathlib import Path

import pytest
from elasticsearch import AsyncElasticsearch

from localelastic.diagnosis import diagnose
from localelastic.errors import LocalElasticError
from localelastic.fixture import running_node

pytestmark = pytest.mark.usefixtures("quick_jvm")


@pytest.fixture(scope="module")
async def healthy(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The data of a node with one index that was stopped cleanly."""
    data = tmp_path_factory.mktemp("healthy")
    async with running_node(data) as node, AsyncElasticsearch(node.url) as client:
        await client.index(index="accounts", document={"Name": "Acme"}, refresh=True)
    return data


@pytest.fixture
def data(healthy: Path, tmp_path: Path) -> Path:
    """A copy of it, to be damaged."""
    return Path(shutil.copytree(healthy, tmp_path / "data"))


async def failure(data: Path) -> LocalElasticError:
    """The error of a start that must fail."""
    with pytest.raises(LocalElasticError) as caught:
        async with running_node(data):
            pass
    return caught.value


async def test_damaged_index_is_named(data: Path) -> None:
    (segments,) = data.glob("data/indices/*/0/index/segments_*")
    segments.write_bytes(segments.read_bytes()[:-20])
    error = await failure(data)
    assert f"The data in {data} is damaged: accounts cannot be opened (" in error.message
    assert "Move the directory away" in error.hint


async def test_damaged_cluster_state_is_told(data: Path) -> None:
    for file in data.glob("data/_state/*.cfs"):
        file.write_bytes(bytes(file.stat().st_size))
    error = await failure(data)
    assert error.message == f"The data in {data} is damaged."
    assert "Move the directory away" in error.hint


async def test_data_of_a_newer_version_is_told(data: Path) -> None:
    (commit,) = data.glob("data/_state/segments_*")
    content = commit.read_bytes().replace(b"9050499", b"9990499")[:-8]
    commit.write_bytes(content + zlib.crc32(content).to_bytes(8, "big"))
    assert (await failure(data)).message == f"The data in {data} was written by a newer Elasticsearch."


async def test_data_that_another_node_uses_is_told(data: Path) -> None:
    async with running_node(data):
        assert (await failure(data)).message == f"Another Elasticsearch node uses {data}."


@pytest.mark.parametrize(
    ("output", "message"),
    [
        # what the JVM prints when the heap is larger than the address space that it may have
        (
            "Could not reserve enough space for 1048574951424 KB object heap",
            "There is not enough memory for this heap.",
        ),
        # ... than the memory that the system commits
        (
            "# There is insufficient memory for the Java Runtime Environment to continue.",
            "There is not enough memory for this heap.",
        ),
        # ... and when a running node needs more than it was given
        ("Terminating due to java.lang.OutOfMemoryError: Java heap space", "Elasticsearch ran out of memory."),
        ("java.io.IOException: No space left on device", "/data cannot be written."),
    ],
)
def test_output_of_a_node_is_told_as_a_cause(output: str, message: str) -> None:
    assert diagnose(("exit code 1", output), Path("/data"), Path("/data/log")).message == message


def test_unknown_failure_names_its_innermost_cause_and_the_log() -> None:
    error = diagnose(("java.lang.A: outer\njava.lang.B: inner", "log"), Path("/data"), Path("/data/log"))
    assert str(error) == "Elasticsearch ended unexpectedly: java.lang.B: inner. The details are in /data/log."
