"""Logins that fail for no reason of theirs. The subject of a login is its grant type, `soap`, or `page`.

Source: Salesforce Help, "OAuth 2.0 Authorization Errors".
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from localorg.errors import OAuthError

if TYPE_CHECKING:
    from localorg.auth.grants import Form
    from localorg.org import Org

_JWT = "urn:ietf:params:oauth:grant-type:jwt-bearer"
#: grant_type -> why it is refused, unless the options say.
_REASONS = {
    _JWT: "user hasn't approved this consumer",
    "client_credentials": "no client credentials user enabled",
    "refresh_token": "expired access/refresh token",
    "authorization_code": "expired authorization code",
}


def refuse(org: "Org", form: "Form") -> None:
    """Raise the error of an armed fault that hits this login."""
    faults = org.faults
    if not faults.armed:
        return
    grant = form.get("grant_type", "")
    if (options := faults.take("LOGIN_REFUSED", grant)) is not None:
        description = options.get("description", _REASONS.get(grant, "authentication failure"))
        raise OAuthError(str(options.get("error", "invalid_grant")), str(description))
    if grant == "refresh_token" and faults.take("REFRESH_TOKEN_REUSED", grant) is not None:
        # Someone else has used it: with rotation that ends all that came from it.
        value = form.get("refresh_token", "")
        with org.store.transaction() as connection:
            connection.execute('DELETE FROM "_refresh_token" WHERE token = ?', (value,))
        org.sessions.revoke_from(value)
        raise OAuthError("invalid_grant", _REASONS[grant])


def clock_skew(org: "Org") -> float:
    """By how many seconds the clock that judges an assertion is ahead."""
    options = org.faults.take("JWT_CLOCK_SKEW", _JWT)
    return 0.0 if options is None else float(options.get("seconds", 600))


def soap_refused(org: "Org") -> bool:
    """Whether a SOAP login is refused."""
    return org.faults.take("LOGIN_REFUSED", "soap") is not None


def page_refused(org: "Org") -> bool:
    """Whether the login page refuses somebody."""
    return org.faults.take("LOGIN_REFUSED", "page") is not None


@dataclass(frozen=True)
class Altered:
    """An ID token that is not as it should be."""

    claims: Mapping[str, Any]
    header: Mapping[str, Any] = field(default_factory=dict)
    #: Signed by a key that is not the org's.
    foreign: bool = False


def altered_id_token(org: "Org", claims: Mapping[str, Any]) -> Altered:
    """The claims, or others if a fault hits this app's token: what a client must not believe."""
    options = org.faults.take("ID_TOKEN_ALTERED", str(claims["aud"]))
    if options is None:
        return Altered(claims)
    merged = {name: value for name, value in {**claims, **options.get("claims", {})}.items() if value is not None}
    return Altered(merged, options.get("header", {}), bool(options.get("foreign")))
