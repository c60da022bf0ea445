"""Money as exact integers: minor units (cents) of the org's corporate currency.

Sources: Salesforce Object Reference, CurrencyType (`ConversionRate` is units of the currency for one corporate unit)
and DatedConversionRate (from `StartDate` to before `NextStartDate`); Salesforce Help, "About Advanced Currency
Management": dated rates hold for opportunities, their products and histories by the close date, static ones elsewhere.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import ROUND_HALF_EVEN, Context, Decimal, InvalidOperation

from forcedex.domain.unknown import Unknown

#: Quotients have 50 digits. Amounts and rates have at most 18, so a quotient that is not exactly half a minor unit
#: stays apart from it, and the rounding to whole units is the only one that shows. Overflow is infinite: too large.
_CONTEXT = Context(prec=50, rounding=ROUND_HALF_EVEN, traps=[InvalidOperation])
_LONG = 2**63
_DIGITS_OF_LONG = len(str(_LONG))


@dataclass(frozen=True, slots=True)
class DatedRate:
    """What a currency is worth from a day on."""

    first: date
    #: The day from which another rate holds; None: none does.
    end: date | None
    #: Units of the currency for one corporate unit.
    rate: Decimal

    def __contains__(self, day: date) -> bool:
        return self.first <= day and (self.end is None or day < self.end)


@dataclass(frozen=True, kw_only=True)
class Currencies:
    """The org's currencies; an org with one currency has no rates."""

    #: ISO 4217 code of the corporate currency; empty where the org does not tell.
    corporate: str = ""
    #: Digits after the point of the corporate currency.
    decimal_places: int = 2
    #: ISO code to units of that currency for one corporate unit.
    rates: Mapping[str, Decimal] = field(default_factory=dict)
    #: ISO code to digits after the point: 0 for JPY, 3 for KWD.
    places: Mapping[str, int] = field(default_factory=dict)
    #: Codes that no new record may have. Their rates stay, since old records keep them.
    inactive: frozenset[str] = frozenset()
    #: ISO code to its rates by day, in order; empty: the org has no dated rates.
    dated: Mapping[str, tuple[DatedRate, ...]] = field(default_factory=dict)
    #: ISO code to why its rate cannot be used: a sentence.
    unusable: Mapping[str, str] = field(default_factory=dict)
    #: The same of its rates by day.
    unusable_dated: Mapping[str, str] = field(default_factory=dict)

    def rate(self, iso_code: str, day: date | None = None) -> Decimal | Unknown:
        """Units of a currency for one corporate unit: on a day if the org has dated rates and a day is given.

        An empty code is the corporate currency, as in an org with a single one.
        """
        if not iso_code or iso_code == self.corporate:
            return Decimal(1)
        if day is not None and (self.dated or self.unusable_dated):
            found = next((each.rate for each in self.dated.get(iso_code, ()) if day in each), None)
            problem, when = self.unusable_dated.get(iso_code), f" for {day}"
        else:
            found, problem, when = self.rates.get(iso_code), self.unusable.get(iso_code), ""
        if problem:
            return Unknown(problem)
        if found is None or not found.is_finite() or found <= 0:
            return Unknown(f"{iso_code} has no conversion rate{when}. Enter one in Salesforce's Setup.")
        return found

    def converted(self, amount: str | Decimal, iso_code: str, day: date | None = None) -> int | Unknown:
        """An amount in minor units of the corporate currency, rounded half-even once; Unknown instead of a guess.

        amount ÷ rate(iso_code, day), in whole minor units.
        """
        try:
            return self._minor(amount, iso_code, day)
        except ValueError as exc:
            return Unknown(f"{exc}.")

    def minor_units(self, amount: str, iso_code: str, day: date | None = None) -> int | None:
        """As `converted`; None if the currency has no rate (a wrong number is worse than none).

        ValueError if the amount is no number or too large for a 64-bit integer.
        """
        minor = self._minor(amount, iso_code, day)
        return None if isinstance(minor, Unknown) else minor

    def own_minor_units(self, amount: str | Decimal, iso_code: str) -> int | Unknown:
        """An amount in minor units of its own currency, rounded half-even."""
        places = self.decimal_places if iso_code in ("", self.corporate) else self.places.get(iso_code)
        if places is None:
            return Unknown(f"How many decimal places {iso_code} has is not known.")
        try:
            return _whole(_number(amount), places)
        except ValueError as exc:
            return Unknown(f"{exc}.")

    def amount(self, minor: int) -> Decimal:
        """Minor units as an amount of the corporate currency."""
        return Decimal(minor).scaleb(-self.decimal_places)

    def _minor(self, amount: str | Decimal, iso_code: str, day: date | None) -> int | Unknown:
        value = _number(amount)
        if iso_code and iso_code != self.corporate:
            rate = self.rate(iso_code, day)
            if isinstance(rate, Unknown):
                return rate
            value = _CONTEXT.divide(value, rate)
        return _whole(value, self.decimal_places)


def _number(amount: str | Decimal) -> Decimal:
    try:
        value = Decimal(amount)
    except InvalidOperation as exc:
        raise ValueError(f"{str(amount)[:40]!r} is no amount of money") from exc
    if value.is_nan():
        raise ValueError(f"{str(amount)[:40]!r} is no amount of money")
    return value


def _whole(value: Decimal, places: int) -> int:
    """So many digits after the point as whole units, rounded half-even; ValueError beyond 64 bits."""
    if value.is_finite() and value.adjusted() + places < _DIGITS_OF_LONG:
        minor = value.scaleb(places, _CONTEXT).to_integral_value(ROUND_HALF_EVEN)
        if -_LONG <= minor < _LONG:
            return int(minor)
    raise ValueError(f"{str(value)[:40]!r} is too large an amount of money")
