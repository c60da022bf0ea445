"""Who asks, as far as words like `my` and `today` need it. What he may see is the view's business."""

from dataclasses import dataclass, field
from datetime import UTC, date, datetime, tzinfo

from forcedex.domain.fiscal import FiscalCalendar
from forcedex.domain.periods import Calendar

_NO_FISCAL_YEARS = "The org's fiscal years are not known here."


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
    #: The first day of his weeks, 0 Monday to 6 Sunday.
    week_start: int = 0
    fiscal: FiscalCalendar = FiscalCalendar(missing=_NO_FISCAL_YEARS)

    @property
    def calendar(self) -> Calendar:
        """What the names of days depend on."""
        return Calendar(today=self.today, week_start=self.week_start, fiscal=self.fiscal)
