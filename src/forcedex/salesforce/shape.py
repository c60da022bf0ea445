"""Taking values of an expected type out of a JSON answer: SourceDataError says what is missing.

Unknown keys are ignored everywhere: Salesforce adds some with every release.
"""

from collections.abc import Mapping

from forcedex.domain.errors import SourceDataError


def broken(what: str, why: str) -> SourceDataError:
    """The error for an answer that is not what the protocol says."""
    return SourceDataError(
        f"Salesforce's answer to “{what}” is not as documented: {why}.",
        "Nothing of it was used. If it happens again, check for a proxy that changes answers and report it.",
    )


def object_of(value: object, what: str) -> Mapping[str, object]:
    """The value as a JSON object."""
    if not isinstance(value, dict):
        raise broken(what, "it is not an object")
    return value


def list_in(answer: Mapping[str, object], key: str, what: str) -> list[object]:
    """The list under the key; SourceDataError if there is none."""
    value = answer.get(key)
    if not isinstance(value, list):
        raise broken(what, f"“{key}” is not a list")
    return value


def text_in(answer: Mapping[str, object], key: str, what: str) -> str:
    """The non-empty text under the key; SourceDataError if there is none."""
    value = answer.get(key)
    if not isinstance(value, str) or not value:
        raise broken(what, f"“{key}” is not a text")
    return value


def flag_in(answer: Mapping[str, object], key: str, what: str) -> bool:
    """The boolean under the key; SourceDataError if there is none."""
    value = answer.get(key)
    if not isinstance(value, bool):
        raise broken(what, f"“{key}” is neither true nor false")
    return value


def number_in(answer: Mapping[str, object], key: str, what: str) -> int:
    """The whole number under the key (as a number or as its text); SourceDataError if there is none."""
    value = answer.get(key)
    if isinstance(value, int) and not isinstance(value, bool):
        return value
    if isinstance(value, str) and value.isascii() and value.isdigit():
        return int(value)
    raise broken(what, f"“{key}” is not a whole number")
