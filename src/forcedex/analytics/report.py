"""What a report gives back."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from fractions import Fraction

from forcedex.analytics.definition import Shows
from forcedex.domain.pacing import Pace


@dataclass(frozen=True, kw_only=True, slots=True)
class Figure:
    """One number, exact; or why there is none."""

    value: Decimal | None
    why: str = ""
    #: Of a ratio.
    over: Decimal | None = None
    under: Decimal | None = None
    #: Before it was rounded, where it was; what is reckoned on takes this.
    exact: Fraction | None = field(default=None, compare=False)

    @property
    def unrounded(self) -> Fraction | None:
        """The number with all its digits."""
        return self.exact if self.exact is not None or self.value is None else Fraction(self.value)


@dataclass(frozen=True, kw_only=True, slots=True)
class Column:
    """A figure of every row."""

    name: str
    label: str
    shows: Shows


@dataclass(frozen=True, kw_only=True, slots=True)
class ReportRow:
    """One line. `keys` are the values of the dimensions, None for records that have none."""

    keys: tuple[str | None, ...]
    labels: tuple[str, ...]
    figures: Mapping[str, Figure]
    #: The same figures of the period that it is compared with.
    before: Mapping[str, Figure] = field(default_factory=dict)
    #: Whether it stands for all rows that are not shown.
    rest: bool = False

    @property
    def label(self) -> str:
        """The labels as one text."""
        return " · ".join(self.labels)

    def value(self, name: str) -> Decimal | None:
        """A figure's number."""
        found = self.figures.get(name)
        return found.value if found else None


@dataclass(frozen=True, kw_only=True)
class Report:
    """A report's answer."""

    name: str
    title: str
    formula: str
    #: The dimensions of the rows.
    by: tuple[str, ...]
    by_labels: tuple[str, ...]
    columns: tuple[Column, ...]
    rows: tuple[ReportRow, ...]
    total: ReportRow
    #: ISO code, empty where the org has a single currency that it does not name.
    currency: str
    decimal_places: int
    #: The days asked about, such as `2026-01-01..2026-03-31`, or `all`.
    period: str
    compared_with: str = ""
    #: The day at whose end things stood so; empty: now.
    as_of: str = ""
    #: The first of the days whose changes are told.
    since: str = ""
    time_zone: str = "UTC"
    #: How far the period has gone; None where there is none.
    pace: Pace | None = None
    #: What was asked beside the definition's own conditions.
    filters: tuple[str, ...] = ()
    #: Records whose value is not known, by measure.
    missing: Mapping[str, int] = field(default_factory=dict)
    #: When the newest of the records was taken over; empty: there are none.
    synced_at: str = ""
    #: How many rows there are, shown or not.
    row_count: int = 0
    #: Whether the rows run through time.
    running: bool = False
    #: Whether rows may overlap.
    overlapping: bool = False
    #: Sentences that a reader must know to read the numbers right.
    notes: tuple[str, ...] = ()
