"""What is asked of a report."""

from dataclasses import dataclass
from datetime import date

from forcedex.analytics.definition import Condition, Definition, Of
from forcedex.domain.comparing_periods import Basis


@dataclass(frozen=True, kw_only=True)
class Question:
    """What is asked of a report."""

    #: Names of dimensions, at most two; None: the usual one.
    by: tuple[str, ...] | None = None
    #: As in `domain.periods`; empty: the usual one.
    period: str = ""
    compare: Basis | None = None
    #: As things stood at the end of this day; None: now.
    as_of: date | None = None
    #: From when changes are told, as in `analytics.since`; empty: from the beginning of the period.
    since: str = ""
    more: tuple[Condition, ...] = ()
    #: Adds, for each sum and count, its share of this.
    share: Of | None = None
    #: As it was written, for the reader.
    filters: tuple[str, ...] = ()
    #: So many rows, the rest as one; 0: all.
    top: int = 0


def usual_comparison(definition: Definition, period: str) -> Basis | None:
    """What a report is compared with if nobody says otherwise; all days have nothing to be compared with."""
    return None if (period or definition.period) == "all" else definition.compare
