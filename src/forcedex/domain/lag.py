"""How much earlier something lies than what it is put beside: days or months."""

import re
from dataclasses import dataclass
from datetime import date

from forcedex.domain.days import Days, Unit, stepped

PATTERN = r"^[1-9][0-9]{0,3}[dm]$"
#: Of these units so many months make one.
_MONTHS = {Unit.MONTH: 1, Unit.QUARTER: 3, Unit.YEAR: 12}
_DAYS = {Unit.DAY: 1, Unit.WEEK: 7}


@dataclass(frozen=True, slots=True)
class Lag:
    """A number of days or of months."""

    count: int
    unit: Unit

    def __str__(self) -> str:
        return f"{self.count} {self.unit}{'s' if self.count > 1 else ''}"

    def shifted(self, days: Days) -> Days | None:
        """The days that lie so much before; None where months are too short to have any.

        Spans that meet still meet: no day is in two of them.
        """
        first, end = (stepped(each, self.unit, -self.count) for each in (days.first, days.end))
        return Days(first, end) if first < end else None

    def after(self, day: date) -> date:
        """The day so much later."""
        return stepped(day, self.unit, self.count)

    def fits(self, unit: Unit) -> bool:
        """Whether units of the calendar fall onto such units."""
        known = _DAYS if self.unit is Unit.DAY else _MONTHS
        return unit in known and self.count % known[unit] == 0


def lag_of(text: str) -> Lag:
    """Such as `90d` or `3m`; ValueError for anything else."""
    if not re.fullmatch(PATTERN, text):
        raise ValueError(f"{text[:40]!r} is no lag")
    return Lag(int(text[:-1]), Unit.DAY if text[-1] == "d" else Unit.MONTH)
