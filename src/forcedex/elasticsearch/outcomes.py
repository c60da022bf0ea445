"""What to do with each item of a bulk response, and how to say it: a pure decision among a few answers.

Statuses as Elasticsearch 9.5 gives them; a blocked index answers with the status of overload (429) or 403.
"""

from collections.abc import Mapping
from enum import Enum
from typing import Any

from forcedex.domain.errors import SinkRefused, SinkUnavailable

#: Whole-request answers that a later try may change.
RETRIED_STATUSES = frozenset({408, 429, 500, 502, 503, 504})


class Outcome(Enum):
    """What became of one document."""

    #: Written.
    OK = "ok"
    #: An equal or newer version is there; who is right is decided by the ordinal.
    CONFLICT = "conflict"
    #: Not written for a passing reason: send this item again.
    RETRY = "retry"
    #: The index takes no writes until somebody or something frees it: pause, then send again.
    BLOCKED = "blocked"
    #: Elasticsearch will never take this document.
    POISON = "poison"
    #: The index or alias is missing, closed or not ours alone: nothing can be written at all.
    LOST_INDEX = "lost_index"
    #: We may not write: nothing can be written at all.
    FORBIDDEN = "forbidden"


_BLOCKS = frozenset({"cluster_block_exception"})
_LOST = frozenset({"index_not_found_exception", "index_closed_exception"})
#: The only sign that somebody pointed an alias of ours to a second index.
_TWO_INDICES = "no write index is defined for alias"


def outcome_of(status: int, error_type: str = "", reason: str = "") -> Outcome:
    """The outcome of one item by its status, error type and reason."""
    if status in (200, 201):
        return Outcome.OK
    if error_type in _BLOCKS:
        return Outcome.BLOCKED
    if error_type in _LOST or status == 404 or reason.startswith(_TWO_INDICES):
        return Outcome.LOST_INDEX
    if status == 409:
        return Outcome.CONFLICT
    if status in (401, 403):
        return Outcome.FORBIDDEN
    if status in RETRIED_STATUSES or status >= 500 or status < 400:
        return Outcome.RETRY
    return Outcome.POISON


def item_outcome(item: Mapping[str, Any]) -> tuple[Outcome, str]:
    """The outcome of one entry of `items` and the reason in words (empty when written).

    KeyError, TypeError, ValueError, AttributeError or StopIteration for what is no such entry.
    """
    result = next(iter(item.values()))
    error = result.get("error") or {}
    kind, words = str(error.get("type", "")), str(error.get("reason", ""))
    reason = f"{kind}: {words}".strip(": ")
    cause = error.get("caused_by") or {}
    if cause.get("reason"):
        reason = f"{reason}: {cause['reason']}"
    return outcome_of(int(result["status"]), kind, words), reason[:500]


def lost_index(alias: str, reason: str) -> SinkRefused:
    """The error for an alias that nothing, a closed index or several indices stand behind."""
    return SinkRefused(
        f"The index behind {alias} is gone, closed, or not the only one: {reason}.",
        "Run `forcedex sync`: it builds the index again, or says what is in the way.",
    )


def refused(alias: str, outcome: Outcome, reason: str) -> SinkRefused:
    """The error for LOST_INDEX and FORBIDDEN."""
    if outcome is not Outcome.FORBIDDEN:
        return lost_index(alias, reason)
    return SinkRefused(
        f"Elasticsearch does not permit writing to {alias}: {reason}.",
        "Give the user or API key the privilege `all` on the index prefix.",
    )


def unavailable(alias: str, outcome: Outcome, reason: str) -> SinkUnavailable:
    """The error for BLOCKED and RETRY."""
    if outcome is Outcome.BLOCKED:
        return SinkUnavailable(
            f"Elasticsearch takes no writes on {alias}: {reason.rstrip(';.')}.",
            "Free disk space or remove the block (index.blocks.*, cluster.blocks.read_only); writing then goes on.",
        )
    return SinkUnavailable(f"Elasticsearch is overloaded: {reason}.", "Try again later or give the cluster more room.")
