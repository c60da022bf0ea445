"""Parallel download of locked jars.

A jar is written beside its place, checked while it arrives and moved there only when its checksum is the locked one,
so that the cache never holds half a file and any number of processes may fetch at the same time. A cached jar that
does not match (tampered with, damaged on disk) is fetched again.
"""

import asyncio
import hashlib
import os
import secrets
import time
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Final

import httpx2

from localelastic.errors import LocalElasticError
from localelastic.jars import Jar

PARALLEL_DOWNLOADS: Final = 8
RETRY_DELAYS: Final = (0.5, 2.0)  # seconds
TIMEOUT: Final = httpx2.Timeout(30.0, connect=10.0)  # seconds without a byte
ABANDONED_AFTER: Final = 3600.0  # seconds; a `.part` file this old has lost its process

Progress = Callable[[int, int], None]
"""Called with (jars fetched, jars to fetch); not at all when every jar is there."""


def repository_url() -> str:
    """The Maven repository to download from: `LOCALELASTIC_REPOSITORY`, or the public one."""
    chosen = os.environ.get("LOCALELASTIC_REPOSITORY")
    if not chosen:
        from jgo.constants import MAVEN_CENTRAL_URL  # slow to import, and needed for downloads only

        chosen = str(MAVEN_CENTRAL_URL)
    return chosen.rstrip("/")


async def fetch(jars: Iterable[Jar], directory: Path, progress: Progress) -> None:
    """Make every jar lie in the directory with its locked content."""
    directory.mkdir(parents=True, exist_ok=True)
    missing = await asyncio.to_thread(_missing, tuple(jars), directory)
    if not missing:
        return
    _remove_abandoned(directory)
    progress(0, len(missing))
    repository = repository_url()
    slots = asyncio.Semaphore(PARALLEL_DOWNLOADS)
    done = 0

    async def fetch_one(jar: Jar) -> None:
        nonlocal done
        async with slots:
            await _download(client, f"{repository}/{jar.path}", jar, directory)
        done += 1
        progress(done, len(missing))

    try:
        async with httpx2.AsyncClient(timeout=TIMEOUT, follow_redirects=True) as client:
            async with asyncio.TaskGroup() as downloads:
                for jar in missing:
                    downloads.create_task(fetch_one(jar))
    except ExceptionGroup as errors:  # one is enough: the others were cancelled or failed alike
        raise errors.exceptions[0] from None


def _missing(jars: Iterable[Jar], directory: Path) -> list[Jar]:
    return [jar for jar in jars if _sha256(directory / jar.file_name) != jar.sha256]


def _sha256(file: Path) -> str | None:
    try:
        with file.open("rb") as content:
            return hashlib.file_digest(content, "sha256").hexdigest()
    except FileNotFoundError:
        return None


def _remove_abandoned(directory: Path) -> None:
    for part in directory.glob("*.part"):
        if time.time() - part.stat().st_mtime > ABANDONED_AFTER:
            part.unlink(missing_ok=True)


async def _download(client: httpx2.AsyncClient, url: str, jar: Jar, directory: Path) -> None:
    part = directory / f"{jar.file_name}.{secrets.token_hex(4)}.part"
    try:
        checksum = await _save(client, url, part)
        if checksum != jar.sha256:
            raise LocalElasticError(
                f"{_told(url)} does not have the locked checksum, so it was refused.",
                "Something between here and the repository changed it. Try again, or name a repository that you "
                "trust in LOCALELASTIC_REPOSITORY.",
            )
        part.replace(directory / jar.file_name)
    finally:
        part.unlink(missing_ok=True)


async def _save(client: httpx2.AsyncClient, url: str, part: Path) -> str:
    for delay in (*RETRY_DELAYS, None):
        try:
            return await _save_once(client, url, part)
        except (httpx2.HTTPError, httpx2.InvalidURL) as exc:
            if delay is None or not _may_pass(exc):
                raise _download_failed(url, exc) from exc
            await asyncio.sleep(delay)
    raise AssertionError("the last attempt returns or raises")


async def _save_once(client: httpx2.AsyncClient, url: str, part: Path) -> str:
    digest = hashlib.sha256()
    async with client.stream("GET", url) as response:
        response.raise_for_status()
        with part.open("wb") as content:
            async for chunk in response.aiter_bytes():
                digest.update(chunk)
                content.write(chunk)
    return digest.hexdigest()


def _may_pass(exc: Exception) -> bool:
    """Whether the same request may succeed a little later."""
    if isinstance(exc, httpx2.HTTPStatusError):
        return exc.response.status_code >= 500
    return not isinstance(exc, httpx2.InvalidURL | httpx2.UnsupportedProtocol)


def _told(url: str) -> str:
    """The URL without the password that the address of a mirror may contain."""
    scheme, _, rest = url.partition("//")
    return f"{scheme}//{rest.rpartition('@')[2]}"


def _download_failed(url: str, exc: Exception) -> LocalElasticError:
    if isinstance(exc, httpx2.HTTPStatusError):
        cause = f"the server answered {exc.response.status_code}"
    else:
        cause = str(exc) or type(exc).__name__
    return LocalElasticError(
        f"{_told(url)} could not be downloaded: {cause}.",
        "The first start needs a network. Check it and its proxy (HTTPS_PROXY, SSL_CERT_FILE), or name a mirror "
        "in LOCALELASTIC_REPOSITORY.",
    )
