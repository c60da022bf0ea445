"""The signed assertion of the OAuth 2.0 JWT bearer flow.

Source: Salesforce Help, "OAuth 2.0 JWT Bearer Flow for Server-to-Server Integration".
"""

import re
from datetime import datetime

from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.hazmat.primitives.serialization import load_pem_private_key
from joserfc import jwt
from joserfc.jwk import RSAKey

from forcedex.domain.errors import ConfigurationError
from forcedex.salesforce.credentials import JwtBearer
from forcedex.salesforce.hosts import Origin

#: Seconds from issue to expiry. Salesforce refuses more than about three minutes.
LIFETIME = 120

PRODUCTION = "https://login.salesforce.com"
SANDBOX = "https://test.salesforce.com"

#: My Domain of a sandbox: `acme--dev.sandbox.my.salesforce.com`, and the older `acme--dev.my.salesforce.com`.
_SANDBOX_HOST = re.compile(
    r".*\.(sandbox|scratch)\.my\.salesforce\.com|[^.]*--[^.]*(\.[a-z]+\d+)?\.my\.salesforce\.com"
)

_KEY_HINT = "private_key_file must be the RSA private key (PEM) whose certificate was uploaded to the app."


def audience_for(login: Origin) -> str:
    """Whom the assertion is for: Salesforce's login host of that kind of org, else the login URL itself."""
    if str(login) in (PRODUCTION, SANDBOX):
        return str(login)
    if _SANDBOX_HOST.fullmatch(login.host):
        return SANDBOX
    if login.host.endswith(".my.salesforce.com"):
        return PRODUCTION
    return str(login)


def signed_assertion(credentials: JwtBearer, login: Origin, issued: datetime) -> str:
    """The assertion, RS256-signed; ConfigurationError if the private key is unusable."""
    claims = {
        "iss": credentials.client_id,
        "sub": credentials.username,
        "aud": credentials.audience or audience_for(login),
        "exp": int(issued.timestamp()) + LIFETIME,
    }
    key = RSAKey.import_key(_private_key(credentials.private_key_pem))
    return jwt.encode({"alg": "RS256"}, claims, key, algorithms=["RS256"], default_type=None)


def _private_key(pem: str) -> RSAPrivateKey:
    if "BEGIN CERTIFICATE" in pem and "PRIVATE KEY" not in pem:
        raise ConfigurationError("private_key_file holds the certificate, not its private key.", _KEY_HINT)
    try:
        key = load_pem_private_key(pem.encode(), password=None)
    except TypeError as exc:
        raise ConfigurationError(
            "The private key is protected by a pass phrase.",
            "Write it without one, readable for this user only: openssl rsa -in key.pem -out plain.pem.",
        ) from exc
    except ValueError as exc:
        # The library's text may quote the input, which may be a key after all: it is not repeated.
        raise ConfigurationError("The private key cannot be read.", _KEY_HINT) from exc
    if not isinstance(key, RSAPrivateKey):
        raise ConfigurationError("The private key is not an RSA key; Salesforce takes RS256 only.", _KEY_HINT)
    if key.key_size < 2048:
        raise ConfigurationError(
            f"The private key has {key.key_size} bits, which is too few.", "Make a new pair with at least 2048 bits."
        )
    return key
