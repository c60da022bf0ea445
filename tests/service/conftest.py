"""One synced company and one service for all tests of this folder that only ask."""

from collections.abc import AsyncIterator

import pytest
import pytest_asyncio

from localorg.fixture import LocalOrg
from tests.acceptance.product import Product
from tests.service.service import Service, running_service

OBJECTS = (
    *("User", "Account", "Contact", "Lead", "Opportunity", "OpportunityHistory", "OpportunityStage", "Case", "Task"),
)


@pytest_asyncio.fixture(scope="package", loop_scope="session")
async def product(demo_org: LocalOrg, elasticsearch_url: str, tmp_path_factory: pytest.TempPathFactory) -> Product:
    made = Product(tmp_path_factory.mktemp("home"), demo_org, elasticsearch_url, objects=OBJECTS)
    code, _, err = await made.run("sync")
    assert code == 0, err
    return made


@pytest_asyncio.fixture(scope="package", loop_scope="session")
async def service(product: Product, demo_org: LocalOrg) -> AsyncIterator[Service]:
    async with running_service(product, demo_org) as running:
        yield running
