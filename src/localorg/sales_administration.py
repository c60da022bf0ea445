"""What an administrator sets up of money and fiscal years, as verbs of the direct door.

Days may be given as text (`2026-07-01`), amounts and rates as anything that says them exactly.
"""

from collections.abc import Sequence
from datetime import date
from decimal import Decimal

from localorg.administration import Administration
from localorg.fiscal_years import custom_years
from localorg.forecasts import Forecasts
from localorg.metadata import currencies, fiscal_years
from localorg.store.values import format_datetime

Day = date | str
Number = Decimal | int | str


def _day(value: Day) -> date:
    return value if isinstance(value, date) else date.fromisoformat(value)


class SalesAdministration(Administration):
    """Currencies and fiscal years. A ValueError says why something cannot be."""

    def enable_advanced_currency_management(self) -> int:
        """Have rates by date: those of now become the first ones, for all time; how many."""
        return currencies.enable_advanced(self._writer())

    def disable_advanced_currency_management(self) -> None:
        """Have no rates by date any more."""
        currencies.disable_advanced(self._writer())

    def set_conversion_rate(self, currency: str, rate: Number, start: Day | None = None) -> str:
        """Units of a currency per unit of the corporate one: from a day on, or the one of now; the Id of its row."""
        first = _day(start) if start is not None else None
        return currencies.set_rate(self._writer(), currency, Decimal(str(rate)), first)

    def calculate_forecasts(self) -> int:
        """Add up all forecasting items again, as after changes of people, roles, rates or years; how many changed."""
        return Forecasts(self._org.store, format_datetime(self._org.clock.now())).recalculate()

    def set_fiscal_year(self, start_month: int, *, named_by_start: bool = False) -> None:
        """Standard fiscal years that start in a month, named for the calendar year they end (or start) in."""
        fiscal_years.set_standard(self._writer(), start_month, by_start=named_by_start)

    def set_custom_fiscal_years(
        self, starts: Sequence[Day], *, pattern: Sequence[int] = (4, 4, 5), named_by_start: bool = False
    ) -> None:
        """Custom fiscal years of 52 or 53 weeks: the first day of each, and the day after the last one.

        `pattern`: weeks of the three months of a quarter.
        """
        years = custom_years([_day(start) for start in starts], pattern, by_start=named_by_start)
        fiscal_years.set_custom(self._writer(), years)
