"""Sessions, repetition, limits and silence about secrets, against an org made of answers."""

import asyncio
import logging
from collections.abc import Callable
from typing import TYPE_CHECKING

import httpx2
import orjson
import pytest

from forcedex.domain.errors import ConfigurationError, SourceDataError, SourceRefused, SourceUnavailable
from forcedex.domain.ports import ApiUsage
from forcedex.salesforce import AccessToken, ClientCredentials, RefreshToken, SalesforceSettings
from forcedex.salesforce.transport import Call, Transport

if TYPE_CHECKING:
    from tests.unit.salesforce.conftest import FakeClock, ScriptedOrg

READ = Call(purpose="read Contact", path="/services/data/v67.0/query?q=SELECT%20Id")
SESSION_OVER = (401, "INVALID_SESSION_ID", "Session expired or invalid")
Connect = Callable[..., Transport]


async def test_it_logs_in_when_first_asked_and_once_for_many(org: "ScriptedOrg", connect: Connect) -> None:
    transport = connect()
    assert org.logins == 0
    for _ in range(5):
        org.reply(200, {"ok": True})

    answers = await asyncio.gather(*(transport.json(READ) for _ in range(5)))

    assert [each.value for each in answers] == [{"ok": True}] * 5
    assert org.logins == 1
    request = org.requests[0]
    assert str(request.url) == "https://acme.my.salesforce.com/services/data/v67.0/query?q=SELECT%20Id"
    assert request.headers["authorization"] == "Bearer 00D000000000001!token1"
    assert request.headers["accept-encoding"] == "gzip"
    assert request.headers["user-agent"].startswith("forcedex/")


async def test_a_session_that_is_over_is_renewed_and_the_call_repeated(org: "ScriptedOrg", connect: Connect) -> None:
    transport = connect()
    org.refuse(*SESSION_OVER)
    org.reply(200, 1)

    assert (await transport.json(READ)).value == 1
    assert org.logins == 2
    assert org.requests[1].headers["authorization"].endswith("token2")


async def test_many_callers_notice_that_a_session_is_over_and_one_logs_in(org: "ScriptedOrg", connect: Connect) -> None:
    transport = connect()
    org.reply(200, 0)
    await transport.json(READ)
    org.dead_tokens.add("00D000000000001!token1")
    for _ in range(4):
        org.reply(200, 1)

    await asyncio.gather(*(transport.json(READ) for _ in range(4)))

    assert org.logins == 2


async def test_a_new_session_that_is_over_too_is_not_renewed_again(org: "ScriptedOrg", connect: Connect) -> None:
    org.refuse(*SESSION_OVER)
    org.refuse(*SESSION_OVER)

    with pytest.raises(SourceRefused) as caught:
        await connect().json(READ)

    assert caught.value.code == "INVALID_SESSION_ID" and org.logins == 2


async def test_an_access_token_that_has_expired_cannot_be_renewed(org: "ScriptedOrg", connect: Connect) -> None:
    transport = connect(AccessToken(access_token="00D!ready", instance_url="https://acme.my.salesforce.com"))
    org.refuse(*SESSION_OVER)

    with pytest.raises(ConfigurationError, match="access token has expired"):
        await transport.json(READ)
    assert len(org.requests) == 1


async def test_a_refused_login_is_not_tried_again_at_once(
    org: "ScriptedOrg", connect: Connect, clock: "FakeClock"
) -> None:
    transport = connect()
    refusal = {"error": "invalid_client", "error_description": "invalid client credentials"}
    org.login_answers = [httpx2.Response(400, json=refusal)]

    answers = await asyncio.gather(*(transport.json(READ) for _ in range(3)), return_exceptions=True)

    assert [type(each) for each in answers] == [ConfigurationError] * 3
    assert org.logins == 1, "every wrong try brings the user nearer to a lockout"
    clock.time += 61
    org.reply(200, 1)
    assert (await transport.json(READ)).value == 1


async def test_a_rotated_refresh_token_is_used_for_the_next_login(org: "ScriptedOrg", connect: Connect) -> None:
    sent = []

    def remember(request: httpx2.Request) -> httpx2.Response:
        if request.url.path.endswith("/token"):
            sent.append(dict(httpx2.QueryParams(request.content.decode()))["refresh_token"])
        return org(request)

    settings = connect(RefreshToken(client_id="app", refresh_token="first-one")).settings
    transport = Transport(settings, connect().clock, http=httpx2.MockTransport(remember))
    body = {"access_token": "00D!a", "instance_url": "https://acme.my.salesforce.com", "refresh_token": "second-one"}
    org.login_answers = [httpx2.Response(200, json=body), httpx2.Response(200, json={**body, "access_token": "00D!b"})]
    org.refuse(*SESSION_OVER)
    org.reply(200, 1)

    await transport.json(READ)

    assert sent == ["first-one", "second-one"]


HTML = "<html>Down for Maintenance</html>"


@pytest.mark.parametrize(
    "trouble",
    [
        pytest.param(httpx2.ConnectError("refused"), id="connection refused"),
        pytest.param(httpx2.ConnectTimeout("slow"), id="connect timeout"),
        pytest.param(httpx2.ReadTimeout("slow"), id="read timeout"),
        pytest.param(httpx2.ReadError("reset"), id="connection reset"),
        pytest.param(httpx2.RemoteProtocolError("cut"), id="connection cut"),
        pytest.param(httpx2.Response(503, text=HTML), id="maintenance page"),
        pytest.param(httpx2.Response(502, text=HTML), id="bad gateway"),
        pytest.param(httpx2.Response(420, text=HTML), id="edge cannot route"),
        pytest.param(httpx2.Response(406, text=HTML), id="not acceptable"),
        pytest.param(httpx2.Response(408, text=""), id="request timeout"),
        pytest.param(httpx2.Response(429, text=""), id="too many requests"),
        pytest.param(httpx2.Response(503, json=[{"errorCode": "SERVER_UNAVAILABLE", "message": "busy"}]), id="503"),
        pytest.param(httpx2.Response(500, json=[{"errorCode": "UNKNOWN_EXCEPTION", "message": "x"}]), id="500"),
        pytest.param(httpx2.Response(200, text=HTML), id="a page instead of JSON"),
        pytest.param(httpx2.Response(200, text='{"done": tr'), id="half of a JSON answer"),
        pytest.param(
            httpx2.Response(400, json=[{"errorCode": "UNABLE_TO_LOCK_ROW", "message": "x"}]), id="a locked row"
        ),
        pytest.param(
            httpx2.Response(403, json=[{"errorCode": "REQUEST_LIMIT_EXCEEDED", "message": "ConcurrentRequests"}]),
            id="too many at a time",
        ),
    ],
)
async def test_passing_trouble_is_waited_out(
    org: "ScriptedOrg", connect: Connect, clock: "FakeClock", trouble: httpx2.Response | Exception
) -> None:
    org.answers = [trouble, trouble]
    org.reply(200, 1)

    assert (await connect().json(READ)).value == 1
    assert clock.sleeps == [1.0, 2.0]


@pytest.mark.parametrize(
    ("retry_after", "waited"),
    [
        ("7", 8.0),
        ("Mon, 01 Jun 2026 12:00:07 GMT", 8.0),
        ("Mon, 01 Jun 2020 12:00:00 GMT", 1.0),
        ("-5", 1.0),
        ("a while", 1.0),
        ("1000000000000", 1.0),
        ("99999999", 60.0),
    ],
)
async def test_retry_after_is_honoured_within_reason(
    org: "ScriptedOrg", connect: Connect, clock: "FakeClock", retry_after: str, waited: float
) -> None:
    org.reply(429, text="slow down", headers={"Retry-After": retry_after})
    org.reply(200, 1)

    assert (await connect().json(READ)).value == 1
    assert clock.sleeps == [waited]


async def test_trouble_that_stays_is_given_up(org: "ScriptedOrg", connect: Connect, clock: "FakeClock") -> None:
    for _ in range(9):
        org.reply(503, text=HTML)

    with pytest.raises(SourceUnavailable, match="web page"):
        await connect(attempts=4).json(READ)
    assert len(org.requests) == 4 and clock.sleeps == [1.0, 2.0, 4.0]


@pytest.mark.parametrize(
    ("status", "code", "message", "kind"),
    [
        (403, "REQUEST_LIMIT_EXCEEDED", "TotalRequests Limit exceeded.", SourceUnavailable),
        (400, "INVALID_FIELD", "No such column", SourceRefused),
        (404, "NOT_FOUND", "The requested resource does not exist", SourceRefused),
    ],
)
async def test_what_repeating_does_not_help_is_asked_once(
    org: "ScriptedOrg",
    connect: Connect,
    clock: "FakeClock",
    status: int,
    code: str,
    message: str,
    kind: type[Exception],
) -> None:
    org.refuse(status, code, message)

    with pytest.raises(kind, match=code):
        await connect().json(READ)
    assert len(org.requests) == 1 and clock.sleeps == []


async def test_only_an_idempotent_call_is_repeated_when_its_outcome_is_unclear(
    org: "ScriptedOrg", connect: Connect
) -> None:
    org.answers = [httpx2.ReadTimeout("slow"), httpx2.Response(200, json=1)]

    with pytest.raises(SourceUnavailable, match="in time"):
        await connect().json(Call(purpose="write", path="/services/data/", method="POST", idempotent=False))
    assert len(org.requests) == 1


async def test_an_overloaded_login_is_waited_out(org: "ScriptedOrg", connect: Connect, clock: "FakeClock") -> None:
    transport = connect()
    org.login_answers = [httpx2.Response(503, text=HTML), httpx2.Response(500, text=HTML)]
    org.reply(200, 1)

    assert (await transport.json(READ)).value == 1
    assert (org.logins, clock.sleeps) == (3, [1.0, 2.0])


async def test_no_redirect_is_followed(org: "ScriptedOrg", connect: Connect) -> None:
    org.reply(302, text="moved", headers={"Location": "https://evil.example/"})

    with pytest.raises(SourceRefused, match="HTTP 302"):
        await connect().json(READ)
    assert len(org.requests) == 1


async def test_an_answer_that_is_too_large_is_not_read_to_its_end(org: "ScriptedOrg", connect: Connect) -> None:
    org.reply(200, ["x" * 2000])

    with pytest.raises(SourceDataError, match="larger"):
        await connect(max_answer_bytes=1000).json(READ)
    assert len(org.requests) == 1


async def test_usage_is_taken_from_every_answer_refusals_too(org: "ScriptedOrg", connect: Connect) -> None:
    transport = connect()
    org.reply(200, 1, headers={"Sforce-Limit-Info": "api-usage=18/5000"})
    org.reply(200, 1)
    org.reply(404, [], headers={"Sforce-Limit-Info": "api-usage=20/5000"})

    await transport.json(READ)
    assert transport.usage == ApiUsage(used=18, allowed=5000)
    await transport.json(READ)
    assert transport.usage == ApiUsage(used=18, allowed=5000)
    with pytest.raises(SourceRefused):
        await transport.json(READ)
    assert transport.usage == ApiUsage(used=20, allowed=5000)


async def test_cookies_are_not_kept(org: "ScriptedOrg", connect: Connect) -> None:
    transport = connect()
    org.reply(200, 1, headers={"Set-Cookie": "sid=other-session; Path=/"})
    org.reply(200, 1)

    await transport.json(READ)
    await transport.json(READ)

    assert "cookie" not in org.requests[1].headers


async def test_a_body_is_sent_as_json(org: "ScriptedOrg", connect: Connect) -> None:
    org.reply(200, 1)

    await connect().json(Call(purpose="p", path="/services/data/x", method="POST", body={"a": 1}))

    assert orjson.loads(org.requests[0].content) == {"a": 1}
    assert org.requests[0].headers["content-type"] == "application/json"


async def test_a_server_that_repeats_secrets_does_not_get_them_into_texts_and_logs(
    org: "ScriptedOrg", connect: Connect, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    transport = connect(ClientCredentials(client_id="app", client_secret="s3cret-of-app"))
    org.refuse(400, "INVALID_FIELD", "you sent Bearer 00D000000000001!token1 with s3cret-of-app")

    with pytest.raises(SourceRefused) as caught:
        await transport.json(READ)

    chain: BaseException | None = caught.value
    while chain is not None:
        for text in (str(chain), repr(chain), repr(chain.args)):
            assert "token1" not in text and "s3cret" not in text
        chain = chain.__cause__ or chain.__context__
    assert "you sent Bearer ***" in caught.value.message
    assert "token1" not in caplog.text and "s3cret" not in caplog.text
    assert "s3cret" not in repr(transport.settings)


async def test_a_login_error_that_repeats_the_secret_is_cleaned(org: "ScriptedOrg", connect: Connect) -> None:
    transport = connect()
    refusal = {"error": "invalid_client", "error_description": "wrong: s3cret-of-app"}
    org.login_answers = [httpx2.Response(400, json=refusal)]

    with pytest.raises(ConfigurationError) as caught:
        await transport.json(READ)

    assert "s3cret" not in str(caught.value) and "s3cret" not in repr(caught.value)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"api_version": "67"}, "api_version"),
        ({"api_version": "latest"}, "api_version"),
        ({"login_url": "http://login.salesforce.com"}, "login_url"),
        (
            {"credentials": AccessToken(access_token="x", instance_url="http://acme.my.salesforce.com")},
            "instance_url",
        ),
    ],
)
def test_wrong_settings_are_refused_before_anything_is_asked(change: dict[str, object], words: str) -> None:
    right = {
        "login_url": "https://login.salesforce.com",
        "credentials": ClientCredentials(client_id="app", client_secret="shh"),
    }
    with pytest.raises(ConfigurationError, match=words):
        SalesforceSettings(**{**right, **change})  # type: ignore[arg-type]  # a table of wrong values


def test_a_ca_file_that_cannot_be_read_is_a_wrong_setting(clock: "FakeClock") -> None:
    settings = SalesforceSettings(
        login_url="https://login.salesforce.com",
        credentials=ClientCredentials(client_id="app", client_secret="shh"),
        ca_file="no-such-file.pem",
    )
    with pytest.raises(ConfigurationError, match="ca_file"):
        Transport(settings, clock)
