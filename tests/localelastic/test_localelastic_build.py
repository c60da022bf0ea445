"""Compiling the Java part: once, whole, and by any number of processes."""

import asyncio
from pathlib import Path

from localelastic.build import build
from localelastic.cache import cache_directory
from localelastic.events import Event
from localelastic.installation import install
from localelastic.jvm import bundled_java, find_java


async def test_it_is_compiled_once_even_by_two_at_the_same_time(tmp_path: Path) -> None:
    await install(lambda event: None)  # so that the jars are there
    java = await find_java(bundled_java())
    compilations: list[None] = []

    async def one() -> Path:
        return await build(java, cache_directory() / "jars", tmp_path, lambda: compilations.append(None))

    first, second = await asyncio.gather(one(), one())
    assert first == second == await one()
    assert len(compilations) == 2  # both began, one was kept, the third found it
    assert list(tmp_path.iterdir()) == [first]
    assert (first / "localelastic" / "Launcher.class").exists()


async def test_installed_node_reports_nothing_to_do() -> None:
    await install(lambda event: None)
    events: list[Event] = []
    await install(events.append)
    assert events == []
