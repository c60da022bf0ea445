"""No secret in any text, whether it is known or only looks like one."""

import base64
import json
from dataclasses import dataclass, field
from enum import Enum
from urllib.parse import quote, quote_plus
from xml.sax.saxutils import escape

import pytest
from hypothesis import given
from hypothesis import strategies as st

from forcedex.operations.patterns import names_a_secret
from forcedex.operations.redaction import Redactor, visible

SECRET = "p&ss/wörd+\"with'\\everything\n~4711"


@pytest.mark.parametrize(
    "text",
    [
        SECRET,
        quote(SECRET),
        quote(SECRET, safe=""),
        quote(SECRET, safe="").lower(),
        quote_plus(SECRET),
        quote(quote(SECRET, safe=""), safe=""),
        json.dumps(SECRET),
        json.dumps(SECRET, ensure_ascii=False),
        json.dumps(json.dumps({"a": SECRET})),
        repr(SECRET),
        repr(SECRET.encode()),
        escape(SECRET),
        SECRET.encode().hex(),
        SECRET.encode().hex().upper(),
        base64.b64encode(SECRET.encode()).decode(),
        base64.urlsafe_b64encode(SECRET.encode()).decode().rstrip("="),
        quote(base64.b64encode(SECRET.encode()), safe=""),
    ],
)
def test_a_known_secret_is_hidden_in_every_encoding(text: str) -> None:
    cleaned = Redactor([SECRET]).text(f"<before {text} after>")
    assert cleaned.startswith("<before ") and cleaned.endswith(" after>") and "***" in cleaned
    for piece in (
        "p&ss",
        "wörd",
        "everything",
        "4711",
        quote("wörd"),
        "w\\u00f6rd",
        SECRET.encode().hex()[:8],
        text[5:20],
    ):
        assert piece not in cleaned


@given(
    secret=st.binary(min_size=16, max_size=40),
    before=st.binary(max_size=20),
    after=st.binary(max_size=20),
)
def test_a_known_secret_is_hidden_inside_of_base64_wherever_it_begins(
    secret: bytes, before: bytes, after: bytes
) -> None:
    text = base64.b64encode(before + secret + after).decode()
    cleaned = Redactor([secret]).text(text)
    # What is left does not tell more than the few characters that the secret shares with its neighbours.
    assert "***" in cleaned
    assert len(cleaned.replace("***", "")) <= len(base64.b64encode(before + after)) + 8


@given(st.text(min_size=4, max_size=60), st.text(max_size=30), st.text(max_size=30))
def test_a_known_text_is_never_left(secret: str, before: str, after: str) -> None:
    if secret in "***":
        return
    cleaned = Redactor([secret]).text(before + secret + after)
    assert secret not in cleaned or secret in (before + "***" + after)


def test_a_key_of_raw_bytes_is_hidden_as_hex_and_base64() -> None:
    key = bytes(range(200, 232))
    redactor = Redactor([key])
    for text in (key.hex(), base64.b64encode(key).decode(), base64.urlsafe_b64encode(key).decode(), repr(key)):
        assert key.hex()[:8] not in (cleaned := redactor.text(f"({text})"))
        assert text[4:12] not in cleaned
    for raw in (key, bytes(range(5, 37)), "größer als 16 Zeichen".encode()):
        assert Redactor([raw]).value({"data": raw, "list": [b"<" + raw + b">"]}) == {"data": "***", "list": ["<***>"]}


def test_a_secret_met_at_run_time_is_hidden_from_then_on_and_many_are_remembered() -> None:
    redactor = Redactor(["configured-one"])
    assert redactor.text("session abcdef-123456") == "session abcdef-123456"
    redactor.add("abcdef-123456")
    assert redactor.text("session abcdef-123456") == "session ***"
    for number in range(1000):
        redactor.add(f"session-number-{number}")
    assert redactor.text("configured-one session-number-999") == "*** ***"


def test_of_two_secrets_that_hold_one_another_both_are_hidden() -> None:
    assert Redactor(["hunter2", "hunter2hunter3"]).text("hunter2hunter3 hunter2") == "*** ***"


def test_a_short_text_is_no_secret() -> None:
    assert Redactor(["", "abc"]).text("abc is not hidden") == "abc is not hidden"


@pytest.mark.parametrize(
    ("text", "cleaned"),
    [
        ("Authorization: Bearer abc.def~ghi", "Authorization: ***"),
        ("sent with bearer 0123456789", "sent with bearer ***"),
        ("{'Authorization': 'Basic dXNlcjpwYXNz'}", "{'Authorization': ***}"),
        (
            "[(b'Authorization', b'ApiKey WjJ4'), (b'Accept', b'*/*')]",
            "[(b'Authorization', b***), (b'Accept', b'*/*')]",
        ),
        ("(('accesstoken', 'abc'), ('tenantid', '00D1'))", "(('accesstoken', ***), ('tenantid', '00D1'))"),
        ("Basic dXNlcjpwYXNz==", "Basic ***"),
        ("Cookie: sid=abc; other=def\nnext line", "Cookie: ***\nnext line"),
        ("Set-Cookie: sid=abc; Secure", "Set-Cookie: ***"),
        ("session 00DRM000000abcd!AQ4AQPfj.Rx_9 is over", "session *** is over"),
        ("sid in a URL 00DRM000000abcdEAA%21AQ4AQPfj&x=1", "sid in a URL ***&x=1"),
        ("token eyJhbGciOiJSUzI1NiJ9.eyJzdWIiOiJ4In0.c2lnbmF0dXJl.", "token ***."),
        ("5Aep861TSESvWeug_xvFHRBTTbf_YrTWgEyjBJrhYnUzKZ", "***"),
        ("code=aPrxTU0zd5gSHrKfbhgv0VGP_zGV9", "code=***"),
        ("postgresql://forcedex:p@ss:w0rd@db.example.com/forcedex", "postgresql://***@db.example.com/forcedex"),
        ("-----BEGIN PRIVATE KEY-----\nMIIE\n-----END PRIVATE KEY-----.", "***."),
        ("-----BEGIN RSA PRIVATE KEY-----\\nMIIEcut off", "***"),
        ('{"password": "a \\"b\\" c", "user": "x"}', '{"password": ***, "user": "x"}'),
        ('{\\"client_secret\\": \\"a b\\", \\"user\\": \\"x\\"}', '{\\"client_secret\\": ***, \\"user\\": \\"x\\"}'),
        ("grant_type=password&password=hunter2&username=x", "grant_type=password&password=***&username=x"),
        ("client_secret=abc&refresh_token=def", "client_secret=***&refresh_token=***"),
        ("apiKey: abc", "apiKey: ***"),
        ("<password>hunter2</password>", "<password>***</password>"),
        ("<urn:sessionId>abc</urn:sessionId>", "<urn:sessionId>***</urn:sessionId>"),
    ],
)
def test_what_looks_like_a_secret_is_hidden(text: str, cleaned: str) -> None:
    assert Redactor().text(text) == cleaned


@pytest.mark.parametrize(
    "text",
    [
        "basic information about the account",
        "The OAuth credentials are wrong, says Salesforce.",
        "https://acme.my.salesforce.com/services/data/v67.0/query?q=SELECT+Id",
        "mail to ops@example.com",
        "invalid_grant: expired access/refresh token",
        "00DRM000000abcdEAA is the org",
        "The password has expired.",
        "Account: 17 records written, 3 stale",
    ],
)
def test_ordinary_texts_are_left_alone(text: str) -> None:
    assert Redactor().text(text) == text


@pytest.mark.parametrize(
    "text",
    [
        'password":"' * 8000,
        "://" * 30_000,
        "Basic " + "a" * 90_000,
        "token\\\\\\" * 10_000,
        "eyJ" * 30_000,
        "-----BEGIN " * 9000,
    ],
)
def test_a_hostile_text_costs_no_more_than_a_long_one(text: str) -> None:
    assert len(Redactor().text(text)) <= len(text) + 100


class Colour(Enum):
    RED = "red"


@dataclass
class Login:
    user: str
    password: str
    pin: int
    key: str = field(default="hidden-in-repr", repr=False)


class Broken:
    def __repr__(self) -> str:
        raise RuntimeError("no")


def test_values_of_any_kind_become_plain_and_clean() -> None:
    redactor = Redactor(["hunter2", "4711"])
    value = {
        "login": Login("x", "whatever", 4711),
        "nested": [{"deep": ("it is hunter2", b"bytes hunter2 \xff")}],
        "hunter2": 1,
        "access_token": {"a": "b"},
        "tokens": 12,
        "colour": Colour.RED,
        "error": ValueError("hunter2", 5),
        "broken": Broken(),
        "none": None,
    }
    assert redactor.value(value) == {
        "login": {"user": "x", "password": "***", "pin": "***"},
        "nested": [{"deep": ["it is ***", "bytes *** \\xff"]}],
        "***": 1,
        "access_token": "***",
        "tokens": 12,
        "colour": "red",
        "error": "ValueError: ('***', 5)",
        "broken": "<Broken: RuntimeError when shown>",
        "none": None,
    }


def test_a_value_that_holds_itself_ends() -> None:
    value: list[object] = []
    value.append(value)
    assert "…" in str(Redactor().value(value))


@pytest.mark.parametrize(
    "name", ["password", "client_secret", "accessToken", "API-Key", "Set-Cookie", "sid", "X-Api-Key"]
)
def test_names_of_secrets(name: str) -> None:
    assert names_a_secret(name)


@pytest.mark.parametrize("name", ["object", "written", "inside", "replay_id", "username", "key"])
def test_names_of_others(name: str) -> None:
    assert not names_a_secret(name)


def test_control_characters_become_visible() -> None:
    assert visible("a\nb\r\x1b[31m\x00\x9b\u202e\u2028\ud800é東 😀") == (
        "a\\nb\\r\\x1b[31m\\x00\\x9b\\u202e\\u2028\\ud800é東 😀"
    )
