"""How Forcedex proves to Salesforce who it is: one frozen value per way to log in.

Secrets never appear in a repr, and `secrets_of` names them all so that no error text can quote one.
"""

from dataclasses import dataclass, field


@dataclass(frozen=True, kw_only=True, slots=True)
class JwtBearer:
    """OAuth 2.0 JWT bearer flow: an app, a user and the private key of the app's certificate."""

    #: Consumer key of the connected app or external client app.
    client_id: str
    username: str
    #: RSA private key in PEM form (the text, not the file name).
    private_key_pem: str = field(repr=False)
    #: `aud` of the assertion; empty: derived from the login URL.
    audience: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class ClientCredentials:
    """OAuth 2.0 client credentials flow: the app's own "Run As" user. Works on My Domain only."""

    client_id: str
    client_secret: str = field(repr=False)


@dataclass(frozen=True, kw_only=True, slots=True)
class RefreshToken:
    """OAuth 2.0 refresh token flow."""

    client_id: str
    #: None for an app that needs no secret for this flow.
    client_secret: str | None = field(default=None, repr=False)
    refresh_token: str = field(repr=False)


@dataclass(frozen=True, kw_only=True, slots=True)
class Password:
    """User name and password: OAuth 2.0 with an app when `client_id` is given, SOAP `login()` otherwise."""

    username: str
    password: str = field(repr=False)
    #: Appended to the password; empty where the machine's address is trusted.
    security_token: str = field(default="", repr=False)
    client_id: str = ""
    client_secret: str = field(default="", repr=False)


@dataclass(frozen=True, kw_only=True, slots=True)
class AccessToken:
    """A session that somebody else opened. It cannot be renewed."""

    access_token: str = field(repr=False)
    #: The org's own URL, such as `https://acme.my.salesforce.com`.
    instance_url: str


Credentials = JwtBearer | ClientCredentials | RefreshToken | Password | AccessToken


def secrets_of(credentials: Credentials) -> tuple[str, ...]:
    """Every secret text in the credentials."""
    match credentials:
        case JwtBearer():
            return (credentials.private_key_pem,)
        case ClientCredentials():
            return (credentials.client_secret,)
        case RefreshToken():
            return (credentials.refresh_token, credentials.client_secret or "")
        case Password():
            return (credentials.password, credentials.security_token, credentials.client_secret)
        case AccessToken():
            return (credentials.access_token,)
