"""What users of Salesforce's own search complain about, row by row, on a synced org.

Each test is a row of our notes on the search in the CRM; "federated search" comes with the service.
"""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from pathlib import Path

import pytest
import pytest_asyncio

from forcedex.asking import Asking
from forcedex.domain.principal import Operator, OrgUser, Principal
from forcedex.search.request import LARGEST_PAGE, SearchRequest
from localorg.fixture import LocalOrg, running_org
from tests.integration.access.conftest import World, until

_CROWD = 2_100  # more than Salesforce looks through
_FIELDS = 110  # custom fields; Salesforce checks the first hundred of an object
_LONG = 9_000  # characters before the word that matters


class Company:
    """An org that is being synced, and those who search it."""

    def __init__(self, org: LocalOrg, asking: Asking, seller: str) -> None:
        self.org = org
        self.asking = asking
        self.seller: Principal = OrgUser(seller)

    async def found(self, text: str, who: Principal | None = None, size: int = 10) -> list[str]:
        """Titles of the first hits, in their order."""
        answer = await self.asking.search(who or Operator(), SearchRequest(text=text, size=size))
        return [each.title for each in answer.hits]

    async def suggested(self, text: str) -> list[str]:
        """Titles that come while typing."""
        found = await self.asking.suggest(Operator(), text)
        return ["".join(part.text for part in each.title) for each in found]


def _fill(org: LocalOrg) -> str:
    profile = org.create_profile("Seller")
    for number in range(_FIELDS):
        org.add_field("Account", f"Custom_{number:03}__c", type="string", label=f"Custom {number}", length=80)
    for name in ("Account", "Contact", "Opportunity", "Case"):
        org.set_object_permissions(profile, name, "Read ViewAllRecords Create Edit")
        org.set_field_permissions(profile, f"{name}.*", "Read")
    org.set_field_permissions(profile, f"Account.Custom_{_FIELDS - 1:03}__c", "")
    seller = org.create_user("sam@acme.example", profile=profile)
    hidden = {f"Custom_{_FIELDS - 1:03}__c": "Bluewhale takeover"}
    account = org.insert("Account", Name="Nordlichtkraftwerke AG", BillingCity="Kiel", Type="Partner", **hidden)
    org.insert("Product2", Name="Welding cell", ProductCode="XR7-4410/B", StockKeepingUnit="SKU99812")
    org.insert("Contact", FirstName="Joe", LastName="Gule", AccountId=account, Phone="+49 431 555 0142")
    org.insert("Contact", FirstName="Jerry Colby", LastName="Gule", Email="jerry@gule.example")
    org.insert("Account", Name="Fortunate Fisheries Ltd")
    lucky = org.insert("Account", Name="Unlucky & Sons")
    for number in range(_CROWD):
        org.insert("Contact", FirstName="Joe", LastName="Smith", Title=f"Clerk {number}")
    org.insert("Contact", FirstName="Joe", LastName="Smith", AccountId=lucky, Title="The right one")
    org.insert("Case", Subject="Noise", Description=f"{'It hums. ' * (_LONG // 9)}Then the flywheel cracked.")
    return seller


@pytest_asyncio.fixture(scope="module")
async def company(elasticsearch_url: str, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Company]:
    home: Path = tmp_path_factory.mktemp("complaints")
    async with AsyncExitStack() as stack:
        org = await stack.enter_async_context(running_org(empty=True))
        seller = _fill(org)
        world = World(org, home, elasticsearch_url, ("Account", "Contact", "Opportunity", "Case", "Product2"))
        await stack.enter_async_context(world.watching())
        asking = await stack.enter_async_context(world.asking())
        yield Company(org, asking, seller)


async def test_a_new_record_is_found_within_seconds(company: Company) -> None:
    company.org.insert("Account", Name="Zephyrine Newcomers")

    async def there() -> bool:
        return "Zephyrine Newcomers" in await company.found("zephyrine")

    await until(there, seconds=30)


@pytest.mark.parametrize("text", ["lichtkraft", "kraftwerke", "werke kiel"])
async def test_the_middle_and_the_end_of_a_word_are_found(company: Company, text: str) -> None:
    assert (await company.found(text))[0] == "Nordlichtkraftwerke AG"


@pytest.mark.parametrize("text", ["XR7-4410/B", "xr74410b", "XR7 4410", "4410", "99812", "sku99812"])
async def test_codes_of_letters_and_digits_match(company: Company, text: str) -> None:
    assert "Welding cell" in await company.found(text)


async def test_an_initial_and_a_surname_find_everybody_whom_they_fit(company: Company) -> None:
    assert {"Joe Gule", "Jerry Colby Gule"} <= set(await company.found("J Gule"))
    assert "Jerry Colby Gule" in await company.found("JC Gule")


async def test_the_right_record_is_not_cut_off_by_a_limit_of_two_thousand(company: Company) -> None:
    answer = await company.asking.search(Operator(), SearchRequest(text="Joe Smith", size=LARGEST_PAGE))
    assert answer.total == _CROWD + 1
    seen = {hit.id for hit in answer.hits}
    while answer.cursor:
        request = SearchRequest(text="Joe Smith", size=LARGEST_PAGE, cursor=answer.cursor)
        answer = await company.asking.search(Operator(), request)
        seen |= {hit.id for hit in answer.hits}
    assert len(seen) == _CROWD + 1, "every one can be reached"
    (best, *_) = (await company.asking.search(Operator(), SearchRequest(text="Joe Smith Unlucky"))).hits
    row = company.org.row("Contact", best.id) or {}
    assert row["Title"] == "The right one", "the company's name brings the right one to the top"


async def test_what_comes_while_typing_looks_at_other_fields_than_the_name(company: Company) -> None:
    assert await company.suggested("jerry@gu") == ["Jerry Colby Gule"]
    assert "Joe Gule" in await company.suggested("5550142")
    assert "Welding cell" in await company.suggested("XR7-44")


async def test_a_value_of_a_list_filters(company: Company) -> None:
    assert await company.found("type:Partner") == ["Nordlichtkraftwerke AG"]


async def test_a_hidden_field_is_not_matched_however_many_fields_there_are(company: Company) -> None:
    assert await company.found("bluewhale") == ["Nordlichtkraftwerke AG"], "the operator sees it"
    assert await company.found("bluewhale", company.seller) == []
    assert (await company.found("nordlichtkraftwerke", company.seller))[0] == "Nordlichtkraftwerke AG"


@pytest.mark.parametrize("text", ["Fortunat Fisheries", "fishries fortunate", "Fortunate Fisheries Limited"])
async def test_who_looks_before_creating_finds_what_is_there(company: Company, text: str) -> None:
    assert (await company.found(text, company.seller))[0] == "Fortunate Fisheries Ltd"


async def test_a_word_at_the_end_of_a_long_text_is_found(company: Company) -> None:
    (found,) = (await company.asking.search(Operator(), SearchRequest(text="flywheel"))).hits
    assert (company.org.row("Case", found.id) or {})["Subject"] == "Noise"
