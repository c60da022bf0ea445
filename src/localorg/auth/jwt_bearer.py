"""Checking a JWT bearer assertion: decoding, signature, claims.

Source: Salesforce Help, "OAuth 2.0 JWT Bearer Flow for Server-to-Server Integration": RS256 only, checked with
the app's certificate; `exp` within minutes, three minutes of clock skew. `exp` as text is accepted, as clients
send it so.
"""

import base64
import binascii
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

import orjson
from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from cryptography.hazmat.primitives.hashes import SHA256

from localorg.errors import OAuthError

LOGIN_AUDIENCES = ("https://login.salesforce.com", "https://test.salesforce.com")
_SKEW = 180  # seconds
_LONGEST = 180  # seconds that an assertion may be valid


@dataclass(frozen=True, kw_only=True)
class Assertion:
    """A decoded assertion, not yet believed."""

    header: Mapping[str, Any]
    claims: Mapping[str, Any]
    signed: bytes
    signature: bytes

    @property
    def issuer(self) -> str:
        """The app's consumer key."""
        return str(self.claims.get("iss", ""))

    @property
    def username(self) -> str:
        """Who wants to log in (`prn` is the old name of `sub`)."""
        return str(self.claims.get("sub") or self.claims.get("prn") or "")


def _invalid() -> OAuthError:
    return OAuthError("invalid_grant", "invalid assertion")


def _part(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


def decode(text: str) -> Assertion:
    """The assertion's parts."""
    parts = text.split(".")
    if len(parts) != 3:
        raise _invalid()
    try:
        header, claims = (orjson.loads(_part(part)) for part in parts[:2])
        signature = _part(parts[2])
    except (ValueError, binascii.Error):
        raise _invalid() from None
    if not isinstance(header, dict) or not isinstance(claims, dict):
        raise _invalid()
    signed = f"{parts[0]}.{parts[1]}".encode("ascii", "replace")
    return Assertion(header=header, claims=claims, signed=signed, signature=signature)


def check(assertion: Assertion, certificate: str, audiences: Collection[str], now: float) -> None:
    """Raise the error for a wrong signature, audience or time."""
    if assertion.header.get("alg") != "RS256" or not certificate:
        raise _invalid()
    key = x509.load_pem_x509_certificate(certificate.encode()).public_key()
    assert isinstance(key, RSAPublicKey)
    try:
        key.verify(assertion.signature, assertion.signed, PKCS1v15(), SHA256())
    except InvalidSignature:
        raise _invalid() from None
    if str(assertion.claims.get("aud", "")).rstrip("/") not in audiences:
        raise OAuthError("invalid_grant", "audience is invalid")
    try:
        expires = float(assertion.claims["exp"])
    except (KeyError, TypeError, ValueError):
        raise _invalid() from None
    if not now - _SKEW < expires <= now + _LONGEST + _SKEW:
        # The text that Salesforce really sends for this.
        raise OAuthError("invalid_grant", "expired authorization code")
