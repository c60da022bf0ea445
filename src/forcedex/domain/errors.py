"""Every error that Forcedex raises on purpose, grouped by what the caller should do.

ForcedexError
├── ConfigurationError     the person must change a setting (exit code 2)
├── Refused                the other side said no for good: do not repeat (exit code 1)
│   ├── SourceRefused        Salesforce refused
│   │   └── BulkUnsupported    this object cannot be read by the Bulk API: read it over REST
│   ├── SinkRefused          Elasticsearch refused
│   └── StateRefused         the state store cannot be used
├── Unavailable            try again later: network, overload, maintenance (exit code 1)
│   ├── SourceUnavailable
│   └── SinkUnavailable
└── SourceDataError        Salesforce's answer is not what its protocol says: nothing of it was used
"""


class ForcedexError(Exception):
    """Something went wrong that a person can act on: `message` is the cause, `hint` the next step."""

    exit_code = 1

    def __init__(self, message: str, hint: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint

    def __str__(self) -> str:
        return f"{self.message} {self.hint}".strip()


class ConfigurationError(ForcedexError):
    """A setting is missing, unreadable or wrong."""

    exit_code = 2


class Refused(ForcedexError):
    """The other side said no, and will again."""


class SourceRefused(Refused):
    """Salesforce refused a request. `code` is Salesforce's own error code, such as `INVALID_TYPE`."""

    def __init__(self, message: str, hint: str = "", *, code: str = "", status: int = 0) -> None:
        super().__init__(message, hint)
        self.code = code
        self.status = status


class BulkUnsupported(SourceRefused):
    """The Bulk API does not offer this object or query; REST may. `code` as Salesforce gave it."""


class SinkRefused(Refused):
    """Elasticsearch refused a request."""


class StateRefused(Refused):
    """The state store cannot be read or written."""


class Unavailable(ForcedexError):
    """The other side cannot answer now; a later try may succeed."""


class SourceUnavailable(Unavailable):
    """Salesforce cannot be reached or is overloaded. `code` as in `SourceRefused`."""

    def __init__(self, message: str, hint: str = "", *, code: str = "", status: int = 0) -> None:
        super().__init__(message, hint)
        self.code = code
        self.status = status


class SinkUnavailable(Unavailable):
    """Elasticsearch cannot be reached, is overloaded or blocks writes."""


class SourceDataError(ForcedexError):
    """An answer of Salesforce breaks its own protocol (wrong row count, torn CSV, HTML instead of JSON)."""
