"""Logging in with Salesforce: RFC 6749 10 (CSRF, code injection), RFC 9207 (mix-up), OpenID Connect Core 3.1.3.7."""

import re
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from tests.service.service import ADMIN, SALES, SERVICE, Service


def answer_in(url: str) -> dict[str, str]:
    return {name: values[0] for name, values in parse_qs(urlsplit(url).query).items()}


async def test_who_logs_in_comes_back_to_where_he_wanted_and_is_himself(service: Service) -> None:
    async with service.visitor() as visitor:
        assert (await visitor.ask("/me", status=401))["error"]["code"] == "unauthorized"
        back = await visitor.log_in(SALES, "/search?q=acme")
        assert (back.status_code, back.headers["location"]) == (303, "/search?q=acme")
        me = await visitor.ask("/me")
        assert (me["username"], me["admin"], me["user_id"]) == (SALES, False, service.user_id(SALES))


async def test_the_browser_gets_a_cookie_that_no_script_reads_and_no_token_of_salesforce(service: Service) -> None:
    async with service.visitor() as visitor:
        back = await visitor.log_in(SALES)
        cookies = back.headers.get_list("set-cookie")
        (session,) = [each for each in cookies if each.startswith("forcedex=")]
        assert "HttpOnly" in session and "SameSite=lax" in session and "Path=/" in session
        assert not re.search(r"00D\w{12,15}!|eyJ", "".join(cookies) + back.text)


async def test_salesforce_is_asked_for_nothing_but_who_it_is(service: Service) -> None:
    async with service.visitor() as visitor:
        asked = answer_in((await visitor.http.get("/auth/login")).headers["location"])
        assert (asked["scope"], asked["response_type"], asked["code_challenge_method"]) == ("openid", "code", "S256")
        assert asked["redirect_uri"] == f"{service.url}/auth/callback"


async def test_an_answer_for_another_browser_logs_nobody_in(service: Service) -> None:
    async with service.visitor() as mine, service.visitor() as other:
        back = await mine.at_salesforce(SALES)
        await other.http.get("/auth/login")
        assert (await other.http.get(back)).status_code == 400
        assert (await other.ask("/me", status=401))["error"]
        async with service.visitor() as fresh:
            refused = await fresh.http.get(back)
            assert (refused.status_code, refused.json()["error"]["code"]) == (400, "login_failed")


async def test_a_code_is_good_for_one_login(service: Service) -> None:
    async with service.visitor() as visitor:
        back = await visitor.at_salesforce(SALES)
        pending = dict(visitor.http.cookies)
        assert (await visitor.http.get(back)).status_code == 303
        visitor.http.cookies.clear()
        again = await visitor.http.get(back, headers={"Cookie": f"forcedex_login={pending['forcedex_login']}"})
        assert again.status_code == 400 and "forcedex=" not in again.headers.get("set-cookie", "")


async def test_a_changed_or_missing_state_is_refused(service: Service) -> None:
    async with service.visitor() as visitor:
        back = await visitor.at_salesforce(SALES)
        code = answer_in(back)["code"]
        for query in ({"code": code}, {"code": code, "state": "x"}, {"state": answer_in(back)["state"]}):
            assert (await visitor.http.get("/auth/callback", params=query)).status_code == 400


@pytest.mark.parametrize("place", [0, 20, 60, -1])
async def test_a_login_cookie_that_was_altered_is_refused(service: Service, place: int) -> None:
    async with service.visitor() as visitor:
        back = await visitor.at_salesforce(SALES)
        sealed = list(visitor.http.cookies["forcedex_login"])
        sealed[place] = "A" if sealed[place] != "A" else "B"
        visitor.http.cookies.clear()
        headers = {"Cookie": f"forcedex_login={''.join(sealed)}"}
        assert (await visitor.http.get(back, headers=headers)).status_code == 400


@pytest.mark.parametrize(
    "change",
    [
        {"claims": {"iss": "https://login.evil.example"}},
        {"claims": {"iss": None}},
        {"claims": {"aud": "another app"}},
        {"claims": {"nonce": "another login"}},
        {"claims": {"nonce": None}},
        {"claims": {"exp": 1_000_000}},
        {"claims": {"exp": None}},
        {"claims": {"sub": "https://login.salesforce.com/id/00D000000000000AAA/005000000000000AAA"}},
        {"claims": {"sub": "somebody"}},
        {"header": {"alg": "none"}},
        {"foreign": True},
    ],
    ids=str,
)
async def test_an_id_token_that_does_not_hold_logs_nobody_in(service: Service, change: dict[str, Any]) -> None:
    faults = service.org.org.faults
    async with service.visitor() as visitor:
        back = await visitor.at_salesforce(SALES)
        before = faults.fired["ID_TOKEN_ALTERED"]
        faults.arm("ID_TOKEN_ALTERED", match=service.org.credentials.login_client_id, **change)
        refused = await visitor.http.get(back)
        assert faults.fired["ID_TOKEN_ALTERED"] == before + 1
        assert (refused.status_code, refused.json()["error"]["code"]) == (400, "login_failed")
        assert (await visitor.ask("/me", status=401))["error"]


@pytest.mark.parametrize(
    "elsewhere", ["//evil.example", "https://evil.example/", "/\\evil.example", "evil", "/auth/login"]
)
async def test_nobody_is_sent_elsewhere_after_logging_in(service: Service, elsewhere: str) -> None:
    async with service.visitor() as visitor:
        assert (await visitor.log_in(SALES, elsewhere)).headers["location"] == "/"


async def test_logging_out_ends_the_session_everywhere(service: Service) -> None:
    async with service.logged_in(SALES) as visitor:
        secret = visitor.http.cookies["forcedex"]
        assert (await visitor.http.post("/auth/logout")).status_code == 204
        again = await visitor.http.get("/api/v1/me", headers={"Cookie": f"forcedex={secret}"})
        assert again.status_code == 401


async def test_a_session_is_kept_as_a_hash_alone(service: Service) -> None:
    async with service.logged_in(SALES) as visitor:
        secret = visitor.http.cookies["forcedex"]
        kept = b"".join(path.read_bytes() for path in (service.product.home / ".forcedex").glob("state.db*"))
        assert secret.encode() not in kept


async def test_who_is_frozen_is_out_at_once_and_cannot_come_in(service: Service) -> None:
    frozen = "dario.montenegro@tarnholt.example"
    async with service.visitor() as visitor:
        await visitor.http.get("/auth/login")
        with pytest.raises(AssertionError):  # the org's own page refuses him
            await visitor.at_salesforce(frozen)
        target = "/api/v1/me"
        token = service.signed(frozen, "GET", target)
        refused = await visitor.http.get(target, headers={"Authorization": f"Bearer {token}"})
        assert (refused.status_code, refused.json()["error"]["code"]) == (403, "nothing_to_show")


async def test_administrators_are_who_hold_the_permission_set(service: Service) -> None:
    for username, status in ((ADMIN, 200), (SALES, 403), (SERVICE, 403)):
        async with service.logged_in(username) as visitor:
            for path in ("/admin/status", "/admin/searches", "/admin/audit", "/admin/dead-letters"):
                await visitor.ask(path, status=status)
