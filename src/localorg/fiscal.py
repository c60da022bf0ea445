"""In which fiscal year and quarter a day falls, by the org's standard or custom years.

A day that no custom year covers has none (guessed). Source: Object Reference, Opportunity (Fiscal, FiscalQuarter,
FiscalYear), Organization (FiscalYearStartMonth, UsesStartDateAsFiscalYearName).
"""

from dataclasses import dataclass
from datetime import date

from localorg.store import Store

#: A period's first and last day.
Span = tuple[date, date]


@dataclass(frozen=True, kw_only=True, slots=True)
class Fiscal:
    """What fiscal years depend on."""

    start_month: int = 1
    #: Years are named for the calendar year they start in, not end in.
    by_start: bool = False
    #: None: the years are standard. Else the quarters in their order, with year and number, and the years.
    quarters: tuple[tuple[Span, int, int], ...] | None = None
    years: tuple[Span, ...] = ()

    @property
    def custom(self) -> bool:
        """Whether the org has custom years."""
        return self.quarters is not None


def load_fiscal(store: Store) -> Fiscal:
    """The org's fiscal years, now."""
    organization = 'SELECT "FiscalYearStartMonth", "UsesStartDateAsFiscalYearName" FROM "Organization"'
    found = store.reader.execute(organization).fetchone() or (1, 0)
    fiscal = Fiscal(start_month=int(found[0] or 1), by_start=bool(found[1]))
    if store.scalar('SELECT 1 FROM "FiscalYearSettings" WHERE "IsStandardYear" = 0 LIMIT 1') is None:
        return fiscal
    periods = store.reader.execute(
        'SELECT p."Type", p."StartDate", p."EndDate", f."Name", p."Number" FROM "Period" p'
        ' JOIN "FiscalYearSettings" f ON f."Id" = p."FiscalYearSettingsId"'
        " WHERE p.\"Type\" IN ('Quarter', 'Year') ORDER BY p.\"StartDate\""
    ).fetchall()
    spans = [(row[0], (date.fromisoformat(row[1]), date.fromisoformat(row[2])), int(row[3]), row[4]) for row in periods]
    return Fiscal(
        start_month=fiscal.start_month,
        by_start=fiscal.by_start,
        quarters=tuple((span, year, number) for kind, span, year, number in spans if kind == "Quarter"),
        years=tuple(span for kind, span, _, _ in spans if kind == "Year"),
    )


def fiscal_of(fiscal: Fiscal, day: date) -> tuple[int, int] | None:
    """Year and quarter; None: no year covers the day."""
    if fiscal.quarters is not None:
        return next(((year, number) for (first, last), year, number in fiscal.quarters if first <= day <= last), None)
    months = (day.month - fiscal.start_month) % 12
    begins = day.year - (day.month < fiscal.start_month)
    return begins + (fiscal.start_month > 1 and not fiscal.by_start), months // 3 + 1


def fiscal_names(fiscal: Fiscal, day: str) -> tuple[int | None, int | None, str | None]:
    """An opportunity's FiscalYear, FiscalQuarter and Fiscal."""
    found = fiscal_of(fiscal, date.fromisoformat(day))
    return (None, None, None) if found is None else (*found, f"{found[0]} {found[1]}")
