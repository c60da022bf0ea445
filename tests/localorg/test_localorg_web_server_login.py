"""The org's login page: who may log in, what the browser keeps, and what other sites cannot make it do."""

import re
import ssl
from collections.abc import AsyncIterator
from datetime import timedelta

import httpx2
import pytest
import pytest_asyncio

from localorg.auth.credentials import Secret
from localorg.fixture import LocalOrg, running_org
from tests.localorg.browser import Browser, answer_in, people_in

REFUSED = "Please check your username and password."


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def company() -> AsyncIterator[LocalOrg]:
    """A small company, whose people stay as they are."""
    async with running_org() as org:
        yield org


def admin_id(org: LocalOrg) -> str:
    return next(str(row["Id"]) for row in org.rows("User") if row["Username"] == org.credentials.admin_username)


async def test_the_page_offers_the_personas_and_everybody_else(company: LocalOrg) -> None:
    async with Browser(company) as browser:
        page = await browser.go(browser.request())
    assert "Forcedex login" in page.text and "Tarnholt Automation" in page.text
    personas = company.credentials.personas
    offered = people_in(page)
    assert offered[: len(personas)] == [one["user_id"] for one in personas.values()]
    for one in personas.values():
        assert one["sees"].split("'")[0] in page.text
    for text in ("VP Sales EMEA", "Country Manager Japan", "Account Executive · Sales US East", "Support Engineer"):
        assert text in page.text
    gone = {str(row["Id"]) for row in company.rows("User") if not row["IsActive"]}
    integration = {str(row["Id"]) for row in company.rows("User") if row["Username"] == company.credentials.username}
    assert len(offered) == len(set(offered)) > 40
    assert not (gone | integration) & set(offered[len(personas) :])


@pytest.mark.parametrize(
    "key", ["administrator", "sales_vp", "sales_manager", "sales_rep", "service_agent", "marketing"]
)
async def test_a_click_on_a_persona_logs_him_in(company: LocalOrg, key: str) -> None:
    one = company.credentials.personas[key]
    async with Browser(company) as browser:
        page = await browser.go(browser.request())
        code = answer_in((await browser.send(page, persona=one["user_id"])).headers["location"])["code"]
        assert (await browser.exchange(code)).json()["id"].endswith(one["user_id"])


@pytest.mark.parametrize("key", ["inactive", "frozen"])
async def test_who_has_left_or_is_frozen_is_refused_either_way(company: LocalOrg, key: str) -> None:
    one = company.credentials.personas[key]
    async with Browser(company) as browser:
        page = await browser.go(browser.request())
        for form in ({"persona": one["user_id"]}, {"username": one["username"], "password": one["password"]}):
            answer = await browser.send(page, **form)
            assert answer.status_code == 200 and REFUSED in answer.text and 'role="alert"' in answer.text
        assert (await browser.go(browser.request())).url.path == "/login"


async def test_passwords_need_no_security_token_here_and_usernames_no_case(org: LocalOrg) -> None:
    async with Browser(org) as browser:
        page = await browser.go("/login")
        answer = await browser.send(
            page, username=f" {org.credentials.admin_username.upper()} ", password=org.credentials.admin_password
        )
        assert "You are logged in" in answer.text


async def test_wrong_passwords_lock_a_user_out_and_why_is_not_told(org: LocalOrg) -> None:
    own = org.credentials
    async with Browser(org) as browser:
        page = await browser.go("/login")
        texts = set()
        for _ in range(10):
            texts.add((await browser.send(page, username=own.admin_username, password="wrong")).text)
        texts.add((await browser.send(page, username=own.admin_username, password=own.admin_password)).text)
        assert len(texts) == 1 and REFUSED in texts.pop()
        assert REFUSED in (await browser.send(page, persona=admin_id(org))).text
        unknown = await browser.send(page, username='<b>"nobody', password="x")
        assert REFUSED in unknown.text and "<b>" not in unknown.text
        for user in ("", "005000000000000AAA", "x" * 5_000):
            assert REFUSED in (await browser.send(page, persona=user)).text


async def test_an_expired_password_is_told(org: LocalOrg) -> None:
    org.org.credentials.set(admin_id(org), Secret(password="old", security_token=""), expired=True)
    async with Browser(org) as browser:
        answer = await browser.send(await browser.go("/login"), username=org.credentials.admin_username, password="old")
        assert "Your password has expired." in answer.text


async def test_the_username_of_the_hint_is_filled_in(company: LocalOrg) -> None:
    hint = company.credentials.personas["sales_rep"]["username"]
    async with Browser(company) as browser:
        page = await browser.go(browser.request(login_hint=hint))
        assert f'required value="{hint}"' in page.text
        assert re.search(r'value="\w{18}" class="hinted"><span class="mark" aria-hidden="true">J', page.text)
        evil = await browser.go(browser.request(login_hint='"><script>alert(1)</script>'))
        assert "<script" not in evil.text


async def test_sessions_end_after_two_hours_by_logging_out_and_by_the_door(org: LocalOrg) -> None:
    async with Browser(org) as browser:
        await browser.log_in()
        for _ in range(3):
            org.clock.advance(timedelta(hours=1, minutes=59))
            assert "code" in await browser.authorize()
        org.clock.advance(timedelta(hours=2, seconds=1))
        assert (await browser.go(browser.request())).url.path == "/login"
        await browser.log_in()
        assert (await browser.go("/secur/logout.jsp")).url.path == "/login"
        assert (await browser.go(browser.request())).url.path == "/login"
        await browser.log_in()
        org.expire_sessions()
        assert (await browser.go(browser.request())).url.path == "/login"


async def test_freezing_somebody_logs_him_out(org: LocalOrg) -> None:
    async with Browser(org) as browser:
        await browser.log_in()
        org.freeze_user(admin_id(org))
        assert (await browser.go(browser.request())).url.path == "/login"


async def test_the_cookie_is_the_browsers_alone_and_new_after_logging_in(company: LocalOrg) -> None:
    async with Browser(company) as browser:
        page = await browser.http.get("/login")
        name, before = re.match(r"(sid_\d+)=([^;]+)", page.headers["set-cookie"]).groups()  # type: ignore[union-attr]
        assert name == f"sid_{company.url.rpartition(':')[2]}"
        assert {"HttpOnly", "SameSite=lax", "Path=/"} <= set(page.headers["set-cookie"].split("; "))
        await browser.log_in()
        after = browser.http.cookies[name]
        assert after != before
        # Who planted the first one in this browser has nothing of it.
        async with httpx2.AsyncClient(base_url=company.url, cookies={name: before}) as attacker:
            assert (await attacker.get(browser.request())).headers["location"].startswith("/login?")
        # It is no access token, and no access token is one.
        headers = {"Authorization": f"Bearer {after}"}
        assert (await browser.http.get("/services/data/v66.0/limits", headers=headers)).status_code == 401
        async with httpx2.AsyncClient(base_url=company.url, cookies={name: company.session()}) as other:
            assert (await other.get(browser.request())).headers["location"].startswith("/login?")


async def test_https_cookies_are_secure(company: LocalOrg) -> None:
    context = ssl.create_default_context(cafile=str(company.ca_file))
    async with httpx2.AsyncClient(base_url=company.https_url, verify=context) as http:
        assert "; Secure" in (await http.get("/login")).headers["set-cookie"]
        found = (await http.get("/.well-known/openid-configuration")).json()
        assert found["issuer"] == company.https_url


async def test_other_sites_cannot_log_a_browser_in(company: LocalOrg) -> None:
    """Login CSRF: an attacker makes the victim's browser log in as the attacker, who then sees what the victim does."""
    persona = company.credentials.personas["sales_rep"]["user_id"]
    async with Browser(company) as attacker, Browser(company) as victim:
        stolen = await attacker.go("/login")
        await victim.go("/login")
        token = re.search(r'name="form_token" value="([^"]+)"', stolen.text)[1]  # type: ignore[index]
        for form in (
            {"persona": persona},
            {"persona": persona, "form_token": ""},
            {"persona": persona, "form_token": token},
        ):
            answer = await victim.http.post("/login", data=form)
            assert (answer.status_code, answer.is_redirect) == (403, False)
        page = await victim.go("/login")
        own = re.search(r'name="form_token" value="([^"]+)"', page.text)[1]  # type: ignore[index]
        form = {"persona": persona, "form_token": own}
        for origin in ("http://evil.example", "null", company.url.replace("127.0.0.1", "localhost")):
            assert (await victim.http.post("/login", data=form, headers={"Origin": origin})).status_code == 403
        assert (await victim.go(victim.request())).url.path == "/login"
        assert (await victim.http.post("/login", data=form, headers={"Origin": company.url})).is_redirect
        assert "code" in await victim.authorize()


async def test_other_sites_cannot_approve_an_app(org: LocalOrg) -> None:
    app = org.org.apps.find(org.credentials.login_client_id)
    assert app is not None
    org.org.apps.put(app.with_policies({"preauthorized": []}))
    async with Browser(org) as browser:
        await browser.log_in()
        form = {"startURL": browser.request(), "decision": "allow", "form_token": "x"}
        path = "/setup/secur/RemoteAccessAuthorizationPage.apexp"
        assert (await browser.http.post(path, data=form)).status_code == 403
        page = await browser.go(browser.request())
        token = re.search(r'name="form_token" value="([^"]+)"', page.text)[1]  # type: ignore[index]
        form["form_token"] = token
        assert (await browser.http.post(path, data=form, headers={"Origin": "http://evil.example"})).status_code == 403
        assert (await browser.authorize(immediate="true"))["error"] == "immediate_unsuccessful"


@pytest.mark.parametrize(
    "start",
    [
        "https://evil.example/",
        "//evil.example/services/oauth2/authorize?",
        "/\\evil.example",
        "/services/oauth2/authorize",
        "/services/oauth2/../../login",
        "javascript:alert(1)",
        "/services/oauth2/authorize?a\r\nSet-Cookie: x=y",
        "/services/oauth2/authorize?ä",
        " /services/oauth2/authorize?",
    ],
)
async def test_the_page_after_the_login_is_never_elsewhere(company: LocalOrg, start: str) -> None:
    async with Browser(company) as browser:
        page = await browser.http.get("/login", params={"startURL": start})
        values = {"startURL": start, "persona": company.credentials.personas["sales_rep"]["user_id"]}
        values["form_token"] = re.search(r'name="form_token" value="([^"]+)"', page.text)[1]  # type: ignore[index]
        answer = await browser.http.post("/login", data=values)
        assert (answer.status_code, answer.headers["location"]) == (302, "/login")
        assert "x" not in answer.cookies


async def test_pages_are_for_this_machine_and_carry_nothing_foreign(company: LocalOrg) -> None:
    async with Browser(company) as browser:
        page = await browser.go("/login")
        policy = page.headers["content-security-policy"]
        assert policy.startswith("default-src 'none'; style-src 'sha256-") and "frame-ancestors 'none'" in policy
        assert page.headers["cache-control"] == "no-store"
        assert "<script" not in page.text and "http" not in re.sub(r'value="[^"]*"', "", page.text)
        for path in ("/login", browser.request(), "/secur/logout.jsp"):
            rebound = await browser.http.get(path, headers={"Host": "evil.example:8000"})
            assert (rebound.status_code, "set-cookie" in rebound.headers) == (403, False)


async def test_the_page_refuses_and_the_endpoint_fails_when_told_to(org: LocalOrg) -> None:
    async with Browser(org) as browser:
        org.org.faults.arm("LOGIN_REFUSED", match="page")
        page = await browser.go("/login")
        assert REFUSED in (await browser.send(page, persona=admin_id(org))).text
        await browser.log_in()
        org.org.faults.arm("LOGIN_UNAVAILABLE", match="authorize")
        assert (await browser.go(browser.request())).status_code == 503
        assert "code" in await browser.authorize()
