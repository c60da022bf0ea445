"""Every error that Forcedex raises on purpose, grouped by what the caller should do.

ForcedexError
├── ConfigurationError     the person must change a setting (exit code 2)
├── Refused                the other side said no for good: do not repeat (exit code 1)
│   ├── Blind                nothing at all can be shown to who asks
│   ├── SourceRefused        Salesforce refused
│   │   ├── BulkUnsupported    this object cannot be read by the Bulk API: read it over REST
│   │   ├── StreamRefused      no change events of this object, for now: poll it
│   │   └── ReplayExpired      the org no longer knows the place where the stream ended: catch up, then go on
│   ├── SinkRefused          Elasticsearch refused
│   └── StateRefused         the state store cannot be used
│       └── LeaseLost          another process writes now: stop at once
├── Unavailable            try again later: network, overload, maintenance (exit code 1)
│   ├── SourceUnavailable
│   │   ├── BudgetExhausted    our share of the org's API calls is used up
│   │   └── StreamLost         the stream of change events ended: subscribe again
│   │       └── StreamSilent     it gave no sign of life
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


class Blind(Refused):
    """Nothing can be shown to who asks: inactive, unknown, or the access data is missing or too old."""


class SourceRefused(Refused):
    """Salesforce refused a request. `code` is Salesforce's own error code, such as `INVALID_TYPE`."""

    def __init__(self, message: str, hint: str = "", *, code: str = "", status: int = 0) -> None:
        super().__init__(message, hint)
        self.code = code
        self.status = status


class BulkUnsupported(SourceRefused):
    """The Bulk API does not offer this object or query; REST may. `code` as Salesforce gave it."""


class StreamRefused(SourceRefused):
    """Salesforce does not stream this object's change events to us now: not selected, not permitted, allocation used.

    `code` is the suffix of Salesforce's `error-code` trailer, such as `topic.not.found` or
    `subscription.limit.exceeded`.
    """


class ReplayExpired(SourceRefused):
    """The stored replay id is unknown to the org or older than it keeps events (72 hours)."""


class SinkRefused(Refused):
    """Elasticsearch refused a request."""


class StateRefused(Refused):
    """The state store cannot be read or written."""


class LeaseLost(StateRefused):
    """Another process holds the lease: nothing may be written any more."""


class Unavailable(ForcedexError):
    """The other side cannot answer now; a later try may succeed."""


class SourceUnavailable(Unavailable):
    """Salesforce cannot be reached or is overloaded. `code` as in `SourceRefused`."""

    def __init__(self, message: str, hint: str = "", *, code: str = "", status: int = 0) -> None:
        super().__init__(message, hint)
        self.code = code
        self.status = status


class BudgetExhausted(SourceUnavailable):
    """Sending this request would use more than our share of the org's daily API calls."""


class StreamLost(SourceUnavailable):
    """The stream of change events was cut, fell silent, or its login ended."""


class StreamSilent(StreamLost):
    """No sign of life came for longer than Salesforce is ever silent."""


class SinkUnavailable(Unavailable):
    """Elasticsearch cannot be reached, is overloaded or blocks writes."""


class SourceDataError(ForcedexError):
    """An answer of Salesforce breaks its own protocol (wrong row count, torn CSV, HTML instead of JSON)."""
