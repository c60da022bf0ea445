"""An independent client, simple_salesforce, works against the org: REST, bulk, SOAP login, JWT."""

import asyncio
from typing import Any

import httpx2
import pytest
from requests import PreparedRequest, Response, Session
from requests.adapters import HTTPAdapter
from simple_salesforce.api import Salesforce
from simple_salesforce.exceptions import (
    SalesforceAuthenticationFailed,
    SalesforceMalformedRequest,
    SalesforceResourceNotFound,
)

from localorg.auth.credentials import Secret
from localorg.fixture import LocalOrg
from localorg.ids import record_id
from tests.localorg.api import Api

LOGIN = """<?xml version="1.0" encoding="utf-8" ?>
<env:Envelope xmlns:env="http://schemas.xmlsoap.org/soap/envelope/"><env:Body>
<n1:login xmlns:n1="urn:partner.soap.sforce.com"><n1:username>{0}</n1:username><n1:password>{1}</n1:password></n1:login>
</env:Body></env:Envelope>"""


class ToTheOrg(HTTPAdapter):
    """Sends every request to the org: simple_salesforce knows only https and Salesforce's own hosts."""

    def __init__(self, org: LocalOrg) -> None:
        super().__init__()
        self._url = org.url

    def send(self, request: PreparedRequest, *given: Any, **named: Any) -> Response:
        """The request, at the org's address."""
        request.url = self._url + str(request.path_url)
        return super().send(request, *given, **named)


def client(org: LocalOrg, **login: Any) -> Any:
    """simple_salesforce with a session, or logging in by itself."""
    session = Session()
    session.mount("https://", ToTheOrg(org))
    if not login:
        login = {"instance": "org.my.salesforce.com", "session_id": org.session(org.credentials.admin_username)}
    return Salesforce(session=session, **login)


async def test_simple_salesforce_reads_and_writes(org: LocalOrg) -> None:
    def work() -> None:
        sf = client(org)
        account = sf.Account.create({"Name": "Acme"})["id"]
        assert sf.query(f"SELECT Name FROM Account WHERE Id = '{account}'")["records"][0]["Name"] == "Acme"
        assert sf.Account.upsert("Customer_Number__c/C-1", {"Name": "New"}) == 201
        assert sf.Account.update(account, {"Phone": "1"}) == 204
        assert sf.Account.get(account)["Phone"] == "1"
        assert sf.Account.describe()["name"] == "Account"
        assert len(sf.describe()["sobjects"]) > 40
        assert sf.limits()["DailyApiRequests"]["Max"] == 5_000_000
        with pytest.raises(SalesforceMalformedRequest, match="unexpected token: 'FRM'"):
            sf.query("SELECT Id FRM Account")
        assert sf.Account.delete(account) == 204
        with pytest.raises(SalesforceResourceNotFound):
            sf.Account.get(account)
        assert sf.api_usage["api-usage"].used > 0
        sf.session.close()

    await asyncio.to_thread(work)


async def test_simple_salesforce_follows_pages(org: LocalOrg) -> None:
    org.load("Account", ["Id", "Name"], [(record_id("001", n), str(n)) for n in range(4_100)])

    def work() -> None:
        sf = client(org)
        records = list(sf.query_all_iter("SELECT Id, Name FROM Account ORDER BY Id"))
        assert [int(record["Name"]) for record in records] == list(range(4_100))
        sf.session.close()

    await asyncio.to_thread(work)


async def test_simple_salesforce_runs_a_bulk_query(org: LocalOrg) -> None:
    org.insert("Account", Name='A "quoted" name')

    def work() -> None:
        sf = client(org)
        (page,) = list(sf.bulk2.Account.query("SELECT Name FROM Account", wait=0.05))
        assert page == '"Name"\n"A ""quoted"" name"\n'
        sf.session.close()

    await asyncio.to_thread(work)


async def test_simple_salesforce_logs_in_by_itself(org: LocalOrg) -> None:
    own = org.credentials
    password = {"username": own.admin_username, "password": own.admin_password}

    def work() -> None:
        for login in (
            {**password, "security_token": own.admin_security_token},
            {
                "username": own.admin_username,
                "password": own.admin_password + own.admin_security_token,
                "consumer_key": own.client_id,
                "consumer_secret": own.client_secret,
            },
            {"username": own.username, "consumer_key": own.client_id, "privatekey_file": own.private_key_file},
        ):
            sf = client(org, **login)
            assert sf.query("SELECT COUNT() FROM User")["totalSize"] == 2
            sf.session.close()
        with pytest.raises(SalesforceAuthenticationFailed, match="INVALID_LOGIN"):
            client(org, **{**password, "security_token": "wrong"})

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
