"""Campaign influence: Object Reference, CampaignInfluence, CampaignInfluenceModel."""

from datetime import date
from decimal import Decimal

from localorg.fixture import LocalOrg
from localorg.ids import record_id
from tests.localorg.api import Api

SHARES = "SELECT Campaign.Name, Influence, RevenueShare FROM CampaignInfluence ORDER BY Campaign.Name"


async def shares(api: Api) -> list[tuple[str, float, float]]:
    rows = (await api.query(SHARES))["records"]
    return [(row["Campaign"]["Name"], row["Influence"], row["RevenueShare"]) for row in rows]


def deal(org: LocalOrg, campaign: str | None) -> str:
    day = date(2026, 5, 1)
    return org.insert(
        "Opportunity", Name="D", StageName="Prospecting", CloseDate=day, Amount=Decimal(200), CampaignId=campaign
    )


async def test_the_primary_campaign_gets_all_and_follows_the_opportunity(api: Api) -> None:
    fair, mail = (api.org.insert("Campaign", Name=name) for name in ("Fair", "Mail"))
    one = deal(api.org, fair)
    assert await shares(api) == [("Fair", 100.0, 200.0)]
    await api.patch(f"sobjects/Opportunity/{one}", {"Amount": 300})
    assert await shares(api) == [("Fair", 100.0, 300.0)]
    await api.patch(f"sobjects/Opportunity/{one}", {"CampaignId": mail})
    assert await shares(api) == [("Mail", 100.0, 300.0)]
    await api.patch(f"sobjects/Opportunity/{one}", {"CampaignId": None})
    assert await shares(api) == []


async def test_rows_of_ones_own_models_are_made_and_those_of_the_primary_campaign_are_not(api: Api) -> None:
    campaign, one = api.org.insert("Campaign", Name="Fair"), deal(api.org, None)
    (primary,) = await api.names("SELECT Id FROM CampaignInfluenceModel WHERE IsDefaultModel = true")
    body = {"CampaignId": campaign, "OpportunityId": one, "ModelId": primary, "Influence": 25}
    assert (await api.error("POST", "sobjects/CampaignInfluence", body))[0] == "FIELD_INTEGRITY_EXCEPTION"
    columns = ["Id", "DeveloperName", "MasterLabel", "ModelType"]
    api.org.load("CampaignInfluenceModel", columns, [[record_id("03V", 9), "Even", "Even", "2"]])
    await api.create("CampaignInfluence", **body | {"ModelId": record_id("03V", 9)})
    assert await shares(api) == [("Fair", 25.0, 50.0)]


async def test_influence_is_seen_by_who_may_read_the_opportunity_and_the_campaign(org: LocalOrg, api: Api) -> None:
    org.set_organization_wide_default("Opportunity", "Private")
    one = deal(org, org.insert("Campaign", Name="Fair"))
    (row,) = await api.names("SELECT Id FROM CampaignInfluence")
    person = org.create_user("p@localorg.example", profile="Standard User")
    him = Api(org, org.login_as(person))
    assert (await shares(him), bool(org.may_read(person, row))) == ([], False)
    org.share(one, person)
    assert await shares(him) == [("Fair", 100.0, 200.0)]
    org.set_organization_wide_default("Campaign", "Private")
    assert (await shares(him), bool(org.may_read(person, row))) == ([], False)
    await him.close()
