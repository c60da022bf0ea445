"""Errors as clients see them: one shape, `{"error": {"code", "message", "hint"}}`, no secrets, no stack."""

from collections.abc import Mapping
from dataclasses import dataclass, field

import orjson
from starlette.responses import Response

from forcedex.domain.errors import Blind, ConfigurationError, ForcedexError, Refused, StateRefused, Unavailable

_LATER = {"Retry-After": "5"}
_LONGEST = 500  # characters of a sentence


@dataclass(kw_only=True, eq=False)  # not frozen: Python hangs the traceback on it
class Problem(Exception):
    """An answer that is no success."""

    status: int
    #: For programs.
    code: str
    #: For people: the cause, and the next step.
    message: str
    hint: str = ""
    headers: Mapping[str, str] = field(default_factory=dict)

    def response(self) -> Response:
        """As HTTP."""
        return Response(
            orjson.dumps({"error": {"code": self.code, "message": self.message, "hint": self.hint}}),
            self.status,
            headers={"Cache-Control": "no-store", **self.headers},
            media_type="application/json",
        )


def unavailable(message: str = "Elasticsearch does not answer.", hint: str = "Try again in a moment.") -> Problem:
    """Try again later."""
    return Problem(status=503, code="unavailable", message=message, hint=hint, headers=_LATER)


def invalid(message: str, hint: str = "") -> Problem:
    """The request cannot be understood."""
    return Problem(status=400, code="invalid_request", message=message, hint=hint)


def not_found(message: str, hint: str = "") -> Problem:
    """There is no such thing, or none that may be shown."""
    return Problem(status=404, code="not_found", message=message, hint=hint)


def forbidden(message: str, hint: str = "") -> Problem:
    """Known who asks, and he may not."""
    return Problem(status=403, code="forbidden", message=message, hint=hint)


def unauthorized(message: str, hint: str = "Log in at /auth/login.") -> Problem:
    """Nobody knows who asks."""
    challenge = {"WWW-Authenticate": 'Bearer realm="forcedex"'}
    return Problem(status=401, code="unauthorized", message=message, hint=hint, headers=challenge)


def of_error(error: ForcedexError) -> Problem:
    """What a failure of ours means for who asked; of settings nothing is told, they are the administrator's."""
    match error:
        case Blind():
            return Problem(status=403, code="nothing_to_show", message=_short(error.message), hint=_short(error.hint))
        case StateRefused():
            return unavailable("The state store cannot be used now.")
        case Refused():
            return Problem(status=400, code="refused", message=_short(error.message), hint=_short(error.hint))
        case Unavailable():
            return unavailable()
        case ConfigurationError():
            return Problem(
                status=500,
                code="misconfigured",
                message="The service is not set up rightly.",
                hint="Its log tells the administrator what is wrong.",
            )
        case _:
            return internal()


def internal() -> Problem:
    """A fault of ours."""
    return Problem(status=500, code="internal", message="Something went wrong here.", hint="Try again, or tell us.")


def _short(text: str) -> str:
    return text if len(text) <= _LONGEST else f"{text[:_LONGEST]} …"
