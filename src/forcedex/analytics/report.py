"""What a report gives back, and the reports there are."""

from dataclasses import dataclass
from decimal import Decimal


@dataclass(frozen=True, kw_only=True, slots=True)
class ReportRow:
    """One line: a label, an exact amount, and how many records are in it."""

    label: str
    amount: Decimal
    count: int


@dataclass(frozen=True, kw_only=True, slots=True)
class Report:
    """A report's answer."""

    name: str
    title: str
    #: What the rows are: `month`, `owner`, `account`.
    by: str
    #: ISO code, empty where the org has a single currency that it does not name.
    currency: str
    decimal_places: int
    rows: tuple[ReportRow, ...]
    total: Decimal
    count: int
    #: Sentences that a reader must know to read the numbers right.
    notes: tuple[str, ...] = ()
