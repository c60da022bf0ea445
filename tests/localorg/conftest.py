"""Orgs of the local org's tests: an empty one per test, and one with a few records to look at, shared."""

import shutil
from collections.abc import AsyncIterator
from datetime import UTC, date, datetime, time
from decimal import Decimal
from pathlib import Path

import pytest
import pytest_asyncio

from localorg.fixture import LocalOrg, running_org
from tests.localorg.api import Api
from tests.localorg.pubsub import PubSub


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of an empty org: copying it is faster than making keys anew."""
    folder = tmp_path_factory.mktemp("template") / "org"
    async with running_org(folder, empty=True):
        return folder


@pytest_asyncio.fixture(loop_scope="session")
async def org(template: Path, tmp_path: Path) -> AsyncIterator[LocalOrg]:
    """An empty org for one test."""
    folder = shutil.copytree(template, tmp_path / "org")
    async with running_org(folder) as org:
        yield org


@pytest_asyncio.fixture(loop_scope="session")
async def api(org: LocalOrg) -> AsyncIterator[Api]:
    """The administrator's REST API of the test's org."""
    api = Api(org, org.session(org.credentials.admin_username))
    yield api
    await api.close()


@pytest_asyncio.fixture(loop_scope="session")
async def bus(org: LocalOrg) -> AsyncIterator[PubSub]:
    """The integration user's Pub/Sub API of the test's org."""
    bus = PubSub(org)
    yield bus
    await bus.close()


@pytest_asyncio.fixture(loop_scope="session")
async def reader(org: LocalOrg) -> AsyncIterator[Api]:
    """The integration user's REST API of the test's org: what a sync sees."""
    api = Api(org)
    yield api
    await api.close()


#: Wednesday.
NOW = datetime(2026, 3, 18, 12, 0, 0, tzinfo=UTC)


def fill(org: LocalOrg) -> None:
    """Five accounts and what hangs on them, each chosen for a trap."""
    org.clock.freeze(NOW)
    acme = org.insert(
        "Account",
        Name="Acme",
        AnnualRevenue=Decimal(1000),
        Tier__c="Gold",
        Segments__c="Startup;Enterprise",
        Customer_Number__c="C-1",
        Legacy_Key__c="abc",
        Contract_Renewal__c=date(2026, 3, 18),
        Last_Review__c=datetime(2026, 3, 17, 23, 30, tzinfo=UTC),
        Support_Hours__c=time(8, 30),
        Discount_Factor__c=Decimal("0.1234"),
        NumberOfEmployees=10,
        Is_Strategic__c=True,
    )
    org.insert(
        "Account",
        Name="acme beta",
        AnnualRevenue=Decimal(5000),
        CurrencyIsoCode="JPY",
        Tier__c="Bronze",
        Segments__c="Enterprise",
        Legacy_Key__c="ABC",
        Contract_Renewal__c=date(2026, 2, 28),
        Last_Review__c=datetime(2026, 3, 18, 0, 0, tzinfo=UTC),
    )
    org.insert("Account", Name="Östlund", AnnualRevenue=Decimal(-5), Tier__c="Platinum", ParentId=acme)
    org.insert("Account", Name="Under_score%", Contract_Renewal__c=date(2025, 12, 31))
    org.insert("Account", Name='O\'Brien "& Sons"\\', AnnualRevenue=Decimal(2000), BillingCity="Cork")
    ada = org.insert("Contact", FirstName="Ada", LastName="Lovelace", AccountId=acme, Email="ada@acme.example")
    org.insert("Contact", LastName="Solo")
    org.insert("Task", Subject="Call", WhoId=ada, WhatId=acme)
    org.insert("Opportunity", Name="Big", StageName="Closed Won", CloseDate=date(2026, 3, 31), AccountId=acme)


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def filled() -> AsyncIterator[Api]:
    """A shared org with the records of `fill`; read only."""
    async with running_org(empty=True) as org:
        fill(org)
        api = Api(org)
        yield api
        await api.close()
