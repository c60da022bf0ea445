"""Downloads: only what the lock says is kept."""

import asyncio
import hashlib
import os
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from localelastic.errors import LocalElasticError
from localelastic.fetch import fetch
from localelastic.jars import JARS, Jar

CONTENT = bytes(range(256)) * 400
JAR = Jar(path="org/example/a/1.0/a-1.0.jar", sha256=hashlib.sha256(CONTENT).hexdigest())


def ignore(done: int, total: int) -> None:
    """Progress that nobody looks at."""


@dataclass
class Repository:
    """A Maven repository: what it serves, and which paths were asked for."""

    url: str
    files: dict[str, bytes] = field(default_factory=dict)
    requests: list[str] = field(default_factory=list)
    cut_off: bool = False
    """Whether every answer ends half-way."""


@pytest.fixture
def served(monkeypatch: pytest.MonkeyPatch) -> Iterator[Repository]:
    """A repository that has the jar, and that is the one in use."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            repository.requests.append(self.path)
            content = repository.files.get(self.path.removeprefix("/maven/"))
            if content is None:
                self.send_error(404)
                return
            self.send_response(200)
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content[: len(content) // 2] if repository.cut_off else content)

        def log_message(self, format: str, *arguments: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        repository = Repository(url=f"http://127.0.0.1:{server.server_port}/maven")
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
        thread.start()
        repository.files[JAR.path] = CONTENT
        monkeypatch.setenv("LOCALELASTIC_REPOSITORY", f"{repository.url}/")
        yield repository
        server.shutdown()
        thread.join()


async def test_missing_jars_are_fetched_with_progress(served: Repository, tmp_path: Path) -> None:
    others = [Jar(path=f"org/example/b{n}.jar", sha256=JAR.sha256) for n in range(20)]
    served.files.update({jar.path: CONTENT for jar in others})
    progress: list[tuple[int, int]] = []
    await fetch([JAR, *others], tmp_path / "jars", lambda done, total: progress.append((done, total)))
    assert progress == [(done, 21) for done in range(22)]
    assert {file.read_bytes() for file in (tmp_path / "jars").iterdir()} == {CONTENT}
    assert len(list((tmp_path / "jars").iterdir())) == 21


async def test_jars_that_are_there_need_no_network(served: Repository, tmp_path: Path) -> None:
    (tmp_path / "a-1.0.jar").write_bytes(CONTENT)
    await fetch([JAR], tmp_path, ignore)
    assert served.requests == []


async def test_tampered_jar_in_the_cache_is_fetched_again(served: Repository, tmp_path: Path) -> None:
    (tmp_path / "a-1.0.jar").write_bytes(CONTENT[:-1] + b"!")
    await fetch([JAR], tmp_path, ignore)
    assert (tmp_path / "a-1.0.jar").read_bytes() == CONTENT


async def test_download_with_another_checksum_is_refused_and_not_kept(served: Repository, tmp_path: Path) -> None:
    served.files[JAR.path] = CONTENT + b"!"
    with pytest.raises(LocalElasticError, match="does not have the locked checksum"):
        await fetch([JAR], tmp_path, ignore)
    assert list(tmp_path.iterdir()) == []


async def test_half_downloaded_jar_is_refused_and_not_kept(served: Repository, tmp_path: Path) -> None:
    served.cut_off = True
    with pytest.raises(LocalElasticError, match="could not be downloaded"):
        await fetch([JAR], tmp_path, ignore)
    assert list(tmp_path.iterdir()) == []
    assert len(served.requests) == 3  # it was worth trying again


async def test_interrupted_download_is_tried_again(served: Repository, tmp_path: Path) -> None:
    served.cut_off = True
    fetching = asyncio.create_task(fetch([JAR], tmp_path, ignore))
    while not served.requests:
        await asyncio.sleep(0.01)
    served.cut_off = False
    await fetching
    assert (tmp_path / "a-1.0.jar").read_bytes() == CONTENT


async def test_missing_jar_in_the_repository_is_an_error_at_once(served: Repository, tmp_path: Path) -> None:
    del served.files[JAR.path]
    with pytest.raises(LocalElasticError, match=r"a-1\.0\.jar could not be downloaded: the server answered 404"):
        await fetch([JAR], tmp_path, ignore)
    assert len(served.requests) == 1


async def test_without_network_the_error_names_cause_and_next_step(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LOCALELASTIC_REPOSITORY", "http://127.0.0.1:9")  # nothing listens on the discard port
    with pytest.raises(LocalElasticError, match="could not be downloaded") as caught:
        await fetch([JAR], tmp_path, ignore)
    assert "LOCALELASTIC_REPOSITORY" in caught.value.hint


@pytest.mark.parametrize("address", ["ftp://me:secret@localhost", "http://me:secret@[/"])
async def test_wrong_address_of_a_mirror_is_told_without_its_password(
    address: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LOCALELASTIC_REPOSITORY", address)
    with pytest.raises(LocalElasticError, match=r"a-1\.0\.jar could not be downloaded") as caught:
        await fetch([JAR], tmp_path, ignore)
    assert "secret" not in str(caught.value)


async def test_several_fetches_at_once_leave_whole_jars(served: Repository, tmp_path: Path) -> None:
    await asyncio.gather(*(fetch([JAR], tmp_path, ignore) for _ in range(6)))
    assert [file.name for file in tmp_path.iterdir()] == ["a-1.0.jar"]
    assert (tmp_path / "a-1.0.jar").read_bytes() == CONTENT


async def test_part_of_a_process_that_died_long_ago_is_removed(served: Repository, tmp_path: Path) -> None:
    old, new = tmp_path / "a.jar.1.part", tmp_path / "a.jar.2.part"
    for part in (old, new):
        part.touch()
    os.utime(old, (0, 0))
    await fetch([JAR], tmp_path, ignore)
    assert (old.exists(), new.exists()) == (False, True)


def test_lock_names_every_file_once_and_one_compiler() -> None:
    assert len({jar.file_name for jar in JARS}) == len(JARS) == 54
    assert [jar.file_name for jar in JARS if jar.is_compiler] == ["ecj-3.46.100.jar"]
