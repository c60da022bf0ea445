"""What holds for a whole org, as its administrator set it up: time zone, locale, fiscal years, currencies."""

from dataclasses import dataclass, field
from datetime import datetime, tzinfo
from functools import cached_property

from forcedex.domain.days import day_of
from forcedex.domain.fiscal import FiscalCalendar
from forcedex.domain.money import Currencies
from forcedex.domain.periods import Calendar
from forcedex.domain.weeks import week_start
from forcedex.domain.zones import zone

_NOT_READ = FiscalCalendar(missing="The org's fiscal years were not read from Salesforce yet: run `forcedex sync`.")


@dataclass(frozen=True, kw_only=True)
class Company:
    """An org; without anything: one of which nothing was read yet."""

    #: Such as `America/Los_Angeles`.
    time_zone: str = "UTC"
    #: Such as `en_US`; empty: not known.
    locale: str = ""
    fiscal: FiscalCalendar = _NOT_READ
    #: With rates by day, where the org has some. Which rates the sums of an index are made with, its `_meta` tells.
    currencies: Currencies = field(default_factory=Currencies)

    @cached_property
    def zone(self) -> tzinfo:
        """Its time zone; UTC for a name that nobody knows."""
        return zone(self.time_zone)

    @property
    def week_start(self) -> int:
        """The first day of its weeks, 0 Monday to 6 Sunday."""
        return week_start(self.locale)

    def calendar(self, now: datetime) -> Calendar:
        """What the names of periods mean for the whole org at an instant (a datetime with an offset)."""
        return Calendar(today=day_of(now, self.zone), week_start=self.week_start, fiscal=self.fiscal)

    @property
    def problems(self) -> tuple[str, ...]:
        """What cannot be used of what the org says, and why: sentences."""
        found = (self.fiscal.missing, *self.currencies.unusable.values(), *self.currencies.unusable_dated.values())
        return tuple(each for each in found if each)
