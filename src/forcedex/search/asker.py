"""Who asks, as far as words like `my` and `today` need it. What he may see is the view's business."""

from dataclasses import dataclass, field
from datetime import UTC, date, datetime, tzinfo


def _today() -> date:
    return datetime.now(UTC).date()


@dataclass(frozen=True, kw_only=True, slots=True)
class Asker:
    """A person who asks. Without a user `my` means nobody."""

    #: 18 characters; None: the operator.
    user_id: str | None = None
    #: Users of his team, himself left out.
    team: frozenset[str] = frozenset()
    time_zone: tzinfo = UTC
    #: In his time zone.
    today: date = field(default_factory=_today)
