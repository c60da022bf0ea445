"""Tokens that the org signs: RFC 8725; DESIGN.md, "Who is asking"."""

import base64
import hmac
import json
import time
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.rsa import generate_private_key
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from joserfc import jwt
from joserfc.jwk import RSAKey

from tests.service.service import MARKETING, SALES, SERVICE, Service

BODY = json.dumps({"text": "gmbh", "size": 3}).encode()
TARGET = "/api/v1/search"


def part(content: bytes) -> str:
    return base64.urlsafe_b64encode(content).decode().rstrip("=")


async def answer_to(service: Service, token: str, body: bytes = BODY, target: str = TARGET) -> tuple[int, Any]:
    async with service.visitor() as visitor:
        headers = {b"Authorization": f"Bearer {token}".encode(), b"Content-Type": b"application/json"}
        answer = await visitor.http.post(target, content=body, headers=headers)
        return answer.status_code, answer.json()


async def test_a_signed_question_is_answered_with_the_users_own_eyes(service: Service) -> None:
    status, mine = await answer_to(service, service.signed(SALES, "POST", TARGET, BODY))
    assert status == 200
    async with service.logged_in(SALES) as visitor:
        seen = await visitor.ask("/search", json.loads(BODY))
    assert [hit["id"] for hit in mine["hits"]] == [hit["id"] for hit in seen["hits"]]
    _, other = await answer_to(service, service.signed(MARKETING, "POST", TARGET, BODY))
    assert other["total"] != mine["total"]


async def test_ids_may_have_15_characters(service: Service) -> None:
    own = service.org.credentials.org_id[:15]
    token = service.signed(SALES, "POST", TARGET, BODY, iss=own, sub=service.user_id(SALES)[:15])
    assert (await answer_to(service, token))[0] == 200


@pytest.mark.parametrize(
    "claims",
    [
        {"exp": None},
        {"exp": -60},
        {"exp": 10_000},
        {"exp": "soon"},
        {"exp": True},
        {"nbf": 5_000},
        {"aud": "https://elsewhere.example"},
        {"aud": None},
        {"iss": "00D000000000000AAA"},
        {"iss": None},
        {"sub": None},
        {"sub": "001000000000000AAA"},
        {"sub": "admin"},
        {"q": None},
        {"q": "0" * 64},
    ],
    ids=str,
)
async def test_a_claim_that_is_not_right_is_refused(service: Service, claims: dict[str, object]) -> None:
    now = int(time.time())
    given = {name: now + value if type(value) is int else value for name, value in claims.items()}  # seconds from now
    status, told = await answer_to(service, service.signed(SALES, "POST", TARGET, BODY, **given))
    assert (status, told["error"]["code"]) == (401, "unauthorized")


async def test_a_token_asks_its_own_question_alone(service: Service) -> None:
    token = service.signed(SALES, "POST", TARGET, BODY)
    assert (await answer_to(service, token))[0] == 200
    assert (await answer_to(service, token, BODY.replace(b"3", b"9")))[0] == 401
    assert (await answer_to(service, token, BODY, "/api/v1/suggest"))[0] == 401
    assert (await answer_to(service, token, BODY, f"{TARGET}?x=1"))[0] == 401


async def test_other_keys_and_algorithms_are_refused(service: Service) -> None:
    good = service.signed(SALES, "POST", TARGET, BODY)
    head, claims, signature = good.split(".")
    told = json.loads(base64.urlsafe_b64decode(claims + "=="))
    stranger = RSAKey.import_key(generate_private_key(public_exponent=65537, key_size=2048))
    public = service.signer.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    by_hmac = part(b'{"alg":"HS256"}') + "." + claims
    mac = hmac.digest(public, by_hmac.encode(), "sha256")
    none = part(b'{"alg":"none"}')
    tokens = [
        jwt.encode({"alg": "RS256"}, told, stranger),
        f"{by_hmac}.{part(mac)}",
        jwt.encode({"alg": "RS256", "jwk": stranger.as_dict(private=False)}, told, stranger),
        f"{none}.{claims}.",
        f"{none}.{claims}.{signature}",
        f"{head}.{claims}.",
        f"{head}.{claims}",
        f"{head}.{claims[:-4]}AAAA.{signature}",
        "x" * 5_000,
        "a.b.c",
        "é",
    ]
    for token in tokens:
        assert (await answer_to(service, token))[0] == 401, token[:60]


async def test_a_signed_person_is_never_who_a_header_or_parameter_names(service: Service) -> None:
    token = service.signed(SALES, "GET", "/api/v1/me")
    other = service.user_id(SERVICE)
    headers = {
        "Authorization": f"Bearer {token}",
        "X-User": other,
        "X-Forwarded-User": other,
        "X-Forwarded-For": "1.2.3.4",
    }
    async with service.visitor() as visitor:
        assert (await visitor.http.get("/api/v1/me", headers=headers)).json()["username"] == SALES
