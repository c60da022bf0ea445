"""The keys that the org signs ID tokens with, and what it publishes of them.

Source: Salesforce Help, "OpenID Connect" (RS256, keys at /id/keys); OpenID Connect Core 1.0, 2 and 3.1.3.6.
"""

import base64
import hashlib
import threading
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import orjson
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, generate_private_key
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_pem_private_key,
)

from localorg.files import write_private

_END = b"-----END PRIVATE KEY-----\n"


def base64url(content: bytes) -> str:
    """As JSON Web Tokens write bytes: without padding."""
    return base64.urlsafe_b64encode(content).rstrip(b"=").decode()


def half_hash(value: str) -> str:
    """`at_hash` of an access token: the left half of its SHA-256."""
    return base64url(hashlib.sha256(value.encode()).digest()[:16])


def _new_key() -> RSAPrivateKey:
    return generate_private_key(public_exponent=65537, key_size=2048)


def _number(value: int) -> str:
    return base64url(value.to_bytes((value.bit_length() + 7) // 8, "big"))


class IdentityKeys:
    """The newest key signs; older ones are published still."""

    def __init__(self, path: Path) -> None:
        """`path`: a file of PEM keys, newest first; made when a key is first needed."""
        self._path = path
        self._lock = threading.Lock()
        self._keys: list[RSAPrivateKey] = []

    def _all(self) -> list[RSAPrivateKey]:
        with self._lock:
            if not self._keys and self._path.exists():
                for part in self._path.read_bytes().split(_END)[:-1]:
                    key = load_pem_private_key(part + _END, None)
                    assert isinstance(key, RSAPrivateKey)
                    self._keys.append(key)
            if not self._keys:
                self._keep([_new_key()])
            return list(self._keys)

    def _keep(self, keys: list[RSAPrivateKey]) -> None:
        self._keys = keys
        parts = (key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()) for key in keys)
        write_private(self._path, b"".join(parts))

    def rotate(self, *, keep_old: bool = True) -> str:
        """Sign with a new key from now on; its key id."""
        old = self._all() if keep_old else []
        with self._lock:
            self._keep([_new_key(), *old])
        return self.public()["keys"][0]["kid"]

    def public(self) -> dict[str, list[dict[str, str]]]:
        """The JSON Web Key Set."""
        return {"keys": [_jwk(key) for key in self._all()]}

    def sign(self, claims: Mapping[str, Any], *, header: Mapping[str, Any] | None = None, foreign: bool = False) -> str:
        """A JSON Web Token; `header`: other values, `foreign`: by a key that nobody knows (both for faults)."""
        key = self._all()[0]
        head = {"alg": "RS256", "typ": "JWT", "kid": _jwk(key)["kid"], **(header or {})}
        signed = f"{base64url(orjson.dumps(head))}.{base64url(orjson.dumps(claims))}"
        if head["alg"] == "none":
            return signed + "."
        signature = (_new_key() if foreign else key).sign(signed.encode(), PKCS1v15(), SHA256())
        return f"{signed}.{base64url(signature)}"


def _jwk(key: RSAPrivateKey) -> dict[str, str]:
    numbers = key.public_key().public_numbers()
    modulus = _number(numbers.n)
    kid = hashlib.sha256(modulus.encode()).hexdigest()[:8]
    return {"kty": "RSA", "n": modulus, "e": _number(numbers.e), "alg": "RS256", "use": "sig", "kid": kid}
