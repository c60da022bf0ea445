"""The components in Chromium, once for all tests of a module."""

from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, field
from urllib.parse import urlencode

import pytest
import pytest_asyncio
from playwright.async_api import Browser, Page, Request

from tests.browser.chromium import PATIENCE, launched
from tests.preview.running import Preview, running_preview

Opened = Callable[..., Awaitable[Page]]


@dataclass
class Looking:
    """A browser before the preview."""

    preview: Preview
    browser: Browser
    #: What no component may do: fail, break off, or ask somebody else.
    faults: list[str] = field(default_factory=list)

    def watch(self, page: Page) -> None:
        """Note what goes wrong in a page."""

        def asked(request: Request) -> None:
            if not request.url.startswith((self.preview.url, "data:", "blob:")):
                self.faults.append(f"asked {request.url}")

        page.on("request", asked)
        page.on("pageerror", lambda error: self.faults.append(str(error)))


def address(preview: Preview, person: str, component: str, **given: str) -> str:
    """Of a component on a page, as somebody sees it."""
    return f"{preview.url}?{urlencode({'component': component, 'as': person, **given})}"


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def looking(elasticsearch_url: str, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Looking]:
    async with launched() as browser:
        async with running_preview(tmp_path_factory.mktemp("preview"), elasticsearch_url) as preview:
            yield Looking(preview, browser)


@pytest_asyncio.fixture(loop_scope="session")
async def preview(looking: Looking) -> AsyncIterator[Preview]:
    """The running whole; what a test turned is turned back."""
    page = looking.preview.page
    before = page.endpoint, page.signer, page.patience
    page.asked.clear()
    yield looking.preview
    page.endpoint, page.signer, page.patience = before


@pytest_asyncio.fixture(loop_scope="session")
async def opened(looking: Looking, preview: Preview) -> AsyncIterator[Opened]:
    """Opens a component as somebody; afterwards no page may have failed or asked anybody else."""
    contexts = []
    looking.faults.clear()

    async def open_as(person: str, component: str, *, width: int = 1100, height: int = 850, **given: str) -> Page:
        context = await looking.browser.new_context(viewport={"width": width, "height": height})
        context.set_default_timeout(PATIENCE)
        contexts.append(context)
        page = await context.new_page()
        looking.watch(page)
        await page.goto(address(preview, person, component, **given))
        return page

    yield open_as
    for context in contexts:
        await context.close()
    assert not looking.faults
