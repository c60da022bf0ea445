"""Independent clients log in: oauth4webapi in node, and joserfc for the tokens. They believe no altered token."""

import asyncio
import base64
import hashlib
import json
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import Any
from urllib.parse import urlencode

import httpx2
import pytest
import pytest_asyncio
from joserfc import jwt
from joserfc.errors import InvalidKeyIdError
from joserfc.jwk import KeySet

from localorg.fixture import LocalOrg, running_org
from tests.localorg.browser import CALLBACK, Browser
from tests.localorg.node import node


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def company() -> AsyncIterator[LocalOrg]:
    """A small company."""
    async with running_org() as org:
        yield org


@asynccontextmanager
async def logged_in(org: LocalOrg, persona: str = "sales_rep") -> AsyncIterator[Browser]:
    """A browser in which a persona is logged in."""
    async with Browser(org) as browser:
        await browser.log_in(org.credentials.personas[persona]["user_id"])
        yield browser


Change = Callable[[str], str]


async def by_oauth4webapi(browser: Browser, method: str = "post", change: Change = lambda url: url) -> dict[str, Any]:
    """What the client makes of a login; `change`: what it is told at its callback."""
    own = browser.org.credentials
    given = {
        "issuer": browser.org.url,
        "client_id": own.login_client_id,
        "client_secret": own.login_client_secret,
        "method": method,
        "redirect_uri": CALLBACK,
        "scope": "openid",
    }
    program = await asyncio.create_subprocess_exec(
        *node("login.mjs", json.dumps(given)), stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE
    )
    assert program.stdout is not None
    address = json.loads(await program.stdout.readline())["open"]
    back = await browser.go(address)
    output, _ = await program.communicate((change(back.headers["location"]) + "\n").encode())
    return dict(json.loads(output))


async def keys(org: LocalOrg) -> KeySet:
    async with httpx2.AsyncClient(base_url=org.url) as http:
        return KeySet.import_key_set((await http.get("/id/keys")).json())


@pytest.mark.parametrize("method", ["post", "basic"])
async def test_oauth4webapi_learns_who_is_logged_in(company: LocalOrg, method: str) -> None:
    async with logged_in(company) as browser:
        found = await by_oauth4webapi(browser, method)
    assert "error" not in found, found
    one = company.credentials.personas["sales_rep"]
    assert found["claims"]["sub"] == f"{company.url}/id/{company.credentials.org_id}/{one['user_id']}"
    assert found["claims"]["exp"] - found["claims"]["iat"] == 120
    assert (found["info"]["preferred_username"], found["scope"]) == (one["username"], "openid")


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"claims": {"iss": "https://login.salesforce.com"}}, 'unexpected JWT "iss"'),
        ({"claims": {"aud": "another app"}}, 'unexpected JWT "aud"'),
        ({"claims": {"nonce": "another login's"}}, 'unexpected ID Token "nonce"'),
        ({"claims": {"nonce": None}}, '"nonce" (nonce) claim missing'),
        ({"claims": {"exp": 1_700_000_000}}, "expiration is past"),
        ({"claims": {"exp": None}}, '"exp" (expiration time) claim missing'),
        ({"claims": {"sub": None}}, '"sub" (subject) claim missing'),
        ({"header": {"alg": "none"}}, 'unexpected JWT "alg"'),
        ({"header": {"alg": "HS256"}}, 'unexpected JWT "alg"'),
        ({"header": {"kid": "../../dev/null"}}, "no applicable keys found"),
        ({"foreign": True}, "signature verification failed"),
    ],
    ids=str,
)
async def test_no_client_believes_an_altered_id_token(company: LocalOrg, change: dict[str, Any], reason: str) -> None:
    async with logged_in(company) as browser:
        company.org.faults.arm("ID_TOKEN_ALTERED", match=company.credentials.login_client_id, **change)
        found = await by_oauth4webapi(browser)
    assert reason in found["message"]
    assert not company.org.faults.waiting


async def test_an_id_token_says_no_more_than_salesforces(company: LocalOrg) -> None:
    async with logged_in(company) as browser:
        answer = await browser.token()
    token = jwt.decode(answer["id_token"], await keys(company), algorithms=["RS256"])
    assert set(token.claims) == {"iss", "sub", "aud", "exp", "iat", "nonce", "at_hash"}
    assert (token.claims["aud"], token.claims["nonce"]) == (company.credentials.login_client_id, "a nonce")
    half = hashlib.sha256(answer["access_token"].encode()).digest()[:16]
    assert token.claims["at_hash"] == base64.urlsafe_b64encode(half).rstrip(b"=").decode()
    assert token.claims["sub"] == answer["id"]


async def test_an_id_token_of_an_hour_ago_is_not_believed(company: LocalOrg) -> None:
    async with logged_in(company) as browser:
        company.clock.advance(timedelta(hours=-1))
        try:
            found = await by_oauth4webapi(browser)
        finally:
            company.clock.advance(timedelta(hours=1))
    assert "expiration is past" in found["message"]


async def test_mixing_up_two_orgs_gives_nothing(company: LocalOrg, org: LocalOrg) -> None:
    """A code of one org at the other, and a token of one for the other: neither is taken."""
    app = org.org.apps.find(org.credentials.login_client_id)
    assert app is not None
    async with logged_in(company) as browser, Browser(org) as evil:
        await evil.log_in()
        code = (await evil.authorize())["code"]

        def of_the_other(url: str) -> str:
            # The state is right: the attacker has led this very login to his own org.
            values = httpx2.URL(url).params
            return f"{CALLBACK}?{urlencode({'code': code, 'state': values['state']})}"

        found = await by_oauth4webapi(browser, change=of_the_other)
        assert (found["error"], found["message"]) == ("invalid_grant", "invalid authorization code")
        token = (await evil.exchange(code)).json()["id_token"]
        with pytest.raises(InvalidKeyIdError):
            jwt.decode(token, await keys(company), algorithms=["RS256"])
        claims = jwt.decode(token, await keys(org), algorithms=["RS256"]).claims
        assert claims["iss"] == org.url != company.url


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ("state", 'unexpected "state"'),
        ("no state", '"state" missing'),
        ("replay", "expired authorization code"),
    ],
)
async def test_a_callback_that_was_tampered_with_gives_nothing(company: LocalOrg, change: str, reason: str) -> None:
    async with logged_in(company) as browser:
        used: list[str] = []
        if change == "replay":
            told = await browser.authorize()
            used.append(told["code"])
            assert (await browser.exchange(told["code"])).status_code == 200

        def tampered(url: str) -> str:
            values = dict(httpx2.URL(url).params)
            values |= {"state": {"state": "of another browser"}, "replay": {"code": used[0] if used else ""}}.get(
                change, {}
            )
            if change == "no state":
                del values["state"]
            return f"{CALLBACK}?{urlencode(values)}"

        found = await by_oauth4webapi(browser, change=tampered)
    assert reason in found["message"]


async def test_keys_can_be_changed_and_old_tokens_still_checked(org: LocalOrg) -> None:
    async with Browser(org) as browser:
        await browser.log_in()
        old = (await browser.token())["id_token"]
        first = {one["kid"] for one in (await browser.http.get("/id/keys")).json()["keys"]}
        kid = org.rotate_identity_key()
        new = (await browser.token())["id_token"]
        both = await keys(org)
        assert jwt.decode(old, both, algorithms=["RS256"]).header["kid"] in first
        assert jwt.decode(new, both, algorithms=["RS256"]).header["kid"] == kid not in first
        assert (org.org.data / "identity.key").stat().st_mode & 0o777 == 0o600
        org.rotate_identity_key(keep_old=False)
        only = await keys(org)
        for token in (old, new):
            with pytest.raises(InvalidKeyIdError):
                jwt.decode(token, only, algorithms=["RS256"])


async def test_the_signing_key_stays_over_a_restart(org: LocalOrg) -> None:
    before = org.org.identity_keys.public()
    folder = org.org.data
    copy = folder.parent / "again"
    copy.mkdir()
    for name in ("org.db", "credentials.json", "identity.key", "integration.key"):
        (copy / name).write_bytes((folder / name).read_bytes())
    async with running_org(copy) as again:
        assert again.org.identity_keys.public() == before
        assert again.credentials.login_client_id == org.credentials.login_client_id


async def test_an_org_of_before_gets_the_login_app(org: LocalOrg) -> None:
    folder = org.org.data.parent / "old"
    folder.mkdir()
    kept = json.loads((org.org.data / "credentials.json").read_bytes())
    for name in ("login_client_id", "login_client_secret"):
        del kept[name]
    (folder / "credentials.json").write_text(json.dumps(kept))
    (folder / "org.db").write_bytes((org.org.data / "org.db").read_bytes())
    async with running_org(folder) as old, Browser(old) as browser:
        assert old.credentials.client_id == org.credentials.client_id
        await browser.log_in()
        assert "id_token" in await browser.token()
