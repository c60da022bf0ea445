"""The whole product with a browser before it: a local org, the sync, `forcedex serve`, and Chromium."""

import asyncio
import json
import secrets
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, field

import httpx2
import pytest
import pytest_asyncio
from playwright.async_api import Browser, BrowserContext, Page, Request, StorageState

from localorg.fixture import LocalOrg, running_org
from tests.acceptance.product import Product
from tests.browser.chromium import PATIENCE, axe_script, launched

ADMIN, MANAGER = "Ada Admin", "Henrik Falkner"
OBJECTS = ("User", "Account", "Contact", "Opportunity", "OpportunityHistory", "OpportunityStage", "Case")
#: What a careless page would run.
PAYLOAD = "<img src=x onerror=window.struck=1><script>window.struck=1</script>"


@dataclass
class Site:
    """The service, the org behind it, and a browser."""

    url: str
    org: LocalOrg
    browser: Browser
    #: Records made for the tests.
    account: str
    contact: str
    sessions: dict[str, StorageState] = field(default_factory=dict)
    #: What no page may do: break the policy, fail, or ask somebody else.
    faults: list[str] = field(default_factory=list)

    async def context(
        self, person: str = "", *, width: int = 1280, height: int = 900, locale: str = "en-US"
    ) -> BrowserContext:
        """Somebody's browser; nobody's without a name."""
        if person and person not in self.sessions:
            fresh = await self.browser.new_context()
            await self.log_in(await fresh.new_page(), person)
            self.sessions[person] = await fresh.storage_state()
            await fresh.close()
        context = await self.browser.new_context(
            viewport={"width": width, "height": height},
            locale=locale,
            storage_state=self.sessions[person] if person else None,
            base_url=self.url,
        )
        context.set_default_timeout(PATIENCE)
        context.on("page", self._watch)
        return context

    async def log_in(self, page: Page, person: str, button: str = "") -> None:
        """On the org's own page, from ours."""
        if button:
            await page.get_by_role("link", name=button).click()
        else:
            await page.goto(f"{self.url}/auth/login")
        await page.locator("button[name=persona]", has_text=person).first.click()
        await page.wait_for_url(f"{self.url}/**")

    def _watch(self, page: Page) -> None:
        def asked(request: Request) -> None:
            if not request.url.startswith((self.url, self.org.url, "data:", "blob:")):
                self.faults.append(f"asked {request.url}")

        page.on("request", asked)
        page.on("pageerror", lambda error: self.faults.append(str(error)))
        page.on(
            "console",
            lambda said: self.faults.append(said.text) if "Content Security Policy" in said.text else None,
        )


async def _made(org: LocalOrg) -> tuple[str, str]:
    """An account that everybody's eyes find, its contact, and records with scripts in their texts."""
    account = org.insert("Account", Name="Zanteborg Hydraulics GmbH", Industry="Energy", Phone="+49 30 1234567")
    contact = org.insert("Contact", LastName="Quellhorst", FirstName="Ilse", AccountId=account)
    bad = org.insert("Account", Name=f"Zantemalice {PAYLOAD}", Description=PAYLOAD, Site=PAYLOAD[:60])
    org.insert("Contact", LastName=f"Zantemalice {PAYLOAD}", AccountId=bad)
    return account, contact


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def site(elasticsearch_url: str, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Site]:
    """One for all tests of a module."""
    home = tmp_path_factory.mktemp("browser")
    async with running_org() as org:
        account, contact = await _made(org)
        product = Product(home, org, elasticsearch_url, objects=OBJECTS)
        secret = home / "secret"
        secret.write_text(org.credentials.login_client_secret, encoding="utf-8")
        product.settings |= {
            "FORCEDEX_SERVER__PORT": str(20_000 + secrets.randbelow(20_000)),
            "FORCEDEX_SERVER__LOGIN_CLIENT_ID": org.credentials.login_client_id,
            "FORCEDEX_SERVER__LOGIN_CLIENT_SECRET_FILE": str(secret),
        }
        code, _, err = await product.run("sync")
        assert code == 0, err
        sync = await product.start("sync", "--watch")
        serve = await product.start("serve", "--json")
        quiet = [asyncio.create_task(_drained(stream)) for stream in (sync.stdout, sync.stderr, serve.stderr)]
        try:
            url = await _ready(serve)
            change = {"add_redirect_uris": [f"{url}/auth/callback"]}
            async with httpx2.AsyncClient(trust_env=False) as http:
                await http.post(f"{org.url}/__org/apps/{org.credentials.login_client_id}", json=change)
            async with launched() as browser:
                yield Site(url, org, browser, account, contact)
        finally:
            for each in (sync, serve):
                if each.returncode is None:
                    each.terminate()
                    await each.wait()
            await asyncio.gather(*quiet)


async def _ready(serve: asyncio.subprocess.Process) -> str:
    assert serve.stdout is not None
    async for line in serve.stdout:
        if line.startswith(b"{"):
            return str(json.loads(line)["url"])
    raise AssertionError("forcedex serve ended")


async def _drained(stream: asyncio.StreamReader | None) -> None:
    while stream is not None and await stream.read(65_536):
        pass


Opened = Callable[..., Awaitable[Page]]


@pytest_asyncio.fixture(loop_scope="session")
async def opened(site: Site) -> AsyncIterator[Opened]:
    """Opens addresses as somebody; afterwards no page may have broken the policy, failed, or asked anybody else."""
    contexts: list[BrowserContext] = []
    site.faults.clear()

    async def open_as(person: str, path: str, *, width: int = 1280, height: int = 900, locale: str = "en-US") -> Page:
        context = await site.context(person, width=width, height=height, locale=locale)
        contexts.append(context)
        page = await context.new_page()
        await page.goto(path)
        return page

    yield open_as
    for context in contexts:
        await context.close()
    assert not site.faults


@pytest.fixture(scope="session")
def axe_source() -> str:
    """The accessibility checker, from the packages of `tests/node`."""
    return axe_script()
