"""Currencies and exact amounts. Amounts are whole hundredths of the currency unit until they are written."""

from dataclasses import dataclass
from decimal import Decimal

_CENT = Decimal("0.01")


@dataclass(frozen=True)
class Currency:
    """A currency of the org."""

    code: str
    #: units for one unit of the corporate currency
    rate: Decimal
    #: decimal places shown
    places: int
    #: list prices are multiples of this many units, so that every discount in steps of 5 % is exact
    step: int


USD = Currency("USD", Decimal("1"), 2, 20)
EUR = Currency("EUR", Decimal("0.92"), 2, 20)
GBP = Currency("GBP", Decimal("0.79"), 2, 20)
JPY = Currency("JPY", Decimal("151.4"), 0, 2000)
CHF = Currency("CHF", Decimal("0.88"), 2, 20)
SEK = Currency("SEK", Decimal("10.4"), 2, 100)

CURRENCIES = (USD, EUR, GBP, JPY, CHF, SEK)


def amount(cents: int) -> Decimal:
    """The exact amount with two decimal places."""
    return cents * _CENT


def listed(dollars: float, currency: Currency) -> int:
    """A list price in cents of the currency, rounded to its step."""
    return max(1, round(dollars * float(currency.rate) / currency.step)) * currency.step * 100


def rounded(dollars: float, currency: Currency) -> int:
    """A rounded amount in cents of the currency, as a person estimates one."""
    units = dollars * float(currency.rate)
    size = int("1" + "0" * max(len(str(int(units))) - 2, 0))
    return max(1, round(units / size)) * size * 100
