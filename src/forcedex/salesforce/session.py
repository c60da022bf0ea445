"""A login as values: what is asked, what is answered, what comes of it. No I/O."""

from collections.abc import Generator, Mapping
from dataclasses import dataclass, field
from datetime import datetime


@dataclass(frozen=True, kw_only=True, slots=True)
class Session:
    """Permission to use one org's API as one user."""

    access_token: str = field(repr=False)
    #: The org's own origin, such as `https://acme.my.salesforce.com`; no trailing slash.
    instance_url: str
    #: 18 characters; None where the login does not tell.
    org_id: str | None = None
    #: 18 characters; None where the login does not tell.
    user_id: str | None = None
    #: Replaces the refresh token of the credentials where the app rotates them.
    refresh_token: str | None = field(default=None, repr=False)


@dataclass(frozen=True, kw_only=True, slots=True)
class AuthRequest:
    """One POST of a login."""

    url: str
    #: Form fields, sent as `application/x-www-form-urlencoded`; empty when there is a `body`.
    form: Mapping[str, str] = field(default_factory=dict, repr=False)
    #: XML of a SOAP call.
    body: str = field(default="", repr=False)
    #: What must not be quoted in an error text, beyond the credentials themselves.
    secrets: tuple[str, ...] = field(default=(), repr=False)


@dataclass(frozen=True, kw_only=True, slots=True)
class AuthAnswer:
    """The answer to an `AuthRequest`."""

    status: int
    content_type: str = ""
    body: bytes = field(repr=False)
    #: The server's clock when it answered (`Date` header), UTC.
    date: datetime | None = None


#: A login: yields requests, is sent their answers and returns the session. It raises ForcedexError.
AuthFlow = Generator[AuthRequest, AuthAnswer, Session]
