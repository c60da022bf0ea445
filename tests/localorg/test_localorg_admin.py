"""The admin API: the direct door for other processes."""

from localorg.fixture import LocalOrg
from tests.localorg.api import Api


async def test_records_are_changed_past_the_protocols(api: Api) -> None:
    created = await api.post("/__org/records/Account", {"Name": "A", "Credit_Limit__c": "1.50"}, status=200)
    await api.patch(f"/__org/records/Account/{created['id']}", {"Phone": "1"}, status=200)
    answer = await api.send("GET", "/__org/rows/Account")
    assert '"Credit_Limit__c":"1.50"' in answer.text
    await api.delete(f"/__org/records/Account/{created['id']}", status=200)
    await api.post(f"/__org/records/Account/{created['id']}/undelete", {}, status=200)
    assert await api.names("SELECT Phone FROM Account") == ["1"]
    await api.delete(f"/__org/records/Account/{created['id']}?hard=true", status=200)
    assert (await api.send("GET", "/__org/rows/Account")).content == b""
    assert api.org.requests_used == 1


async def test_rows_are_loaded_as_they_are(api: Api) -> None:
    body = {
        "columns": ["Id", "Name", "AnnualRevenue", "SystemModstamp", "Contract_Renewal__c"],
        "rows": [["001gK0000000001QAA", "A", "12", "2020-01-01T00:00:00Z", "2020-01-02"]],
    }
    assert await api.post("/__org/load/Account", body, status=200) == {"loaded": 1}
    record = await api.get("sobjects/Account/001gK0000000001")
    assert (record["SystemModstamp"], record["AnnualRevenue"]) == ("2020-01-01T00:00:00.000+0000", 12.0)
    assert await api.create("Account", Name="B") > "001gK0000000001QAA"


async def test_clock_sessions_limits_and_policies_are_set(api: Api) -> None:
    assert await api.post("/__org/clock", {"freeze": "2026-01-01T00:00:00Z"}, status=200) == {
        "now": "2026-01-01T00:00:00+00:00"
    }
    assert (await api.post("/__org/clock", {"advance": 60}, status=200))["now"].endswith("00:01:00+00:00")
    await api.post("/__org/limit", {"daily": 5}, status=200)
    await api.post("/__org/bulk", {"delay": 0.5}, status=200)
    path = f"/__org/apps/{api.org.credentials.client_id}"
    await api.post(path, {"preauthorized": ["*"]}, status=200)
    await api.post(path, {"colour": "red"}, status=400)
    await api.post("/__org/sessions/expire", {}, status=200)
    about = await api.get("/__org")
    assert (about["daily_limit"], about["now"]) == (5, "2026-01-01T00:01:00+00:00")
    assert (await api.error("GET", "limits", status=401))[0] == "INVALID_SESSION_ID"


async def test_errors_are_told(api: Api) -> None:
    assert (await api.error("POST", "/__org/records/Contact", {}))[0] == "REQUIRED_FIELD_MISSING"
    assert (await api.error("POST", "/__org/records/Nope", {}))[0] == "BAD_REQUEST"
    assert (await api.error("POST", "/__org/load/Nope", {}, status=404))[0] == "NOT_FOUND"


async def test_web_pages_cannot_use_it(org: LocalOrg) -> None:
    api = Api(org)
    page = await api.http.get("/__org", headers={"Origin": "https://evil.example"})
    rebound = await api.http.get("/__org", headers={"Host": "evil.example"})
    assert (page.status_code, rebound.status_code) == (403, 403)
    await api.close()
