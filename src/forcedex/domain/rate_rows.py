"""Currencies from what the org says: its CurrencyType and DatedConversionRate rows.

Rows map columns to texts, as the Bulk API and REST pages give them; an empty text is null.
"""

from collections.abc import Iterable, Mapping
from datetime import date
from decimal import Decimal, InvalidOperation
from itertools import pairwise

from forcedex.domain.money import Currencies, DatedRate

Row = Mapping[str, str]

CURRENCY_COLUMNS = ("IsoCode", "ConversionRate", "DecimalPlaces", "IsCorporate", "IsActive")
DATED_COLUMNS = ("IsoCode", "StartDate", "NextStartDate", "ConversionRate")
_NEXT_STEP = "Correct it in Salesforce's Setup."


def currencies(types: Iterable[Row], dated: Iterable[Row] = ()) -> Currencies:
    """The org's currencies.

    A currency with a row that makes no sense has no rate: `unusable`, or `unusable_dated`, names the row.
    """
    rates: dict[str, Decimal] = {}
    places: dict[str, int] = {}
    inactive: set[str] = set()
    unusable: dict[str, str] = {}
    corporate = ""
    for row in types:
        code = row.get("IsoCode", "")
        rate, digits = _positive(row.get("ConversionRate", "")), _positive(row.get("DecimalPlaces", ""), least=0)
        if rate is None:
            unusable[code] = f"The conversion rate of {code} is {_shown(row, 'ConversionRate')}. {_NEXT_STEP}"
        else:
            rates[code] = rate
        if digits is not None:
            places[code] = int(digits)
        if row.get("IsActive") == "false":
            inactive.add(code)
        if row.get("IsCorporate") == "true":
            corporate = code
    by_code: dict[str, list[DatedRate]] = {}
    unusable_dated: dict[str, str] = {}
    for row in dated:
        code = row.get("IsoCode", "")
        made = _dated(row)
        if made is None:
            unusable_dated[code] = (
                f"The conversion rate of {code} from {_shown(row, 'StartDate')} to before"
                f" {_shown(row, 'NextStartDate')} is {_shown(row, 'ConversionRate')}. {_NEXT_STEP}"
            )
        else:
            by_code.setdefault(code, []).append(made)
    for code, found in by_code.items():
        found.sort(key=lambda each: each.first)
        for before, after in pairwise(found):
            if before.end is None or before.end > after.first:
                unusable_dated[code] = (
                    f"Two conversion rates of {code} hold on {after.first}: {before.rate} from {before.first} and"
                    f" {after.rate} from {after.first}. {_NEXT_STEP}"
                )
    return Currencies(
        corporate=corporate,
        decimal_places=places.get(corporate, 2),
        rates=rates,
        places=places,
        inactive=frozenset(inactive),
        dated={code: tuple(found) for code, found in by_code.items()},
        unusable=unusable,
        unusable_dated=unusable_dated,
    )


def _dated(row: Row) -> DatedRate | None:
    rate = _positive(row.get("ConversionRate", ""))
    after = row.get("NextStartDate", "")
    try:
        first, end = date.fromisoformat(row.get("StartDate", "")), date.fromisoformat(after) if after else None
    except ValueError:
        return None
    return None if rate is None or (end is not None and end <= first) else DatedRate(first, end, rate)


def _positive(text: str, *, least: int | None = None) -> Decimal | None:
    """A number above 0, or from `least` on; None for anything else."""
    try:
        value = Decimal(text)
    except InvalidOperation:
        return None
    if not value.is_finite() or (value <= 0 if least is None else value < least):
        return None
    return value


def _shown(row: Row, column: str) -> str:
    return row.get(column, "")[:40] or "empty"
