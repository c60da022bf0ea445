"""The source's questions about org, user, objects and limits, against a server that decides every answer."""

from typing import TYPE_CHECKING

import pytest

from forcedex.domain.errors import ConfigurationError, SourceDataError, SourceRefused
from forcedex.domain.ports import ApiUsage, OrgIdentity
from forcedex.domain.record import Page
from forcedex.domain.schema import Field, SObject
from forcedex.salesforce import AccessToken, JwtBearer, Password

if TYPE_CHECKING:
    from tests.integration.salesforce.conftest import Asked, Connect, Serve

DATA = "/services/data/v67.0"
USER_INFO = {
    "user_id": "005000000000001AAA",
    "organization_id": "00D000000000001EAA",
    "preferred_username": "sync@acme.example",
}
ORGANIZATION = {"attributes": {}, "Id": "00D000000000001EAA", "Name": "Acme", "IsSandbox": True}
CONTACT = SObject(
    name="Contact",
    label="Contact",
    label_plural="Contacts",
    key_prefix="003",
    queryable=True,
    fields=(Field(name="Id", label="Id", type="id"), Field(name="Name", label="Name", type="string")),
)


def one(record: object) -> dict[str, object]:
    return {"totalSize": 1, "done": True, "records": [record]}


async def well_known(asked: "Asked") -> None:
    """Answers who we are."""
    match asked.path, asked.query.get("q", ""):
        case "/services/oauth2/userinfo", _:
            asked.reply(200, USER_INFO)
        case _, statement if "FROM Organization" in statement:
            asked.reply(200, one(ORGANIZATION))
        case _:
            asked.refuse(404, "NOT_FOUND", "The requested resource does not exist")


def expected_identity(url: str) -> OrgIdentity:
    return OrgIdentity(
        org_id="00D000000000001EAA",
        org_name="Acme",
        instance_url=url,
        user_id="005000000000001AAA",
        username="sync@acme.example",
        sandbox=True,
    )


async def test_who_we_are_after_a_login_and_with_a_ready_token(serve: "Serve", connect: "Connect") -> None:
    org = await serve(well_known)

    assert await connect(org.url).identity() == expected_identity(org.url)
    ready = AccessToken(access_token="00D!ready", instance_url=org.url)
    assert await connect(org.url, ready).identity() == expected_identity(org.url)
    assert org.logins == 1


async def test_who_we_are_where_the_app_may_not_ask_for_user_info(serve: "Serve", connect: "Connect") -> None:
    async def closed(asked: "Asked") -> None:
        if asked.path == "/services/oauth2/userinfo":
            asked.reply(403, b"Bad_Scope", {"Content-Type": "text/plain"})
        elif "FROM User" in asked.query.get("q", ""):
            assert "Id = '005000000000001AAA'" in asked.query["q"]
            asked.reply(200, one({"Id": "005000000000001AAA", "Username": "sync@acme.example"}))
        else:
            await well_known(asked)

    org = await serve(closed)

    assert await connect(org.url).identity() == expected_identity(org.url)
    ready = await connect(org.url, AccessToken(access_token="00D!ready", instance_url=org.url)).identity()
    assert (ready.org_name, ready.user_id, ready.username) == ("Acme", "", "an unnamed user")


async def test_a_dead_session_at_user_info_is_renewed(serve: "Serve", connect: "Connect") -> None:
    async def forgetful(asked: "Asked") -> None:
        if asked.headers["authorization"].endswith("t1"):
            asked.reply(403, b"Bad_OAuth_Token", {"Content-Type": "text/html"})
        else:
            await well_known(asked)

    org = await serve(forgetful)

    assert (await connect(org.url).identity()).org_name == "Acme"
    assert org.logins == 2


@pytest.mark.parametrize(
    "broken", [{}, {**USER_INFO, "user_id": "nobody"}, {**USER_INFO, "preferred_username": None}, []]
)
async def test_a_user_without_id_or_name_is_not_used(serve: "Serve", connect: "Connect", broken: object) -> None:
    async def answer(asked: "Asked") -> None:
        asked.reply(200, broken)

    with pytest.raises(SourceDataError):
        await connect((await serve(answer)).url).identity()


async def test_soap_login_over_the_wire(serve: "Serve", connect: "Connect") -> None:
    async def soap(asked: "Asked") -> None:
        if not asked.path.startswith("/services/Soap/u/"):
            await well_known(asked)
            return
        assert asked.headers["soapaction"] and b"<password>pw&lt;TOK</password>" in asked.body
        asked.reply(
            200,
            (
                '<Envelope xmlns="http://schemas.xmlsoap.org/soap/envelope/"><Body>'
                '<loginResponse xmlns="urn:partner.soap.sforce.com"><result><passwordExpired>false</passwordExpired>'
                f"<serverUrl>{org.url}/services/Soap/u/64.0/00D000000000001</serverUrl><sessionId>00D!soap</sessionId>"
                "<userId>005000000000001AAA</userId></result></loginResponse></Body></Envelope>"
            ).encode(),
        )

    org = await serve(soap)
    password = Password(username="sync@acme.example", password="pw<", security_token="TOK")

    assert await connect(org.url, password).identity() == expected_identity(org.url)
    assert org.asked[-1].headers["authorization"] == "Bearer 00D!soap"


async def test_usage_comes_from_any_answer_or_else_from_limits(serve: "Serve", connect: "Connect") -> None:
    async def limits(asked: "Asked") -> None:
        if asked.path == f"{DATA}/limits":
            asked.reply(200, {"DailyApiRequests": {"Max": 15000, "Remaining": 14990}})
        else:
            asked.reply(200, {"sobjects": []}, {"Sforce-Limit-Info": "api-usage=18/5000"})

    source = connect((await serve(limits)).url)

    assert await source.usage() == ApiUsage(used=10, allowed=15000)
    assert await source.objects() == ()
    assert await source.usage() == ApiUsage(used=18, allowed=5000)


async def test_an_unknown_object_is_not_found(serve: "Serve", connect: "Connect") -> None:
    org = await serve(well_known)
    source = connect(org.url)

    for name in ("Nope__c", "../limits", "a b", ""):
        with pytest.raises(SourceRefused) as caught:
            await source.describe(name)
        assert caught.value.code == "NOT_FOUND"
    assert [each.path for each in org.asked] == [f"{DATA}/sobjects/Nope__c/describe"]


async def test_records_by_ids_in_one_query(serve: "Serve", connect: "Connect") -> None:
    async def rows(asked: "Asked") -> None:
        asked.reply(200, one({"Id": "003000000000001AAA", "Name": None}))

    org = await serve(rows)
    source = connect(org.url)

    page = await source.read_by_ids(CONTACT, ["Id", "Name"], ["003000000000001", "003000000000002AAA"])

    assert page == Page(columns=("Id", "Name"), rows=[["003000000000001AAA", ""]])
    assert org.asked[0].query["q"] == (
        "SELECT Id, Name FROM Contact WHERE Id IN ('003000000000001AAA','003000000000002AAA')"
    )
    assert await source.read_by_ids(CONTACT, ["Id"], []) == Page(columns=("Id",), rows=[])
    with pytest.raises(ValueError):
        await source.read_by_ids(CONTACT, ["Id"], ["003000000000001"] * 201)
    with pytest.raises(SourceRefused):
        await source.read_by_ids(CONTACT, ["Id"], ["not an id"])
    assert len(org.asked) == 1


async def test_a_key_that_is_none_is_noticed_before_anything_is_sent(serve: "Serve", connect: "Connect") -> None:
    org = await serve(well_known)
    source = connect(org.url, JwtBearer(client_id="app", username="u@x", private_key_pem="nonsense"))

    with pytest.raises(ConfigurationError, match="private key"):
        await source.identity()
    assert (org.logins, org.asked) == (0, [])
