"""Values that move although no stamp does: formulas over parents and over today, and what Setup changes."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from localorg.fixture import LocalOrg
from tests.localorg.api import Api

NOW = datetime(2026, 3, 18, 20, 0, 0, tzinfo=UTC)
STAMP = "2026-03-18T20:00:00.000+0000"
LATER = "2026-03-18T20:30:00.000+0000"


@pytest.fixture(autouse=True)
def frozen(org: LocalOrg) -> None:
    org.clock.freeze(NOW)


def later(org: LocalOrg) -> None:
    org.clock.advance(timedelta(minutes=30))


async def described(reader: Api, name: str, field: str) -> Any:
    return next(one for one in (await reader.get(f"sobjects/{name}/describe"))["fields"] if one["name"] == field)


def deal(org: LocalOrg, **fields: Any) -> str:
    given = {"Name": "D", "StageName": "Prospecting", "CloseDate": "2026-06-01", **fields}
    return org.insert("Opportunity", **given)


# -- formulas --


async def test_a_formula_follows_the_parent_and_the_parents_parent(reader: Api) -> None:
    org = reader.org
    boss = org.insert(
        "User",
        **{name: "boss" for name in ("LastName", "Alias", "CommunityNickname")},
        Username="boss@x.example",
        Email="boss@x.example",
        ProfileId=str(org.rows("Profile")[0]["Id"]),
        TimeZoneSidKey="GMT",
        LocaleSidKey="en_US",
        LanguageLocaleKey="en_US",
        EmailEncodingKey="UTF-8",
        IsActive=True,
    )
    account = org.insert("Account", Name="A", Region__c="EMEA", OwnerId=boss)
    opportunity = deal(org, AccountId=account)
    contact = org.insert("Contact", LastName="C", AccountId=account)
    later(org)
    org.update("Account", account, Region__c="APAC")
    org.update("User", boss, FirstName="The")
    found = await reader.get(f"sobjects/Opportunity/{opportunity}")
    assert (found["Account_Region__c"], found["SystemModstamp"]) == ("APAC", STAMP)
    found = await reader.get(f"sobjects/Contact/{contact}")
    assert (found["Account_Owner__c"], found["SystemModstamp"]) == ("The boss", STAMP)
    assert await reader.names("SELECT Name FROM Opportunity WHERE Account_Region__c = 'APAC'") == ["D"]


async def test_describe_tells_what_a_formula_depends_on(reader: Api) -> None:
    for name, field, formula in (
        ("Opportunity", "Account_Region__c", "TEXT(Account.Region__c)"),
        ("Contact", "Account_Owner__c", "Account.Owner.Name"),
        ("Invoice__c", "Days_Overdue__c", "IF(Paid__c, 0, TODAY() - Due_Date__c)"),
    ):
        found = await described(reader, name, field)
        assert (found["calculated"], found["calculatedFormula"]) == (True, formula)
        assert (found["createable"], found["updateable"]) == (False, False)
    for name in ("Account", "Contact", "Opportunity", "Invoice__c"):
        for field in (await reader.get(f"sobjects/{name}/describe"))["fields"]:
            # Roll-ups are calculated, but by no formula.
            rollup = field["name"] == "Line_Total__c"
            assert field["calculated"] == (field["calculatedFormula"] is not None or rollup), field["name"]


async def test_today_changes_at_midnight_of_the_orgs_time_zone(reader: Api) -> None:
    org = reader.org
    invoice = org.insert("Invoice__c", Due_Date__c="2026-03-18")
    path = f"sobjects/Invoice__c/{invoice}?fields=Days_Overdue__c,SystemModstamp"
    assert (await reader.get(path))["Days_Overdue__c"] == 0.0
    # Eight in the evening in Greenwich is five in the morning of the next day in Tokyo.
    org.set_time_zone("Asia/Tokyo")
    found = await reader.get(path)
    assert (found["Days_Overdue__c"], found["SystemModstamp"]) == (1.0, STAMP)
    org.set_time_zone("America/New_York")
    org.clock.freeze(datetime(2026, 3, 19, 3, 59, tzinfo=UTC))
    reader.token = org.session()
    assert (await reader.get(path))["Days_Overdue__c"] == 0.0
    org.clock.advance(timedelta(minutes=1))
    assert (await reader.get(path))["Days_Overdue__c"] == 1.0


# -- picklists and stages --


async def test_a_renamed_value_moves_in_all_records_without_their_stamps(reader: Api) -> None:
    org = reader.org
    account = org.insert("Account", Name="A", Industry="Energy")
    binned = org.insert("Account", Name="B", Industry="Energy")
    org.delete("Account", binned)
    later(org)
    assert org.rename_picklist_value("Account", "Industry", "Energy", "Power") == 2
    found = await reader.get(f"sobjects/Account/{account}")
    assert (found["Industry"], found["SystemModstamp"], found["LastModifiedDate"]) == ("Power", STAMP, STAMP)
    assert await reader.names("SELECT Industry FROM Account", every=True) == ["Power", "Power"]
    values = [value["value"] for value in (await described(reader, "Account", "Industry"))["picklistValues"]]
    assert ("Power" in values, "Energy" in values) == (True, False)
    with pytest.raises(ValueError, match="no value 'Energy'"):
        org.rename_picklist_value("Account", "Industry", "Energy", "X")
    with pytest.raises(ValueError, match="no picklist"):
        org.rename_picklist_value("Account", "Phone", "Energy", "X")


async def test_one_of_several_chosen_values_is_renamed(reader: Api) -> None:
    reader.org.insert("Account", Name="A", Segments__c="Enterprise;Startup;Partner")
    reader.org.rename_picklist_value("Account", "Segments__c", "Startup", "Founders")
    assert await reader.names("SELECT Segments__c FROM Account") == ["Enterprise;Founders;Partner"]


async def test_a_renamed_stage_is_a_renamed_record_too(reader: Api) -> None:
    org = reader.org
    deal(org)
    later(org)
    org.rename_picklist_value("Opportunity", "StageName", "Prospecting", "Looking")
    (stage,) = (await reader.query("SELECT SystemModstamp, ApiName FROM OpportunityStage WHERE MasterLabel='Looking'"))[
        "records"
    ]
    assert (stage["SystemModstamp"], stage["ApiName"]) == (LATER, "Looking")
    (found,) = (await reader.query("SELECT StageName, SystemModstamp FROM Opportunity"))["records"]
    assert (found["StageName"], found["SystemModstamp"]) == ("Looking", STAMP)
    deal(org, StageName="Looking")


async def test_opportunities_follow_a_stages_type_and_forecast_category_but_not_its_probability(reader: Api) -> None:
    org = reader.org
    one = deal(org, Amount=Decimal(100))
    later(org)
    # Prospecting has ten percent.
    assert org.change_stage("Prospecting", probability=40) == 0
    assert org.change_stage("Prospecting", type="Closed/Won", forecast_category="Commit") == 1
    found = await reader.get(f"sobjects/Opportunity/{one}")
    assert (found["IsClosed"], found["IsWon"], found["Probability"]) == (True, True, 10.0)
    assert (found["ForecastCategoryName"], found["ForecastCategory"]) == ("Commit", "Forecast")
    assert (found["SystemModstamp"], found["ExpectedRevenue"]) == (STAMP, 10.0)
    (stage,) = (
        await reader.query(
            "SELECT DefaultProbability, IsWon, SystemModstamp FROM OpportunityStage WHERE MasterLabel = 'Prospecting'"
        )
    )["records"]
    assert (stage["DefaultProbability"], stage["IsWon"], stage["SystemModstamp"]) == (40.0, True, LATER)
    new = await reader.get(f"sobjects/Opportunity/{deal(org)}")
    assert (new["Probability"], new["IsWon"]) == (40.0, True)
    with pytest.raises(ValueError, match="no stage"):
        org.change_stage("Nowhere", probability=1)
    with pytest.raises(ValueError, match="no type"):
        org.change_stage("Prospecting", type="Won")


async def test_children_show_a_parents_new_name_and_keep_their_stamps(reader: Api) -> None:
    org = reader.org
    account = org.insert("Account", Name="Old")
    org.insert("Contact", LastName="C", AccountId=account)
    later(org)
    org.update("Account", account, Name="New")
    (found,) = (await reader.query("SELECT Account.Name, SystemModstamp FROM Contact"))["records"]
    assert (found["Account"]["Name"], found["SystemModstamp"]) == ("New", STAMP)


async def test_setup_over_the_admin_api(reader: Api) -> None:
    reader.org.insert("Account", Name="A", Industry="Energy")
    body: dict[str, Any] = {"object_name": "Account", "field": "Industry", "old": "Energy", "new": "Power"}
    assert await reader.post("/__org/setup/rename_picklist_value", body, status=200) == {"result": 1}
    body = {"stage": "Prospecting", "probability": 15}
    assert await reader.post("/__org/setup/change_stage", body, status=200) == {"result": 0}
    assert (await reader.error("POST", "/__org/setup/change_stage", {"stage": "Nowhere"}))[0] == "BAD_REQUEST"
