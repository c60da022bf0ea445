"""The API allowance, counts, and who may read which object."""

from datetime import UTC, datetime, timedelta

from localorg.fixture import LocalOrg
from tests.localorg.api import Api


async def test_every_request_counts_and_says_so(api: Api) -> None:
    before = api.org.requests_used
    answer = await api.send("GET", "sobjects/Account")
    assert answer.headers["sforce-limit-info"] == f"api-usage={before + 1}/5000000"
    failed = await api.send("GET", "query?q=nonsense")
    assert failed.headers["sforce-limit-info"] == f"api-usage={before + 2}/5000000"
    limits = await api.get("limits")
    assert limits["DailyApiRequests"] == {"Max": 5_000_000, "Remaining": 5_000_000 - before - 3}
    assert limits["DailyBulkV2QueryJobs"] == {"Max": 10_000, "Remaining": 10_000}


async def test_a_used_up_allowance_refuses_until_it_is_a_day_old(api: Api) -> None:
    api.org.clock.freeze()
    await api.get("limits")
    api.org.set_daily_limit(api.org.requests_used + 1)
    await api.get("limits")
    code, message, _ = await api.error("GET", "limits", status=403)
    assert (code, message) == ("REQUEST_LIMIT_EXCEEDED", "TotalRequests Limit exceeded.")
    assert (await api.http.get("/services/data")).status_code == 200
    api.org.clock.advance(timedelta(hours=24, minutes=1))
    api.token = api.org.session(api.org.credentials.admin_username)
    assert (await api.get("limits"))["DailyApiRequests"]["Remaining"] == 1


async def test_record_counts_are_told_for_known_objects(api: Api) -> None:
    for name in ("A", "B"):
        account = await api.create("Account", Name=name)
    await api.delete(f"sobjects/Account/{account}")
    counts = await api.get("limits/recordCount?sObjects=account,Nope,Contact,AccountShare")
    assert counts == {"sObjects": [{"count": 1, "name": "Account"}]}


async def reader(org: LocalOrg, profile: str = "Standard User") -> Api:
    """A user with a profile."""
    (chosen,) = [row["Id"] for row in org.rows("Profile") if row["Name"] == profile]
    name = f"{profile.split()[0].lower()}@x.example"
    org.insert(
        "User",
        LastName="R",
        Username=name,
        Email=name,
        Alias="r",
        CommunityNickname=name,
        ProfileId=chosen,
        TimeZoneSidKey="Asia/Tokyo",
        LocaleSidKey="ja_JP",
        LanguageLocaleKey="ja",
        EmailEncodingKey="UTF-8",
        IsActive=True,
    )
    return Api(org, org.session(name))


async def test_an_object_without_read_permission_does_not_exist(org: LocalOrg) -> None:
    api = await reader(org)
    assert (await api.query("SELECT COUNT() FROM Opportunity"))["totalSize"] == 0
    for row in org.rows("ObjectPermissions"):
        if row["SobjectType"] == "Opportunity":
            org.update("ObjectPermissions", str(row["Id"]), PermissionsRead=False)
    code, message = await api.query_error("SELECT Id FROM Opportunity")
    assert (code, "sObject type 'Opportunity' is not supported." in message) == ("INVALID_TYPE", True)
    assert (await api.query_error("SELECT Id FROM OpportunityLineItem"))[0] == "INVALID_TYPE"
    assert (await api.query_error("SELECT Id, (SELECT Id FROM Opportunities) FROM Account"))[0] == "INVALID_TYPE"
    assert (await api.query_error("SELECT Opportunity__r.Name FROM Invoice__c"))[0] == "INVALID_FIELD"
    assert (await api.error("GET", "sobjects/Opportunity/describe", status=404))[0] == "NOT_FOUND"
    names = [one["name"] for one in (await api.get("sobjects"))["sobjects"]]
    assert ("Opportunity" in names, "Account" in names) == (False, True)
    children = (await api.get("sobjects/Account/describe"))["childRelationships"]
    assert "Opportunity" not in [one["childSObject"] for one in children]
    job = {"operation": "query", "query": "SELECT Id FROM Opportunity"}
    assert (await api.error("POST", "jobs/query", job))[0] == "INVALID_TYPE"
    await api.close()


async def test_a_permission_set_gives_back_what_a_profile_takes(org: LocalOrg) -> None:
    api = await reader(org)
    for row in org.rows("ObjectPermissions"):
        org.delete("ObjectPermissions", str(row["Id"]))
    assert (await api.query_error("SELECT Id FROM Case"))[0] == "INVALID_TYPE"
    extra = org.insert("PermissionSet", Name="Cases", Label="Cases")
    org.insert("ObjectPermissions", ParentId=extra, SobjectType="Case", PermissionsRead=True)
    user = next(str(row["Id"]) for row in org.rows("User") if row["Username"] == "standard@x.example")
    org.insert("PermissionSetAssignment", PermissionSetId=extra, AssigneeId=user)
    assert (await api.query("SELECT COUNT() FROM Case"))["totalSize"] == 0
    await api.close()


async def test_a_user_without_api_access_is_refused(org: LocalOrg) -> None:
    api = await reader(org)
    for name in ("Profile", "PermissionSet"):
        for row in org.rows(name):
            if "Standard User" in (row["Name"], row.get("Label")):
                org.update(name, str(row["Id"]), PermissionsApiEnabled=False)
    assert (await api.error("GET", "limits", status=403))[0] == "API_DISABLED_FOR_ORG"
    await api.close()


async def test_days_are_those_of_the_user(org: LocalOrg) -> None:
    org.clock.freeze(datetime(2026, 3, 18, 20, 0, tzinfo=UTC))  # the 19th in Tokyo
    org.insert("Account", Name="early", Last_Review__c=datetime(2026, 3, 18, 14, 59, 59, tzinfo=UTC))
    org.insert("Account", Name="today", Last_Review__c=datetime(2026, 3, 18, 15, 0, 0, tzinfo=UTC))
    api = await reader(org)
    assert await api.names("SELECT Name FROM Account WHERE Last_Review__c = TODAY") == ["today"]
    assert await api.names("SELECT Name FROM Account WHERE Last_Review__c = YESTERDAY") == ["early"]
    await api.close()
