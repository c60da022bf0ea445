"""`forcedex serve` as a process, and people who use it: by a browser, or by tokens that the org signs."""

import asyncio
import hashlib
import json
import re
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from html import unescape
from pathlib import Path
from typing import Any
from urllib.parse import urljoin, urlsplit

import httpx2
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, generate_private_key
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import NameOID
from joserfc import jwt
from joserfc.jwk import RSAKey

from localorg.fixture import LocalOrg
from tests.acceptance.product import Product

ADMIN = "admin@tarnholt.example"
VP = "henrik.falkner@tarnholt.example"
SALES = "jonas.weidner@tarnholt.example"
SERVICE = "nele.vollmer@tarnholt.example"
MARKETING = "clara.ortega@tarnholt.example"


class Service:
    """A running service."""

    def __init__(
        self, url: str, org: LocalOrg, product: Product, signer: RSAPrivateKey, process: asyncio.subprocess.Process
    ) -> None:
        self.process = process
        self.url = url
        self.org = org
        self.product = product
        self.signer = signer

    def user_id(self, username: str) -> str:
        found = self.org.org.store.scalar('SELECT "Id" FROM "User" WHERE "Username" = ?', (username,))
        assert found is not None, username
        return str(found)

    @asynccontextmanager
    async def visitor(self) -> AsyncIterator["Visitor"]:
        """A browser in which nobody is logged in."""
        async with httpx2.AsyncClient(base_url=self.url, trust_env=False, timeout=60) as http:
            yield Visitor(self, http)

    @asynccontextmanager
    async def logged_in(self, username: str) -> AsyncIterator["Visitor"]:
        """A browser in which somebody is logged in."""
        async with self.visitor() as visitor:
            await visitor.log_in(username)
            yield visitor

    def signed(self, username: str, method: str, target: str, body: bytes = b"", **claims: object) -> str:
        """A token as Apex makes it; None leaves a claim out."""
        question = b"\n".join((method.encode(), target.encode(), body))
        told: dict[str, object] = {
            "iss": self.org.credentials.org_id,
            "sub": self.user_id(username),
            "aud": self.url,
            "exp": int(time.time()) + 100,
            "q": hashlib.sha256(question).hexdigest(),
        }
        told = {name: value for name, value in (told | claims).items() if value is not None}
        return jwt.encode({"alg": "RS256"}, told, RSAKey.import_key(self.signer), algorithms=["RS256"])


class Visitor:
    """One browser: it keeps cookies, and the page's token for changes."""

    def __init__(self, service: Service, http: httpx2.AsyncClient) -> None:
        self.service = service
        self.http = http

    async def at_salesforce(self, username: str, go: str = "/") -> str:
        """Begin to log in, click on a person at the org's page; where the org sends the browser back to."""
        answer = await self.http.get("/auth/login", params={"next": go})
        assert answer.status_code == 302, answer.text
        return await click_through(answer.headers["location"], self.service.user_id(username), self.service.url)

    async def log_in(self, username: str, go: str = "/") -> httpx2.Response:
        """The whole way; the answer of the callback."""
        back = await self.http.get(await self.at_salesforce(username, go))
        if back.status_code == 303:
            me = await self.http.get("/api/v1/me")
            self.http.headers["X-CSRF-Token"] = me.json()["csrf"]
        return back

    async def ask(self, path: str, body: object = None, status: int = 200, **options: Any) -> Any:
        """The JSON of an answer: GET, or POST where there is a body."""
        method = "GET" if body is None else "POST"
        answer = await self.http.request(method, f"/api/v1{path}", json=body, **options)
        assert answer.status_code == status, (answer.status_code, answer.text)
        return answer.json() if answer.content else None


async def click_through(url: str, user_id: str, home: str) -> str:
    """The org's login page, as a browser goes through it, up to the address on our side."""
    async with httpx2.AsyncClient(trust_env=False, timeout=60) as http:
        for _ in range(8):
            answer = await http.get(url)
            if answer.is_redirect:
                url = urljoin(url, answer.headers["location"])
                if url.startswith(home):
                    return url
                continue
            fields = dict(re.findall(r'type="hidden" name="([^"]+)" value="([^"]*)"', answer.text.split("</form>")[0]))
            form = {name: unescape(value) for name, value in fields.items()} | {"persona": user_id}
            origin = "{0.scheme}://{0.netloc}".format(urlsplit(url))
            answer = await http.post(urljoin(url, "/login"), data=form, headers={"Origin": origin})
            assert answer.is_redirect, answer.text
            url = urljoin(url, answer.headers["location"])
            if url.startswith(home):
                return url
    raise AssertionError("the org never sent the browser back")


def make_certificate(path: Path) -> RSAPrivateKey:
    """An org's self-signed certificate, in a file; its key."""
    key = generate_private_key(public_exponent=65537, key_size=2048)
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "Forcedex")])
    now = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=30))
        .sign(key, SHA256())
    )
    path.write_bytes(certificate.public_bytes(Encoding.PEM))
    return key


@asynccontextmanager
async def running_service(product: Product, org: LocalOrg) -> AsyncIterator[Service]:
    """`forcedex serve` over what the product has synced; its address is known to the org's app for logins."""
    own = org.credentials
    signer = make_certificate(product.home / "org.crt")
    secret = product.home / "login_secret"
    secret.write_text(own.login_client_secret, encoding="utf-8")
    product.settings |= {
        "FORCEDEX_SERVER__PORT": "0",
        "FORCEDEX_SERVER__LOGIN_CLIENT_ID": own.login_client_id,
        "FORCEDEX_SERVER__LOGIN_CLIENT_SECRET_FILE": str(secret),
        "FORCEDEX_SERVER__ORG_CERTIFICATES": json.dumps([str(product.home / "org.crt")]),
        "FORCEDEX_SERVER__POINTS_PER_SECOND": "10000",
        "FORCEDEX_SERVER__POINTS_AT_ONCE": "100000",
    } | {name: value for name, value in product.settings.items() if name.startswith("FORCEDEX_SERVER__POINTS")}
    process = await product.start("serve", "--json")
    assert process.stdout is not None and process.stderr is not None
    log = asyncio.create_task(process.stderr.read())
    try:
        line = await asyncio.wait_for(process.stdout.readline(), 60)
        assert line, (await log).decode()
        url = json.loads(line)["url"]
        app = org.org.apps.find(own.login_client_id)
        assert app is not None
        org.org.apps.put(app.with_policies({"add_redirect_uris": [f"{url}/auth/callback"]}))
        yield Service(url, org, product, signer, process)
    finally:
        if process.returncode is None:
            process.terminate()
        assert await asyncio.wait_for(process.wait(), 30) == 0
        (product.home / "serve.log").write_bytes(await log)
