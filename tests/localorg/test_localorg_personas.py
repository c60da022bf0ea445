"""The demo company's people: each sees something else, and its shares are what the org itself would make of them."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack

import pytest
import pytest_asyncio

from localorg.errors import OAuthError
from localorg.fixture import LocalOrg, running_org
from tests.localorg.api import Api

OBJECTS = ("Account", "Contact", "Opportunity", "Case", "Lead", "Campaign", "Invoice__c", "Sales_Cost__c", "Task")


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def demo() -> AsyncIterator[LocalOrg]:
    """A small company."""
    async with running_org(size=0.05) as org:
        yield org


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def people(demo: LocalOrg) -> AsyncIterator[dict[str, Api]]:
    """REST as everybody who can log in."""
    async with AsyncExitStack() as stack:
        found = {}
        for key, one in demo.credentials.personas.items():
            if key not in ("inactive", "frozen"):
                found[key] = Api(demo, demo.login_as(one["user_id"]))
                stack.push_async_callback(found[key].close)
        yield found


async def count(api: Api, name: str) -> int:
    """How many records somebody sees, archived ones too; -1: not even the object."""
    answer = await api.send("GET", f"queryAll?q=SELECT+COUNT()+FROM+{name}+WHERE+IsDeleted=false")
    return int(answer.json()["totalSize"]) if answer.status_code == 200 else -1


async def test_the_shares_are_what_the_org_makes_of_the_records(demo: LocalOrg) -> None:
    assert demo.recalculate_sharing() == []
    causes = {(row["RowCause"], len(str(row["UserOrGroupId"]))) for row in demo.rows("AccountShare")}
    assert {cause for cause, _ in causes} == {"Owner", "Rule", "ImplicitParent"}


async def test_everybody_sees_something_else(demo: LocalOrg, people: dict[str, Api]) -> None:
    seen = {key: tuple([await count(api, name) for name in OBJECTS]) for key, api in people.items()}
    assert len(set(seen.values())) == len(seen) == 6
    every = dict(zip(OBJECTS, seen["administrator"], strict=True))
    assert 0 < dict(zip(OBJECTS, seen["sales_rep"], strict=True))["Opportunity"] < every["Opportunity"]
    vp, manager, rep = (dict(zip(OBJECTS, seen[f"sales_{one}"], strict=True)) for one in ("vp", "manager", "rep"))
    assert vp["Opportunity"] > manager["Opportunity"] > rep["Opportunity"]
    marketing = dict(zip(OBJECTS, seen["marketing"], strict=True))
    assert (marketing["Account"], marketing["Opportunity"], marketing["Sales_Cost__c"]) == (0, 0, 0)
    assert (marketing["Lead"], marketing["Campaign"]) == (every["Lead"], every["Campaign"])
    agent = dict(zip(OBJECTS, seen["service_agent"], strict=True))
    assert (agent["Invoice__c"], agent["Lead"]) == (-1, -1)
    assert 0 < agent["Case"] < every["Case"]
    # The synchronizing user sees what the administrator sees.
    sync = Api(demo)
    assert tuple([await count(sync, name) for name in OBJECTS]) == seen["administrator"]
    await sync.close()


async def test_what_they_see_is_what_the_definition_says(demo: LocalOrg, people: dict[str, Api]) -> None:
    for key in ("sales_vp", "sales_manager", "sales_rep", "service_agent", "marketing"):
        user = demo.credentials.personas[key]["user_id"]
        for name in ("Account", "Opportunity", "Case", "Invoice__c", "Task"):
            number = await count(people[key], name)
            assert len(demo.readable_ids(user, name)) == max(number, 0), (key, name)


async def test_fields_differ(demo: LocalOrg, people: dict[str, Api]) -> None:
    async def fields(key: str, name: str) -> set[str]:
        return {one["name"] for one in (await people[key].get(f"sobjects/{name}/describe"))["fields"]}

    for key in ("sales_rep", "service_agent", "marketing"):
        for name in ("Account", "Contact", "Opportunity"):
            user = demo.credentials.personas[key]["user_id"]
            assert await fields(key, name) == demo.readable_fields(user, name)
    assert {"AnnualRevenue"} == {"AnnualRevenue"} & await fields("sales_rep", "Account")
    assert not {"AnnualRevenue", "Revenue_per_Employee__c"} & await fields("service_agent", "Account")
    assert not {"Amount", "ExpectedRevenue"} & await fields("service_agent", "Opportunity")
    assert "MobilePhone" not in await fields("marketing", "Contact")


async def test_they_log_in_with_their_passwords(demo: LocalOrg) -> None:
    one = demo.credentials.personas["sales_rep"]
    password = one["password"] + one["security_token"]
    api = Api(demo)
    form = {"grant_type": "password", "username": one["username"], "password": password}
    form |= {"client_id": demo.credentials.client_id, "client_secret": demo.credentials.client_secret}
    answer = await api.http.post("/services/oauth2/token", data=form)
    assert answer.json()["id"].endswith(one["user_id"])
    for key in ("inactive", "frozen"):
        gone = demo.credentials.personas[key]
        form |= {"username": gone["username"], "password": gone["password"] + gone["security_token"]}
        assert (await api.http.post("/services/oauth2/token", data=form)).status_code == 400
        with pytest.raises(OAuthError):
            demo.login_as(gone["user_id"])
    await api.close()


async def test_somebody_frozen_still_owns_what_he_owned(demo: LocalOrg, people: dict[str, Api]) -> None:
    frozen = demo.credentials.personas["frozen"]["user_id"]
    assert await people["administrator"].names(f"SELECT COUNT(Id) FROM Account WHERE OwnerId = '{frozen}'") != [0]
    assert demo.readable_ids(frozen, "Account") == set()
