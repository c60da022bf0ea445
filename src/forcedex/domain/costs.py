"""What sales costs, as an administrator's table tells it, and how an amount is spread over days."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from forcedex.domain.days import ONE_DAY, Days, Unit, around

#: Longer spans are spread over their months: a campaign of centuries makes no millions of documents.
LONGEST = 3_660  # days


class Scope(StrEnum):
    """Whose costs they are."""

    COMPANY = "company"
    OWNER = "owner"
    TEAM = "team"
    REGION = "region"
    CAMPAIGN = "campaign"


@dataclass(frozen=True, kw_only=True, slots=True)
class CostRow:
    """One row of a cost table."""

    #: The line of a CSV file, or the place in a JSON list, from 1.
    number: int
    scope: Scope
    #: The Id of a user or a campaign, or the name of a team or region; empty for the company.
    of: str
    first: date
    last: date
    #: Digits with at most one point.
    amount: str
    #: ISO code; empty: the corporate currency.
    currency: str
    category: str

    @property
    def days(self) -> Days:
        """The days that it is spread over."""
        return Days(self.first, self.last + ONE_DAY)


@dataclass(frozen=True, kw_only=True, slots=True)
class CostTable:
    """A table as it was loaded; without rows: it was removed."""

    #: Of the file.
    name: str
    rows: tuple[CostRow, ...]
    loaded_at: datetime


def spread(minor: int, days: Days) -> Iterator[tuple[date, int]]:
    """Whole minor units by day, nothing left out: up to each day so much as falls to the days gone by, rounded down.

    Beyond `LONGEST` days by month, each at its first day within the span. Days on which nothing falls are left out.
    """
    begin, told = days.first, 0
    while begin < days.end:
        end = begin + ONE_DAY if days.count <= LONGEST else min(around(begin, Unit.MONTH).end, days.end)
        due = minor * (end - days.first).days // days.count
        if due != told:
            yield begin, due - told
        begin, told = end, due
