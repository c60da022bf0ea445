"""A browser for the org's pages: follows redirects within the org, keeps cookies, sends the forms it was shown."""

import base64
import hashlib
from html.parser import HTMLParser
from types import TracebackType
from urllib.parse import parse_qsl, urlencode, urljoin, urlsplit

import httpx2

from localorg.fixture import LocalOrg

CALLBACK = "http://127.0.0.1:8080/auth/callback"
VERIFIER = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"


def challenge(verifier: str = VERIFIER) -> str:
    return base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).rstrip(b"=").decode()


class _Form(HTMLParser):
    """The inputs of a page's first form, and who can be clicked."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.inputs: dict[str, str] = {}
        self.personas: list[str] = []
        self._forms = 0
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        values = {name: value or "" for name, value in attrs}
        self._forms += tag == "form"
        if tag == "input" and self._forms == 1:
            self.inputs[values["name"]] = values.get("value", "")
        if tag == "button" and values.get("name") == "persona":
            self.personas.append(values["value"])


def answer_in(url: str) -> dict[str, str]:
    """What a callback was told."""
    return dict(parse_qsl(urlsplit(url).query))


class Browser:
    """One person's browser."""

    def __init__(self, org: LocalOrg) -> None:
        self.org = org
        self.http = httpx2.AsyncClient(base_url=org.url)

    async def __aenter__(self) -> "Browser":
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.http.aclose()

    def request(self, **changes: str | None) -> str:
        """An authorization request of the login app; None leaves a parameter out."""
        values: dict[str, str | None] = {
            "response_type": "code",
            "client_id": self.org.credentials.login_client_id,
            "redirect_uri": CALLBACK,
            "scope": "openid",
            "state": "a state",
            "code_challenge": challenge(),
            "code_challenge_method": "S256",
            "nonce": "a nonce",
        }
        values |= changes
        return "/services/oauth2/authorize?" + urlencode({key: one for key, one in values.items() if one is not None})

    async def go(self, url: str) -> httpx2.Response:
        """Go there, and on as long as it is a page of the org."""
        answer = await self.http.get(url)
        while answer.is_redirect:
            target = urljoin(str(answer.url), answer.headers["location"])
            if not target.startswith(self.org.url + "/"):
                break
            answer = await self.http.get(target)
        return answer

    async def send(self, page: httpx2.Response, **changes: str | None) -> httpx2.Response:
        """Send the first form of a page with these values, and go on; None leaves one out."""
        values: dict[str, str | None] = {**_Form(page.text).inputs, **changes}
        action = "/login" if page.url.path == "/login" else "/setup/secur/RemoteAccessAuthorizationPage.apexp"
        form = {key: one for key, one in values.items() if one is not None}
        answer = await self.http.post(action, data=form)
        return await self.go(answer.headers["location"]) if self._stays(answer) else answer

    def _stays(self, answer: httpx2.Response) -> bool:
        return answer.is_redirect and answer.headers["location"].startswith("/")

    async def log_in(self, user_id: str | None = None) -> None:
        """Log in on the org's own page, as the administrator unless somebody is named."""
        page = await self.go("/login")
        answer = await self.send(page, persona=user_id or _Form(page.text).personas[0])
        assert "You are logged in" in answer.text

    async def authorize(self, url: str | None = None, **changes: str | None) -> dict[str, str]:
        """What the callback is told, without any page in between."""
        answer = await self.go(url or self.request(**changes))
        assert answer.is_redirect, answer.text
        return answer_in(answer.headers["location"])

    async def exchange(self, code: str, **changes: str | None) -> httpx2.Response:
        """The token endpoint's answer to a code; None leaves a parameter out."""
        own = self.org.credentials
        values: dict[str, str | None] = {
            "grant_type": "authorization_code",
            "code": code,
            "client_id": own.login_client_id,
            "client_secret": own.login_client_secret,
            "redirect_uri": CALLBACK,
            "code_verifier": VERIFIER,
        }
        form = {key: one for key, one in (values | changes).items() if one is not None}
        # Not with the browser's cookies: this is the app's server.
        async with httpx2.AsyncClient(base_url=self.org.url) as http:
            return await http.post("/services/oauth2/token", data=form)

    async def token(self, **changes: str | None) -> dict[str, str]:
        """All of the flow for who is logged in."""
        told = await self.authorize(**changes)
        answer = await self.exchange(told["code"])
        assert answer.status_code == 200, answer.text
        return dict(answer.json())


def people_in(page: httpx2.Response) -> list[str]:
    """Ids of the people whom a login page offers."""
    return _Form(page.text).personas
