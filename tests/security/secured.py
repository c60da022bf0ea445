"""A real Elasticsearch 9.5.3 with x-pack-security behind TLS, from published jars that `jars.lock` pins.

The jars are fetched into the cache of localelastic under their own licence; nothing of them is in this repository.
"""

import asyncio
import hashlib
import secrets
import shutil
import tempfile
from asyncio.subprocess import PIPE
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from elasticsearch import ApiError, AsyncElasticsearch

from localelastic import build
from localelastic.cache import cache_directory
from localelastic.fetch import fetch
from localelastic.jars import Jar
from localelastic.jvm import bundled_java, find_java
from tests.security.authority import Authority

HERE = Path(__file__).parent
OURS = Path(build.__file__).parent / "java"
VERSION = "9.5.3"
PLUGINS = ("x-pack-core", "x-pack-security")
_SETTINGS = {
    "cluster.name": "secured",
    "node.name": "secured",
    "network.host": "127.0.0.1",
    "http.port": "0",
    "transport.port": "0",
    "discovery.type": "single-node",
    "cluster.routing.allocation.disk.threshold_enabled": "false",
    "xpack.security.enabled": "true",
    "xpack.security.http.ssl.enabled": "true",
    "xpack.security.http.ssl.key": "node.key",
    "xpack.security.http.ssl.certificate": "node.crt",
    "xpack.license.self_generated.type": "basic",
}
#: Our two plugins: that of localelastic, and what the index of users needs besides.
_OWN = {"localelastic": "LocalPlugin", "secured": "SecuredPlugin"}


def _descriptor(name: str) -> str:
    told = {
        "name": name,
        "description": "For tests",
        "version": VERSION,
        "elasticsearch.version": VERSION,
        "java.version": "21",
        "classname": f"localelastic.{_OWN[name]}",
    }
    return "".join(f"{key}={value}\n" for key, value in told.items())


@dataclass(frozen=True, kw_only=True, slots=True)
class Secured:
    """A running node."""

    url: str
    ca_file: Path
    password: str

    def client(self, **identity: object) -> AsyncElasticsearch:
        """As the user `elastic`, unless another identity is given."""
        options = identity or {"basic_auth": ("elastic", self.password)}
        return AsyncElasticsearch(self.url, ca_certs=str(self.ca_file), **options)  # type: ignore[arg-type]


def locked() -> dict[str, list[Jar]]:
    """The jars by group: the node itself, and the two plugins."""
    groups: dict[str, list[Jar]] = {}
    for line in (HERE / "jars.lock").read_text("utf-8").splitlines():
        group, sha256, path = line.split()
        groups.setdefault(group, []).append(Jar(sha256=sha256, path=path))
    return groups


async def installed() -> tuple[Path, Path]:
    """Java, and the folder with everything that the node needs."""
    java, cache, groups = await find_java(bundled_java()), cache_directory(), locked()
    await fetch([jar for group in groups.values() for jar in group], cache / "jars", lambda done, total: None)
    sources = sorted([*OURS.glob("*.java"), *HERE.glob("java/**/*.java")])
    told = b"".join(each.read_bytes() for each in (HERE / "jars.lock", *sources)) + repr(_OWN).encode()
    folder = cache / "secured" / hashlib.sha256(told).hexdigest()[:16]
    if not folder.exists():
        folder.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(prefix="making-", dir=folder.parent) as made:
            await _make(Path(made, "whole"), java, cache / "jars", groups, sources)
            try:
                Path(made, "whole").rename(folder)
            except OSError:
                assert folder.exists()  # another process was faster
    return java, folder


async def _make(place: Path, java: Path, jars: Path, groups: dict[str, list[Jar]], sources: list[Path]) -> None:
    for name, group in groups.items():
        (place / name).mkdir(parents=True)
        for jar in group:
            shutil.copy(jars / jar.file_name, place / name)
    [compiler] = (place / "node").glob("ecj-*.jar")
    libraries = ":".join(str(each) for each in sorted((place / "node").glob("*.jar")))
    options = "-source 21 -target 21 -proc:none -nowarn -encoding UTF-8".split()
    compiling = await asyncio.create_subprocess_exec(
        java, "-jar", compiler, *options, "-cp", libraries, "-d", place / "classes", *sources, stdout=PIPE, stderr=PIPE
    )
    _, said = await compiling.communicate()
    assert compiling.returncode == 0, said.decode()
    for name in _OWN:
        descriptor = place / f"classes/META-INF/es-plugins/{name}/plugin-descriptor.properties"
        descriptor.parent.mkdir(parents=True)
        descriptor.write_text(_descriptor(name), "utf-8")


@asynccontextmanager
async def running(folder: Path, authority: Authority) -> AsyncIterator[Secured]:
    """A node with its data in this folder, certified by the authority."""
    java, whole = await installed()
    (folder / "config").mkdir()
    (folder / "tmp").mkdir()
    authority.certify(folder / "config")
    password = secrets.token_urlsafe(18)
    settings = [f"{name}={value}" for name, value in _SETTINGS.items()]
    with (folder / "log").open("wb") as log:
        process = await asyncio.create_subprocess_exec(
            java,
            *("-Xms512m", "-Xmx512m", "-XX:TieredStopAtLevel=1", "-Djava.awt.headless=true"),
            *("-Dlog4j2.disable.jmx=true", "--enable-native-access=ALL-UNNAMED", f"-Djava.io.tmpdir={folder / 'tmp'}"),
            *("-cp", f"{whole / 'classes'}:{whole / 'node'}/*", "localelastic.SecuredLauncher"),
            *(str(folder), *(str(whole / name) for name in PLUGINS), *settings),
            cwd=folder,
            stdin=PIPE,
            stdout=PIPE,
            stderr=log,
            start_new_session=True,
        )
    assert process.stdin is not None and process.stdout is not None
    try:
        process.stdin.write(f"{password}\n".encode())
        said = (await asyncio.wait_for(process.stdout.readline(), 180)).decode()
        assert said.startswith("STARTED "), said + (folder / "log").read_text(errors="replace")[-4_000:]
        node = Secured(url=f"https://127.0.0.1:{said.split()[1]}", ca_file=authority.file, password=password)
        await _awaken(node)
        yield node
    finally:
        process.stdin.close()
        try:
            await asyncio.wait_for(process.wait(), 30)
        except TimeoutError:
            process.kill()
            await process.wait()
        await process.communicate()


async def _awaken(node: Secured) -> None:
    """The index of users is made when it is first needed; until then some requests are refused."""
    async with node.client() as client:
        for attempt in range(60):
            try:
                made = await client.security.create_api_key(name="first")
                await client.security.invalidate_api_key(ids=[made["id"]])
                return
            except ApiError:
                if attempt == 59:
                    raise
            await asyncio.sleep(0.5)
