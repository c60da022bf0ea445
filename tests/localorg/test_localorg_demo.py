"""An org with the demo company: everything in it can be read, by REST and by bulk, and says the same."""

import asyncio
import csv
import io
from collections.abc import AsyncIterator
from datetime import date
from typing import Any

import pytest
import pytest_asyncio

from localorg.fixture import running_org
from localorg.schema import load_schema
from tests.localorg.api import Api
from tests.localorg.test_localorg_bulk import run as run_bulk


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def demo(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Api]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("LOCALORG_CACHE", str(tmp_path_factory.mktemp("cache")))
        async with running_org(size=0.02, today=date(2026, 3, 18)) as org:
            api = Api(org, org.session(org.credentials.admin_username))
            yield api
            await api.close()


def as_csv(value: Any) -> str:
    """A JSON value as bulk prints it, numbers aside."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, str) and value.endswith(".000+0000"):
        return value.removesuffix("+0000") + "Z"
    return str(value)


# Contacts are controlled by their accounts, so they have no shares.
NOT_READ = ("Status", "Stage", "Priority", "ContactShare")
BULK_OBJECTS = [name for name in load_schema().objects if not name.endswith(NOT_READ)]


@pytest.mark.parametrize("name", sorted(BULK_OBJECTS))
async def test_rest_and_bulk_say_the_same(demo: Api, name: str) -> None:
    fields = [field for field in load_schema().objects[name].fields if not field.compound]
    soql = f"SELECT {', '.join(field.name for field in fields)} FROM {name} ORDER BY Id"
    page = await demo.query(soql)
    records = page["records"]
    while not page["done"]:
        page = await demo.get(page["nextRecordsUrl"])
        records += page["records"]
    assert len(records) == page["totalSize"]
    rows = list(csv.DictReader(io.StringIO((await run_bulk(demo, soql)).text, newline="")))
    assert len(rows) == len(records)
    for record, row in zip(records, rows, strict=True):
        for field in fields:
            value, text = record[field.name], row[field.name]
            if isinstance(value, float):
                assert float(text) == value, field.name
            else:
                assert text == as_csv(value), field.name


async def test_the_company_has_customers_deals_and_an_integration_user(demo: Api) -> None:
    for name in ("Account", "Contact", "Opportunity", "OpportunityLineItem", "Case", "Lead", "Invoice__c"):
        assert (await demo.query(f"SELECT COUNT() FROM {name}"))["totalSize"] > 10, name
    assert demo.org.credentials.username != demo.org.credentials.admin_username
    other = Api(demo.org)
    assert (await other.query("SELECT COUNT() FROM Account"))["totalSize"] > 10
    await other.close()


async def test_a_person_changes_a_record_of_the_company(demo: Api) -> None:
    (record,) = (await demo.query("SELECT Id, Amount FROM Opportunity WHERE IsClosed = false LIMIT 1"))["records"]
    await demo.patch(f"sobjects/Opportunity/{record['Id']}", {"StageName": "Closed Won"})
    changed = await demo.get(f"sobjects/Opportunity/{record['Id']}?fields=IsWon,Probability,ForecastCategoryName")
    assert (changed["IsWon"], changed["Probability"], changed["ForecastCategoryName"]) == (True, 100.0, "Closed")


async def test_many_readers_and_a_writer_do_not_disturb_each_other(demo: Api) -> None:
    async def read() -> int:
        return int((await demo.query("SELECT COUNT() FROM Contact"))["totalSize"])

    async def write(number: int) -> str:
        return await demo.create("Contact", LastName=f"L{number}")

    before = await read()
    answers = await asyncio.gather(*(write(n) if n % 2 else read() for n in range(40)))
    assert len({answer for answer in answers if isinstance(answer, str)}) == 20
    assert await read() == before + 20


async def test_forecasts_of_the_company_add_up_to_its_deals(demo: Api) -> None:
    assert (await demo.query("SELECT COUNT() FROM ForecastingItem"))["totalSize"] > 20
    soql = "SELECT sum(ForecastAmount) FROM ForecastingItem WHERE ParentForecastingItemId = null AND {}"
    own = "SELECT sum(OwnerOnlyAmount) FROM ForecastingItem WHERE {}"
    for category in ("ClosedOnly", "OpenPipeline"):
        where = f"ForecastingItemCategory = '{category}'"
        whole, parts = await demo.names(soql.format(where)), await demo.names(own.format(where))
        assert whole == parts and whole[0] > 0
