"""What is deployed, as the Tooling API and Connect REST API tell of it.

Source: Tooling API Developer Guide, "Query" and each object's page; Connect REST API, "Named Credential".
"""

from pathlib import Path
from urllib.parse import quote

import httpx2
import pytest

from localorg.fixture import LocalOrg, running_org
from tests.factories.sfdx_project import BODY, sfdx_project
from tests.localorg.api import Api


async def rows(api: Api, soql: str, status: int = 200) -> list[dict[str, object]]:
    answer = await api.get(f"tooling/query?q={quote(soql)}", status)
    if status != 200:
        return list(answer)
    return [{key: value for key, value in row.items() if key != "attributes"} for row in answer["records"]]


async def test_a_project_that_is_deployed_can_be_queried(org: LocalOrg, api: Api, tmp_path: Path) -> None:
    assert await rows(api, "SELECT Name FROM ApexClass") == []
    assert "ForcedexController" in org.deploy(sfdx_project(tmp_path))
    where = "WHERE Name IN ('forcedexcontroller', 'Other') AND Status = 'Active'"
    assert await rows(api, f"SELECT Name, ApiVersion, IsValid, Body FROM ApexClass {where}") == [
        {"Name": "ForcedexController", "ApiVersion": 67.0, "IsValid": True, "Body": BODY}
    ]
    assert await rows(api, "SELECT DeveloperName, ApiVersion FROM LightningComponentBundle") == [
        {"DeveloperName": "forcedexSearch", "ApiVersion": 67.0}
    ]
    assert await rows(api, "SELECT Endpoint, Type FROM ExternalDataSource WHERE DeveloperName = 'Forcedex'") == [
        {"Endpoint": "https://search.example.com/federated/opensearch.xml", "Type": "OpenSearch"}
    ]
    credential = await api.get("named-credentials/named-credential-setup/Forcedex")
    assert credential["calloutUrl"] == "https://search.example.com"
    assert credential["externalCredentials"] == [{"developerName": "Forcedex"}]
    setting = await api.query(
        "SELECT Address__c, Certificate__c FROM Forcedex_Setting__mdt WHERE DeveloperName = 'Default'"
    )
    assert [(each["Address__c"], each["Certificate__c"]) for each in setting["records"]] == [
        ("https://search.example.com", "Forcedex")
    ]
    assert (await api.query_error("SELECT Id FROM Other__mdt"))[0] == "INVALID_TYPE"
    found = await api.query("SELECT Name, PermissionsViewSetup FROM PermissionSet WHERE Name LIKE 'Forcedex%'")
    assert {each["Name"]: each["PermissionsViewSetup"] for each in found["records"]} == {
        "Forcedex_User": False,
        "Forcedex_Sync": True,
    }


async def test_deploying_again_replaces_and_outlives_a_restart(tmp_path: Path) -> None:
    project = sfdx_project(tmp_path / "project")
    async with running_org(tmp_path / "org", empty=True) as org:
        org.deploy(project)
        (project / "force-app/main/default/classes/ForcedexController.cls").write_text("changed")
        org.deploy(project)
        org.create_certificate("Forcedex", "2027-11-24")
    async with running_org(tmp_path / "org", empty=True) as org:
        api = Api(org)
        assert await rows(api, "SELECT Body FROM ApexClass WHERE Name = 'ForcedexController'") == [{"Body": "changed"}]
        assert await rows(api, "SELECT ExpirationDate FROM Certificate") == [{"ExpirationDate": "2027-11-24"}]
        await api.close()
        assert len(org.rows("PermissionSet")) == len({row["Name"] for row in org.rows("PermissionSet")})


async def test_who_may_not_view_setup_finds_no_such_type_but_data_sources(
    org: LocalOrg, api: Api, tmp_path: Path
) -> None:
    org.deploy(sfdx_project(tmp_path))
    org.create_profile("Plain")
    org.create_user("plain@acme.example", profile="Plain")
    plain = Api(org, org.session("plain@acme.example"))
    for name in ("ApexClass", "Certificate", "LightningComponentBundle"):
        (problem,) = await rows(plain, f"SELECT Id FROM {name}", 400)
        assert problem["errorCode"] == "INVALID_TYPE" and f"sObject type '{name}'" in str(problem["message"])
    assert len(await rows(plain, "SELECT Id FROM ExternalDataSource")) == 1
    (problem,) = await plain.get("named-credentials/named-credential-setup/Forcedex", 404)
    assert problem["errorCode"] == "NOT_FOUND"
    await plain.close()


@pytest.mark.parametrize(
    ("soql", "code"),
    [
        ("SELECT Bodies FROM ApexClass", "INVALID_FIELD"),
        ("SELECT Name FROM ApexClass WHERE Body = 'x'", "INVALID_FIELD"),
        ("SELECT FROM ApexClass", "MALFORMED_QUERY"),
    ],
)
async def test_wrong_queries_are_refused_as_salesforce_does(api: Api, soql: str, code: str) -> None:
    (problem,) = await rows(api, soql, 400)
    assert problem["errorCode"] == code


@pytest.mark.parametrize(
    "soql", ["SELECT Name FROM ApexTrigger", "SELECT Name FROM ApexClass WHERE Name LIKE 'F%'"], ids=str
)
async def test_what_the_org_does_not_do_it_says(api: Api, soql: str) -> None:
    (problem,) = await rows(api, soql, 501)
    assert problem["errorCode"] == "LOCALORG_NOT_IMPLEMENTED"


async def test_a_folder_that_no_deployment_would_take_is_refused_and_nothing_is_deployed(
    org: LocalOrg, api: Api, tmp_path: Path
) -> None:
    with pytest.raises(ValueError, match=r"no sfdx-project\.json"):
        org.deploy(tmp_path)
    project = sfdx_project(tmp_path)
    (project / "force-app/main/default/classes/ForcedexJwt.cls").unlink()
    with pytest.raises(ValueError, match="has no class beside it"):
        org.deploy(project)
    (project / "force-app/main/default/classes/ForcedexJwt.cls-meta.xml").write_text("<ApexClass>")
    with pytest.raises(ValueError, match="is no XML"):
        org.deploy(project)
    assert await rows(api, "SELECT Name FROM ApexClass") == []


async def test_the_admin_api_deploys_too(org: LocalOrg, api: Api, tmp_path: Path) -> None:
    sfdx_project(tmp_path)
    async with httpx2.AsyncClient(trust_env=False) as http:
        answer = await http.post(f"{org.url}/__org/setup/deploy", json={"folder": str(tmp_path)})
        assert answer.status_code == 200 and "forcedexSearch" in answer.json()["result"]
        change = {"kind": "named_credential", "name": "Forcedex", "url": "https://other.example"}
        assert (await http.post(f"{org.url}/__org/setup/change_deployed", json=change)).status_code == 200
        gone = {"kind": "class", "name": "ForcedexJwt"}
        assert (await http.post(f"{org.url}/__org/setup/remove_deployed", json=gone)).status_code == 200
        assert (await http.post(f"{org.url}/__org/setup/remove_deployed", json=gone)).status_code == 400
    assert (await api.get("named-credentials/named-credential-setup/Forcedex"))["calloutUrl"] == "https://other.example"
    assert await rows(api, "SELECT Name FROM ApexClass") == [{"Name": "ForcedexController"}]
