"""Money as exact integers: minor units (cents) of the org's corporate currency.

Source: Salesforce Object Reference, CurrencyType: `ConversionRate` is units of the currency for one corporate unit.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import ROUND_HALF_EVEN, Context, Decimal, InvalidOperation

_CONTEXT = Context(prec=50, rounding=ROUND_HALF_EVEN)
_LONG = 2**63


@dataclass(frozen=True, kw_only=True)
class Currencies:
    """The org's currencies; an org with one currency has no rates."""

    #: ISO 4217 code of the corporate currency; empty where the org does not tell.
    corporate: str = ""
    #: Digits after the point of the corporate currency.
    decimal_places: int = 2
    #: ISO code to units of that currency for one corporate unit.
    rates: Mapping[str, Decimal] = field(default_factory=dict)

    def minor_units(self, amount: str, iso_code: str) -> int | None:
        """An amount in minor units of the corporate currency, rounded half-even once.

        None if the currency has no rate (a wrong number is worse than none). ValueError if the amount is no number
        or too large for a 64-bit integer.
        """
        try:
            value = Decimal(amount)
        except InvalidOperation as exc:
            raise ValueError(f"{amount[:40]!r} is no amount of money") from exc
        if iso_code and iso_code != self.corporate:
            rate = self.rates.get(iso_code)
            if not rate:
                return None
            value = _CONTEXT.divide(value, rate)
        minor = value.scaleb(self.decimal_places, _CONTEXT).to_integral_value(ROUND_HALF_EVEN)
        if not (minor.is_finite() and -_LONG <= minor < _LONG):
            raise ValueError(f"{amount[:40]!r} is too large an amount of money")
        return int(minor)

    def amount(self, minor: int) -> Decimal:
        """Minor units as an amount of the corporate currency."""
        return Decimal(minor).scaleb(-self.decimal_places)
