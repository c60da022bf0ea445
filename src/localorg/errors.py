"""What the org refuses, as values that the protocol layers print in Salesforce's shapes.

OrgError
├── ApiError        data APIs: JSON array of {message, errorCode, fields}
├── OAuthError      token endpoint: JSON object {error, error_description}; authorization endpoint: a page
│   └── CallbackError   authorization endpoint: a redirect to the app's callback with the same two
└── SoapFault       SOAP login: XML fault
"""

from collections.abc import Sequence


class OrgError(Exception):
    """Something that the org refuses."""


class ApiError(OrgError):
    """An error of the data APIs.

    Source: REST API Developer Guide, "Status Codes and Error Responses".
    """

    def __init__(self, code: str, message: str, *, status: int = 400, fields: Sequence[str] | None = None) -> None:
        super().__init__(f"{code}: {message}")
        self.code = code
        self.message = message
        self.status = status
        #: The fields at fault; None: the answer has no such key.
        self.fields = None if fields is None else tuple(fields)


class NotImplementedByOrg(ApiError):
    """Something that Salesforce has and this local org has not (yet): never a Salesforce error code."""

    def __init__(self, what: str) -> None:
        super().__init__("LOCALORG_NOT_IMPLEMENTED", f"The local org does not do this yet: {what}.", status=501)


class OAuthError(OrgError):
    """An error of the OAuth endpoints.

    Source: Salesforce Help, "OAuth 2.0 Authorization Errors".
    """

    def __init__(self, error: str, description: str, *, status: int = 400) -> None:
        super().__init__(f"{error}: {description}")
        self.error = error
        self.description = description
        self.status = status


class CallbackError(OAuthError):
    """An error that an app is told at its callback, with the state it sent.

    Source: Salesforce Help, "OAuth 2.0 Authorization Errors"; RFC 6749, 4.1.2.1.
    """

    def __init__(self, error: str, description: str, *, redirect_uri: str, state: str | None) -> None:
        super().__init__(error, description)
        self.redirect_uri = redirect_uri
        self.state = state


class SoapFault(OrgError):
    """A fault of the SOAP API.

    Source: SOAP API Developer Guide, "Core Data Types Used in API Calls" (ExceptionCode).
    """

    def __init__(self, code: str, message: str, *, login: bool = True) -> None:
        super().__init__(f"{code}: {message}")
        self.code = code
        self.message = message
        #: Whether the detail is a LoginFault.
        self.login = login


def not_found(message: str = "The requested resource does not exist") -> ApiError:
    """Nothing there, or nothing that this user may see: the two cannot be told apart."""
    return ApiError("NOT_FOUND", message, status=404)
