"""Salesforce's header search: Federated Search Developer Guide; DESIGN.md, its one exception."""

import base64
from collections.abc import AsyncIterator
from urllib.parse import parse_qs, urlsplit
from xml.etree import ElementTree as ET

import pytest
import pytest_asyncio

from localorg.fixture import LocalOrg
from tests.acceptance.product import Product
from tests.service.service import ADMIN, MARKETING, SALES, Service, running_service

BACK = "https://acme.my.salesforce.com/services/authcallback/Forcedex"
CLIENT = {"response_type": "code", "client_id": "the org", "redirect_uri": BACK, "state": "a state"}
SECRET = "a secret of the org, long enough"
ATOM, OPENSEARCH = "{http://www.w3.org/2005/Atom}", "{http://a9.com/-/spec/opensearch/1.1/}"
SFDC = "{http://salesforce.com/2016/federatedsearch/1.0}"


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def header(product: Product, demo_org: LocalOrg) -> AsyncIterator[Service]:
    before = dict(product.settings)
    product.settings |= {
        "FORCEDEX_SERVER__HEADER_SEARCH_CLIENT_ID": "the org",
        "FORCEDEX_SERVER__HEADER_SEARCH_CLIENT_SECRET": SECRET,
        "FORCEDEX_SERVER__HEADER_SEARCH_REDIRECT_URI": BACK,
    }
    async with running_service(product, demo_org) as running:
        yield running
    product.settings.clear()
    product.settings |= before


async def code_for(service: Service) -> str:
    async with service.logged_in(ADMIN) as visitor:
        answer = await visitor.http.get("/federated/authorize", params=CLIENT)
        assert answer.status_code == 302, answer.text
        told = parse_qs(urlsplit(answer.headers["location"]).query)
        assert answer.headers["location"].startswith(BACK) and told["state"] == ["a state"]
        return told["code"][0]


def form(given: str, **changes: str) -> dict[str, str]:
    own = {"client_id": "the org", "client_secret": SECRET, "redirect_uri": BACK}
    return {"grant_type": "authorization_code", "code": given, **own, **changes}


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def token(header: Service) -> str:
    async with header.visitor() as visitor:
        answer = await visitor.http.post("/federated/token", data=form(await code_for(header)))
        assert answer.status_code == 200, answer.text
        return str(answer.json()["access_token"])


async def found(service: Service, token: str, username: str, **more: str) -> ET.Element:
    asked = {"q": "gmbh", "type": "Account", "uid": service.user_id(username), "org": service.org.credentials.org_id}
    async with service.visitor() as visitor:
        headers = {"Authorization": f"Bearer {token}"}
        answer = await visitor.http.get("/federated/search", params={**asked, **more}, headers=headers)
        assert answer.status_code == 200, answer.text
        assert answer.headers["content-type"].startswith("application/atom+xml")
        return ET.fromstring(answer.text)


async def test_it_is_off_until_it_is_configured(service: Service) -> None:
    async with service.visitor() as visitor:
        for path in ("/federated/opensearch.xml", "/federated/search?type=Account&uid=x&org=y"):
            assert (await visitor.http.get(path)).status_code == 404


async def test_the_description_names_every_object_and_counts_from_zero(header: Service) -> None:
    async with header.visitor() as visitor:
        root = ET.fromstring((await visitor.http.get("/federated/opensearch.xml")).text)
    url = root.find(f"{OPENSEARCH}Url")
    assert url is not None and url.attrib["indexOffset"] == "0" and url.attrib[f"{SFDC}maxCount"] == "25"
    assert url.attrib["template"].startswith(f"{header.url}/federated/search?q={{searchTerms}}")
    names = [each.attrib["name"] for each in root.iter(f"{SFDC}RecordType")]
    assert {"Account", "Contact", "Opportunity"} <= set(names)


async def test_each_user_finds_what_he_would_find_here(header: Service, token: str) -> None:
    async with header.logged_in(SALES) as visitor:
        expected = await visitor.ask("/search", {"text": "gmbh", "objects": ["Account"], "size": 25})
    feed = await found(header, token, SALES)
    assert [each.findtext(f"{ATOM}id") for each in feed.iter(f"{ATOM}entry")] == [e["id"] for e in expected["hits"]]
    assert feed.findtext(f"{OPENSEARCH}totalResults") == str(min(expected["total"], 100))
    first = next(feed.iter(f"{ATOM}entry"))
    assert first.findtext(f"{SFDC}recordType") == "Account" and first.findtext(f"{ATOM}title")
    assert first.findtext(f"{SFDC}link") == f"/lightning/r/Account/{first.findtext(f'{ATOM}id')}/view"
    assert not list((await found(header, token, MARKETING)).iter(f"{ATOM}entry"))


async def test_syntax_of_sosl_pages_and_ids_are_understood(header: Service, token: str) -> None:
    plain = [each.findtext(f"{ATOM}id") for each in (await found(header, token, ADMIN)).iter(f"{ATOM}entry")]
    sosl = [e.findtext(f"{ATOM}id") for e in (await found(header, token, ADMIN, q='"gmbh*"')).iter(f"{ATOM}entry")]
    assert sosl == plain
    second = await found(header, token, ADMIN, start="3", n="4")
    assert [each.findtext(f"{ATOM}id") for each in second.iter(f"{ATOM}entry")] == plain[3:7]
    assert second.findtext(f"{OPENSEARCH}startIndex") == "3"
    one = await found(header, token, ADMIN, q=str(plain[0]), byId="true")
    assert [each.findtext(f"{ATOM}id") for each in one.iter(f"{ATOM}entry")] == plain[:1]
    many = await found(header, token, ADMIN, n="1000")
    assert len(list(many.iter(f"{ATOM}entry"))) <= 25


async def test_nobody_but_the_orgs_data_source_is_believed(header: Service, token: str) -> None:
    own = header.org.credentials.org_id
    asked = {"q": "gmbh", "type": "Account", "uid": header.user_id(ADMIN), "org": own}
    async with header.logged_in(ADMIN) as visitor:
        for authorization in ("", "Bearer", f"Bearer {token[:-2]}AA", "Bearer x", f"Basic {token}"):
            headers = {"Authorization": authorization} if authorization else {}
            answer = await visitor.http.get("/federated/search", params=asked, headers=headers)
            assert answer.status_code == 401, authorization
        headers = {"Authorization": f"Bearer {token}"}
        for change, status in (
            ({"org": "00D000000000000AAA"}, 403),
            ({"uid": "005000000000000AAA"}, 403),
            ({"uid": "x"}, 403),
            ({"uid": header.user_id("detlef.grossmann@tarnholt.example")}, 403),
            ({"type": "Nope"}, 400),
            ({"start": "-1"}, 400),
        ):
            answer = await visitor.http.get("/federated/search", params={**asked, **change}, headers=headers)
            assert answer.status_code == status, change
        assert (await visitor.http.get("/api/v1/me", headers=headers)).status_code == 401


async def test_a_token_is_given_for_a_code_of_an_administrator_alone(header: Service) -> None:
    code = await code_for(header)
    async with header.logged_in(SALES) as visitor:
        assert (await visitor.http.get("/federated/authorize", params=CLIENT)).status_code == 403
    async with header.logged_in(ADMIN) as visitor:
        for change in ({"redirect_uri": "https://evil.example/"}, {"client_id": "x"}, {"response_type": "token"}):
            assert (await visitor.http.get("/federated/authorize", params={**CLIENT, **change})).status_code == 400
    async with header.visitor() as visitor:
        for change, status in (
            ({"client_secret": "wrong"}, 401),
            ({"client_id": "wrong"}, 401),
            ({"code": ("B" if code[0] == "A" else "A") + code[1:]}, 400),
            ({"redirect_uri": "https://evil.example/"}, 400),
            ({"grant_type": "password"}, 400),
        ):
            assert (await visitor.http.post("/federated/token", data=form(code, **change))).status_code == status
        basic = base64.b64encode(f"the org:{SECRET}".encode()).decode()
        plain = {"grant_type": "authorization_code", "code": code, "redirect_uri": BACK}
        answer = await visitor.http.post("/federated/token", data=plain, headers={"Authorization": f"Basic {basic}"})
        assert answer.status_code == 200


async def test_every_question_is_written_down(header: Service, token: str) -> None:
    await found(header, token, SALES, q="a canary of the header")
    async with header.logged_in(ADMIN) as visitor:
        (line, *_) = (await visitor.ask("/admin/audit"))["audit"]
    assert (line["who"], line["as_whom"], line["what"]) == ("header search", SALES, "a canary of the header")


@pytest.mark.parametrize("username", [SALES])
async def test_what_xml_cannot_hold_is_left_out(header: Service, token: str, username: str) -> None:
    name = "Ctrl \x0b & <b>bold</b> gmbh"
    record = header.org.insert("Account", Name=name, OwnerId=header.user_id(username))
    code, _, err = await header.product.run("sync")
    assert code == 0, err
    feed = await found(header, token, username, q=record, byId="true")
    assert next(feed.iter(f"{ATOM}entry")).findtext(f"{ATOM}title") == "Ctrl  & <b>bold</b> gmbh"
