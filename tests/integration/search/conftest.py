"""A search over a small sales organization."""

from collections.abc import AsyncIterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
import pytest_asyncio
from elasticsearch import AsyncElasticsearch

from forcedex.elasticsearch.naming import Names
from forcedex.elasticsearch.query import QueryClient
from forcedex.keys import Keys
from forcedex.search.asker import Asker
from forcedex.search.search import Search
from tests.integration.elasticsearch.conftest import client, names, queries, sink
from tests.integration.search.company import ANNA, BEN, SECRET, fill, rid

__all__ = ["client", "names", "queries", "sink"]

TODAY = date(2026, 11, 23)
ROWS = {
    "Account": (
        {"Name": "Zanteco Medical Systems Ltd", "AccountNumber": "AC-000123", "BillingCountry": "Germany"},
        {"Name": "Müller Maschinenbau GmbH", "BillingCountry": "Deutschland", "Phone": "+49 30 1234567"},
        {"Name": "株式会社サクラミライ電機", "BillingCountry": "Japan"},
        {"Name": "Zanteco Foods Inc", "BillingCountry": "France"},
        {"Name": "Cases Unlimited Inc", "BillingCountry": "France"},
    ),
    "Contact": (
        {"Name": "Robert Norman", "Email": "robert.norman@zanteco.example", "Title": "Chief Executive Officer"},
        {"Name": "Jerry Colby Gule", "Email": "jerry@gule.example", "Phone": "(415) 555-0100"},
        {"Name": "Joe Gule"},
        {"Name": "Robert Norman", "Email": "rob@other.example", "Account.Name": "Zanteco Foods Inc"},
        {"Name": "Hidden Normann", "acl": SECRET},
    ),
    "Opportunity": (
        {
            **{"Name": "Zanteco Renewal 2026", "Amount": "80000", "StageName": "Negotiation", "IsClosed": "false"},
            **{"CloseDate": "2026-11-28", "AccountId": rid("Account", 1), "IsWon": "false"},
            "Account.Name": "Zanteco Medical Systems Ltd",
        },
        {
            **{"Name": "Zanteco Pilot", "Amount": "20000", "StageName": "Proposal", "IsClosed": "false"},
            **{"CloseDate": "2026-11-30", "AccountId": rid("Account", 1), "IsWon": "false"},
        },
        {
            **{"Name": "Müller Expansion", "Amount": "120000", "StageName": "Closed Won", "IsClosed": "true"},
            **{"CloseDate": "2026-10-15", "AccountId": rid("Account", 2), "IsWon": "true"},
            **{"OwnerId": BEN, "Owner.Name": "Ben Weber"},
        },
        {
            **{"Name": "Zanteco Upgrade", "Amount": "60000", "StageName": "Proposal", "IsClosed": "false"},
            **{"CloseDate": "2026-11-30", "AccountId": rid("Account", 4), "IsWon": "false"},
        },
    ),
    "Case": (
        {
            **{"CaseNumber": "00001234", "Subject": "Device broken", "Status": "New", "IsClosed": "false"},
            **{"Description": "The welding cells stopped.", "CreatedDate": "2026-11-18T10:00:00.000Z"},
            **{"AccountId": rid("Account", 1), "Priority": "High"},
        },
        {"CaseNumber": "00005678", "Subject": "Invoice wrong", "Status": "Closed", "IsClosed": "true"},
    ),
}


class Clock:
    """A clock that is put forward by hand."""

    def __init__(self) -> None:
        self.time = datetime(2026, 11, 23, 12, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.time

    def forward(self, by: timedelta) -> None:
        """Let time pass."""
        self.time += by


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def anna() -> Asker:
    return Asker(user_id=ANNA, team=frozenset({BEN}), today=TODAY)


@pytest_asyncio.fixture
async def company(
    client: AsyncElasticsearch, names: Names, queries: QueryClient, tmp_path: Path, clock: Clock
) -> AsyncIterator[Search]:
    """The search over `ROWS`."""
    await fill(client, names, ROWS)
    yield Search(
        queries,
        await queries.objects(),
        "https://acme.my.salesforce.com",
        keys=Keys([tmp_path / "key"]),
        now=clock,
    )
