"""What the tests of the Salesforce client share: a clock that only they move, keys, and an org made of answers."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime

import httpx2
import pytest
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from forcedex.domain.schema import Field, SObject
from forcedex.salesforce import ClientCredentials, Credentials, SalesforceSettings
from forcedex.salesforce.account import BeforeCall, unlimited
from forcedex.salesforce.transport import Transport

NOW = datetime(2026, 6, 1, 12, 0, 0, tzinfo=UTC)
DATE = "Mon, 01 Jun 2026 12:00:00 GMT"


@dataclass
class FakeClock:
    """A clock that stands still unless somebody sleeps."""

    time: float = 0.0
    sleeps: list[float] = field(default_factory=list)

    def monotonic(self) -> float:
        return self.time

    async def sleep(self, seconds: float) -> None:
        self.sleeps.append(seconds)
        self.time += seconds


@dataclass
class ScriptedOrg:
    """An org that gives prepared answers, one per request, and remembers what it was asked."""

    answers: list[httpx2.Response | Exception] = field(default_factory=list)
    requests: list[httpx2.Request] = field(default_factory=list)
    logins: int = 0
    #: Sessions that are over.
    dead_tokens: set[str] = field(default_factory=set)
    #: Answers to logins; good ones when they are used up.
    login_answers: list[httpx2.Response] = field(default_factory=list)

    def __call__(self, request: httpx2.Request) -> httpx2.Response:
        if request.url.path == "/services/oauth2/token":
            self.logins += 1
            if self.login_answers:
                return self.login_answers.pop(0)
            return token(f"00D000000000001!token{self.logins}")
        self.requests.append(request)
        if request.headers["authorization"].removeprefix("Bearer ") in self.dead_tokens:
            error = {"message": "Session expired or invalid", "errorCode": "INVALID_SESSION_ID"}
            return httpx2.Response(401, json=[error])
        answer = self.answers.pop(0)
        if isinstance(answer, Exception):
            raise answer
        return answer

    def reply(self, status: int, value: object = None, *, text: str = "", headers: Mapping[str, str] = {}) -> None:
        """Prepare one more answer: JSON, or the text."""
        body = text.encode() if text else json.dumps(value).encode()
        self.answers.append(httpx2.Response(status, content=body, headers={"Date": DATE, **headers}))

    def refuse(self, status: int, code: str, message: str) -> None:
        """Prepare one more answer: an error as Salesforce words it."""
        self.reply(status, [{"message": message, "errorCode": code}])


def token(access_token: str, **more: object) -> httpx2.Response:
    """A token response."""
    body = {
        "access_token": access_token,
        "instance_url": "https://acme.my.salesforce.com",
        "id": "https://login.salesforce.com/id/00D000000000001EAA/005000000000001AAA",
        "token_type": "Bearer",
        **more,
    }
    return httpx2.Response(200, json=body, headers={"Date": DATE})


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture
def org() -> ScriptedOrg:
    return ScriptedOrg()


@pytest.fixture
def connect(clock: FakeClock, org: ScriptedOrg) -> Callable[..., Transport]:
    """A transport to the scripted org."""

    def make(
        credentials: Credentials | None = None,
        attempts: int = 5,
        max_answer_bytes: int = 1000,
        before_call: BeforeCall = unlimited,
    ) -> Transport:
        settings = SalesforceSettings(
            login_url="https://acme.my.salesforce.com",
            credentials=credentials or ClientCredentials(client_id="app", client_secret="s3cret-of-app"),
            attempts=attempts,
            max_answer_bytes=max_answer_bytes,
        )
        return Transport(
            settings,
            clock,
            wall_clock=lambda: NOW,
            chance=lambda: 1.0,
            before_call=before_call,
            http=httpx2.MockTransport(org),
        )

    return make


@pytest.fixture(scope="session")
def private_key_pem() -> str:
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()


@pytest.fixture
def contact() -> SObject:
    """An object with one field of every kind that matters to a query."""
    fields = (
        Field(name="Id", label="Id", type="id"),
        Field(name="Name", label="Name", type="string", name_field=True),
        Field(name="Birthdate", label="Birthdate", type="date"),
        Field(name="SystemModstamp", label="Modified", type="datetime"),
        Field(name="MailingAddress", label="Address", type="address"),
        Field(name="AccountId", label="Account", type="reference", relationship_name="Account"),
        Field(name="Score__c", label="Score", type="double"),
        Field(name="Active__c", label="Active", type="boolean"),
    )
    return SObject(
        name="Contact", label="Contact", label_plural="Contacts", key_prefix="003", queryable=True, fields=fields
    )
