"""Logging in with a browser: the login page, logging out, and who a browser's user is.

    GET  /login               the page: a click on a person, or username and password
    POST /login
    GET  /secur/logout.jsp

Source: Salesforce Help, "Log Out of Salesforce", "Modify Session Security Settings". The login page is the org's own:
Salesforce knows no login by a click. Why a login fails is not told, as Salesforce does not.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import parse_qsl, quote, urlencode, urlsplit

from starlette.requests import Request
from starlette.responses import Response

from localorg.auth.browser import Visit
from localorg.auth.credentials import Login
from localorg.auth.grants import user_id_of
from localorg.auth.pages import page
from localorg.misbehaviour.login import page_refused
from localorg.personas import people
from localorg.users import OrgUser

if TYPE_CHECKING:
    from localorg.org import Org

_FAILED = "Please check your username and password. If you still can't log in, contact your Salesforce administrator."
_EXPIRED = "Your password has expired. Your Salesforce administrator gives you a new one."
STALE = "This page was not sent from here, or was open for too long. Try again."
_LOOPBACK = frozenset({"127.0.0.1", "localhost", "[::1]"})
#: Where one may go on to after logging in: nowhere but here, whatever a link says.
_START = re.compile(r"/services/oauth2/authorize\?[!-~]*")
#: Prompts that a new login answers.
_ANSWERED = frozenset({"login", "select_account"})


@dataclass(frozen=True)
class Asked:
    """A request of a browser."""

    org: "Org"
    request: Request
    form: Mapping[str, str]

    @property
    def issuer(self) -> str:
        """The org's address as the browser used it."""
        return self.org.https_url if self.request.url.scheme == "https" else self.org.url

    @property
    def _cookie(self) -> str:
        """The cookie's name. Cookies know no ports: two orgs on one machine must not take each other's."""
        return f"sid_{urlsplit(self.org.url).port}"

    @property
    def visit(self) -> Visit | None:
        """The browser's session."""
        return self.org.visits.find(self.request.cookies.get(self._cookie, ""))

    @property
    def user(self) -> OrgUser | None:
        """Who is logged in; nobody if he may not be any longer."""
        visit = self.visit
        return self.org.user(visit.user_id) if visit is not None and visit.user_id is not None else None

    @property
    def is_local(self) -> bool:
        """Whether the browser was not led here by a foreign name."""
        host = self.request.headers.get("host", "")
        return (host.rpartition(":")[0] or host) in _LOOPBACK

    @property
    def is_ours(self) -> bool:
        """Whether the form came from a page that this browser was shown here."""
        origin = self.request.headers.get("origin")
        if origin is not None and origin != f"{self.request.url.scheme}://{self.request.headers.get('host', '')}":
            return False
        visit = self.visit
        return visit is not None and visit.sent(self.form.get("form_token", ""))

    @property
    def start_url(self) -> str:
        """Where to go on after logging in; empty: nowhere."""
        value = self.form.get("startURL", "")
        return value if _START.fullmatch(value) else ""

    def keep(self, response: Response, visit: Visit) -> Response:
        """The answer with the browser's cookie."""
        secure = self.request.url.scheme == "https"
        response.set_cookie(self._cookie, visit.key, path="/", secure=secure, httponly=True, samesite="lax")
        return response

    def forget(self, response: Response) -> Response:
        """The answer that ends the browser's session."""
        self.org.visits.end(self.request.cookies.get(self._cookie, ""))
        response.delete_cookie(self._cookie, path="/", httponly=True, samesite="lax")
        return response

    def show(self, name: str, status: int = 200, /, **values: object) -> Response:
        """A page of the org."""
        return page(name, status, org=self.org.store.scalar('SELECT "Name" FROM "Organization"'), **values)


def redirect(location: str) -> Response:
    """Go there with GET. The location is sent as it is: callbacks are compared byte by byte."""
    return Response(b"", 302, {"Location": location, "Cache-Control": "no-store", "Referrer-Policy": "no-referrer"})


def login_url(query: list[tuple[str, str]]) -> str:
    """The login page for an authorization request, which then no longer asks for a login."""
    left = []
    for name, value in query:
        if name == "prompt":
            value = " ".join(one for one in value.split() if one not in _ANSWERED)
        left.append((name, value))
    return f"/login?startURL={quote('/services/oauth2/authorize?' + urlencode(left), safe='')}"


def _login_page(asked: Asked, status: int = 200, problem: str = "", hint: str = "") -> Response:
    """The login page."""
    org = asked.org
    query = dict(parse_qsl(urlsplit(asked.start_url).query))
    app = org.apps.find(query.get("client_id", ""))
    visit = asked.visit or org.visits.begin()
    personas, others = people(org)
    answer = asked.show(
        "login",
        status,
        app=app.name if app is not None else "",
        problem=problem,
        personas=personas,
        others=others,
        hint=hint or query.get("login_hint", ""),
        form_token=visit.form_token,
        start_url=asked.start_url,
    )
    return asked.keep(answer, visit)


def show_login(asked: Asked) -> Response:
    """GET /login: the page, or who is logged in if nothing is to follow."""
    user = asked.user
    if user is None or asked.start_url:
        return _login_page(asked)
    return asked.show(
        "message",
        title="You are logged in",
        text=f"You are {user.row['Name']} ({user.username}).",
        detail="",
        link=("/secur/logout.jsp", "Log out"),
    )


def log_in(asked: Asked) -> Response:
    """POST /login."""
    org, form = asked.org, asked.form
    if not asked.is_ours:
        return _login_page(asked, 403, STALE)
    username = form.get("username", "").strip()
    if "persona" in form:
        user_id, outcome = form["persona"], org.credentials.state(form["persona"])
    else:
        found = user_id_of(org, username)
        user_id = found[0] if found is not None else ""
        outcome = org.credentials.check(user_id, form.get("password", ""), trusted_network=True)
    if outcome is Login.EXPIRED:
        return _login_page(asked, 200, _EXPIRED, username)
    if outcome is not Login.OK or page_refused(org) or org.user(user_id) is None:
        return _login_page(asked, 200, _FAILED, username)
    # A new session: nobody who knew the old one is logged in with it.
    before = asked.visit
    if before is not None:
        org.visits.end(before.key)
    return asked.keep(redirect(asked.start_url or "/login"), org.visits.begin(user_id))


def log_out(asked: Asked) -> Response:
    """GET /secur/logout.jsp."""
    return asked.forget(redirect("/login"))


Work = Callable[[Asked], Response]
#: (method, path) -> what it does.
PAGES: dict[tuple[str, str], Work] = {
    ("GET", "/login"): show_login,
    ("POST", "/login"): log_in,
    ("GET", "/secur/logout.jsp"): log_out,
}
