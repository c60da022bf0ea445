"""Chromium of the machine, driven by playwright."""

import os
import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from playwright.async_api import Browser, async_playwright, expect

#: Milliseconds that something may take on a busy machine.
PATIENCE = 20_000.0
_ARGUMENTS = (
    *("--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking"),
    *("--disable-component-update", "--disable-sync"),
)
_AXE = Path(__file__).parents[1] / "node" / "node_modules" / "axe-core" / "axe.min.js"


@asynccontextmanager
async def launched() -> AsyncIterator[Browser]:
    """A browser; the test is skipped where there is none, and fails in CI."""
    program = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if program is None:
        if os.environ.get("FORCEDEX_CI"):
            pytest.fail("Chromium is missing: apt-get install chromium")
        pytest.skip("Chromium is missing: apt-get install chromium")
    async with async_playwright() as driver:
        browser = await driver.chromium.launch(executable_path=program, args=_ARGUMENTS)
        expect.set_options(timeout=PATIENCE)
        yield browser
        await browser.close()


def axe_script() -> str:
    """The accessibility checker, from the packages of `tests/node`."""
    return _AXE.read_text(encoding="utf-8")
