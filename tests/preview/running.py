"""Everything that the components stand on, running: a local org with our project deployed, the sync that follows it,
`forcedex serve`, and a page of Salesforce around the components.
"""

import asyncio
import os
import socket
import subprocess
import sysconfig
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import uvicorn

from localorg.fixture import LocalOrg, running_org
from tests.acceptance.product import Product
from tests.preview.salesforce_page import PERMISSION_SET, Place, SalesforcePage
from tests.service.service import ADMIN, MARKETING, SALES, SERVICE, VP, Service, running_service

ROOT = Path(__file__).parents[2]
PROJECT = ROOT / "salesforce"
OBJECTS = (
    *("User", "Account", "Contact", "Lead", "Opportunity", "OpportunityHistory", "OpportunityStage", "Case", "Task"),
)
#: Whom the page can be looked at as; all but the last hold the permission set.
PEOPLE = (ADMIN, VP, SALES, SERVICE, MARKETING)
SIZES = PROJECT / "preview" / "built" / "sizes.json"
#: What a careless component would run.
PAYLOAD = "<img src=x onerror=window.struck=1><script>window.struck=1</script>"


@dataclass(frozen=True, kw_only=True)
class Records:
    """Records that were made for the preview."""

    account: str
    contact: str
    #: Its name holds a script.
    malicious: str
    #: Shared with the manager by hand alone: two that can be taken back.
    lent: str
    suggested: str


@dataclass(frozen=True, kw_only=True)
class Preview:
    """The running whole."""

    url: str
    org: LocalOrg
    service: Service
    page: SalesforcePage
    records: Records

    def user_id(self, username: str) -> str:
        """Of somebody."""
        return user_id(self.org, username)

    async def finds(self, username: str, text: str, record: str) -> bool:
        """Whether the service itself shows a record to somebody."""
        answer = await self.page.called(username, "POST", "/api/v1/search", {"text": text, "size": 50})
        return record in [each["id"] for each in answer["hits"]]


def built_components() -> Path:
    """The folder of the built components; they are built if a source is newer."""
    sources = [PROJECT / "force-app", PROJECT / "preview" / "src", PROJECT / "preview" / "stubs"]
    files = [each for folder in sources for each in folder.rglob("*")] + list((PROJECT / "preview").glob("*.js*"))
    if not SIZES.exists() or max(each.stat().st_mtime for each in files) > SIZES.stat().st_mtime:
        path = f"{sysconfig.get_path('scripts')}{os.pathsep}{os.environ['PATH']}"
        made = subprocess.run(
            ["node", "build.js"],
            cwd=PROJECT / "preview",
            env={**os.environ, "PATH": path},
            capture_output=True,
            text=True,
            check=False,
        )
        assert made.returncode == 0, made.stderr
    return SIZES.parent


def made_records(org: LocalOrg) -> Records:
    """An account with a contact, a deal and a case, one much like it, and one with scripts in its texts."""
    owner = user_id(org, SALES)
    place = {"Industry": "Energy", "BillingCity": "Berlin", "Region__c": "EMEA", "OwnerId": owner}
    account = org.insert("Account", Name="Zanteborg Hydraulics GmbH", **place)
    org.insert("Account", Name="Zanteborg Hydraulics Gesellschaft", **place)
    contact = org.insert("Contact", LastName="Quellhorst", FirstName="Ilse", AccountId=account, OwnerId=owner)
    org.insert(
        "Opportunity",
        Name="Zanteborg pumps",
        StageName="Prospecting",
        CloseDate=org.clock.now().date(),
        AccountId=account,
        Amount=120_000,
        OwnerId=owner,
    )
    org.insert("Case", Subject="Zanteborg leak", AccountId=account, ContactId=contact, OwnerId=owner)
    bad = org.insert("Account", Name=f"Zantemalice {PAYLOAD}", Description=PAYLOAD, Site=PAYLOAD[:60], OwnerId=owner)
    org.insert("Account", Name="Zantequiet Own", OwnerId=owner)
    lent = org.insert("Account", Name="Zantequiet Lent", OwnerId=user_id(org, ADMIN))
    suggested = org.insert("Account", Name="Zantewhisper Lent", OwnerId=user_id(org, ADMIN))
    for each in (lent, suggested):
        org.share(each, user_id(org, VP), "Read")
    return Records(account=account, contact=contact, malicious=bad, lent=lent, suggested=suggested)


def places(records: Records) -> Sequence[Place]:
    """What can be looked at."""
    return (
        Place(title="Search", component="forcedexSearch"),
        Place(
            title="Related",
            component="forcedexRelated",
            given={"recordId": records.account, "objectApiName": "Account"},
        ),
        Place(title="Report", component="forcedexReport", given={"report": "closed-won", "reportPeriod": "all"}),
    )


@asynccontextmanager
async def running_preview(
    home: Path, elasticsearch_url: str, *, project: Path = PROJECT, size: float = 0.02, port: int = 0
) -> AsyncIterator[Preview]:
    """All of it, over an Elasticsearch that runs."""
    async with AsyncExitStack() as stack:
        org = await stack.enter_async_context(running_org(size=size))
        org.deploy(project)
        for each in PEOPLE[:-1]:
            org.assign_permission_set(user_id(org, each), PERMISSION_SET)
        records = made_records(org)
        product = Product(home, org, elasticsearch_url, objects=OBJECTS)
        code, _, err = await product.run("sync")
        assert code == 0, err
        service = await stack.enter_async_context(running_service(product, org))
        await stack.enter_async_context(_following(product))
        page = SalesforcePage(
            org,
            built_components(),
            service,
            PEOPLE,
            places(records),
        )
        stack.push_async_callback(page.aclose)
        url = await stack.enter_async_context(_served(page, port))
        yield Preview(url=url, org=org, service=service, page=page, records=records)


def user_id(org: LocalOrg, username: str) -> str:
    """Of somebody."""
    return str(org.org.store.scalar('SELECT "Id" FROM "User" WHERE "Username" = ?', (username,)))


@asynccontextmanager
async def _following(product: Product) -> AsyncIterator[None]:
    """`forcedex sync --watch`, meanwhile."""
    process = await product.start("sync", "--watch")
    quiet = [asyncio.create_task(_drained(each)) for each in (process.stdout, process.stderr)]
    try:
        yield
    finally:
        if process.returncode is None:
            process.terminate()
        await process.wait()
        await asyncio.gather(*quiet)


async def _drained(stream: asyncio.StreamReader | None) -> None:
    while stream is not None and await stream.read(65_536):
        pass


@asynccontextmanager
async def _served(page: SalesforcePage, port: int) -> AsyncIterator[str]:
    """The page over HTTP on loopback; its address."""
    listener = socket.socket()
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    listener.bind(("127.0.0.1", port))
    server = uvicorn.Server(uvicorn.Config(page.app, log_level="warning", lifespan="off"))
    serving = asyncio.create_task(server.serve([listener]))
    try:
        yield f"http://127.0.0.1:{listener.getsockname()[1]}/"
    finally:
        server.should_exit = True
        await serving
        listener.close()
