"""An independent client, simple_salesforce, works against the org: REST, bulk, SOAP login, JWT."""

import asyncio
from typing import Any

import httpx2
import pytest
from simple_salesforce import Salesforce
from simple_salesforce.exceptions import SalesforceMalformedRequest, SalesforceResourceNotFound

from localorg.auth.credentials import Secret
from localorg.fixture import LocalOrg
from tests.localorg.api import Api

LOGIN = """<?xml version="1.0" encoding="utf-8" ?>
<env:Envelope xmlns:env="http://schemas.xmlsoap.org/soap/envelope/"><env:Body>
<n1:login xmlns:n1="urn:partner.soap.sforce.com"><n1:username>{0}</n1:username><n1:password>{1}</n1:password></n1:login>
</env:Body></env:Envelope>"""


def client(org: LocalOrg) -> Any:
    """simple_salesforce, told where the org is and with a session."""
    token = org.session(org.credentials.admin_username)
    found = Salesforce(instance=org.url.removeprefix("http://"), session_id=token, version="66.0")
    # It knows only https.
    for name in ("base_url", "bulk_url", "bulk2_url", "metadata_url", "tooling_url", "apex_url", "oauth2_url"):
        value = getattr(found, name, None)
        if value is not None:
            setattr(found, name, value.replace("https://", "http://"))
    return found


async def test_simple_salesforce_reads_and_writes(org: LocalOrg) -> None:
    sf = client(org)

    def work() -> None:
        account = sf.restful("sobjects/Account", method="POST", json={"Name": "Acme"})["id"]
        assert sf.query(f"SELECT Name FROM Account WHERE Id = '{account}'")["records"][0]["Name"] == "Acme"
        assert len(sf.describe()["sobjects"]) > 40
        assert sf.limits()["DailyApiRequests"]["Max"] == 5_000_000
        with pytest.raises(SalesforceMalformedRequest, match="unexpected token: 'FRM'"):
            sf.query("SELECT Id FRM Account")
        with pytest.raises(SalesforceResourceNotFound):
            sf.restful("sobjects/Account/001000000000000AAA")
        assert sf.api_usage["api-usage"].used > 0
        sf.session.close()

    await asyncio.to_thread(work)


async def test_simple_salesforce_follows_pages(org: LocalOrg) -> None:
    org.load("Account", ["Id", "Name"], [(f"001gK{n:010}AAA", str(n)) for n in range(4_100)])
    sf = client(org)

    def work() -> None:
        records = list(sf.query_all_iter("SELECT Id, Name FROM Account ORDER BY Id"))
        assert [int(record["Name"]) for record in records] == list(range(4_100))
        sf.session.close()

    await asyncio.to_thread(work)


async def test_simple_salesforce_runs_a_bulk_query(org: LocalOrg) -> None:
    org.insert("Account", Name='A "quoted" name')
    sf = client(org)

    def work() -> None:
        handler = sf.bulk2.Account
        handler.bulk2_url = handler.bulk2_url.replace("https://", "http://")
        (page,) = list(handler.query("SELECT Name FROM Account"))
        assert page == '"Name"\n"A ""quoted"" name"\n'
        sf.session.close()

    await asyncio.to_thread(work)


async def login(org: LocalOrg, username: str, password: str, path: str = "u/59.0") -> httpx2.Response:
    async with httpx2.AsyncClient(base_url=org.url) as http:
        return await http.post(
            f"/services/Soap/{path}",
            content=LOGIN.format(username, password).encode(),
            headers={"Content-Type": "text/xml; charset=UTF-8", "SOAPAction": "login"},
        )


def text_of(answer: httpx2.Response, name: str) -> str:
    return answer.text.partition(f"<{name}>")[2].partition(f"</{name}>")[0]


async def test_soap_login_gives_a_session(org: LocalOrg) -> None:
    own = org.credentials
    for path in ("u/59.0", "c/64.0", f"u/59.0/{own.org_id[:15]}"):
        answer = await login(org, own.admin_username, own.admin_password + own.admin_security_token, path)
        assert answer.status_code == 200
        assert text_of(answer, "passwordExpired") == "false"
        assert text_of(answer, "serverUrl").startswith(f"{org.url}/services/Soap/{path[:6]}/00D")
        assert text_of(answer, "sessionSecondsValid") == "7200"
        assert text_of(answer, "organizationMultiCurrency") == "true"
        api = Api(org, text_of(answer, "sessionId"))
        assert (await api.query("SELECT COUNT() FROM User"))["totalSize"] == 2
        await api.close()


async def test_soap_login_is_refused_with_faults(org: LocalOrg) -> None:
    own = org.credentials
    wrong = await login(org, own.admin_username, "x")
    assert wrong.status_code == 500
    assert text_of(wrong, "faultcode") == "INVALID_LOGIN"
    assert text_of(wrong, "faultstring") == (
        "INVALID_LOGIN: Invalid username, password, security token; or user locked out."
    )
    assert text_of(wrong, "sf:exceptionCode") == "INVALID_LOGIN"
    unknown = await login(org, "nobody", "x")
    assert text_of(unknown, "sf:exceptionCode") == "INVALID_LOGIN"
    without = await login(org, own.admin_username, own.admin_password)
    assert text_of(without, "sf:exceptionCode") == "LOGIN_MUST_USE_SECURITY_TOKEN"
    new = await login(org, own.admin_username, own.admin_password + own.admin_security_token, "u/65.0")
    assert "UNSUPPORTED_API_VERSION" in new.text


async def test_ten_wrong_passwords_lock_a_user_out(org: LocalOrg) -> None:
    own = org.credentials
    for _ in range(10):
        await login(org, own.admin_username, "x")
    locked = await login(org, own.admin_username, own.admin_password + own.admin_security_token)
    assert text_of(locked, "sf:exceptionCode") == "PASSWORD_LOCKOUT"


async def test_an_expired_password_gives_a_session_for_nothing(org: LocalOrg) -> None:
    user = str(org.rows("User")[0]["Id"])
    org.org.credentials.set(user, Secret(password="old", security_token="t"), expired=True)
    answer = await login(org, org.credentials.admin_username, "oldt")
    assert text_of(answer, "passwordExpired") == "true"
    api = Api(org, text_of(answer, "sessionId"))
    assert (await api.error("GET", "limits", status=401))[0] == "INVALID_SESSION_ID"
    await api.close()


async def test_other_soap_calls_are_refused(org: LocalOrg) -> None:
    async with httpx2.AsyncClient(base_url=org.url) as http:
        body = '<e:Envelope xmlns:e="http://schemas.xmlsoap.org/soap/envelope/"><e:Body><query/></e:Body></e:Envelope>'
        other = await http.post("/services/Soap/u/59.0", content=body)
        bomb = await http.post("/services/Soap/u/59.0", content='<!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>')
        broken = await http.post("/services/Soap/u/59.0", content="<a")
    assert (other.status_code, "sf:INVALID_SESSION_ID" in other.text) == (500, True)
    assert (bomb.status_code, "DOCTYPE" in bomb.text) == (500, True)
    assert (broken.status_code, "Failed to parse" in broken.text) == (500, True)
