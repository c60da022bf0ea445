"""Requests that the org has signed: a JWT that Apex makes with `Auth.JWS`, for one question.

    iss  the org's Id, whose certificates are configured       aud  our public URL
    sub  the user's Id                                         exp  at most 120 s from now
    q    SHA-256 of method, path with query, and body (hexadecimal), each followed by a line feed but the last

A token that is sent again can only ask the same question again, so none need be remembered. Only RS256 is taken, and
no key from the token itself. Source of the checks: RFC 8725 (JWT best practices), RFC 7519 4.1.
"""

import hashlib
from collections.abc import Sequence
from datetime import datetime

from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import RSAKey

from forcedex.certificates import org_certificates
from forcedex.domain.record_id import to_18
from forcedex.server.problems import Problem, unauthorized

LONGEST = 120  # seconds that a token may be good for
_LEEWAY = 10  # seconds that clocks may differ
_LARGEST = 4_096  # characters
_SETTING = "[server] org_certificates"


def certificate_keys(paths: Sequence[str]) -> tuple[RSAKey, ...]:
    """The public keys of PEM certificates; ConfigurationError for a file that holds none."""
    keys = [each.public_key() for each in org_certificates(paths)]
    return tuple(RSAKey.import_key(each.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)) for each in keys)


def question_digest(method: str, target: str, body: bytes) -> str:
    """What `q` must be."""
    return hashlib.sha256(b"\n".join((method.upper().encode(), target.encode(), body))).hexdigest()


class Signatures:
    """Checks tokens of one org."""

    def __init__(self, keys: Sequence[RSAKey], org_id: str, audience: str) -> None:
        self._keys = tuple(keys)
        self._org_id = org_id
        self._audience = audience.rstrip("/")

    def user(self, token: str, method: str, target: str, body: bytes, now: datetime) -> str:
        """The Id of the user who asks; Problem 401 for anything that is not exactly as above."""
        if not self._keys:
            raise unauthorized("Signed requests are not set up here.", f"Name the org's certificates in {_SETTING}.")
        claims = self._claims(token) if len(token) <= _LARGEST else None
        if claims is None:
            raise _refused("The token is not one that this org has signed.")
        seconds = now.timestamp()
        expires = claims.get("exp")
        if isinstance(expires, bool) or not isinstance(expires, int | float):
            raise _refused("The token has no expiry.")
        if expires <= seconds - _LEEWAY:
            raise _refused("The token has expired.")
        if expires > seconds + LONGEST + _LEEWAY:
            raise _refused(f"The token is good for more than {LONGEST} seconds.")
        before = claims.get("nbf", 0)
        if isinstance(before, bool) or not isinstance(before, int | float) or before > seconds + _LEEWAY:
            raise _refused("The token is not good yet.")
        if str(claims.get("aud", "")).rstrip("/") != self._audience:
            raise _refused("The token is for another service.")
        if _id(claims.get("iss")) != self._org_id:
            raise _refused("The token is of another org.")
        if claims.get("q") != question_digest(method, target, body):
            raise _refused("The token is for another question.")
        user = _id(claims.get("sub"))
        if not user.startswith("005"):
            raise _refused("The token names no user.")
        return user

    def _claims(self, token: str) -> dict[str, object] | None:
        for key in self._keys:
            try:
                return jwt.decode(token, key, algorithms=["RS256"]).claims
            except (JoseError, ValueError, TypeError):
                continue
        return None


def _id(value: object) -> str:
    try:
        return to_18(value) if isinstance(value, str) else ""
    except ValueError:
        return ""


def _refused(message: str) -> Problem:
    return unauthorized(message, "See the guide to signed requests in docs/service.md.")
