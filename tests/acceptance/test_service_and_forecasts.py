"""What sales analysis needs beside deals is synced as any object is, when it is configured."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest_asyncio
from elasticsearch import AsyncElasticsearch

from localorg.fixture import LocalOrg, running_org
from tests.acceptance.equality import assert_index_is_org
from tests.acceptance.product import Product

OBJECTS = (
    *("DatedConversionRate", "CurrencyType", "Period", "FiscalYearSettings", "BusinessHours", "Holiday"),
    *("OpportunityFieldHistory", "OpportunityContactRole", "ForecastingType", "ForecastingQuota", "ForecastingItem"),
    *("CampaignInfluence", "CampaignInfluenceModel", "CaseHistory", "CaseComment", "EmailMessage", "CaseMilestone"),
    *("MilestoneType", "Task", "Event"),
)


@pytest_asyncio.fixture(loop_scope="session")
async def org() -> AsyncIterator[LocalOrg]:
    async with running_org(size=0.02) as org:
        yield org


async def test_objects_of_service_and_forecasts_arrive_and_changes_follow(
    org: LocalOrg, elasticsearch_url: str, tmp_path: Path
) -> None:
    product = Product(tmp_path, org, elasticsearch_url, objects=OBJECTS)
    client = AsyncElasticsearch(elasticsearch_url)
    try:
        code, out, err = await product.run("sync")
        assert code == 0, (out, err)
        assert await assert_index_is_org(org, client, product.prefix, OBJECTS) > 2000
        case = next(row for row in org.rows("Case") if not row["IsClosed"])
        deal = next(row for row in org.rows("Opportunity") if not row["IsClosed"])
        org.update("Case", str(case["Id"]), Status="Closed", OwnerId=deal["OwnerId"])
        org.update("Opportunity", str(deal["Id"]), StageName="Closed Won", CampaignId=None)
        org.insert("EmailMessage", ParentId=str(case["Id"]), Subject="Done", Status="3")
        org.start_milestone(str(case["Id"]), str(org.rows("MilestoneType")[0]["Id"]), 60)
        org.set_conversion_rate("EUR", "0.9")
        code, out, err = await product.run("sync")
        assert code == 0, (out, err)
        await assert_index_is_org(org, client, product.prefix, OBJECTS)
    finally:
        await client.close()
