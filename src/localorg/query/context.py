"""Who asks and when: all that a query's meaning depends on besides its text."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

from localorg.fiscal import Fiscal
from localorg.schema import Schema
from localorg.sharing.conditions import RecordAccess
from localorg.soql.dates import Calendar

_UTC = ZoneInfo("UTC")


@dataclass(frozen=True, kw_only=True)
class QueryContext:
    """The circumstances of a query."""

    #: All objects, with the fields that the user may read.
    schema: Schema
    #: Names of the objects that the user may read.
    readable: frozenset[str]
    user_id: str
    now: datetime
    #: The user's time zone: date literals are ranges in it.
    zone: ZoneInfo = _UTC
    #: 0 Monday … 6 Sunday, by the user's locale.
    week_start: int = 6
    fiscal: Fiscal = field(default_factory=Fiscal)
    #: The user's currency and locale: what convertCurrency() converts to, how FORMAT() writes.
    currency: str = "USD"
    locale: str = "en_US"
    #: Units per unit of the corporate currency.
    rates: Mapping[str, Decimal] = field(default_factory=dict)
    #: Deleted and archived rows too (queryAll).
    all_rows: bool = False
    #: The stricter rules of Bulk API 2.0.
    bulk: bool = False
    #: Classic encrypted text is shown, not masked.
    sees_encrypted: bool = False
    #: Which records the user may read; None: all.
    access: RecordAccess | None = None
    #: Such as 66.0.
    version: str = "66.0"

    @property
    def number(self) -> float:
        """The version as a number."""
        return float(self.version)

    @property
    def today(self) -> date:
        """The user's day."""
        return self.now.astimezone(self.zone).date()

    @property
    def calendar(self) -> Calendar:
        """The user's calendar."""
        fiscal = self.fiscal
        custom = None
        if fiscal.quarters is not None:
            custom = {"FISCAL_QUARTER": [span for span, _, _ in fiscal.quarters], "FISCAL_YEAR": fiscal.years}
        return Calendar(
            today=self.today, week_start=self.week_start, fiscal_start_month=fiscal.start_month, custom=custom
        )

    def midnight(self, day: date, plus: int = 0) -> datetime:
        """When a day (or the one `plus` days later) starts for the user."""
        day += timedelta(days=plus)
        return datetime(day.year, day.month, day.day, tzinfo=self.zone)

    def records(self, name: str) -> str:
        """SQL of the records of an object that the user may see, for FROM and JOIN: all reading passes here."""
        condition = self.condition(name)
        return f'"{name}"' if condition is None else f'(SELECT * FROM "{name}" WHERE {condition})'

    def condition(self, name: str) -> str | None:
        """What the records of an object must satisfy for the user to see them; None: nothing."""
        return None if self.access is None else self.access.condition(name)

    def sobject_url(self, name: str) -> str:
        """Where records of an object are, up to the Id."""
        return f"/services/data/v{self.version}/sobjects/{name}/"
