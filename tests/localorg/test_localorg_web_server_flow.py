"""The web server flow: Salesforce Help, "OAuth 2.0 Web Server Flow for Web App Integration"; RFC 6749, RFC 7636."""

import asyncio
import base64
from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any

import httpx2
import pytest
import pytest_asyncio

from localorg.auth.codes import Authorization, Codes, Replayed
from localorg.clock import Clock
from localorg.fixture import LocalOrg, running_org
from tests.localorg.api import Api
from tests.localorg.browser import CALLBACK, VERIFIER, Browser, answer_in, challenge


@pytest_asyncio.fixture(loop_scope="session")
async def browser(org: LocalOrg) -> AsyncIterator[Browser]:
    """A browser in which the administrator is logged in."""
    async with Browser(org) as browser:
        await browser.log_in()
        yield browser


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def visitor() -> AsyncIterator[Browser]:
    """The same in an org that the tests leave as it is."""
    async with running_org(empty=True) as org, Browser(org) as browser:
        await browser.log_in()
        yield browser


def change_app(org: LocalOrg, **policies: Any) -> None:
    """Change the login app's policies."""
    app = org.org.apps.find(org.credentials.login_client_id)
    assert app is not None
    org.org.apps.put(app.with_policies(policies))


def told(answer: httpx2.Response) -> tuple[int, str, str]:
    body = answer.json()
    assert list(body) == ["error", "error_description"]
    return answer.status_code, body["error"], body["error_description"]


EXPIRED = (400, "invalid_grant", "expired authorization code")


async def test_who_is_not_logged_in_gets_the_login_page_and_then_his_code(org: LocalOrg) -> None:
    async with Browser(org) as browser:
        page = await browser.go(browser.request())
        assert page.url.path == "/login"
        back = await browser.send(
            page, username=org.credentials.admin_username, password=org.credentials.admin_password
        )
        location = back.headers["location"]
        assert location.startswith(CALLBACK + "?code=aPrx") and "%3D%3D" in location
        assert answer_in(location)["state"] == "a state"
        assert (await browser.exchange(answer_in(location)["code"])).json()["id"].startswith(org.url)


async def test_a_code_becomes_a_token_like_salesforces(visitor: Browser) -> None:
    answer = await visitor.exchange((await visitor.authorize())["code"])
    assert answer.headers["cache-control"] == "no-store"
    assert set(answer.json()) == {
        *("access_token", "signature", "scope", "id_token", "instance_url", "id", "token_type", "issued_at")
    }
    assert answer.json()["scope"] == "openid"


async def test_a_token_for_openid_alone_opens_no_records(browser: Browser) -> None:
    api = Api(browser.org, (await browser.token())["access_token"])
    code, message, _ = await api.error("GET", "limits", status=401)
    assert (code, message) == ("INVALID_SESSION_ID", "This session is not valid for use with the REST API")
    assert (await api.get("/services/oauth2/userinfo"))["preferred_username"] == browser.org.credentials.admin_username
    await api.close()


async def test_scopes_decide_what_comes(browser: Browser) -> None:
    org = browser.org
    change_app(org, scopes=["api", "refresh_token", "openid"])
    token = await browser.token(scope="api offline_access")
    assert "id_token" not in token and token["scope"] == "api offline_access"
    own = org.credentials
    refreshed = {"grant_type": "refresh_token", "client_id": own.login_client_id}
    answer = await browser.http.post(
        "/services/oauth2/token", data={**refreshed, "refresh_token": token["refresh_token"]}
    )
    api = Api(org, answer.json()["access_token"])
    assert (await api.query("SELECT COUNT() FROM User"))["totalSize"] == 2
    await api.close()
    every = await browser.token(scope=None)
    assert every["scope"] == "api refresh_token openid"
    assert {"refresh_token", "id_token"} <= set(every)


async def test_tokens_are_introspected_and_revoked(browser: Browser) -> None:
    org, own = browser.org, browser.org.credentials
    change_app(org, scopes=["api", "refresh_token"])
    token = await browser.token(scope="api refresh_token")
    client = {"client_id": own.login_client_id, "client_secret": own.login_client_secret}

    async def state(value: str) -> dict[str, Any]:
        answer = await browser.http.post("/services/oauth2/introspect", data={"token": value, **client})
        return dict(answer.json())

    access = await state(token["access_token"])
    assert (access["active"], access["client_id"], access["sub"]) == (True, own.login_client_id, token["id"])
    assert (await state(token["refresh_token"]))["token_type"] == "refresh_token"
    other = {"client_id": own.client_id, "client_secret": own.client_secret}
    for value in (token["access_token"], token["refresh_token"]):
        answer = await browser.http.post("/services/oauth2/introspect", data={"token": value, **other})
        assert answer.json() == {"active": False}
    gone = await browser.http.get("/services/oauth2/revoke", params={"token": token["refresh_token"]})
    assert (gone.status_code, gone.content) == (200, b"")
    assert await state(token["access_token"]) == await state(token["refresh_token"]) == {"active": False}


async def test_a_code_that_comes_twice_takes_back_what_came_of_it(browser: Browser) -> None:
    change_app(browser.org, scopes=["api", "refresh_token"])
    code = (await browser.authorize(scope="api refresh_token"))["code"]
    first = (await browser.exchange(code)).json()
    assert told(await browser.exchange(code)) == EXPIRED
    api = Api(browser.org, first["access_token"])
    assert (await api.error("GET", "limits", status=401))[0] == "INVALID_SESSION_ID"
    await api.close()
    form = {"grant_type": "refresh_token", "client_id": browser.org.credentials.login_client_id}
    refused = await browser.http.post("/services/oauth2/token", data={**form, "refresh_token": first["refresh_token"]})
    assert told(refused) == (400, "invalid_grant", "expired access/refresh token")


async def test_of_exchanges_at_the_same_time_no_more_than_one_gives_tokens_that_last(browser: Browser) -> None:
    change_app(browser.org, scopes=["api"])
    code = (await browser.authorize(scope="api"))["code"]
    answers = await asyncio.gather(*(browser.exchange(code) for _ in range(6)))
    assert sum(answer.status_code == 200 for answer in answers) <= 1
    for answer in answers:
        if answer.status_code == 200:
            api = Api(browser.org, answer.json()["access_token"])
            assert (await api.error("GET", "limits", status=401))[0] == "INVALID_SESSION_ID"
            await api.close()


async def test_a_code_lasts_fifteen_minutes_of_the_orgs_clock(browser: Browser) -> None:
    clock = browser.org.clock
    clock.freeze()
    code = (await browser.authorize())["code"]
    clock.advance(timedelta(minutes=15))
    assert (await browser.exchange(code)).status_code == 200
    code = (await browser.authorize())["code"]
    clock.advance(timedelta(minutes=15, seconds=1))
    assert told(await browser.exchange(code)) == EXPIRED


@pytest.mark.parametrize(
    ("changes", "error"),
    [
        ({"code": "aPrxNone"}, (400, "invalid_grant", "invalid authorization code")),
        ({"code": None}, (400, "invalid_grant", "invalid authorization code")),
        ({"redirect_uri": CALLBACK + "/"}, (400, "redirect_uri_mismatch", "redirect_uri must match configuration")),
        # Registered too, but not the one that the code was sent to.
        (
            {"redirect_uri": CALLBACK.replace("127.0.0.1", "localhost")},
            (400, "redirect_uri_mismatch", "redirect_uri must match configuration"),
        ),
        ({"redirect_uri": None}, (400, "redirect_uri_missing", "redirect_uri not provided")),
        ({"code_verifier": VERIFIER[::-1]}, (400, "invalid_grant", "invalid code verifier")),
        ({"code_verifier": None}, (400, "invalid_grant", "invalid code verifier")),
        # What an attacker sees in the first request.
        ({"code_verifier": challenge()}, (400, "invalid_grant", "invalid code verifier")),
        ({"client_id": "3MVG9none"}, (400, "invalid_client_id", "client identifier invalid")),
        ({"client_secret": "x"}, (400, "invalid_client", "invalid client credentials")),
        ({"client_secret": None}, (400, "invalid_client", "invalid client credentials")),
    ],
    ids=str,
)
async def test_a_code_is_bound_to_all_it_was_asked_with(
    visitor: Browser, changes: dict[str, str | None], error: tuple[int, str, str]
) -> None:
    code = (await visitor.authorize())["code"]
    assert told(await visitor.exchange(**{"code": code, **changes})) == error  # type: ignore[arg-type]


async def test_a_code_is_no_good_to_another_app(visitor: Browser) -> None:
    own = visitor.org.credentials
    code = (await visitor.authorize())["code"]
    other = {"client_id": own.client_id, "client_secret": own.client_secret}
    assert told(await visitor.exchange(code, **other)) == (400, "invalid_grant", "invalid authorization code")
    # Whoever had it there has it no longer.
    assert told(await visitor.exchange(code)) == EXPIRED


async def test_a_wrong_secret_leaves_the_code_alone(visitor: Browser) -> None:
    code = (await visitor.authorize())["code"]
    assert told(await visitor.exchange(code, client_secret="x"))[1] == "invalid_client"
    assert (await visitor.exchange(code)).status_code == 200


async def test_verifiers_with_a_tilde_are_refused_as_salesforce_does(visitor: Browser) -> None:
    verifier = "~" + VERIFIER[1:]
    code = (await visitor.authorize(code_challenge=challenge(verifier)))["code"]
    assert told(await visitor.exchange(code, code_verifier=verifier))[2] == "invalid code verifier"


async def test_the_secret_may_come_as_basic_or_not_at_all_where_none_is_required(browser: Browser) -> None:
    org, own = browser.org, browser.org.credentials
    code = (await browser.authorize())["code"]
    form = {"grant_type": "authorization_code", "code": code, "redirect_uri": CALLBACK, "code_verifier": VERIFIER}
    basic = base64.b64encode(f"{own.login_client_id}:{own.login_client_secret}".encode()).decode()
    async with httpx2.AsyncClient(base_url=org.url, headers={"Authorization": f"Basic {basic}"}) as http:
        assert (await http.post("/services/oauth2/token", data=form)).status_code == 200
    change_app(org, secret_required=False)
    code = (await browser.authorize())["code"]
    assert told(await browser.exchange(code, client_secret="x"))[1] == "invalid_client"
    assert (await browser.exchange(code, client_secret=None)).status_code == 200


async def test_without_pkce_only_where_the_app_need_not_have_it(browser: Browser) -> None:
    none = {"code_challenge": None, "code_challenge_method": None}
    assert await browser.authorize(**none) == {
        "error": "invalid_request",
        "error_description": "missing required code challenge",
        "state": "a state",
    }
    change_app(browser.org, pkce_required=False)
    code = (await browser.authorize(**none))["code"]
    assert told(await browser.exchange(code)) == (400, "invalid_grant", "unexpected code verifier")
    code = (await browser.authorize(**none))["code"]
    assert (await browser.exchange(code, code_verifier=None)).status_code == 200


@pytest.mark.parametrize(
    ("changes", "error"),
    [
        ({"response_type": "token"}, ("unsupported_response_type", "response type not supported")),
        ({"response_type": None}, ("unsupported_response_type", "response type not supported")),
        ({"scope": "openid api"}, ("invalid_scope", "the requested scope is not allowed")),
        ({"code_challenge_method": "plain"}, ("invalid_request", "invalid code challenge method")),
        ({"code_challenge": "short"}, ("invalid_request", "invalid code challenge")),
        ({"code_challenge": ""}, ("invalid_request", "invalid code challenge")),
    ],
    ids=str,
)
async def test_errors_of_a_request_go_to_the_callback_with_its_state(
    visitor: Browser, changes: dict[str, str | None], error: tuple[str, str]
) -> None:
    answer = await visitor.authorize(**changes)
    assert answer == {"error": error[0], "error_description": error[1], "state": "a state"}
    assert "state" not in await visitor.authorize(**changes, state=None)


async def test_a_parameter_that_comes_twice_is_refused(visitor: Browser) -> None:
    assert (await visitor.authorize(visitor.request() + "&state=b"))["error"] == "invalid_request"
    twice = await visitor.go(visitor.request() + "&redirect_uri=https%3A%2F%2Fevil.example%2F")
    assert (twice.status_code, twice.is_redirect) == (400, False)


@pytest.mark.parametrize(
    "callback",
    [
        CALLBACK + "/",
        CALLBACK + "/../callback",
        CALLBACK + "/%2e%2e/callback",
        CALLBACK + "/..",
        CALLBACK + "?x=1",
        CALLBACK + "?",
        CALLBACK + "#x",
        CALLBACK + "%00",
        CALLBACK + " ",
        " " + CALLBACK,
        CALLBACK + "\r\nSet-Cookie: a=b",
        CALLBACK.upper(),
        CALLBACK.replace("http:", "HTTP:"),
        CALLBACK.replace("callback", "Callback"),
        CALLBACK.replace("127.0.0.1", "LOCALHOST"),
        CALLBACK.replace("127.0.0.1", "127.1"),
        CALLBACK.replace("127.0.0.1", "[::1]"),
        CALLBACK.replace("8080", "8081"),
        CALLBACK.replace(":8080", ""),
        CALLBACK.replace("127.0.0.1:8080", "127.0.0.1:8080@evil.example"),
        CALLBACK.replace("127.0.0.1:8080", "evil.example\\@127.0.0.1:8080"),
        CALLBACK.replace("127.0.0.1", "127.0.0.1.evil.example"),
        CALLBACK.replace("/auth", "//auth"),
        "//127.0.0.1:8080/auth/callback",
        "/auth/callback",
        "javascript:alert(1)",
        "https://evil.example/auth/callback",
    ],
)
async def test_nobody_is_sent_to_another_address_than_a_registered_one(visitor: Browser, callback: str) -> None:
    # Neither with a code nor with an error, whatever else is wrong.
    for changes in ({}, {"response_type": "token"}, {"scope": "full"}):
        answer = await visitor.go(visitor.request(redirect_uri=callback, **changes))
        assert (answer.status_code, answer.is_redirect) == (400, False)
        assert "error=redirect_uri_mismatch&amp;error_description=redirect_uri%20must%20match" in answer.text


async def test_unknown_apps_and_missing_callbacks_are_told_on_a_page(visitor: Browser) -> None:
    unknown = await visitor.go(visitor.request(client_id="3MVG9none"))
    assert unknown.status_code == 400
    assert "error=invalid_client_id&amp;error_description=client%20identifier%20invalid" in unknown.text
    missing = await visitor.go(visitor.request(redirect_uri=None))
    assert "error=redirect_uri_missing" in missing.text
    headers = {"Accept": "application/json"}
    answer = await visitor.http.get(visitor.request(client_id="3MVG9none"), headers=headers)
    assert told(answer) == (400, "invalid_client_id", "client identifier invalid")


async def test_a_callback_keeps_its_own_query(browser: Browser) -> None:
    own = "https://app.example/back?tenant=a%20b"
    change_app(browser.org, add_redirect_uris=[own])
    location = (await browser.go(browser.request(redirect_uri=own))).headers["location"]
    assert location.startswith(own + "&code=aPrx")


async def test_users_are_asked_where_no_administrator_has_approved(browser: Browser) -> None:
    change_app(browser.org, preauthorized=[], scopes=["openid", "api"])
    page = await browser.go(browser.request())
    assert "Access unique user identifiers" in page.text and "Forcedex login" in page.text
    denied = answer_in((await browser.send(page, decision="deny")).headers["location"])
    assert denied == {
        "error": "access_denied",
        "error_description": "end-user denied authorization",
        "state": "a state",
    }
    silent = await browser.authorize(immediate="true")
    assert (silent["error"], silent["state"]) == ("immediate_unsuccessful", "a state")
    allowed = await browser.send(await browser.go(browser.request()), decision="allow")
    assert (await browser.exchange(answer_in(allowed.headers["location"])["code"])).status_code == 200
    # He is not asked again, but for more, or if the app wants him to be.
    assert "code" in await browser.authorize()
    assert "code" in await browser.authorize(immediate="true")
    assert "Manage user data via APIs" in (await browser.go(browser.request(scope="openid api"))).text
    assert "Allow access?" in (await browser.go(browser.request(prompt="consent"))).text


async def test_only_approved_users_where_the_app_says_so(browser: Browser) -> None:
    change_app(browser.org, preauthorized=["somebody@else.example"], self_authorize=False)
    assert await browser.authorize() == {
        "error": "OAUTH_APP_ACCESS_DENIED",
        "error_description": "user is not admin approved to access this app",
        "state": "a state",
    }
    change_app(browser.org, preauthorized=[browser.org.credentials.admin_username.upper()])
    assert "code" in await browser.authorize()


async def test_prompts_make_who_is_logged_in_do_so_again(browser: Browser) -> None:
    page = await browser.go(browser.request(prompt="login"))
    assert page.url.path == "/login"
    own = browser.org.credentials
    back = await browser.send(page, username=own.admin_username, password=own.admin_password)
    assert "code" in answer_in(back.headers["location"])
    assert (await browser.go(browser.request(prompt="select_account"))).url.path == "/login"
    async with Browser(browser.org) as nobody:
        for silent in ({"prompt": "none"}, {"immediate": "true"}):
            assert (await nobody.authorize(**silent))["error"] == "immediate_unsuccessful"


async def test_a_user_who_is_gone_gets_nothing_for_his_code(browser: Browser) -> None:
    org = browser.org
    code = (await browser.authorize())["code"]
    org.poke("User", _admin_id(org), {"IsActive": False})
    assert told(await browser.exchange(code)) == (400, "inactive_user", "user is inactive")
    assert (await browser.go(browser.request())).url.path == "/login"


def _admin_id(org: LocalOrg) -> str:
    return next(str(row["Id"]) for row in org.rows("User") if row["Username"] == org.credentials.admin_username)


async def test_the_direct_door_shows_and_changes_the_apps(org: LocalOrg) -> None:
    path = f"/__org/apps/{org.credentials.login_client_id}"
    async with httpx2.AsyncClient(base_url=org.url) as http:
        shown = await http.get(path)
        assert org.credentials.login_client_secret not in shown.text
        assert shown.json()["redirect_uris"] == [CALLBACK, CALLBACK.replace("127.0.0.1", "localhost")]
        policies = ("pkce_required", "secret_required", "self_authorize")
        assert [shown.json()[name] for name in policies] == [True, True, True]
        other = CALLBACK.replace("8080", "9191")
        for _ in range(2):
            assert (await http.post(path, json={"add_redirect_uris": [other]})).status_code == 200
        assert (await http.get(path)).json()["redirect_uris"][2:] == [other]
        for wrong in (
            "http://app.example/back",
            "https://app.example/#x",
            "https://app.example/a b",
            "/back",
            "javascript:a()",
        ):
            assert (await http.post(path, json={"redirect_uris": [wrong]})).status_code == 400, wrong
        names = [one["name"] for one in (await http.get("/__org/apps")).json()]
        assert names == ["Forcedex", "Forcedex login"]
        assert (await http.get("/__org/apps/none")).status_code == 404
    async with Browser(org) as browser:
        await browser.log_in()
        assert "code" in await browser.authorize(redirect_uri=other)


def test_what_comes_of_a_code_that_was_used_again_in_the_meantime_must_not_be_given() -> None:
    codes = Codes(Clock())
    asked = Authorization(client_id="app", redirect_uri=CALLBACK, user_id="005", scope="openid", issuer="org")
    code = codes.issue(asked)
    assert codes.use(code) == asked
    assert codes.use(code) == Replayed(())
    assert not codes.came(code, "token")
    other = codes.issue(asked)
    assert (codes.use(other), codes.came(other, "token"), codes.use(other)) == (asked, True, Replayed(("token",)))
